/* step.c - a batch: what several requests write in one transaction
 *
 *      core_begin   counters and the tree's frontier are loaded
 *      core_step    one request: decides, then writes; its leaves go into the frontier at once, so
 *                   that every leaf knows its index
 *      core_seal    boxes, tiles, frontier, checkpoint, counters: each written once
 *
 * The time of a batch never goes behind that of the last commit, so that the order of the leaves is
 * the order of their times. A clock that was ahead once holds the batches at that time until it is
 * passed. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static int begin(struct core_batch *b, instant now)
{
        int r = row_get_counters(&b->rows, &b->counters);

        if (r == STORE_ABSENT)
                return fault(-EBADMSG); /* core_found has not been here */
        if (r)
                return r;
        b->now = now > (instant)b->counters.time ? now : (instant)b->counters.time;
        r = leaf_load(&b->rows, &b->frontier);
        b->first = b->frontier.size;
        return r;
}

int core_begin(struct core *c, struct core_batch **out, struct store_txn *txn, instant now)
{
        struct core_batch *b = calloc(1, sizeof(*b));
        int r;

        if (!b)
                return fault(-ENOMEM);
        b->core = c;
        b->rows.txn = txn;
        r = begin(b, now);
        if (r) {
                core_batch_free(b);
                return r;
        }
        *out = b;
        return 0;
}

int core_step(struct core_batch *b, struct core_request *r)
{
        int s;

        assert(r->duty && r->duty->step);
        request_again(r);
        s = r->duty->step(b, r);
        if (!s && r->code)
                b->tally.refused++;
        return s;
}

void batch_await(struct core_batch *b, struct core_request *r)
{
        if (r->awaits)
                return;
        r->awaits = true;
        r->next = b->awaiting;
        b->awaiting = r;
}

static int hand_out(struct core_batch *b, struct slice note)
{
        for (struct core_request *r = b->awaiting; r; r = r->next) {
                buf_put(&r->checkpoint, note);
                if (buf_fault(&r->checkpoint))
                        return fault(buf_fault(&r->checkpoint));
        }
        return 0;
}

int core_seal(struct core_batch *b, bool *changed)
{
        BUF_OWNED note = { 0 };
        int r;

        if (!b->changed) {
                *changed = false;
                return 0;
        }
        r = upload_sweep(b);
        if (!r)
                r = box_keep(b);
        if (!r && b->frontier.size > b->first)
                r = leaf_seal(b, &note);
        b->counters.time = (uint64_t)b->now;
        if (!r)
                r = row_put_counters(&b->rows, &b->counters);
        if (!r)
                r = hand_out(b, buf_slice(&note));
        if (!r)
                *changed = true;
        return r;
}

void core_batch_free(struct core_batch *b)
{
        if (!b)
                return;
        box_free(b);
        for (size_t i = 0; i < SEEN_MOST; i++)
                buf_free(&b->seen[i].bytes);
        buf_free(&b->rows.scratch);
        buf_free(&b->leaves);
        buf_free(&b->event);
        free(b);
}

void core_wakes(struct core_batch *b, void (*wake)(void *ctx, uint64_t box, uint64_t count),
                void *ctx)
{
        for (size_t i = 0; i < b->box_room; i++)
                if (b->box[i].changed)
                        wake(ctx, b->box[i].number, b->box[i].row.count);
}

const struct core_tally *core_batch_tally(const struct core_batch *b)
{
        return &b->tally;
}
