/* tax_finding.c - what is wrong with a certificate, for a person */
#include "client/tax_finding.h"

#include "schemas/outcomes.h"

/* The form's own name for the last element on the way to @where: "WCE00000[2]/WCE00350/gen:mm" */
static const char *label_of(const struct doc *d, const char *where)
{
        struct slice rest = slice_str(where), step;
        const char *name = "";

        while (d && rest.len) {
                uint16_t e;

                if (!slice_split(&rest, '/', &step)) {
                        step = rest;
                        rest = slice_of(NULL, 0);
                }
                for (size_t i = 0; i < step.len; i++)
                        if (step.at[i] == '[')
                                step.len = i;
                e = form_element(d->form, step);
                if (e != FORM_NONE)
                        name = d->form->element[e].name;
        }
        return name;
}

void tax_finding_put_outcome(struct buf *out, int code, bool warning, const char *detail)
{
        const struct outcome *o = outcomes_find((uint64_t)code);

        buf_printf(out, "%s (%s %d)\n", cli_japanese() ? o->ja : o->en, o->name, code);
        if (*detail) {
                buf_puts(out, "      ");
                show_string(out, detail);
                buf_putc(out, '\n');
        }
        if (!warning)
                buf_printf(out, "      %s %s\n", show_pick("->", "→"),
                           cli_japanese() ? o->next_ja : o->next_en);
}

void tax_finding_put(struct buf *out, const struct doc *d, const struct judge_finding *f)
{
        const char *label = label_of(d, f->where);

        buf_puts(out, f->warning ? "  ? " : "  ! ");
        if (f->line)
                buf_printf(out, "%s%u%s  ", show_pick("line ", ""), f->line, show_pick("", "行目"));
        if (f->where[0]) {
                show_string(out, f->where);
                buf_printf(out, "%s%s%s  ", *label ? " (" : "", label, *label ? ")" : "");
        }
        tax_finding_put_outcome(out, f->code, f->warning, f->detail);
}
