/* show.c - a certificate for the eye (N3.7)
 *
 *      生命保険料控除証明書  TEG800 1.1
 *        改変      署名した時のままです         what is known about it
 *        ! ...                                  what is wrong with it
 *
 *      契約者        文箱　花子                 what it says: labels of the form's table, inside
 *      明細 1                                   a group two columns further in
 *        証券番号    第１２－３４５６７８号
 *
 * Two passes over the elements, the same walk: the first finds how wide labels and amounts are, the
 * second writes. A group that holds one thing shares its line (新制度　一般), a group of nothing
 * but codes is one line (１月 済  ２月 済): so twelve months are not a page. */
#include "tax/show.h"

#include "base/plain_text.h"
#include "schemas/outcomes.h"
#include "tax/show_value.h"
#include "tax/show_words.h"

enum { INDENT = 2, FACT_COLUMNS = 12, LABEL_MOST = 36, GAP = 2, CODES_IN_LINE = 3 };

struct showing {
        struct buf *out; /* NULL: only measure */
        const struct doc *doc;
        size_t label, amount; /* columns */
};

static void put_spaces(struct buf *out, size_t n)
{
        while (n--)
                buf_putc(out, ' ');
}

/* ---- what it says ---- */

static const struct form_element *element_of(const struct showing *s, uint32_t at)
{
        return &s->doc->form->element[s->doc->node[at].element];
}

/* Which of its like is it, from 1; 0 when there is no other. */
static unsigned number_of(const struct showing *s, uint32_t at)
{
        const struct doc_node *n = &s->doc->node[at];
        uint32_t from = n->up == DOC_TOP ? 0 : n->up + 1;
        uint32_t end = n->up == DOC_TOP ? s->doc->count : s->doc->node[n->up].end;
        unsigned before = 0, all = 0;

        if (element_of(s, at)->most < 2)
                return 0;
        for (uint32_t i = from; i < end; i = s->doc->node[i].end)
                if (s->doc->node[i].element == n->element) {
                        before += i < at;
                        all++;
                }
        return all > 1 ? before + 1 : 0;
}

static bool is_group(const struct showing *s, uint32_t at)
{
        return element_of(s, at)->type == FORM_GROUP;
}

/* The one thing inside, when the group needs no line of its own; DOC_TOP otherwise. */
static uint32_t only_child(const struct showing *s, uint32_t at)
{
        const struct doc_node *n = &s->doc->node[at];

        return is_group(s, at) && at + 1 < n->end && s->doc->node[at + 1].end == n->end &&
                               element_of(s, at)->most < 2 && element_of(s, at + 1)->most < 2
                       ? at + 1
                       : DOC_TOP;
}

static bool is_codes(const struct showing *s, uint32_t at)
{
        const struct doc_node *n = &s->doc->node[at];

        for (uint32_t i = at + 1; i < n->end; i++)
                if (element_of(s, i)->type != FORM_KUBUN && element_of(s, i)->type != FORM_KUBUN2)
                        return false;
        return n->end - at - 1 >= CODES_IN_LINE;
}

/* Appends the label of @at, and of what it holds as long as that is one thing; gives that node. */
static uint32_t put_label(const struct showing *s, struct buf *label, uint32_t at)
{
        unsigned number = number_of(s, at);

        buf_puts(label, element_of(s, at)->name);
        if (number)
                buf_printf(label, " %u", number);
        for (uint32_t in = only_child(s, at); in != DOC_TOP; in = only_child(s, at)) {
                buf_printf(label, "　%s", element_of(s, in)->name);
                at = in;
        }
        return at;
}

/* A text may have lines: the others begin below its first. Nothing else of it reaches a terminal as
 * a control. */
static void put_lines(struct buf *out, struct slice text, size_t indent)
{
        struct slice line;

        while (slice_split(&text, '\n', &line)) {
                plain_text_put(out, line);
                buf_putc(out, '\n');
                put_spaces(out, indent);
        }
        plain_text_put(out, text);
}

static void put_value(struct showing *s, uint32_t at)
{
        const struct doc_node *n = &s->doc->node[at];
        struct show_value v = show_value_read(s->doc->form, n);
        size_t columns;
        BUF_OWNED text = { 0 };

        show_value_put(&text, &v, n);
        columns = plain_text_columns(buf_slice(&text));
        if (!s->out) {
                if (v.kind == SHOW_AMOUNT && columns > s->amount)
                        s->amount = columns;
                return;
        }
        if (v.kind == SHOW_AMOUNT)
                put_spaces(s->out, s->amount - columns);
        put_lines(s->out, buf_slice(&text), s->label + GAP);
}

static void put_codes(struct showing *s, uint32_t at)
{
        const char *between = "";

        for (uint32_t i = at + 1; s->out && i < s->doc->node[at].end; i++) {
                const struct doc_node *n = &s->doc->node[i];
                struct show_value v = show_value_read(s->doc->form, n);
                BUF_OWNED text = { 0 };

                show_value_put(&text, &v, n);
                buf_printf(s->out, "%s%s ", between, element_of(s, i)->name);
                plain_text_put(s->out, buf_slice(&text));
                between = "  ";
        }
}

/* One line, and whether what is inside follows below. */
static bool put_node(struct showing *s, uint32_t *at, size_t indent)
{
        BUF_OWNED label = { 0 };
        size_t columns;
        bool below;

        *at = put_label(s, &label, *at);
        columns = indent + plain_text_columns(buf_slice(&label));
        below = is_group(s, *at) && !is_codes(s, *at);
        if (!s->out) {
                if (!below && columns > s->label && columns <= LABEL_MOST)
                        s->label = columns;
        } else {
                put_spaces(s->out, indent);
                buf_put(s->out, buf_slice(&label));
                if (!below)
                        put_spaces(s->out, (columns < s->label ? s->label - columns : 0) + GAP);
        }
        if (!below && is_group(s, *at))
                put_codes(s, *at);
        else if (!below)
                put_value(s, *at);
        if (s->out)
                buf_putc(s->out, '\n');
        return below;
}

/* The walk needs no stack: how far in an element stands follows from the lines that are open above
 * it. */
static void put_elements(struct showing *s)
{
        uint32_t open[FORM_PARTS * 4]; /* ends of the groups that are open */
        size_t depth = 0;

        for (uint32_t at = 0; at < s->doc->count;) {
                uint32_t in = at;
                bool below;

                while (depth && at >= open[depth - 1])
                        depth--;
                below = put_node(s, &in, depth * INDENT);
                if (below && depth < sizeof(open) / sizeof(open[0]))
                        open[depth++] = s->doc->node[in].end;
                at = below ? in + 1 : s->doc->node[in].end;
        }
}

/* ---- what is known about it ---- */

static void put_fact(struct buf *out, const char *label, const char *value)
{
        size_t columns = plain_text_columns(slice_str(label));

        if (!*value)
                return;
        put_spaces(out, INDENT);
        buf_puts(out, label);
        put_spaces(out, columns < FACT_COLUMNS ? FACT_COLUMNS - columns : 1);
        plain_text_put(out, slice_str(value));
        buf_putc(out, '\n');
}

static void put_finding(struct buf *out, const struct judge_finding *f, bool japanese)
{
        const struct outcome *o = outcomes_find((uint64_t)f->code);

        put_spaces(out, INDENT);
        buf_puts(out, f->warning ? "? " : "! ");
        if (o)
                buf_puts(out, japanese ? o->ja : o->en);
        buf_printf(out, " (%s %d)\n", o ? o->name : "?", f->code);
        if (f->where[0] || f->detail[0]) {
                put_spaces(out, 2 * INDENT);
                plain_text_put(out, slice_str(f->where));
                buf_puts(out, f->where[0] && f->detail[0] ? ": " : "");
                plain_text_put(out, slice_str(f->detail));
                buf_putc(out, '\n');
        }
        if (o && !f->warning) {
                put_spaces(out, 2 * INDENT);
                buf_printf(out, "%s %s\n", japanese ? "→" : "->",
                           japanese ? o->next_ja : o->next_en);
        }
}

static void put_title(struct buf *out, const struct doc *doc)
{
        buf_printf(out, "%s  %s ", doc->form->name, doc->form->id);
        plain_text_put(out, doc->version);
        buf_putc(out, '\n');
}

static void put_facts(struct buf *out, const struct judged *d, const struct show_about *about,
                      bool ja)
{
        if (about->name)
                put_fact(out, ja ? "ファイル" : "file", about->name);
        if (about->from) {
                put_fact(out, ja ? "差出人" : "sender", about->from);
                put_fact(out, "", show_words_sender(about, ja));
        }
        if (d->refused) {
                put_fact(out, ja ? "拒否" : "refused",
                         ja ? "読み取りません" : "it is not read at all");
        } else {
                put_fact(out, ja ? "様式" : "valid", show_words_valid(d, ja));
                put_fact(out, ja ? "改変" : "integrity", show_words_integrity(d, ja));
                put_fact(out, ja ? "信頼" : "signer", show_words_issuer(d, ja));
                put_fact(out, ja ? "失効" : "revocation", show_words_revocation(d, ja));
                put_fact(out, ja ? "署名者" : "signed by", d->signer_name);
        }
        for (int warning = 0; warning < 2; warning++)
                for (size_t i = 0; i < d->findings; i++)
                        if (d->finding[i].warning == warning)
                                put_finding(out, &d->finding[i], ja);
}

void show_certificate(struct buf *out, const struct judged *d, const struct show_about *about,
                      bool japanese)
{
        /* No line of a value begins where a fact does. */
        struct showing s = { .doc = d->doc, .label = FACT_COLUMNS };

        if (d->doc)
                put_title(out, d->doc);
        put_facts(out, d, about, japanese);
        if (!d->doc)
                return;
        buf_putc(out, '\n');
        put_elements(&s);
        s.out = out;
        put_elements(&s);
}
