/* watch.h - requests that wait for a letter
 *
 * A watch is held until its box has a letter behind the position it names, its time is up, or a
 * newer watch of the same device on the same box takes its place. The table is bounded.
 *
 * No wake is lost between looking and holding: who looks takes the generation first, and a commit
 * that wakes raises it; a watch that was looked up under an older one is not held but looked up
 * again.
 *
 * Safe from every thread; the callback runs under the table's lock and must not call back. */
#pragma once

#include "base/bytes.h"
#include "crypt/keys.h"

struct core_request;
struct watch_table;

enum { WATCH_MOST = 32768, WATCH_SAME_MOST = 4 };
enum watch_outcome { WATCH_STALE = 1, WATCH_FULL = 2 };

struct watch {
        struct core_request *request; /* the table's once held; freed after its answer */
        uint8_t route[4];
        struct curve_pub peer;
        uint64_t box, after;
        uint64_t seconds;
};

/* Answer @w: the box now holds @count. */
typedef void (*watch_say)(void *ctx, const struct watch *w, uint64_t count);

int watch_new(struct watch_table **out, watch_say say, void *ctx);
void watch_free(struct watch_table *t);    /* what is held is freed unanswered; NULL is fine */
int watch_fd(const struct watch_table *t); /* readable when a time is up: then watch_expire */

uint64_t watch_generation(struct watch_table *t);
/* 0: held. WATCH_STALE: look again. WATCH_FULL. On these and faults the request stays the caller's.
 */
int watch_hold(struct watch_table *t, const struct watch *w, uint64_t generation);

void watch_commit(struct watch_table *t); /* a commit is durable: before its wakes */
void watch_wake(struct watch_table *t, uint64_t box, uint64_t count);
void watch_expire(struct watch_table *t);
/* Answer everything that is held by @say_other, at the end. */
void watch_empty(struct watch_table *t, watch_say say_other);
