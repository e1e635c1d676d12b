/* show_json.c - a certificate for a page: the same walk, with what each value is */
#include "tax/show.h"

#include "base/text.h"
#include "schemas/outcomes.h"
#include "tax/show_value.h"

/* ,"name":"text" */
static void put(struct buf *out, const char *name, struct slice text)
{
        buf_printf(out, ",\"%s\":", name);
        text_put_json(out, text);
}

static void put_string(struct buf *out, const char *name, const char *text)
{
        put(out, name, slice_str(text));
}

/* ---- what it says ---- */

static void put_typed(struct buf *out, const struct show_value *v)
{
        static const char *const number[] = {
                [SHOW_DIGITS] = "digits",
                [SHOW_CORPORATE] = "corporate_number",
                [SHOW_PERSONAL] = "personal_number",
        };
        BUF_OWNED date = { 0 };

        switch (v->kind) {
        case SHOW_AMOUNT:
                buf_printf(out, ",\"amount\":%lld", (long long)v->amount);
                break;
        case SHOW_DATE:
                show_value_iso(&date, &v->date);
                put(out, "date", buf_slice(&date));
                break;
        case SHOW_CODE:
                put(out, "code", v->text);
                put_string(out, "code_name", v->name);
                put(out, "written_name", v->written);
                break;
        case SHOW_DIGITS:
        case SHOW_CORPORATE:
        case SHOW_PERSONAL:
                put(out, number[v->kind], v->text);
                break;
        case SHOW_TELEPHONE:
                buf_puts(out, ",\"telephone\":true");
                break;
        case SHOW_TEXT:
                break;
        }
}

static void put_value(struct buf *out, const struct form *f, const struct doc_node *n)
{
        struct show_value v = show_value_read(f, n);
        BUF_OWNED text = { 0 };

        show_value_put(&text, &v, n);
        put(out, "value", buf_slice(&text));
        put_typed(out, &v);
}

/* Those inside @up (DOC_TOP: all). A certificate is as deep as its form's table, and the judge
 * keeps nothing that is deeper. */
static void put_elements(struct buf *out, const struct doc *d, uint32_t up)
{
        uint32_t at = up == DOC_TOP ? 0 : up + 1;
        uint32_t end = up == DOC_TOP ? d->count : d->node[up].end;
        unsigned number = 0;
        uint16_t last = FORM_NONE;
        const char *between = "";

        buf_putc(out, '[');
        for (; at < end; at = d->node[at].end) {
                const struct doc_node *n = &d->node[at];
                const struct form_element *e = &d->form->element[n->element];

                number = n->element == last ? number + 1 : 1;
                last = n->element;
                buf_printf(out, "%s{\"id\":\"%s\"", between, e->id);
                between = ",";
                put_string(out, "name", e->name);
                if (e->most > 1)
                        buf_printf(out, ",\"number\":%u", number);
                if (e->type == FORM_GROUP) {
                        buf_puts(out, ",\"children\":");
                        put_elements(out, d, at);
                } else {
                        put_value(out, d->form, n);
                }
                buf_putc(out, '}');
        }
        buf_putc(out, ']');
}

static void put_doc(struct buf *out, const struct doc *d)
{
        buf_printf(out, ",\"form\":{\"id\":\"%s\"", d->form->id);
        put_string(out, "name", d->form->name);
        put(out, "version", d->version);
        buf_putc(out, '}');
        put(out, "id", d->id);
        put(out, "page", d->page);
        put(out, "made_on", d->made_on);
        put(out, "made_by", d->made_by);
        put(out, "software", d->software);
}

/* ---- what is known about it ---- */

static void put_facts(struct buf *out, const struct judged *d, const struct show_about *about)
{
        static const char *const integrity[] = { [JUDGE_NOT_JUDGED] = "not judged",
                                                 [JUDGE_INTACT] = "intact",
                                                 [JUDGE_BROKEN] = "broken" };
        static const char *const issuer[] = { [JUDGE_NO_ANCHORS] = "no anchors",
                                              [JUDGE_TRUSTED] = "trusted",
                                              [JUDGE_UNTRUSTED] = "untrusted" };
        static const char *const revocation[] = { [JUDGE_NOT_CHECKED] = "not checked",
                                                  [JUDGE_GOOD] = "good",
                                                  [JUDGE_REVOKED] = "revoked" };
        static const char *const sender[] = { [SHOW_NO_LETTER] = "no letter",
                                              [SHOW_SAME] = "same",
                                              [SHOW_OTHER] = "other",
                                              [SHOW_CANNOT_TELL] = "cannot tell" };

        buf_printf(out, ",\"facts\":{\"valid\":%s", d->valid ? "true" : "false");
        put_string(out, "integrity", integrity[d->integrity]);
        put_string(out, "issuer", issuer[d->issuer]);
        put_string(out, "revocation", revocation[d->revocation]);
        put_string(out, "sender", sender[about->sender]);
        put_string(out, "from", about->from);
        put_string(out, "signer", d->signer);
        put_string(out, "signer_name", d->signer_name);
        put_string(out, "signer_number", d->signer_number);
        buf_putc(out, '}');
}

static void put_findings(struct buf *out, const struct judged *d)
{
        buf_puts(out, ",\"findings\":[");
        for (size_t i = 0; i < d->findings; i++) {
                const struct judge_finding *f = &d->finding[i];
                const struct outcome *o = outcomes_find((uint64_t)f->code);

                buf_printf(out, "%s{\"code\":%d", i ? "," : "", f->code);
                put_string(out, "name", o ? o->name : NULL);
                buf_printf(out, ",\"warning\":%s,\"line\":%u", f->warning ? "true" : "false",
                           f->line);
                put_string(out, "where", f->where);
                put_string(out, "detail", f->detail);
                put_string(out, "en", o ? o->en : NULL);
                put_string(out, "ja", o ? o->ja : NULL);
                put_string(out, "next_en", o ? o->next_en : NULL);
                put_string(out, "next_ja", o ? o->next_ja : NULL);
                buf_putc(out, '}');
        }
        buf_putc(out, ']');
}

void show_certificate_json(struct buf *out, const struct judged *d, const struct show_about *about)
{
        buf_printf(out, "{\"code\":%d", d->refused);
        put_string(out, "file", about->name);
        if (d->doc)
                put_doc(out, d->doc);
        put_facts(out, d, about);
        put_findings(out, d);
        buf_puts(out, ",\"elements\":");
        if (d->doc)
                put_elements(out, d->doc, DOC_TOP);
        else
                buf_puts(out, "[]");
        buf_putc(out, '}');
}
