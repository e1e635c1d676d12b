/* keeper_out.c - answers on their way to the front
 *
 * The front reads the channel whatever happens, so waiting for room here cannot become a ring. */
#include "keeper/keeper_impl.h"

#include "base/fault.h"
#include "ipc/channel.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

void keeper_end(struct keeper *k, int result)
{
        const uint64_t one = 1;
        int none = 0;

        atomic_compare_exchange_strong(&k->result, &none, result);
        if (write(k->end, &one, sizeof(one)) < 0)
                fault(-errno);
}

/* Everything in the buffer leaves, or the front is gone, which intake will hear. Under the lock. */
static void push(struct keeper *k)
{
        struct pollfd p = { .fd = channel_fd(k->channel), .events = POLLOUT };

        while (channel_flush(k->channel) == CHANNEL_NOTHING)
                poll(&p, 1, -1);
}

void keeper_say(struct keeper *k, const uint8_t route[static 4], struct slice answer)
{
        pthread_mutex_lock(&k->out);
        if (!channel_room(k->channel, CHANNEL_ROUTE, answer.len))
                push(k);
        if (channel_room(k->channel, CHANNEL_ROUTE, answer.len))
                channel_put(k->channel, slice_of(route, CHANNEL_ROUTE), answer);
        pthread_mutex_unlock(&k->out);
}

void keeper_flush(struct keeper *k)
{
        pthread_mutex_lock(&k->out);
        push(k);
        pthread_mutex_unlock(&k->out);
}

void keeper_say_watch(void *ctx, const struct watch *w, uint64_t count)
{
        struct keeper *k = ctx;

        buf_clear(&k->watch_answer);
        core_answer_watch(w->request, count, &k->watch_answer);
        if (!buf_fault(&k->watch_answer))
                keeper_say(k, w->route, buf_slice(&k->watch_answer));
}

void keeper_say_stopping(void *ctx, const struct watch *w, uint64_t count)
{
        struct keeper *k = ctx;

        buf_clear(&k->watch_answer);
        core_answer_code(w->request, OUTCOME_STOPPING, &k->watch_answer);
        if (!buf_fault(&k->watch_answer))
                keeper_say(k, w->route, buf_slice(&k->watch_answer));
}
