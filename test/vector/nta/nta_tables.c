/* nta_tables.c - the compiled tables of the forms, printed for tables.py: one thing a line, tabs
 * between */
#include "form/form.h"

#include <stdio.h>

static const char *const type_name[FORM_TYPES] = {
        "group",    "str",    "kingaku", "number", "kubun", "kubun2", "bango", "tel-number",
        "yyyymmdd", "yyyymm", "yyyy",    "yymmdd", "yy",    "mmdd",   "mm",
};

static const char *const column_is[] = {
        "text", "alphanumeric", "latin", "numeral", "amount", "positive",   "code",
        "era",  "yyyy",         "yy",    "mm",      "dd",     "hojinbango",
};

static void print_parts(void)
{
        for (int type = 0; type < FORM_TYPES; type++)
                for (const struct form_part *p = form_parts[type]; p->name; p++)
                        printf("part\t%s\t%s\t%s\t%d\t%d\t%u\t%u\t%u\n", type_name[type], p->name,
                               p->general ? "gen:" : "", p->must, p->text, p->digits, p->least,
                               p->most);
}

static void print_elements(const struct form *f)
{
        for (uint16_t i = 0; i < f->elements; i++) {
                const struct form_element *e = &f->element[i];

                printf("element\t%s\t%s\t%s\t%s\t%u\t%u\t%s\t%u\t%u\t", f->id, e->id,
                       e->up == FORM_NONE ? "" : f->element[e->up].id, e->name, e->least, e->most,
                       type_name[e->type], e->room, e->page);
                for (const struct form_code *c = e->code; c && c->code; c++)
                        printf("%s%s", c == e->code ? "" : " ", c->code);
                putchar('\n');
        }
}

static void print_targets(const struct form *f, const struct form_column *c)
{
        for (uint8_t i = 0; i < c->targets; i++) {
                const struct form_element *e = &f->element[c->to[i].element];
                const char *part = form_parts[e->type][c->to[i].part].name;

                printf("%s%s%s%s", i ? " " : "", e->id, part ? "." : "", part ? part : "");
        }
        putchar('\t');
}

static void print_conditions(const struct form_column *c)
{
        for (const struct form_condition *w = c->when; w && w->column; w++) {
                printf("%s%u=", w == c->when ? "" : " ", w->column);
                for (const char *const *is = w->is; is && *is; is++)
                        printf("%s%s", is == w->is ? "" : "|", *is);
        }
        putchar('\t');
}

static void print_column(const struct form *f, unsigned at)
{
        const struct form_column *c = &f->column[at - 1];
        const char *between = "";

        printf("column\t%s\t%u\t%s\t%s\t%d\t%u\t", f->id, at, c->name, column_is[c->is], c->must,
               c->room);
        print_targets(f, c);
        print_conditions(c);
        for (const char *const *code = c->code; code && *code; code++)
                printf("%s%s", code == c->code ? "" : " ", *code);
        putchar('\t');
        for (const struct form_gift *g = c->gift; g && g->element != FORM_NONE; g++)
                for (const struct form_code *t = g->text; t->code; t++, between = ";")
                        printf("%s%s=%s→%s", between, t->code, t->name, f->element[g->element].id);
        putchar('\n');
}

static void print_rules(const struct form *f, const char *name, const struct form_rule *rule)
{
        for (; rule && rule->column[0]; rule++) {
                printf("%s\t%s\t", name, f->id);
                for (int i = 0; i < 4 && rule->column[i]; i++)
                        printf("%s%u", i ? " " : "", rule->column[i]);
                putchar('\n');
        }
}

int main(void)
{
        print_parts();
        for (const struct form *const *f = form_list; *f; f++) {
                print_elements(*f);
                for (unsigned at = 1; at <= (*f)->columns; at++)
                        print_column(*f, at);
                print_rules(*f, "date", (*f)->date);
                print_rules(*f, "before", (*f)->before);
        }
        return 0;
}
