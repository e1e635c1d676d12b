/* facts.c - what a certificate says for a return, by its form's table */
#include "tax/facts.h"

#include "base/fault.h"
#include "form/date.h"
#include "form/number.h"
#include "tax/fold.h"

#include <errno.h>

struct reading {
        const struct doc *d;
        struct keep *keep;
        struct facts *out;
        const struct form_entry *as;
        uint32_t row; /* the node of as->each; DOC_TOP: the certificate */
        size_t room;
};

/* ---- one element as text ---- */

static struct slice without_zeros(struct slice digits)
{
        while (digits.len > 1 && digits.at[0] == '0')
                digits = slice_from(digits, 1);
        return digits;
}

static void put_code(struct buf *out, const struct form_element *e, const struct doc_node *n)
{
        const char *name = e->code ? form_code_name(e->code, n->part[0]) : NULL;

        if (n->part[1].len)
                buf_put(out, n->part[1]);
        else if (name && *name)
                buf_puts(out, name);
        else
                buf_put(out, n->part[0]);
}

static void put_node(struct buf *out, const struct form_element *e, const struct doc_node *n)
{
        if (e->type == FORM_KUBUN || e->type == FORM_KUBUN2) {
                put_code(out, e, n);
                return;
        }
        if (!form_parts[e->type][0].name) {
                buf_put(out, n->part[0]);
                return;
        }
        for (unsigned i = 0, any = 0; i < FORM_PARTS; i++)
                if (n->part[i].len) {
                        buf_puts(out, any++ ? "-" : "");
                        buf_put(out, without_zeros(n->part[i]));
                }
}

/* ---- where it stands ---- */

/* @element of the entry in hand: inside its row when the form has it there. */
static const struct doc_node *node_of(const struct reading *r, uint16_t element)
{
        bool inside = r->row != DOC_TOP && element != FORM_NONE &&
                      form_inside(r->d->form, element, r->as->each);
        uint32_t at = element == FORM_NONE ? DOC_TOP
                                           : doc_find(r->d, inside ? r->row : DOC_TOP, element, 0);

        return at == DOC_TOP ? NULL : &r->d->node[at];
}

static void put_element(struct buf *out, const struct reading *r, uint16_t element)
{
        const struct doc_node *n = node_of(r, element);

        if (n)
                put_node(out, &r->d->form->element[element], n);
}

static const char *kept(struct reading *r, struct buf *text)
{
        if (buf_fault(text))
                r->keep->failed = true;
        return keep_text(r->keep, buf_slice(text));
}

static const char *text_of(struct reading *r, uint16_t element)
{
        BUF_OWNED text = { 0 };

        put_element(&text, r, element);
        return kept(r, &text);
}

/* What could not be put into the one is missing in the other. */
static void take_fault(struct buf *out, const struct buf *from)
{
        if (!out->fault)
                out->fault = from->fault;
}

/* The elements with a dash between; empty ones leave nothing. */
static const char *text_of_all(struct reading *r, const uint16_t *element, size_t count)
{
        BUF_OWNED text = { 0 };

        for (size_t i = 0; i < count; i++) {
                BUF_OWNED one = { 0 };

                put_element(&one, r, element[i]);
                buf_puts(&text, one.len && text.len ? "-" : "");
                buf_put(&text, buf_slice(&one));
                take_fault(&text, &one);
        }
        return kept(r, &text);
}

static const char *folded_all(struct reading *r, const uint16_t *element, size_t count)
{
        BUF_OWNED text = { 0 };

        for (size_t i = 0; i < count; i++) {
                BUF_OWNED one = { 0 };

                put_element(&one, r, element[i]);
                fold_put(&text, buf_slice(&one));
                take_fault(&text, &one);
                buf_putc(&text, '\x1f'); /* 1-2 and nothing is not 1 and 2 */
        }
        for (size_t i = 0; i < text.len; i++)
                if (text.at[i] != '\x1f')
                        return kept(r, &text);
        r->keep->failed |= buf_fault(&text) != 0;
        return "";
}

static const char *folded(struct reading *r, const char *text)
{
        BUF_OWNED out = { 0 };

        fold_put(&out, slice_str(text));
        return kept(r, &out);
}

/* ---- days and amounts ---- */

static int day_of(const struct reading *r, uint16_t element, bool year_only)
{
        const struct doc_node *n = node_of(r, element);
        struct form_date d;

        if (!n || form_date_read(&d, n, r->d->form->element[element].type))
                return 0;
        return year_only ? d.year : d.year * 10000 + d.month * 100 + d.day;
}

/* sakuseiDay, an xsd:date: 2025-11-12, perhaps with a time zone behind. */
static int day_made(struct slice text)
{
        int day = 0;

        for (size_t i = 0; i < 10; i++) {
                bool dash = i == 4 || i == 7;
                uint8_t c = i < text.len ? text.at[i] : 0;

                if (dash ? c != '-' : c < '0' || c > '9')
                        return 0;
                if (!dash)
                        day = day * 10 + (c - '0');
        }
        return day;
}

static bool among(const uint16_t *list, uint16_t element)
{
        for (size_t i = 0; i < FORM_SUMMANDS; i++)
                if (list[i] == element)
                        return true;
        return false;
}

/* The sum of those that are there; false when none is that is not in @but. Fifteen digits each: it
 * fits. */
static bool sum_of(const struct reading *r, const uint16_t *element, const uint16_t *but,
                   int64_t *out)
{
        int64_t sum = 0, one;
        bool any = false;

        for (size_t i = 0; i < FORM_SUMMANDS && element[i] != FORM_NONE; i++) {
                const struct doc_node *n = node_of(r, element[i]);

                if (!n || !form_amount_read(&one, n->part[0]))
                        continue;
                sum += one;
                any = any || !but || !among(but, element[i]);
        }
        if (any)
                *out = sum;
        return any;
}

/* ---- entries ---- */

static bool put_amount(struct reading *r, const struct form_amount *a,
                       const struct fumi_tax_entry *like, const struct facts_key *key)
{
        const struct form_category *category = &form_category[a->category];
        struct fumi_tax_entry e = *like;

        e.has_declared = sum_of(r, a->declared, NULL, &e.declared);
        /* Only what is not certified anyway makes an expectation. */
        e.has_projected = sum_of(r, a->projected, a->declared, &e.projected);
        if (!e.has_declared && !e.has_projected)
                return true;
        if (r->out->entries == r->room)
                return false;
        e.carried = e.has_projected ? e.projected : e.declared; /* N4.1 */
        e.category = category->id;
        e.category_name = category->name;
        e.deduction = category->deduction;
        r->out->key[r->out->entries] = *key;
        r->out->key[r->out->entries].category = a->category;
        r->out->entry[r->out->entries++] = e;
        return true;
}

static int year_said(const struct reading *r, bool *assumed)
{
        int year = day_of(r, r->as->year, true);

        *assumed = !year;
        if (!year)
                year = r->out->issued / 10000;
        return year ? year : r->out->made / 10000;
}

static void put_entry(struct reading *r)
{
        const struct form_entry *as = r->as;
        struct fumi_tax_entry like = { .state = FUMI_TAX_COUNTS };
        struct facts_key key = { 0 };
        size_t before = r->out->entries;

        like.year = year_said(r, &like.year_assumed);
        like.number = text_of_all(r, as->number, FORM_NUMBERS);
        like.label = text_of(r, as->label);
        like.issuer = as->issuer == FORM_NONE ? r->out->issuer : text_of(r, as->issuer);
        key.number = folded_all(r, as->number, FORM_NUMBERS);
        key.apart = folded_all(r, as->apart, FORM_APARTS);
        key.issuer = folded(r, like.issuer);
        key.issuer_number = as->issuer == FORM_NONE ? r->out->issuer_number : "";
        for (size_t i = 0; i < as->amounts; i++)
                if (!put_amount(r, &as->amount[i], &like, &key))
                        break;
        if (r->out->entries > before || r->out->silent == before)
                return;
        r->out->entry[--r->out->silent] = like; /* of the places that its amounts left empty */
        r->out->key[r->out->silent] = key;
}

static bool left_out(const struct reading *r)
{
        const struct doc_node *n = node_of(r, r->as->unless);

        return n && n->part[0].len;
}

static void put_entries(struct reading *r)
{
        const struct doc *d = r->d;

        for (size_t i = 0; i < d->form->entries; i++) {
                r->as = &d->form->entry[i];
                r->row = DOC_TOP;
                if (left_out(r))
                        continue;
                if (r->as->each == FORM_NONE) {
                        put_entry(r);
                        continue;
                }
                for (r->row = doc_find(d, DOC_TOP, r->as->each, 0); r->row != DOC_TOP;
                     r->row = doc_find(d, DOC_TOP, r->as->each, d->node[r->row].end))
                        put_entry(r);
        }
}

/* How many there can be at most. */
static size_t entries_most(const struct doc *d)
{
        size_t most = 0;

        for (size_t i = 0; i < d->form->entries; i++) {
                const struct form_entry *as = &d->form->entry[i];
                size_t times = as->each == FORM_NONE;

                for (uint32_t n = 0; n < d->count && as->each != FORM_NONE; n++)
                        times += d->node[n].element == as->each;
                most += times * as->amounts;
        }
        return most;
}

int facts_read(struct facts *out, const struct doc *d, struct keep *keep)
{
        static const struct form_entry whole = { .each = FORM_NONE };
        struct facts f = { 0 };
        struct reading r = { d, keep, &f, &whole, DOC_TOP, entries_most(d) };

        f.silent = f.room = r.room;
        f.entry = keep_room(keep, (r.room + 1) * sizeof(*f.entry));
        f.key = keep_room(keep, (r.room + 1) * sizeof(*f.key));
        if (!f.entry || !f.key)
                return fault(-ENOMEM);
        f.issuer = text_of(&r, d->form->issuer);
        f.issuer_number = text_of(&r, d->form->issuer_number);
        f.person = text_of(&r, d->form->person);
        f.unique = text_of(&r, d->form->unique);
        f.issued = day_of(&r, d->form->issued, false);
        f.made = day_made(d->made_on);
        put_entries(&r);
        if (keep->failed)
                return fault(-ENOMEM);
        *out = f;
        return 0;
}
