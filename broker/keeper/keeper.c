/* keeper.c - the keeper's threads
 *
 * One thread at a time waits at the channel; it takes what is there, up to a limit so that the next
 * thread finds work too, takes its place in the order, and lets the next one in. An idle keeper has
 * one thread in poll(2) and the others before a lock, and nothing wakes them but a request or the
 * end of a watch. */
#include "keeper/keeper_impl.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "ipc/channel.h"
#include "metric/metric.h"
#include "schemas/messages.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { CHANNEL_OUT = 2 * MESSAGES_FRAME_MOST + 4096, STAT_US = 100000, ENDED = 1 };

/* ---- what the sequencer calls ---- */

static void release(void *ctx, const struct sequencer_work *work, uint64_t code)
{
        struct keeper *k = ctx;

        buf_clear(&k->answer);
        if (code)
                core_answer_code(work->request, code, &k->answer);
        else
                core_answer(work->request, &k->answer);
        if (buf_fault(&k->answer))
                log_error("no memory for an answer", "bytes", "%zu", k->answer.len);
        else
                keeper_say(k, work->route, buf_slice(&k->answer));
}

static void wake(void *ctx, uint64_t box, uint64_t count)
{
        struct keeper *k = ctx;

        watch_wake(k->watches, box, count);
}

static void durable(void *ctx)
{
        struct keeper *k = ctx;

        watch_commit(k->watches);
}

static void released(void *ctx)
{
        struct keeper *k = ctx;
        struct store_stat stat;

        keeper_flush(k);
        if (clock_mono_us() - k->stat_at < STAT_US && k->stat_at)
                return;
        k->stat_at = clock_mono_us();
        if (store_stat(k->store, &stat) != 0)
                return;
        metric_set(METRIC_STORE_BYTES_USED, stat.bytes_used);
        metric_set(METRIC_STORE_BYTES_DISK, stat.bytes_disk);
        metric_set(METRIC_STORE_BYTES_WRITTEN, stat.bytes_written);
        metric_set(METRIC_STORE_MAP, stat.map_size);
}

/* ---- opening ---- */

static int open_store(struct keeper *k, const struct keeper_config *cfg)
{
        struct store_why why;
        int r = store_open(&k->store, &cfg->store, &why);

        if (r == 0)
                return 0;
        log_error("the store cannot be opened", "why", "%s", why.text);
        return r > 0 ? KEEPER_STORE : r;
}

static int found_core(struct keeper *k, const struct keeper_config *cfg)
{
        int r = core_new(&k->core, &cfg->core);

        if (!r)
                r = core_found(k->core, k->store, clock_now());
        if (r == -EPERM) {
                log_error("the store belongs to another broker", "why", "%s: its log is not %s",
                          cfg->store.path, cfg->core.origin);
                return KEEPER_STORE;
        }
        if (r == STORE_FULL) {
                log_error("the store has no room to begin with", "store", "%s", cfg->store.path);
                return KEEPER_STORE;
        }
        return r == STORE_FENCED ? KEEPER_FENCED : r;
}

int keeper_open(struct keeper **out, const struct keeper_config *cfg)
{
        struct keeper *k = calloc(1, sizeof(*k));
        struct sequencer_config sequencer = { .commit_bytes = cfg->commit_bytes,
                                              .ctx = k,
                                              .release = release,
                                              .wake = wake,
                                              .durable = durable,
                                              .released = released };
        int r;

        if (!k)
                return fault(-ENOMEM);
        k->threads = cfg->threads;
        pthread_mutex_init(&k->intake, NULL);
        pthread_mutex_init(&k->out, NULL);
        k->end = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        r = k->end < 0 ? fault(-errno) : 0;
        if (!r)
                r = channel_open(&k->channel, cfg->front, CHANNEL_ASK_HEAD, MESSAGES_FRAME_MOST,
                                 CHANNEL_OUT);
        if (!r)
                r = open_store(k, cfg);
        if (!r)
                r = found_core(k, cfg);
        if (!r)
                r = watch_new(&k->watches, keeper_say_watch, k);
        sequencer.store = k->store;
        sequencer.core = k->core;
        if (!r)
                r = sequencer_new(&k->sequencer, &sequencer);
        if (r) {
                keeper_close(&k);
                return r;
        }
        *out = k;
        return 0;
}

void keeper_close(struct keeper **kp)
{
        struct keeper *k = *kp;

        if (!k)
                return;
        sequencer_free(k->sequencer);
        watch_free(k->watches);
        core_free(k->core);
        store_close(&k->store);
        channel_close(&k->channel);
        if (k->end >= 0)
                close(k->end);
        buf_free(&k->answer);
        buf_free(&k->watch_answer);
        pthread_mutex_destroy(&k->out);
        pthread_mutex_destroy(&k->intake);
        free(k);
        *kp = NULL;
}

/* ---- intake ---- */

static int take_frame(struct keeper_batch *b, struct slice head, struct slice request,
                      size_t *bytes)
{
        struct keeper_taken *t = &b->taken[b->count];

        t->bytes = malloc(request.len ? request.len : 1);
        if (!t->bytes)
                return fault(-ENOMEM);
        memcpy(t->bytes, request.at, request.len);
        t->len = request.len;
        memcpy(t->route, head.at, CHANNEL_ROUTE);
        memcpy(t->peer.b, head.at + CHANNEL_ROUTE, CHANNEL_PEER);
        b->count++;
        *bytes += request.len;
        return 0;
}

static int take_frames(struct keeper *k, struct keeper_batch *b)
{
        struct slice head, request;
        size_t bytes = 0;
        int r = 0;

        while (b->count < KEEPER_TAKE_MOST && bytes < KEEPER_TAKE_BYTES && !r) {
                r = channel_next(k->channel, &head, &request);
                if (!r)
                        r = take_frame(b, head, request, &bytes);
        }
        return r == CHANNEL_NOTHING ? 0 : r;
}

/* Sleep until the channel has something to read, or the keeper ends: ENDED. */
static int wait_for_work(struct keeper *k)
{
        struct pollfd p[3] = { { .fd = channel_fd(k->channel), .events = POLLIN },
                               { .fd = watch_fd(k->watches), .events = POLLIN },
                               { .fd = k->end, .events = POLLIN } };

        for (;;) {
                if (poll(p, 3, -1) < 0 && errno != EINTR)
                        return fault(-errno);
                if (p[2].revents)
                        return ENDED;
                if (p[1].revents) {
                        watch_expire(k->watches);
                        keeper_flush(k);
                }
                if (p[0].revents)
                        return 0;
        }
}

static int fill(struct keeper *k)
{
        int r = channel_fill(k->channel);

        return r == CHANNEL_CLOSED ? ENDED : r == CHANNEL_NOTHING ? 0 : r;
}

/* One batch, in its place in the order. ENDED when there will be no more. */
static int take_in(struct keeper *k, struct keeper_batch *b)
{
        int r;

        b->count = 0;
        pthread_mutex_lock(&k->intake);
        r = take_frames(k, b);
        while (r == 0 && b->count == 0) {
                r = wait_for_work(k);
                if (!r)
                        r = fill(k);
                if (!r)
                        r = take_frames(k, b);
        }
        if (!r) {
                b->order = sequencer_enter(k->sequencer);
                r = b->order ? 0 : fault(-ENOMEM);
        }
        pthread_mutex_unlock(&k->intake);
        return r;
}

/* ---- threads ---- */

static void *go_round(void *ctx)
{
        struct keeper *k = ctx;
        struct keeper_batch *b = calloc(1, sizeof(*b));
        BUF_OWNED scratch = { 0 };
        int r = b ? 0 : fault(-ENOMEM);

        while (!r) {
                sequencer_wait(k->sequencer);
                r = take_in(k, b);
                if (r)
                        break;
                r = keeper_check(k, b, &scratch);
                keeper_flush(k);
                if (!r) {
                        r = sequencer_ready(k->sequencer, b->order);
                        r = r == SEQUENCER_FENCED ? -ESTALE : r;
                }
        }
        free(b);
        keeper_end(k, r == ENDED ? 0 : r == -ESTALE ? KEEPER_FENCED : r);
        return NULL;
}

int keeper_run(struct keeper *k)
{
        pthread_t thread[16];
        unsigned started = 0;

        assert(k->threads >= 1 && k->threads <= 16);
        for (; started + 1 < k->threads; started++)
                if (pthread_create(&thread[started], NULL, go_round, k) != 0)
                        break; /* fewer threads are slower, not wrong */
        go_round(k);
        for (unsigned i = 0; i < started; i++)
                pthread_join(thread[i], NULL);
        watch_empty(k->watches, keeper_say_stopping);
        keeper_flush(k);
        return k->result;
}
