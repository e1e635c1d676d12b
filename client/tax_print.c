/* tax_print.c - certificates and sums for a person */
#include "client/tax.h"

#include "form/number.h"
#include "schemas/outcomes.h"
#include "tax/summary.h"

enum { AMOUNT_COLUMNS = 16, CATEGORY_COLUMNS = 40, INDENT = 8 };

static const char *word(const struct summary_word *w)
{
        return show_pick(w->english, w->japanese);
}

static const char *category(const char *id, const char *name)
{
        for (const struct form_category *c = form_category; c->id && !cli_japanese(); c++)
                if (strcmp(c->id, id) == 0)
                        return c->english;
        return name;
}

void tax_print_amount(struct buf *out, int64_t amount, size_t columns)
{
        char text[FORM_AMOUNT_TEXT];

        form_amount_show(text, amount);
        buf_printf(out, "%*s %s", (int)columns, text, show_pick("yen", "円"));
}

/* ---- sums ---- */

struct printing {
        struct buf *out;
        size_t lines;
};

static int print_total(void *ctx, const struct fumi_tax_total *t)
{
        struct printing *p = ctx;

        if (!p->lines++)
                buf_printf(p->out, "  %s\n", show_pick("in the return", "申告書への転記"));
        buf_puts(p->out, "    ");
        show_column(p->out, category(t->category, t->category_name), CATEGORY_COLUMNS);
        tax_print_amount(p->out, t->carried, AMOUNT_COLUMNS);
        buf_printf(p->out, "  (%zu%s)", t->entries, show_pick("", "件"));
        if (!t->deduction)
                buf_printf(p->out, "  %s", show_pick("no deduction", "控除ではありません"));
        buf_putc(p->out, '\n');
        return 0;
}

int tax_print_totals(struct buf *out, fumi_tax *t, int year)
{
        struct printing p = { .out = out };

        return fumi_tax_totals(t, year, print_total, &p);
}

static int json_total(void *ctx, const struct fumi_tax_total *t)
{
        struct printing *p = ctx;

        buf_puts(p->out, p->lines++ ? "," : "");
        summary_json_total(p->out, t);
        return 0;
}

int tax_json_totals(struct buf *out, fumi_tax *t, int year)
{
        struct printing p = { .out = out };

        return fumi_tax_totals(t, year, json_total, &p);
}

/* ---- a certificate ---- */

static void print_why(struct buf *out, int why, const struct fumi_certificate *by)
{
        const struct outcome *o = why ? outcomes_find((uint64_t)why) : NULL;

        if (!o)
                return;
        buf_printf(out, "%*s%s", INDENT, "", show_pick(o->en, o->ja));
        if (by) {
                buf_puts(out, " [");
                show_string(out, by->name);
                buf_puts(out, "]");
        }
        buf_putc(out, '\n');
}

static void print_entry(struct buf *out, const struct fumi_certificate *c,
                        const struct fumi_tax_entry *e, bool year)
{
        buf_puts(out, "    ");
        show_column(out, category(e->category, e->category_name), CATEGORY_COLUMNS);
        tax_print_amount(out, e->carried, AMOUNT_COLUMNS);
        if (year)
                buf_printf(out, "  %d", e->year);
        if (e->state != FUMI_TAX_COUNTS)
                buf_printf(out, "  [%s]", word(summary_state(e->state)));
        if (*e->number || *e->label) {
                buf_puts(out, "  ");
                show_string(out, e->number);
                buf_puts(out, *e->number && *e->label ? "  " : "");
                show_string(out, e->label);
        }
        buf_putc(out, '\n');
        if (e->why && e->why != c->why)
                print_why(out, e->why, e->by);
}

static void print_findings(struct buf *out, const struct fumi_certificate *c)
{
        for (size_t i = 0; i < c->findings; i++) {
                const struct fumi_tax_finding *f = &c->finding[i];
                const struct outcome *o = outcomes_find((uint64_t)f->code);

                if (!o || f->code == c->why)
                        continue;
                buf_printf(out, "%*s%s %s", INDENT, "", f->warning ? "?" : "!",
                           show_pick(o->en, o->ja));
                if (*f->where || *f->detail) {
                        buf_puts(out, " (");
                        show_string(out, f->where);
                        buf_puts(out, *f->where && *f->detail ? ": " : "");
                        show_string(out, f->detail);
                        buf_putc(out, ')');
                }
                buf_putc(out, '\n');
        }
}

static void print_found(struct buf *out, const struct fumi_certificate *c)
{
        if (c->refused)
                return;
        buf_printf(out, "%*s%s %s, %s %s, %s %s", INDENT, "", show_pick("signature", "署名:"),
                   word(summary_integrity(c->integrity)), show_pick("signer", "署名者:"),
                   word(summary_issuer(c->issuer_trust)), show_pick("revocation", "失効:"),
                   word(summary_revocation(c->revocation)));
        if (c->letter)
                buf_printf(out, ", %s %s", show_pick("sender", "差出人:"),
                           word(summary_sender(c->sender)));
        buf_putc(out, '\n');
}

void tax_print_certificate(struct buf *out, const struct fumi_certificate *c, int year)
{
        buf_puts(out, "  ");
        show_string(out, *c->form_name ? c->form_name
                                       : show_pick("not a certificate", "証明書ではないもの"));
        buf_puts(out, "  ");
        show_string(out, c->issuer);
        buf_puts(out, *c->issuer ? "  " : "");
        show_string(out, c->person);
        buf_puts(out, *c->person ? "  " : "");
        show_string(out, c->name);
        if (c->state != FUMI_TAX_COUNTS)
                buf_printf(out, "  [%s]", word(summary_state(c->state)));
        buf_putc(out, '\n');
        print_why(out, c->why, c->by);
        print_found(out, c);
        print_findings(out, c);
        for (size_t i = 0; i < c->entries; i++)
                if (!year || c->entry[i].year == year)
                        print_entry(out, c, &c->entry[i], !year);
}
