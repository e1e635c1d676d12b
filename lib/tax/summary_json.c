/* summary_json.c - the summary for a program */
#include "tax/summary.h"

#include "base/text.h"
#include "schemas/outcomes.h"

static void text(struct buf *out, const char *name, const char *value)
{
        if (!*value)
                return;
        buf_printf(out, ",\"%s\":", name);
        text_put_json(out, slice_str(value));
}

static void day(struct buf *out, const char *name, int value)
{
        if (value)
                buf_printf(out, ",\"%s\":\"%04d-%02d-%02d\"", name, value / 10000,
                           value / 100 % 100, value % 100);
}

static void amount(struct buf *out, const char *name, bool there, int64_t value)
{
        if (there)
                buf_printf(out, ",\"%s\":%lld", name, (long long)value);
}

static void outcome(struct buf *out, const char *name, int code)
{
        const struct outcome *o = code ? outcomes_find((uint64_t)code) : NULL;

        if (!code)
                return;
        buf_printf(out, ",\"%s\":{\"code\":%d", name, code);
        if (o) {
                text(out, "name", o->name);
                text(out, "en", o->en);
                text(out, "ja", o->ja);
        }
        buf_putc(out, '}');
}

static void hex(struct buf *out, const char *name, const void *bytes, size_t size)
{
        buf_printf(out, ",\"%s\":\"", name);
        text_put_hex(out, slice_of(bytes, size));
        buf_putc(out, '"');
}

/* Of the certificate it duplicates, or that is there in its place. */
static void other(struct buf *out, const struct fumi_certificate *by)
{
        if (by)
                buf_printf(out, ",\"by\":%zu", by->number);
}

static void put_entry(struct buf *out, const struct fumi_tax_entry *e)
{
        buf_printf(out, "{\"year\":%d", e->year);
        buf_puts(out, e->year_assumed ? ",\"year_assumed\":true" : "");
        text(out, "category", e->category);
        text(out, "category_name", e->category_name);
        buf_printf(out, ",\"deduction\":%s", e->deduction ? "true" : "false");
        text(out, "number", e->number);
        text(out, "label", e->label);
        text(out, "issuer", e->issuer);
        amount(out, "declared", e->has_declared, e->declared);
        amount(out, "projected", e->has_projected, e->projected);
        amount(out, "carried", true, e->carried);
        text(out, "state", summary_state(e->state)->id);
        outcome(out, "why", e->why);
        other(out, e->by);
        buf_putc(out, '}');
}

static void put_finding(struct buf *out, const struct fumi_tax_finding *f)
{
        const struct outcome *o = outcomes_find((uint64_t)f->code);

        buf_printf(out, "{\"code\":%d,\"warning\":%s", f->code, f->warning ? "true" : "false");
        if (o) {
                text(out, "name", o->name);
                text(out, "en", o->en);
                text(out, "ja", o->ja);
        }
        if (f->line)
                buf_printf(out, ",\"line\":%u", f->line);
        text(out, "where", f->where);
        text(out, "detail", f->detail);
        buf_putc(out, '}');
}

static void put_found(struct buf *out, const struct fumi_certificate *c)
{
        buf_printf(out, ",\"valid\":%s", c->valid ? "true" : "false");
        text(out, "integrity", summary_integrity(c->integrity)->id);
        text(out, "trust", summary_issuer(c->issuer_trust)->id);
        text(out, "revocation", summary_revocation(c->revocation)->id);
        text(out, "sender", summary_sender(c->sender)->id);
        text(out, "signer", c->signer);
        text(out, "state", summary_state(c->state)->id);
        outcome(out, "why", c->why);
        other(out, c->by);
        buf_puts(out, ",\"findings\":[");
        for (size_t i = 0; i < c->findings; i++) {
                buf_puts(out, i ? "," : "");
                put_finding(out, &c->finding[i]);
        }
        buf_putc(out, ']');
}

void summary_json_certificate(struct buf *out, const struct fumi_certificate *c, int year,
                              const char *file)
{
        bool any = false;

        buf_printf(out, "{\"number\":%zu", c->number);
        text(out, "file", file ? file : "");
        text(out, "name", c->name);
        text(out, "form", c->form);
        text(out, "form_name", c->form_name);
        text(out, "version", c->version);
        text(out, "id", c->id);
        text(out, "issuer", c->issuer);
        text(out, "issuer_number", c->issuer_number);
        text(out, "person", c->person);
        text(out, "unique", c->unique);
        day(out, "issued", c->issued);
        day(out, "made", c->made);
        if (c->letter)
                hex(out, "letter", c->letter->b, sizeof(c->letter->b));
        text(out, "from", c->from);
        text(out, "from_name", c->from_name);
        buf_printf(out, ",\"size\":%zu", c->size);
        hex(out, "sha256", c->sha256, sizeof(c->sha256));
        put_found(out, c);
        buf_puts(out, ",\"entries\":[");
        for (size_t i = 0; i < c->entries; i++)
                if (!year || c->entry[i].year == year) {
                        buf_puts(out, any ? "," : "");
                        put_entry(out, &c->entry[i]);
                        any = true;
                }
        buf_puts(out, "]}");
}

void summary_json_total(struct buf *out, const struct fumi_tax_total *t)
{
        buf_printf(out, "{\"entries\":%zu", t->entries);
        text(out, "category", t->category);
        text(out, "category_name", t->category_name);
        buf_printf(out, ",\"deduction\":%s", t->deduction ? "true" : "false");
        amount(out, "declared", true, t->declared);
        amount(out, "projected", true, t->projected);
        amount(out, "carried", true, t->carried);
        buf_putc(out, '}');
}

bool summary_has(const struct summary *s, const struct tax_item *i)
{
        return !i->c.entries || totals_has_year(i, s->year);
}

void summary_json(struct buf *out, const struct summary *s)
{
        bool any = false;

        buf_printf(out, "{\"format\":\"fumibako tax summary 1\",\"year\":%d,\"totals\":[", s->year);
        for (size_t i = 0; i < s->totals->count; i++)
                if (s->totals->at[i].entries) {
                        buf_puts(out, any ? ",\n" : "\n");
                        summary_json_total(out, &s->totals->at[i]);
                        any = true;
                }
        buf_puts(out, "],\"certificates\":[");
        any = false;
        for (size_t i = 0; i < s->t->count; i++)
                if (summary_has(s, s->t->item[i])) {
                        buf_puts(out, any ? ",\n" : "\n");
                        summary_json_certificate(out, &s->t->item[i]->c, s->year, s->name[i]);
                        any = true;
                }
        buf_puts(out, "]}\n");
}
