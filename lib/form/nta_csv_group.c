/* nta_csv_group.c - which records make a certificate together (FORMS.md N1.6)
 *
 * A grouping code has at most four letters and digits, so it is a number; zero is none. */
#include "form/nta_csv_inside.h"

#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>

struct keyed {
        uint32_t key, record;
};

static int by_key(const void *a, const void *b)
{
        const struct keyed *x = a, *y = b;

        if (x->key != y->key)
                return x->key < y->key ? -1 : 1;
        return x->record < y->record ? -1 : x->record > y->record;
}

static uint32_t key_of(const struct nta_csv *c, uint32_t record)
{
        struct nta_field field[NTA_FIELDS_MOST];
        uint32_t key = 0;

        if (!c->form->grouping)
                return 0;
        nta_csv_again(c, record, field);
        /* A longer one is a finding, and nothing comes of the file. */
        for (size_t i = 0; i < field[c->form->grouping - 1].raw.len && i < 4; i++)
                key = key << 8 | field[c->form->grouping - 1].raw.at[i];
        return key;
}

static struct nta_place place(const struct nta_csv *c, uint32_t record, unsigned column,
                              struct nta_field value)
{
        return (struct nta_place){ c->record[record].number,
                                   c->record[record].line,
                                   column,
                                   c->form->column[column - 1].name,
                                   value,
                                   c->utf8 };
}

/* What stands outside the rows is the same in all of them. */
static void compare(const struct nta_csv *c, const uint32_t *member, uint32_t count,
                    struct nta_hearing *h, uint8_t *scratch)
{
        struct nta_field first[NTA_FIELDS_MOST], other[NTA_FIELDS_MOST];

        nta_csv_again(c, member[0], first);
        for (uint32_t n = 1; n < count; n++) {
                nta_csv_again(c, member[n], other);
                for (unsigned i = 0; i < c->form->columns; i++) {
                        struct slice x, y;

                        if (!c->plan.outer[i])
                                continue;
                        x = nta_csv_text_read(first[i], c->utf8, scratch).utf8;
                        y = nta_csv_text_read(other[i], c->utf8, scratch + x.len).utf8;
                        if (!slice_eq(nta_csv_text_written(&c->form->column[i], x),
                                      nta_csv_text_written(&c->form->column[i], y))) {
                                struct nta_place at = place(c, member[n], i + 1, other[i]);

                                nta_csv_say(h, OUTCOME_CSV_GROUP_DIFFERS, &at, "≠ record %u: %.*s",
                                            c->record[member[0]].number, (int)x.len,
                                            (const char *)x.at);
                        }
                }
        }
}

static void check_group(const struct nta_csv *c, const struct nta_group *g, struct nta_hearing *h,
                        uint8_t *scratch)
{
        const uint32_t *member = c->member + g->first;

        if (g->count > c->plan.rows_most) {
                uint32_t over = member[c->plan.rows_most];
                struct nta_field field[NTA_FIELDS_MOST];
                struct nta_place at;

                nta_csv_again(c, over, field);
                at = place(c, over, c->form->grouping, field[c->form->grouping - 1]);
                nta_csv_say(h, OUTCOME_CSV_TOO_MANY_ROWS, &at, "%u > %u", g->count,
                            c->plan.rows_most);
        }
        if (g->count > 1)
                compare(c, member, g->count, h, scratch);
}

static int by_first(const void *a, const void *b)
{
        const struct keyed *x = a, *y = b;

        return x->record < y->record ? -1 : x->record > y->record;
}

/* Records by key, then groups by their first records: @group's key is where it begins. */
static void put_together(struct nta_csv *c, const struct keyed *by, struct keyed *group)
{
        for (uint32_t i = 0; i < c->records; i++) {
                bool alone = by[i].key == 0 || i == 0 || by[i].key != by[i - 1].key;

                if (alone)
                        group[c->groups++] = (struct keyed){ i, by[i].record };
        }
        qsort(group, c->groups, sizeof(*group), by_first);
        for (uint32_t g = 0, at = 0; g < c->groups; g++) {
                uint32_t i = group[g].key;

                c->group[g].first = at;
                do
                        c->member[at++] = by[i++].record;
                while (i < c->records && by[i].key != 0 && by[i].key == by[i - 1].key);
                c->group[g].count = at - c->group[g].first;
        }
}

int nta_csv_group(struct nta_csv *c, struct nta_hearing *h, uint8_t *scratch)
{
        struct keyed *by = calloc((size_t)c->records + 1, 2 * sizeof(*by));

        c->member = calloc((size_t)c->records + 1, sizeof(*c->member));
        c->group = calloc((size_t)c->records + 1, sizeof(*c->group));
        if (!by || !c->member || !c->group) {
                free(by);
                return fault(-ENOMEM);
        }
        for (uint32_t i = 0; i < c->records; i++)
                by[i] = (struct keyed){ key_of(c, i), i };
        qsort(by, c->records, sizeof(*by), by_key);
        put_together(c, by, by + c->records);
        free(by);
        for (uint32_t g = 0; g < c->groups; g++)
                check_group(c, &c->group[g], h, scratch);
        return 0;
}
