/* nta_csv_plan.c - a form's columns, looked at from its elements
 *
 * The tables say where each column goes. Making a certificate goes by the elements in their order,
 * so this turns the tables round, once a file. */
#include "form/nta_csv_inside.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static int by_element(const void *a, const void *b)
{
        const struct nta_feed *x = a, *y = b;

        if (x->element != y->element)
                return x->element - y->element;
        if (x->occurrence != y->occurrence)
                return x->occurrence - y->occurrence;
        return x->part - y->part;
}

static void plan_columns(struct nta_plan *p, const struct form *f)
{
        for (uint16_t n = 0; n < f->columns; n++) {
                const struct form_column *c = &f->column[n];

                for (uint16_t t = 0; t < c->targets; t++)
                        p->feed[p->feeds++] = (struct nta_feed){
                                c->to[t].element, c->occurrence, c->to[t].part, n + 1, t,
                        };
                for (const struct form_gift *g = c->gift; g && g->element != FORM_NONE; g++) {
                        p->element[g->element].gift_from = n + 1;
                        p->element[g->element].gift = g->text;
                }
                if (c->within != FORM_NONE && p->element[c->within].occurrences < c->occurrence)
                        p->element[c->within].occurrences = c->occurrence;
        }
        qsort(p->feed, p->feeds, sizeof(*p->feed), by_element);
        for (unsigned i = p->feeds; i-- > 0;) {
                p->element[p->feed[i].element].feed = (uint16_t)i;
                p->element[p->feed[i].element].feeds++;
        }
}

/* How many rows go into one of each element above them. */
static void plan_rows(struct nta_plan *p, const struct form *f)
{
        for (unsigned n = 0; n < 2; n++) {
                uint32_t takes = 1;

                for (uint16_t e = f->row[n]; e != FORM_NONE; e = f->element[e].up) {
                        p->element[e].takes += takes;
                        takes *= f->element[e].most;
                }
                if (f->row[n] != FORM_NONE)
                        p->rows_most += takes;
        }
        if (f->row[0] == FORM_NONE)
                p->rows_most = 1;
}

static bool in_a_row(const struct form *f, uint16_t element)
{
        return (f->row[0] != FORM_NONE && form_inside(f, element, f->row[0])) ||
               (f->row[1] != FORM_NONE && form_inside(f, element, f->row[1]));
}

int nta_csv_plan(struct nta_plan *p, const struct form *f)
{
        struct nta_plan made = {
                .feed = calloc((size_t)f->columns * 2, sizeof(*made.feed)),
                .element = calloc(f->elements, sizeof(*made.element)),
        };

        assert(f->columns <= NTA_FIELDS_MOST);
        if (!made.feed || !made.element) {
                nta_csv_plan_free(&made);
                return fault(-ENOMEM);
        }
        plan_columns(&made, f);
        plan_rows(&made, f);
        for (uint16_t n = 0; n < f->columns; n++)
                made.outer[n] =
                        f->column[n].targets > 0 && !in_a_row(f, f->column[n].to[0].element);
        *p = made;
        return 0;
}

void nta_csv_plan_free(struct nta_plan *p)
{
        free(p->feed);
        free(p->element);
        *p = (struct nta_plan){ 0 };
}
