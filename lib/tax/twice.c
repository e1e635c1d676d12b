/* twice.c - the same bytes or the same contents a second time (N4.2)
 *
 * Found by sorting. Contents are known by their hash, whoever signed them under whatever id. */
#include "tax/tax.h"

#include "base/fault.h"

#include <errno.h>
#include <stdlib.h>

static int by_bytes(const void *a, const void *b)
{
        const struct tax_item *x = *(struct tax_item *const *)a, *y = *(struct tax_item *const *)b;
        int r = memcmp(x->c.sha256, y->c.sha256, sizeof(x->c.sha256));

        return r ? r : (x->c.number > y->c.number) - (x->c.number < y->c.number);
}

static bool same_bytes(const struct tax_item *a, const struct tax_item *b)
{
        return memcmp(a->c.sha256, b->c.sha256, sizeof(a->c.sha256)) == 0 && a->c.size && b->c.size;
}

static int by_contents(const void *a, const void *b)
{
        const struct tax_item *x = *(struct tax_item *const *)a, *y = *(struct tax_item *const *)b;
        int r = memcmp(x->contents.b, y->contents.b, sizeof(x->contents.b));

        if (r || !x->against != !y->against)
                return r ? r : x->against ? 1 : -1;
        return (x->c.number > y->c.number) - (x->c.number < y->c.number);
}

/* A good certificate is no duplicate of a broken one. */
static bool same_contents(const struct tax_item *a, const struct tax_item *b)
{
        return !a->against && !b->against && hash_eq(&a->contents, &b->contents);
}

/* The first of each run of @sorted that is the same stays; the others are duplicates of it. N4.2 */
static void mark_runs(struct tax_item **sorted, size_t count,
                      bool (*same)(const struct tax_item *a, const struct tax_item *b))
{
        struct tax_item *first = NULL;

        for (size_t i = 0; i < count; i++) {
                if (!first || !same(first, sorted[i]))
                        first = sorted[i];
                else if (!sorted[i]->duplicate)
                        sorted[i]->duplicate = first->duplicate ? first->duplicate : first;
        }
}

int twice_mark(fumi_tax *t)
{
        struct tax_item **sorted = malloc((t->count + 1) * sizeof(struct tax_item *));

        if (!sorted)
                return fault(-ENOMEM);
        for (size_t i = 0; i < t->count; i++)
                sorted[i] = t->item[i];
        qsort(sorted, t->count, sizeof(struct tax_item *), by_bytes);
        mark_runs(sorted, t->count, same_bytes);
        qsort(sorted, t->count, sizeof(struct tax_item *), by_contents);
        mark_runs(sorted, t->count, same_contents);
        free(sorted);
        for (size_t i = 0; i < t->count; i++)
                if (t->item[i]->duplicate && t->item[i]->duplicate->duplicate)
                        t->item[i]->duplicate = t->item[i]->duplicate->duplicate;
        return 0;
}
