/* metric.c - the broker's counters
 *
 * Relaxed order is enough: each counter is true by itself, and nobody decides by two of them. */
#include "metric/metric.h"

#include "base/fault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <sys/mman.h>

static _Atomic uint64_t own[METRIC_COUNT];
static _Atomic uint64_t *page = own;

int metric_map(void)
{
        void *at =
                mmap(NULL, sizeof(own), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (at == MAP_FAILED)
                return fault(-errno);
        page = at;
        return 0;
}

void metric_add(enum metric which, uint64_t n)
{
        atomic_fetch_add_explicit(&page[which], n, memory_order_relaxed);
}

void metric_set(enum metric which, uint64_t value)
{
        atomic_store_explicit(&page[which], value, memory_order_relaxed);
}

void metric_raise(enum metric which, uint64_t value)
{
        uint64_t seen = atomic_load_explicit(&page[which], memory_order_relaxed);

        while (seen < value &&
               !atomic_compare_exchange_weak_explicit(&page[which], &seen, value,
                                                      memory_order_relaxed, memory_order_relaxed))
                ;
}

uint64_t metric_get(enum metric which)
{
        return atomic_load_explicit(&page[which], memory_order_relaxed);
}

void metric_put_text(struct buf *out)
{
        for (int i = 0; i < METRIC_COUNT; i++)
                buf_printf(out, "%s %" PRIu64 "\n", metrics_about[i].name,
                           metric_get((enum metric)i));
}

void metric_put_json(struct buf *out)
{
        for (int i = 0; i < METRIC_COUNT; i++)
                buf_printf(out, "%c\"%s\":%" PRIu64, i ? ',' : '{', metrics_about[i].name,
                           metric_get((enum metric)i));
        buf_puts(out, "}\n");
}
