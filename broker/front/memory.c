/* memory.c - how much memory the queues in libzmq hold */
#include "front/memory.h"

#include "base/clock.h"
#include "base/log.h"

#include <malloc.h>

enum {
        LOOK_US = 10000, /* the sum over malloc's arenas is not free of cost */
        LOOK_BYTES = 8 << 20,
        LOG_US = 10000000,
        PIECE = 128 << 10, /* what malloc maps by itself, and unmaps when freed */
};
#define TIGHT ((size_t)128 << 20)
#define HIGH  ((size_t)192 << 20)

void memory_begin(void)
{
        mallopt(M_MMAP_THRESHOLD, PIECE);
        mallopt(M_TRIM_THRESHOLD, 4 * PIECE);
}

static void look(struct memory *m, int64_t now_us)
{
        static const char *const words[] = { "low again", "tight: large answers are refused",
                                             "high: BUSY to everybody" };
        struct mallinfo2 info = mallinfo2();
        size_t used = info.uordblks + info.hblkhd;
        enum memory_level level = used > HIGH    ? MEMORY_HIGH
                                  : used > TIGHT ? MEMORY_TIGHT
                                                 : MEMORY_LOW;

        if (level > m->level && now_us - m->logged > LOG_US) {
                log_warn("memory held by answers that are not read", "state", "%s, %zu MiB",
                         words[level], used >> 20);
                m->logged = now_us;
        }
        m->level = level;
        m->looked = now_us;
        m->since = 0;
}

void memory_look(struct memory *m, int64_t now_us)
{
        if (now_us - m->looked >= LOOK_US)
                look(m, now_us);
}

void memory_sent(struct memory *m, size_t bytes)
{
        m->since += bytes;
        if (m->since >= LOOK_BYTES)
                look(m, clock_mono_us());
}
