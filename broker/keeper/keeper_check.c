/* keeper_check.c - one batch of requests, from intake to its answers or the sequencer
 *
 * One read transaction serves the whole batch. It ends before anything is committed, and before a
 * watch is looked up again. */
#include "keeper/keeper_impl.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "metric/metric.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>

struct looking {
        struct keeper *k;
        struct store_txn *txn;
        uint64_t generation; /* of the watches, taken before the transaction began */
        instant now;
        struct buf *scratch;
};

static int look_again(struct looking *l)
{
        store_abort(&l->txn);
        l->generation = watch_generation(l->k->watches);
        return store_look(l->k->store, &l->txn);
}

static void say_scratch(struct looking *l, const struct keeper_taken *t)
{
        if (buf_fault(l->scratch))
                log_error("no memory for an answer", "bytes", "%zu", l->scratch->len);
        else
                keeper_say(l->k, t->route, buf_slice(l->scratch));
}

static void say_code(struct looking *l, struct core_request *r, const struct keeper_taken *t,
                     uint64_t code)
{
        buf_clear(l->scratch);
        core_answer_code(r, code, l->scratch);
        say_scratch(l, t);
}

/* A request that broke by itself: answered, logged, and no harm to others. */
static void say_broken(struct looking *l, struct core_request *r, const struct keeper_taken *t,
                       int fault_code)
{
        metric_add(METRIC_KEEPER_FAULTS, 1);
        log_error("a request broke", "verb", "%llu: %s", (unsigned long long)core_request_verb(r),
                  strerror(-fault_code));
        say_code(l, r, t, OUTCOME_BROKER_FAULT);
}

/* Answer a watch now, or hold it; true when it is held, and the request the table's. */
static bool hold_or_answer(struct looking *l, struct core_request *r, const struct keeper_taken *t)
{
        for (;;) {
                struct watch w = { .request = r, .peer = t->peer };
                int n;

                memcpy(w.route, t->route, sizeof(w.route));
                buf_clear(l->scratch);
                n = core_read(l->k->core, r, l->txn, l->now, l->scratch, &w.box, &w.after,
                              &w.seconds);
                if (n == 0)
                        say_scratch(l, t);
                if (n == CORE_WAITS) {
                        n = watch_hold(l->k->watches, &w, l->generation);
                        if (n == 0)
                                return true;
                        if (n == WATCH_STALE && (n = look_again(l)) == 0)
                                continue;
                        if (n == WATCH_FULL)
                                say_code(l, r, t, OUTCOME_BUSY);
                }
                if (n < 0)
                        say_broken(l, r, t, n);
                return false;
        }
}

static void read_and_answer(struct looking *l, struct core_request *r, const struct keeper_taken *t)
{
        uint64_t box, after, seconds;
        int n;

        buf_clear(l->scratch);
        n = core_read(l->k->core, r, l->txn, l->now, l->scratch, &box, &after, &seconds);
        if (n == 0)
                say_scratch(l, t);
        else
                say_broken(l, r, t, n < 0 ? n : -EIO);
}

/* What becomes of a request that has been checked. Takes it over. */
static int dispatch(struct looking *l, struct keeper_batch *b, enum core_kind kind,
                    struct core_request *r, const struct keeper_taken *t)
{
        int n = 0;

        switch (kind) {
        case CORE_WRITES:
                n = sequencer_add(b->order, r, t->route);
                if (n == 0)
                        return 0;
                break;
        case CORE_READS:
                metric_add(METRIC_KEEPER_READS, 1);
                read_and_answer(l, r, t);
                break;
        case CORE_WAITS:
                metric_add(METRIC_KEEPER_READS, 1);
                if (hold_or_answer(l, r, t))
                        return 0;
                break;
        case CORE_REFUSED:
                metric_add(METRIC_KEEPER_REFUSED, 1);
                buf_clear(l->scratch);
                core_answer(r, l->scratch);
                say_scratch(l, t);
                break;
        }
        core_request_free(r);
        return n;
}

int keeper_check(struct keeper *k, struct keeper_batch *b, struct buf *scratch)
{
        struct looking l = { .k = k, .now = clock_now(), .scratch = scratch };
        int r = look_again(&l);

        for (size_t i = 0; i < b->count && r >= 0; i++) {
                struct keeper_taken *t = &b->taken[i];
                struct core_request *request;

                r = core_check(k->core, &request, &t->bytes, t->len, &t->peer, l.txn, l.now);
                if (r >= 0)
                        r = dispatch(&l, b, (enum core_kind)r, request, t);
                if (!l.txn && r >= 0) /* a second look failed */
                        r = look_again(&l);
        }
        store_abort(&l.txn);
        for (size_t i = 0; i < b->count; i++)
                free(b->taken[i].bytes);
        metric_add(METRIC_KEEPER_REQUESTS, b->count);
        return r < 0 ? r : 0;
}
