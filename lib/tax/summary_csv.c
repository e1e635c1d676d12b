/* summary_csv.c - the summary for a spreadsheet
 *
 * UTF-8 with a byte order mark and CRLF, which spreadsheets in Japan read right. What certificates
 * say are strangers' texts: one that a spreadsheet would run as a formula gets an apostrophe before
 * it. */
#include "tax/summary.h"

#include "schemas/outcomes.h"
#include "base/plain_text.h"

static const char *const heading[] = {
        "区分",     "状態", "年分", "控除区分",     "様式",     "発行者",       "法人番号",
        "契約者等", "番号", "名称", "証明日",       "証明額",   "12月期想定額", "転記する額",
        "ファイル", "理由", "署名", "署名者の信頼", "失効確認", "差出人",
};

/* ---- cells ---- */

/* What a spreadsheet may take for the beginning of a formula, full-width ones too. */
static bool runs(int32_t c)
{
        switch (c) {
        case '=':
        case '+':
        case '-':
        case '@':
        case 0xff1d: /* ＝ */
        case 0xff0b: /* ＋ */
        case 0xff0d: /* － */
        case 0xff20: /* ＠ */
                return true;
        default:
                return false;
        }
}

static void put_text(struct buf *out, struct slice text)
{
        bool first = true;
        size_t len;

        buf_putc(out, '"');
        for (; text.len; text = slice_from(text, len)) {
                int32_t c = plain_text_next(text, &len);

                if (first && c != ' ' && c != 0x3000) {
                        buf_puts(out, runs(c) ? "'" : "");
                        first = false;
                }
                if (plain_text_unseen(c))
                        buf_puts(out, c == '\n' || c == '\r' || c == '\t' ? " " : "\xef\xbf\xbd");
                else
                        buf_put(out, slice_upto(text, len));
                buf_puts(out, c == '"' ? "\"" : "");
        }
        buf_putc(out, '"');
}

static void cell(struct buf *out, const char *text)
{
        buf_putc(out, ',');
        if (*text)
                put_text(out, slice_str(text));
}

static void cell_amount(struct buf *out, bool there, int64_t amount)
{
        buf_putc(out, ',');
        if (there)
                buf_printf(out, "%lld", (long long)amount);
}

static void cell_day(struct buf *out, int day)
{
        buf_putc(out, ',');
        if (day)
                buf_printf(out, "%04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100);
}

static void cell_why(struct buf *out, int why)
{
        const struct outcome *o = why ? outcomes_find((uint64_t)why) : NULL;

        cell(out, o ? o->ja : "");
}

/* ---- rows ---- */

static void put_found(struct buf *out, const struct fumi_certificate *c)
{
        cell(out, summary_integrity(c->integrity)->japanese);
        cell(out, summary_issuer(c->issuer_trust)->japanese);
        cell(out, summary_revocation(c->revocation)->japanese);
        cell(out, summary_sender(c->sender)->japanese);
        buf_puts(out, "\r\n");
}

/* Behind the year: which form, from whom, for whom. */
static void put_form(struct buf *out, const struct fumi_certificate *c, const char *issuer)
{
        cell(out, *c->form_name ? c->form_name : c->form);
        cell(out, issuer);
        cell(out, c->issuer_number);
        cell(out, c->person);
}

static void put_entry(struct buf *out, const struct summary *s, const struct fumi_certificate *c,
                      const struct fumi_tax_entry *e)
{
        bool counts = e->state == FUMI_TAX_COUNTS;

        buf_puts(out, counts ? "明細" : "対象外");
        cell(out, summary_state(e->state)->japanese);
        cell_amount(out, true, e->year);
        cell(out, e->category_name);
        put_form(out, c, e->issuer);
        cell(out, e->number);
        cell(out, e->label);
        cell_day(out, c->issued);
        cell_amount(out, e->has_declared, e->declared);
        cell_amount(out, e->has_projected, e->projected);
        cell_amount(out, true, e->carried);
        cell(out, s->name[c->number] ? s->name[c->number] : c->name);
        cell_why(out, e->why);
        put_found(out, c);
}

/* A certificate that says nothing for any year, or could not be read. */
static void put_bare(struct buf *out, const struct fumi_certificate *c)
{
        buf_puts(out, "対象外");
        cell(out, summary_state(c->state)->japanese);
        buf_puts(out, ",,");
        put_form(out, c, c->issuer);
        buf_puts(out, ",,");
        cell_day(out, c->issued);
        buf_puts(out, ",,,");
        cell(out, c->name);
        cell_why(out, c->why);
        put_found(out, c);
}

static void put_total(struct buf *out, int year, const struct fumi_tax_total *t)
{
        buf_printf(out, "合計,,%d", year);
        cell(out, t->category_name);
        buf_printf(out, ",,,,,\"%zu件\",,", t->entries);
        cell_amount(out, true, t->declared);
        cell_amount(out, true, t->projected);
        cell_amount(out, true, t->carried);
        cell(out, "");
        cell(out, t->deduction ? "" : "控除の合計に含めません");
        buf_puts(out, ",,,,\r\n");
}

static void put_rows(struct buf *out, const struct summary *s, bool counts)
{
        for (size_t i = 0; i < s->t->count; i++) {
                const struct fumi_certificate *c = &s->t->item[i]->c;

                for (size_t n = 0; n < c->entries; n++)
                        if (c->entry[n].year == s->year &&
                            (c->entry[n].state == FUMI_TAX_COUNTS) == counts)
                                put_entry(out, s, c, &c->entry[n]);
                if (!c->entries && !counts)
                        put_bare(out, c);
        }
}

void summary_csv(struct buf *out, const struct summary *s)
{
        size_t columns = sizeof(heading) / sizeof(heading[0]);

        buf_puts(out, "\xef\xbb\xbf");
        for (size_t i = 0; i < columns; i++)
                buf_printf(out, "%s%s", heading[i], i + 1 < columns ? "," : "\r\n");
        put_rows(out, s, true);
        for (size_t i = 0; i < s->totals->count; i++)
                if (s->totals->at[i].entries)
                        put_total(out, s->year, &s->totals->at[i]);
        put_rows(out, s, false);
}
