/* totals.c - certificates, years and sums, as a return asks for them */
#include "tax/totals.h"

#include "schemas/outcomes.h"

#include <assert.h>

static bool add(int64_t *sum, int64_t amount)
{
        return !__builtin_add_overflow(*sum, amount, sum);
}

static bool add_entry(struct fumi_tax_total *t, const struct fumi_tax_entry *e)
{
        t->entries++;
        return (!e->has_declared || add(&t->declared, e->declared)) &&
               (!e->has_projected || add(&t->projected, e->projected)) &&
               add(&t->carried, e->carried);
}

static void begin(struct totals *all)
{
        all->count = 0;
        for (const struct form_category *c = form_category; c->id; c++) {
                assert(all->count < TOTALS_MOST);
                all->at[all->count++] = (struct fumi_tax_total){ .category = c->id,
                                                                 .category_name = c->name,
                                                                 .deduction = c->deduction };
        }
}

/* False when a sum does not fit. */
static bool add_item(struct totals *all, const struct tax_item *i, int year, const char **where)
{
        for (size_t n = 0; n < i->c.entries; n++) {
                const struct fumi_tax_entry *e = &i->facts.entry[n];

                *where = e->category_name;
                if (e->year == year && e->state == FUMI_TAX_COUNTS &&
                    !add_entry(&all->at[i->facts.key[n].category], e))
                        return false;
        }
        return true;
}

int totals_of(fumi_tax *t, int year, struct totals *out)
{
        const char *where = "";
        int r = settle(t);

        begin(out);
        for (size_t i = 0; i < t->count && !r; i++)
                if (!add_item(out, t->item[i], year, &where))
                        r = tax_say(t, OUTCOME_TAX_SUM, "%d, %s", year, where);
        return r;
}

int fumi_tax_totals(fumi_tax *t, int year, int (*on)(void *ctx, const struct fumi_tax_total *t),
                    void *ctx)
{
        struct totals all;
        int r = totals_of(t, year, &all);

        for (size_t i = 0; i < all.count && !r; i++)
                if (all.at[i].entries)
                        r = on(ctx, &all.at[i]);
        return r;
}

bool totals_has_year(const struct tax_item *i, int year)
{
        for (size_t n = 0; n < i->c.entries; n++)
                if (i->facts.entry[n].year == year)
                        return true;
        return false;
}

int fumi_tax_each(fumi_tax *t, int year, int (*on)(void *ctx, const struct fumi_certificate *c),
                  void *ctx)
{
        int r = settle(t);

        for (size_t i = 0; i < t->count && !r; i++)
                if (!year || totals_has_year(t->item[i], year))
                        r = on(ctx, &t->item[i]->c);
        return r;
}

/* Years have four digits: a mark for each there can be. */
size_t fumi_tax_years(fumi_tax *t, int *years, size_t room)
{
        enum { YEARS = 10000 };
        uint8_t seen[YEARS] = { 0 };
        size_t count = 0;

        for (size_t i = 0; i < t->count; i++)
                for (size_t n = 0; n < t->item[i]->c.entries; n++) {
                        int year = t->item[i]->facts.entry[n].year;

                        if (year > 0 && year < YEARS)
                                seen[year] = 1;
                }
        for (int year = YEARS - 1; year > 0; year--)
                if (seen[year] && count++ < room)
                        years[count - 1] = year;
        return count;
}
