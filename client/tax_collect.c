/* tax_collect.c - the certificates that a tax command is about: the mailbox's, or what was named */
#include "client/tax.h"

#include "schemas/outcomes.h"
#include "xml/judge.h"

#include <stdio.h>

static int begin(struct cli *c, fumi_tax **out)
{
        struct fumi_tax_trust trust;
        struct judge_trust given;
        char why[512] = "";
        int r = tax_trust(c, &given);

        if (r)
                return r;
        trust = (struct fumi_tax_trust){ given.anchors, given.crls, given.at };
        r = fumi_tax_open(out, &trust, why);
        return r ? cli_fail(c, "%s", *why ? why : strerror(-r)) : 0;
}

/* A letter that does not open is told of, and the others are still there. */
static void on_refused(void *ctx, const fumi_id *id, int result)
{
        struct tax_collected *x = ctx;
        const struct outcome *o = result > 0 ? outcomes_find((uint64_t)result) : NULL;
        BUF_OWNED hex = { 0 };

        show_hex(&hex, id);
        buf_printf(&x->refused, "%s{\"id\":\"%s\",\"code\":%d}", x->refusals++ ? "," : "",
                   buf_cstr(&hex), result);
        if (!cli_json(x->c))
                fprintf(stderr, "fumibako: %.16s: %s\n", buf_cstr(&hex),
                        o ? show_pick(o->en, o->ja) : strerror(-result));
}

static int add_box(struct cli *c, struct tax_collected *x)
{
        MAILBOX_OWNED *b = NULL;
        int r = mailbox_open(c, &b);

        if (r)
                return r;
        r = fumi_tax_add_box(x->t, b, on_refused, x);
        return r ? cli_refuse(c, r, NULL, fumi_tax_error(x->t)) : 0;
}

int tax_collect(struct cli *c, int first, struct tax_collected *out)
{
        struct tax_collected x = { .c = c };
        int r = begin(c, &x.t);

        if (!r && first >= c->count)
                r = add_box(c, &x);
        for (int i = first; i < c->count && !r; i++) {
                r = fumi_tax_add_path(x.t, c->argument[i]);
                if (r)
                        r = cli_refuse(c, r, NULL, fumi_tax_error(x.t));
        }
        if (r)
                tax_collected_free(&x);
        else
                *out = x;
        return r;
}

void tax_collected_free(struct tax_collected *x)
{
        fumi_tax_close(x->t);
        buf_free(&x->refused);
        x->t = NULL;
}

int tax_year(struct cli *c)
{
        enum { FIRST = 1900, LAST = 9999 };

        return (int)cli_number(c, "year", FIRST, LAST, 0);
}
