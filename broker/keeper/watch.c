/* watch.c - requests that wait for a letter
 *
 * Two ways to find a watch: by its box, in a hash table of chains, and by its end, on a wheel of
 * one-second slots longer than the longest wait. A timer is set to the next slot that holds any, so
 * that an idle broker with held watches sleeps. */
#include "keeper/watch.h"

#include "base/clock.h"
#include "base/fault.h"
#include "core/core.h"
#include "metric/metric.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { CHAINS = 4096, SLOTS = 512, SECONDS_MOST = SLOTS - 2 };

struct node {
        struct watch w;
        LIST_ENTRY(node) in_chain, in_slot;
};
LIST_HEAD(nodes, node);

struct watch_table {
        pthread_mutex_t lock;
        watch_say say;
        void *ctx;
        int timer;
        size_t count;
        uint64_t generation;
        uint64_t passed; /* seconds up to which slots have been emptied */
        uint64_t set_to; /* second for which the timer is set; 0: not set */
        struct nodes chain[CHAINS];
        struct nodes slot[SLOTS];
};

static uint64_t seconds_now(void)
{
        return (uint64_t)clock_mono_us() / 1000000;
}

int watch_new(struct watch_table **out, watch_say say, void *ctx)
{
        struct watch_table *t = calloc(1, sizeof(*t));

        if (!t)
                return fault(-ENOMEM);
        t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        if (t->timer < 0) {
                free(t);
                return fault(-errno);
        }
        pthread_mutex_init(&t->lock, NULL);
        t->say = say;
        t->ctx = ctx;
        t->passed = seconds_now();
        *out = t;
        return 0;
}

static void remove_node(struct watch_table *t, struct node *n)
{
        LIST_REMOVE(n, in_chain);
        LIST_REMOVE(n, in_slot);
        core_request_free(n->w.request);
        free(n);
        t->count--;
        metric_set(METRIC_WATCHES, t->count);
}

static void answer(struct watch_table *t, struct node *n, uint64_t count)
{
        t->say(t->ctx, &n->w, count);
        remove_node(t, n);
}

void watch_free(struct watch_table *t)
{
        if (!t)
                return;
        /* The analyzer does not follow queue.h's back pointers, and sees the freed head again. */
        for (size_t i = 0; i < SLOTS; i++) {
                struct node *next;

                for (struct node *n = LIST_FIRST(&t->slot[i]); n; n = next) {
                        next = LIST_NEXT(n, in_slot);
                        remove_node(t, n);
                }
        }
        close(t->timer);
        pthread_mutex_destroy(&t->lock);
        free(t);
}

int watch_fd(const struct watch_table *t)
{
        return t->timer;
}

uint64_t watch_generation(struct watch_table *t)
{
        uint64_t generation;

        pthread_mutex_lock(&t->lock);
        generation = t->generation;
        pthread_mutex_unlock(&t->lock);
        return generation;
}

static void set_timer(struct watch_table *t, uint64_t second)
{
        struct itimerspec at = { .it_value = { .tv_sec = (time_t)second } };

        timerfd_settime(t->timer, TFD_TIMER_ABSTIME, &at, NULL);
        t->set_to = second;
}

/* The oldest of too many watches of one device on one box gives way: a client that lost its
 * connection does not come back for it. */
static void make_way(struct watch_table *t, const struct watch *w)
{
        struct node *n, *oldest = NULL;
        size_t same = 0;

        LIST_FOREACH(n, &t->chain[w->box % CHAINS], in_chain)
        if (n->w.box == w->box && memcmp(&n->w.peer, &w->peer, sizeof(w->peer)) == 0) {
                oldest = n; /* chains grow at their beginning */
                same++;
        }
        if (same >= WATCH_SAME_MOST)
                answer(t, oldest, oldest->w.after);
}

static void insert(struct watch_table *t, struct node *n)
{
        uint64_t end =
                seconds_now() + 1 + (n->w.seconds < SECONDS_MOST ? n->w.seconds : SECONDS_MOST);

        LIST_INSERT_HEAD(&t->chain[n->w.box % CHAINS], n, in_chain);
        LIST_INSERT_HEAD(&t->slot[end % SLOTS], n, in_slot);
        if (!t->set_to || end < t->set_to)
                set_timer(t, end);
        t->count++;
        metric_set(METRIC_WATCHES, t->count);
}

int watch_hold(struct watch_table *t, const struct watch *w, uint64_t generation)
{
        struct node *n = malloc(sizeof(*n));
        int r = 0;

        if (!n)
                return fault(-ENOMEM);
        n->w = *w;
        pthread_mutex_lock(&t->lock);
        if (generation != t->generation)
                r = WATCH_STALE;
        else if (t->count >= WATCH_MOST)
                r = WATCH_FULL;
        if (!r) {
                make_way(t, w);
                insert(t, n);
        }
        pthread_mutex_unlock(&t->lock);
        if (r)
                free(n);
        return r;
}

void watch_commit(struct watch_table *t)
{
        pthread_mutex_lock(&t->lock);
        t->generation++;
        pthread_mutex_unlock(&t->lock);
}

void watch_wake(struct watch_table *t, uint64_t box, uint64_t count)
{
        struct node *n, *next;

        pthread_mutex_lock(&t->lock);
        for (n = LIST_FIRST(&t->chain[box % CHAINS]); n; n = next) {
                next = LIST_NEXT(n, in_chain);
                if (n->w.box == box && n->w.after < count) {
                        answer(t, n, count);
                        metric_add(METRIC_WAKES, 1);
                }
        }
        pthread_mutex_unlock(&t->lock);
}

static void empty_slot(struct watch_table *t, size_t slot)
{
        struct node *n;

        while ((n = LIST_FIRST(&t->slot[slot])))
                answer(t, n, n->w.after); // NOLINT(clang-analyzer-unix.Malloc): see watch_free()
}

void watch_expire(struct watch_table *t)
{
        uint64_t now, ticks, next = 0;

        pthread_mutex_lock(&t->lock);
        if (read(t->timer, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
                fault(-errno);
        now = seconds_now();
        if (now - t->passed > SLOTS)
                t->passed = now - SLOTS; /* once round is every slot */
        for (; t->passed < now; t->passed++)
                empty_slot(t, (t->passed + 1) % SLOTS);
        for (uint64_t s = now + 1; s < now + SLOTS && !next; s++)
                if (LIST_FIRST(&t->slot[s % SLOTS]))
                        next = s;
        set_timer(t, next); /* 0 takes it back */
        pthread_mutex_unlock(&t->lock);
}

void watch_empty(struct watch_table *t, watch_say say_other)
{
        pthread_mutex_lock(&t->lock);
        t->say = say_other;
        for (size_t i = 0; i < SLOTS; i++)
                empty_slot(t, i);
        pthread_mutex_unlock(&t->lock);
}
