/* nta_csv_doc.c - records become a certificate (FORMS.md N1.7)
 *
 * The form's elements are gone through in their order. What stands outside the rows comes from the
 * first record, each row from its own. An element without a value, and a group in which nothing
 * remains, is left out. */
#include "form/nta_csv_inside.h"

#include "base/fault.h"

#include <errno.h>

struct rows {
        uint32_t from, to;
};

struct maker {
        const struct form *form;
        const struct nta_plan *plan;
        struct doc *doc;
        const struct slice *value; /* of record @n, column @k (from 1): [n * columns + k - 1] */
        bool no_memory;
};

static void make_inside(struct maker *m, uint32_t up, uint16_t from, uint16_t to, struct rows *rows,
                        uint32_t record, uint16_t occurrence);

static struct slice value_of(const struct maker *m, uint32_t record, uint16_t column)
{
        return m->value[(size_t)record * m->form->columns + column - 1];
}

/* What the columns give an element of a type. False: nothing. */
static bool fill(struct maker *m, struct doc_node *n, uint32_t record, uint16_t occurrence)
{
        const struct nta_element *e = &m->plan->element[n->element];
        const struct form_element *element = &m->form->element[n->element];
        bool filled = false;

        for (unsigned i = e->feed; i < (unsigned)e->feed + e->feeds; i++) {
                const struct nta_feed *feed = &m->plan->feed[i];
                struct slice v = value_of(m, record, feed->column);

                if (feed->occurrence != occurrence || v.len == 0)
                        continue;
                n->part[feed->part] = v;
                filled = true;
        }
        if (e->gift_from) {
                struct slice code = value_of(m, record, e->gift_from);
                const char *text = code.len ? form_code_name(e->gift, code) : NULL;

                n->part[0] = slice_str(text);
                filled = text != NULL;
        }
        if (filled && element->code) {
                const char *name = form_code_name(element->code, n->part[0]);

                /* "0" of TEG830's column 25 means that nothing was cancelled: no such code. */
                if (!name)
                        return false;
                if (*name)
                        n->part[1] = slice_str(name);
        }
        return filled;
}

static void take_back(struct doc *d, uint32_t at)
{
        for (uint32_t up = d->node[at].up; up != DOC_TOP; up = d->node[up].up)
                d->node[up].end = at;
        d->count = at;
}

static void make_one(struct maker *m, uint32_t up, uint16_t element, struct rows *rows,
                     uint32_t record, uint16_t occurrence)
{
        uint32_t at = doc_add(m->doc, up, element);

        if (at == DOC_TOP) {
                m->no_memory = true;
                return;
        }
        if (m->form->element[element].type != FORM_GROUP) {
                if (!fill(m, &m->doc->node[at], record, occurrence))
                        take_back(m->doc, at);
                return;
        }
        make_inside(m, at, element + 1, m->form->element[element].end, rows, record, occurrence);
        if (m->doc->count == at + 1)
                take_back(m->doc, at);
}

/* An element that rows go into, as often as there are rows for it: the row itself (one each), or
 * what holds rows. */
static void make_rows(struct maker *m, uint32_t up, uint16_t element, struct rows *rows,
                      uint32_t record)
{
        uint32_t takes = m->plan->element[element].takes;
        bool row = element == m->form->row[0] || element == m->form->row[1];

        for (uint16_t n = 0; n < m->form->element[element].most && rows->from < rows->to; n++) {
                struct rows own = { rows->from, rows->to };

                if (own.to - own.from > takes)
                        own.to = own.from + takes;
                rows->from = own.to;
                make_one(m, up, element, &own, row ? own.from : record, 0);
        }
}

static void make_inside(struct maker *m, uint32_t up, uint16_t from, uint16_t to, struct rows *rows,
                        uint32_t record, uint16_t occurrence)
{
        for (uint16_t e = from; e < to && !m->no_memory; e = m->form->element[e].end) {
                const struct nta_element *plan = &m->plan->element[e];

                if (plan->takes)
                        make_rows(m, up, e, rows, record);
                else if (plan->occurrences)
                        for (uint16_t n = 1; n <= plan->occurrences; n++)
                                make_one(m, up, e, rows, record, n);
                else
                        make_one(m, up, e, rows, record, occurrence);
        }
}

/* The records' values, as they will be written, and room for their text: it must not move. */
static int read_values(struct nta_csv *c, const struct nta_group *g)
{
        struct nta_field field[NTA_FIELDS_MOST];
        struct slice *value;
        size_t bytes = 0;
        uint8_t *text;

        for (uint32_t n = 0; n < g->count; n++)
                bytes += c->record[c->member[g->first + n]].len;
        buf_clear(&c->text);
        buf_clear(&c->value);
        text = buf_extend(&c->text, bytes * NTA_TEXT_GROWS);
        value = (struct slice *)(void *)buf_extend(&c->value, (size_t)g->count * c->form->columns *
                                                                      sizeof(*value));
        if (!text || !value)
                return fault(-ENOMEM);
        for (uint32_t n = 0; n < g->count; n++) {
                nta_csv_again(c, c->member[g->first + n], field);
                for (uint16_t i = 0; i < c->form->columns; i++) {
                        struct slice v = nta_csv_text_read(field[i], c->utf8, text).utf8;

                        text += v.len;
                        *value++ = nta_csv_text_written(&c->form->column[i], v);
                }
        }
        return 0;
}

int nta_csv_certificate(struct nta_csv *c, size_t i, struct doc *out)
{
        const struct nta_group *g = &c->group[i];
        struct rows rows = { 0, g->count };
        struct maker m = { c->form, &c->plan, out, NULL, false };
        int r = read_values(c, g);

        if (r)
                return r;
        m.value = (const struct slice *)(const void *)c->value.at;
        doc_clear(out);
        out->form = c->form;
        make_inside(&m, DOC_TOP, 0, c->form->elements, &rows, 0, 0);
        return m.no_memory ? fault(-ENOMEM) : 0;
}
