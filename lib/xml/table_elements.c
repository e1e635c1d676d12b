/* table_elements.c - which elements a certificate has, by the table of its form (N3.3) */
#include "schemas/outcomes.h"
#include "xml/table.h"

#include <stdio.h>

struct holding {
        const struct contents *c;
        const struct doc *d;
        struct findings *f;
};

/* The children of a node: of the document, and of its element in the table. */
struct inside {
        uint32_t node, first, last;    /* last: behind the last node */
        uint16_t element, element_end; /* of the table */
        unsigned line;
};

static void say(struct holding *h, int code, unsigned line, uint32_t node, const char *name,
                struct slice detail)
{
        char where[CONTENTS_WHERE], full[CONTENTS_WHERE + 32];

        if (finding_full(h->f))
                return;
        contents_where(where, h->d, node);
        snprintf(full, sizeof(full), "%s%s%s", where, *where && *name ? "/" : "", name);
        finding_add(h->f, code, line, full, detail);
}

static bool has(struct holding *h, const struct inside *in, uint16_t element)
{
        for (uint32_t n = in->first; n < in->last; n = h->d->node[n].end)
                if (h->d->node[n].element == element)
                        return true;
        return false;
}

/* Elements from @from up to @to that had to come here. One that comes elsewhere is told there. */
static void say_missing(struct holding *h, const struct inside *in, uint16_t from, uint16_t to)
{
        const struct form_element *table = h->d->form->element;

        for (uint16_t e = from; e < to && !finding_full(h->f); e = table[e].end)
                if (table[e].least && !has(h, in, e))
                        say(h, OUTCOME_FORM_MISSING, in->line, in->node, table[e].id,
                            slice_str(table[e].name));
}

static void hold_children(struct holding *h, const struct inside *in)
{
        const struct form_element *table = h->d->form->element;
        uint16_t next = in->element; /* the first that may still come */
        uint32_t count = 0;          /* of the one before it */

        for (uint32_t n = in->first; n < in->last; n = h->d->node[n].end) {
                uint16_t e = h->d->node[n].element;
                bool again = count && table[e].end == next;

                if (e < next && !again) {
                        say(h, OUTCOME_FORM_ORDER, h->c->line[n], n, "", slice_str(table[e].name));
                        continue;
                }
                if (!again)
                        say_missing(h, in, next, e);
                count = again ? count + 1 : 1;
                next = table[e].end;
                if (count == table[e].most + UINT32_C(1))
                        say(h, OUTCOME_FORM_TOO_MANY, h->c->line[n], n, "",
                            slice_str(table[e].name));
        }
        say_missing(h, in, next, in->element_end);
}

/* Parts that have to be there. Their order was seen when they were read. */
static void hold_parts(struct holding *h, uint32_t node, enum form_type type)
{
        const struct doc_node *n = &h->d->node[node];
        char name[32];

        for (int i = 0; form_parts[type][i].name; i++) {
                const struct form_part *p = &form_parts[type][i];

                snprintf(name, sizeof(name), "%s%s", p->general ? "gen:" : "", p->name);
                if (p->must && !n->part[i].at)
                        say(h, OUTCOME_FORM_MISSING, h->c->line[node], node, name, slice_str(""));
        }
        if (type == FORM_BANGO && n->part[0].at && n->part[1].at)
                say(h, OUTCOME_FORM_TOO_MANY, h->c->line[node], node, "gen:hojinbango",
                    slice_str("gen:kojinbango"));
}

void table_elements_hold(const struct contents *c, struct findings *f)
{
        struct holding h = { .c = c, .d = &c->doc, .f = f };
        struct inside top = { .node = DOC_TOP,
                              .last = c->doc.count,
                              .element_end = c->doc.form->elements };

        hold_children(&h, &top);
        for (uint32_t n = 0; n < c->doc.count && !finding_full(f); n++) {
                uint16_t e = c->doc.node[n].element;
                const struct form_element *is = &c->doc.form->element[e];
                struct inside in = { .node = n,
                                     .first = n + 1,
                                     .last = c->doc.node[n].end,
                                     .element = (uint16_t)(e + 1),
                                     .element_end = is->end,
                                     .line = c->line[n] };

                if (is->type == FORM_GROUP)
                        hold_children(&h, &in);
                else if (form_parts[is->type][0].name)
                        hold_parts(&h, n, is->type);
        }
}
