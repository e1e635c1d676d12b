/* export.c - a year's certificates as files, with their summary (N4.5)
 *
 * What was signed goes out as it came in, octet for octet. */
#include "tax/bundle.h"
#include "tax/names.h"
#include "tax/summary.h"

#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>

struct exporting {
        fumi_tax *t;
        int year;
        const char *path;
        char **name;
        struct totals totals;
        struct buf csv, json;
        struct bundle *bundle;
};

static int broken(struct exporting *x, int r)
{
        return tax_say(x->t, r, "%s: %s", x->path, strerror(-r));
}

/* Everything that can be refused is, before anything is written. */
static int prepare(struct exporting *x)
{
        bool any = false;
        int r = totals_of(x->t, x->year, &x->totals);

        for (size_t i = 0; i < x->t->count && !any; i++)
                any = totals_has_year(x->t->item[i], x->year);
        if (!r && !any)
                return tax_say(x->t, OUTCOME_TAX_NO_YEAR, "%d", x->year);
        if (!r)
                r = names_of(x->t, x->year, &x->name);
        if (!r) {
                const struct summary s = { x->t, x->year, x->name, &x->totals };

                summary_csv(&x->csv, &s);
                summary_json(&x->json, &s);
                r = buf_fault(&x->csv) ? buf_fault(&x->csv) : buf_fault(&x->json);
        }
        return r < 0 ? broken(x, r) : r;
}

static int write_out(struct exporting *x)
{
        int r = bundle_begin(&x->bundle, x->path);

        for (size_t i = 0; i < x->t->count && !r; i++) {
                const struct fumi_certificate *c = &x->t->item[i]->c;

                if (x->name[i])
                        r = bundle_put(x->bundle, x->name[i], slice_of(c->bytes, c->size));
        }
        if (!r)
                r = bundle_put(x->bundle, "summary.csv", buf_slice(&x->csv));
        if (!r)
                r = bundle_put(x->bundle, "summary.json", buf_slice(&x->json));
        if (!r)
                r = bundle_end(x->bundle);
        return r ? broken(x, r) : 0;
}

int fumi_tax_export(fumi_tax *t, int year, const char *path,
                    void (*on_file)(void *ctx, const char *name, const struct fumi_certificate *c),
                    void *ctx)
{
        struct exporting x = { .t = t, .year = year, .path = path };
        int r = prepare(&x);

        if (!r)
                r = write_out(&x);
        for (size_t i = 0; i < t->count && !r && on_file; i++)
                if (x.name[i])
                        on_file(ctx, x.name[i], &t->item[i]->c);
        if (!r && on_file) {
                on_file(ctx, "summary.csv", NULL);
                on_file(ctx, "summary.json", NULL);
        }
        bundle_free(x.bundle);
        names_free(x.name, t->count);
        buf_free(&x.csv);
        buf_free(&x.json);
        return r;
}
