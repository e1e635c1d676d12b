/* table_values.c - what the elements of a certificate say, by the table of its form (N3.3) */
#include "form/character.h"
#include "form/date.h"
#include "form/number.h"
#include "schemas/outcomes.h"
#include "xml/table.h"

#include <stdio.h>

struct holding {
        const struct contents *c;
        struct findings *f;
        uint32_t node;
        const struct form_element *is;
        bool fine; /* nothing was wrong with this node's values so far */
};

static void say(struct holding *h, int code, const char *name, struct slice detail)
{
        char where[CONTENTS_WHERE], full[CONTENTS_WHERE + 32];

        h->fine = false;
        if (finding_full(h->f))
                return;
        contents_where(where, &h->c->doc, h->node);
        snprintf(full, sizeof(full), "%s%s%s", where, *name ? "/" : "", name);
        finding_add(h->f, code, h->c->line[h->node], full, detail);
}

/* ---- by the schema ---- */

static bool is_digits(struct slice s, size_t least, size_t most)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < '0' || s.at[i] > '9')
                        return false;
        return s.len >= least && s.len <= most;
}

/* "U+20BB7 𠮷, 3" */
static void say_character(struct holding *h, const char *name, uint32_t c, size_t place)
{
        uint8_t utf8[CHARACTER_UTF8];
        char detail[64];
        size_t n = character_put(utf8, c);

        snprintf(detail, sizeof(detail), "U+%04X %.*s (%zu)", (unsigned)c, (int)n,
                 (const char *)utf8, place);
        say(h, OUTCOME_FORM_CHARACTER, name, slice_str(detail));
}

static void hold_text(struct holding *h, const char *name, struct slice text, size_t room)
{
        struct slice rest = text;
        size_t count = 0;
        uint32_t c;

        while (character_next(&rest, &c))
                if (count++, !character_ok(c)) {
                        say_character(h, name, c, count);
                        return;
                }
        if (room && count > room)
                say(h, OUTCOME_FORM_TOO_LONG, name, text);
}

static void hold_number(struct holding *h, const char *name, struct slice text,
                        const struct form_part *p)
{
        unsigned value = 0;

        if (!is_digits(text, p->most ? 1 : 0, p->digits)) {
                say(h, OUTCOME_FORM_VALUE, name, text);
                return;
        }
        for (size_t i = 0; p->most && i < text.len; i++)
                value = value * 10 + (text.at[i] - (unsigned)'0');
        if (p->most && (value < p->least || value > p->most))
                say(h, OUTCOME_FORM_VALUE, name, text);
}

static void hold_parts(struct holding *h, const struct doc_node *n)
{
        for (int i = 0; form_parts[h->is->type][i].name; i++) {
                const struct form_part *p = &form_parts[h->is->type][i];
                char name[32];

                snprintf(name, sizeof(name), "%s%s", p->general ? "gen:" : "", p->name);
                if (!n->part[i].at)
                        h->fine &= !p->must;
                else if (p->text)
                        hold_text(h, name, n->part[i], p->digits);
                else
                        hold_number(h, name, n->part[i], p);
        }
        if (h->fine && h->is->code && !form_code_name(h->is->code, n->part[0]))
                say(h, OUTCOME_FORM_CODE, "kubun_CD", n->part[0]);
}

static void hold_by_schema(struct holding *h, const struct doc_node *n)
{
        static const struct form_part month = { .digits = 2, .least = 1, .most = 12 };
        int64_t amount;

        if (form_parts[h->is->type][0].name)
                hold_parts(h, n);
        else if (!n->part[0].at)
                h->fine = false;
        else if (h->is->type == FORM_STR)
                hold_text(h, "", n->part[0], h->is->room);
        else if (h->is->type == FORM_KINGAKU && !form_amount_read(&amount, n->part[0]))
                say(h, OUTCOME_FORM_VALUE, "", n->part[0]);
        else if (h->is->type == FORM_NUMBER && !is_digits(n->part[0], 1, h->is->room))
                say(h, OUTCOME_FORM_VALUE, "", n->part[0]);
        else if (h->is->type == FORM_MM)
                hold_number(h, "", n->part[0], &month);
}

/* ---- beyond the schema ---- */

static void hold_check_digit(struct holding *h, const struct doc_node *n)
{
        if (n->part[1].at && !form_hojinbango_ok(n->part[1]))
                say(h, OUTCOME_FORM_CHECK_DIGIT, "gen:hojinbango", n->part[1]);
        else if (!n->part[1].at && (!n->part[0].at || !form_kojinbango_ok(n->part[0])))
                say(h, OUTCOME_FORM_CHECK_DIGIT, "gen:kojinbango", slice_str(""));
}

static void hold_day(struct holding *h, const struct doc_node *n)
{
        struct form_date day;
        char text[48] = "";
        size_t len = 0;

        if (form_date_read(&day, n, h->is->type) != DATE_BAD)
                return;
        for (int i = 0; form_parts[h->is->type][i].name; i++)
                len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", i ? "-" : "",
                                        (int)n->part[i].len, (const char *)n->part[i].at);
        say(h, OUTCOME_FORM_DATE, "", slice_str(text));
}

/* The node of @element beside @node, or around: the first inside what holds them both. */
static const struct doc_node *beside(const struct doc *d, uint32_t node, uint16_t element)
{
        uint32_t up = d->node[node].up, found;

        if (element == FORM_NONE)
                return NULL;
        found = doc_find(d, up, element, up == DOC_TOP ? 0 : up + 1);
        return found == DOC_TOP ? NULL : &d->node[found];
}

/* The element that column @column of the sender's CSV fills in. */
static uint16_t element_of(const struct form *form, uint16_t column)
{
        const struct form_column *c = column ? &form->column[column - 1] : NULL;

        return c && c->targets ? c->to[0].element : FORM_NONE;
}

static int month_of(const struct doc_node *n, const struct form *form)
{
        struct form_date d;

        if (form_date_read(&d, n, form->element[n->element].type) || !d.month)
                return 0;
        return d.year * 12 + d.month;
}

/* The months that the CSV's rules compare; here the same month is no mistake. */
static void hold_months(struct holding *h, const struct doc_node *n)
{
        const struct form *form = h->c->doc.form;

        for (const struct form_rule *r = form->before; r && r->column[0]; r++) {
                const struct doc_node *to;
                int first, last;

                if (element_of(form, r->column[0]) != n->element)
                        continue;
                to = beside(&h->c->doc, h->node, element_of(form, r->column[2]));
                first = month_of(n, form);
                last = to ? month_of(to, form) : 0;
                if (first && last && first > last)
                        say(h, OUTCOME_FORM_MONTHS, "", slice_str(""));
        }
}

void table_values_hold(const struct contents *c, struct findings *f)
{
        for (uint32_t i = 0; i < c->doc.count && !finding_full(f); i++) {
                const struct doc_node *n = &c->doc.node[i];
                struct holding h = { .c = c,
                                     .f = f,
                                     .node = i,
                                     .is = &c->doc.form->element[n->element],
                                     .fine = true };

                if (h.is->type == FORM_GROUP)
                        continue;
                hold_by_schema(&h, n);
                if (!h.fine)
                        continue;
                if (h.is->type == FORM_BANGO)
                        hold_check_digit(&h, n);
                else
                        hold_day(&h, n);
                hold_months(&h, n);
        }
}
