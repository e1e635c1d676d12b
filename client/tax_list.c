/* tax_list.c - fumibako tax list: which certificates there are, what counts, and the sums, by year
 */
#include "client/tax.h"

#include "tax/summary.h"

#include <errno.h>
#include <stdlib.h>

struct listing {
        struct buf out;
        int year; /* 0: those without an entry of any, or in JSON all */
        size_t certificates;
};

static int print_one(void *ctx, const struct fumi_certificate *c)
{
        struct listing *on = ctx;

        if (!on->year && c->entries)
                return 0;
        if (!on->year && !on->certificates)
                buf_printf(&on->out, "%s\n", show_pick("of no year", "年分なし"));
        tax_print_certificate(&on->out, c, on->year);
        on->certificates++;
        return 0;
}

static int json_one(void *ctx, const struct fumi_certificate *c)
{
        struct listing *on = ctx;

        buf_puts(&on->out, on->certificates++ ? ",\n" : "\n");
        summary_json_certificate(&on->out, c, on->year, NULL);
        return 0;
}

/* The years to show; free() them. */
static int years_of(fumi_tax *t, int only, int **out, size_t *count)
{
        size_t room = fumi_tax_years(t, NULL, 0);
        int *years = malloc((room + 1) * sizeof(*years));

        if (!years)
                return -ENOMEM;
        *count = fumi_tax_years(t, years, room);
        if (only) {
                years[0] = only;
                *count = 1;
        }
        *out = years;
        return 0;
}

static int print_all(struct listing *on, fumi_tax *t, const int *years, size_t count, bool rest)
{
        int r = 0;

        for (size_t i = 0; i < count && !r; i++) {
                on->year = years[i];
                buf_printf(&on->out, "%d%s\n", years[i], show_pick("", "年分"));
                r = fumi_tax_each(t, years[i], print_one, on);
                if (!r)
                        r = tax_print_totals(&on->out, t, years[i]);
        }
        on->year = 0;
        on->certificates = 0;
        return r || !rest ? r : fumi_tax_each(t, 0, print_one, on);
}

static int json_all(struct listing *on, struct tax_collected *x, const int *years, size_t count,
                    int only)
{
        int r = 0;

        buf_puts(&on->out, "{\"code\":0,\"years\":[");
        for (size_t i = 0; i < count && !r; i++) {
                buf_printf(&on->out, "%s{\"year\":%d,\"totals\":[", i ? "," : "", years[i]);
                r = tax_json_totals(&on->out, x->t, years[i]);
                buf_puts(&on->out, "]}");
        }
        buf_puts(&on->out, "],\"certificates\":[");
        on->year = only;
        if (!r)
                r = fumi_tax_each(x->t, only, json_one, on);
        buf_puts(&on->out, "],\"refused\":[");
        buf_put(&on->out, buf_slice(&x->refused));
        buf_puts(&on->out, "]}\n");
        return r;
}

int client_tax_list(struct cli *c)
{
        TAX_COLLECTED_OWNED x = { .c = c };
        struct listing on = { .year = 0 };
        int only = tax_year(c), *years = NULL, r = tax_collect(c, 0, &x);
        size_t count;

        if (r)
                return r;
        r = years_of(x.t, only, &years, &count);
        if (!r)
                r = cli_json(c) ? json_all(&on, &x, years, count, only)
                                : print_all(&on, x.t, years, count, !only);
        free(years);
        if (r)
                r = cli_refuse(c, r, NULL, fumi_tax_error(x.t));
        else if (!on.out.len)
                r = cli_fail(c, "%s", show_pick("no certificates", "証明書がありません"));
        else
                r = show_out(c, &on.out);
        buf_free(&on.out);
        return r ? r : x.refusals ? CLI_FAILED : CLI_DONE;
}
