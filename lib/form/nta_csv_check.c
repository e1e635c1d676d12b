/* nta_csv_check.c - a record against the columns of its form (FORMS.md N1.4)
 *
 * By column: is it there when it must be, of the right characters, the right length, one of the
 * codes, in range, with the right check digit; the first "no" is the column's finding. Then what
 * columns say together, when each of them passed. */
#include "form/nta_csv_inside.h"

#include "form/date.h"
#include "form/number.h"
#include "schemas/outcomes.h"

#include <assert.h>
#include <stdio.h>

/* What may stand in the columns that are no free text, as findings show it. */
static const struct {
        const char *characters;
        bool sign, minus;
        uint8_t exactly;      /* digits */
        uint16_t least, most; /* 0, 0: no range */
        const char *range;
} kinds[] = {
        [FORM_TEXT] = { NULL },
        [FORM_ALPHANUMERIC] = { "0-9 A-Z a-z" },
        [FORM_LATIN] = { "ASCII" },
        [FORM_NUMERAL] = { "0-9" },
        [FORM_AMOUNT] = { "0-9 + -", true, true },
        [FORM_POSITIVE] = { "0-9 +", true },
        [FORM_CODE] = { NULL },
        [FORM_ERA] = { NULL },
        [FORM_COLUMN_YYYY] = { "0-9", .exactly = 4, .least = 1, .most = 9999,
                               .range = "0001-9999" },
        [FORM_COLUMN_YY] = { "0-9", .least = 1, .most = 99, .range = "1-99" },
        [FORM_COLUMN_MM] = { "0-9", .least = 1, .most = 12, .range = "1-12" },
        [FORM_COLUMN_DD] = { "0-9", .least = 1, .most = 31, .range = "1-31" },
        [FORM_HOJINBANGO] = { "0-9", .exactly = 13 },
};

static struct nta_place place(const struct nta_check *c, unsigned column)
{
        return (struct nta_place){ c->record,
                                   c->line->line,
                                   column,
                                   c->csv->form->column[column - 1].name,
                                   c->field[column - 1],
                                   c->csv->utf8 };
}

#define SAY(c, column, code, ...)                                                                  \
        do {                                                                                       \
                struct nta_place at_ = place(c, column);                                           \
                                                                                                   \
                (c)->failed[(column)-1] = true;                                                    \
                nta_csv_say((c)->hearing, code, &at_, __VA_ARGS__);                                \
        } while (0)

static bool has(const struct nta_check *c, unsigned column)
{
        return c->value[column - 1].len > 0;
}

static bool one_of(const char *const *list, struct slice value)
{
        for (; *list; list++)
                if (slice_is(value, *list))
                        return true;
        return false;
}

static bool character_fits(uint8_t is, uint8_t b)
{
        bool digit = b >= '0' && b <= '9';

        if (is == FORM_LATIN)
                return b >= 0x20 && b <= 0x7e;
        if (is == FORM_ALPHANUMERIC)
                return digit || ((b | 0x20) >= 'a' && (b | 0x20) <= 'z');
        return digit;
}

static bool characters_fit(uint8_t is, struct slice v)
{
        if (kinds[is].sign && (v.at[0] == '+' || (v.at[0] == '-' && kinds[is].minus)))
                v = slice_from(v, 1);
        for (size_t i = 0; i < v.len; i++)
                if (!character_fits(is, v.at[i]))
                        return false;
        return v.len > 0;
}

static unsigned number(struct slice digits)
{
        unsigned n = 0;

        for (size_t i = 0; i < digits.len; i++)
                n = n * 10 + (digits.at[i] - (unsigned)'0');
        return n;
}

/* The column is empty: may it be? */
static void check_absent(struct nta_check *c, unsigned column)
{
        const struct form_column *col = &c->csv->form->column[column - 1];
        const struct form_condition *when = col->when;

        if (col->must) {
                SAY(c, column, OUTCOME_CSV_MISSING, NULL);
                return;
        }
        for (; when && when->column; when++) {
                struct slice v = c->value[when->column - 1];

                if (v.len == 0 || (when->is && !one_of(when->is, v)))
                        continue;
                SAY(c, column, OUTCOME_CSV_MISSING_HERE, "%u %s = %.*s", when->column,
                    c->csv->form->column[when->column - 1].name, (int)v.len, (const char *)v.at);
                return;
        }
}

static bool check_length(struct nta_check *c, unsigned column, unsigned characters)
{
        const struct form_column *col = &c->csv->form->column[column - 1];
        unsigned exactly = col->is == FORM_NUMERAL ? col->room : kinds[col->is].exactly;
        unsigned most =
                col->is == FORM_COLUMN_YY || col->is == FORM_COLUMN_MM || col->is == FORM_COLUMN_DD
                        ? 2
                        : col->room;

        if (exactly && characters != exactly)
                SAY(c, column, OUTCOME_CSV_WRONG_LENGTH, "%u ≠ %u", characters, exactly);
        else if (!exactly && characters > most)
                SAY(c, column, OUTCOME_CSV_TOO_LONG, "%u > %u", characters, most);
        return !c->failed[column - 1];
}

static bool check_code(struct nta_check *c, unsigned column)
{
        const struct form_column *col = &c->csv->form->column[column - 1];
        char list[2 * NTA_CSV_VALUE] = "";
        size_t len = 0;

        if (one_of(col->code, c->value[column - 1]))
                return true;
        for (const char *const *code = col->code; *code && len < sizeof(list); code++)
                len += (size_t)snprintf(list + len, sizeof(list) - len, len ? ", %s" : "%s", *code);
        SAY(c, column, OUTCOME_CSV_WRONG_CODE, "%s", list);
        return false;
}

/* Amounts are as long as their range, so digits are all there is to look at. */
static bool check_amount(struct nta_check *c, unsigned column)
{
        const struct form_column *col = &c->csv->form->column[column - 1];
        struct slice v = c->value[column - 1];
        char most[32];

        if (v.at[0] == '+' || v.at[0] == '-')
                v = slice_from(v, 1);
        if (v.len <= col->room)
                return true;
        assert(col->room < sizeof(most));
        memset(most, '9', col->room);
        most[col->room] = 0;
        SAY(c, column, OUTCOME_CSV_OUT_OF_RANGE, "%s%s - %s", kinds[col->is].minus ? "-" : "0",
            kinds[col->is].minus ? most : "", most);
        return false;
}

static bool check_range(struct nta_check *c, unsigned column)
{
        const struct form_column *col = &c->csv->form->column[column - 1];
        unsigned n;

        if (col->is == FORM_AMOUNT || col->is == FORM_POSITIVE)
                return check_amount(c, column);
        if (!kinds[col->is].most)
                return true;
        n = number(c->value[column - 1]);
        if (n < kinds[col->is].least || n > kinds[col->is].most)
                SAY(c, column, OUTCOME_CSV_OUT_OF_RANGE, "%s", kinds[col->is].range);
        return !c->failed[column - 1];
}

static void check_column(struct nta_check *c, unsigned column, const struct nta_text *t)
{
        const struct form_column *col = &c->csv->form->column[column - 1];
        bool amount = col->is == FORM_AMOUNT || col->is == FORM_POSITIVE;

        if (t->utf8.len == 0) {
                check_absent(c, column);
        } else if (col->is == FORM_CODE || col->is == FORM_ERA) {
                check_code(c, column);
        } else if (col->is == FORM_TEXT && t->odd) {
                struct nta_place at = place(c, column);

                c->failed[column - 1] = true;
                nta_csv_say_characters(c->hearing, &at);
        } else if (col->is != FORM_TEXT && !characters_fit(col->is, t->utf8)) {
                SAY(c, column, OUTCOME_CSV_WRONG_CHARACTERS, "%s", kinds[col->is].characters);
        } else if ((amount || check_length(c, column, t->characters)) && check_range(c, column) &&
                   col->is == FORM_HOJINBANGO && !form_hojinbango_ok(t->utf8)) {
                SAY(c, column, OUTCOME_CSV_CHECK_DIGIT, NULL);
        }
}

/* Columns that are a date together are all there or none of them, and an era has that year. */
static void check_whole_dates(struct nta_check *c)
{
        const struct nta_plan *plan = &c->csv->plan;

        for (unsigned i = 0, next; i < plan->feeds; i = next) {
                const struct nta_feed *feed = &plan->feed[i];
                uint8_t type = c->csv->form->element[feed->element].type;
                struct doc_node node = { .element = feed->element };
                struct form_date date;
                unsigned there = 0;
                bool failed = false;

                for (next = i; next < plan->feeds && plan->feed[next].element == feed->element &&
                               plan->feed[next].occurrence == feed->occurrence;
                     next++) {
                        there += has(c, plan->feed[next].column);
                        failed |= c->failed[plan->feed[next].column - 1];
                        node.part[plan->feed[next].part] = c->value[plan->feed[next].column - 1];
                }
                if (next - i < 2 || feed->target > 0 || there == 0)
                        continue;
                for (unsigned n = i; n < next && there < next - i; n++)
                        if (!has(c, plan->feed[n].column) && !c->failed[plan->feed[n].column - 1])
                                SAY(c, plan->feed[n].column, OUTCOME_CSV_INCOMPLETE, NULL);
                if (type == FORM_YY && there == 2 && !failed &&
                    form_date_read(&date, &node, FORM_YY))
                        SAY(c, feed[1].column, OUTCOME_CSV_NO_SUCH_DAY, "%.*s-%.*s",
                            (int)node.part[0].len, (const char *)node.part[0].at,
                            (int)node.part[1].len, (const char *)node.part[1].at);
        }
}

/* Are all columns of the rule there, and passed? */
static bool all_passed(const struct nta_check *c, const struct form_rule *rule)
{
        for (unsigned i = 0; i < 4 && rule->column[i]; i++)
                if (!has(c, rule->column[i]) || c->failed[rule->column[i] - 1])
                        return false;
        return true;
}

static void check_day(struct nta_check *c, const struct form_rule *rule)
{
        static const uint8_t types[] = { [2] = FORM_MMDD, [3] = FORM_YYYYMMDD, [4] = FORM_YYMMDD };
        struct doc_node node = { 0 };
        char text[32] = "";
        struct form_date date;
        size_t len = 0;
        unsigned n;

        for (n = 0; n < 4 && rule->column[n]; n++) {
                struct slice v = c->value[rule->column[n] - 1];

                node.part[n] = v;
                len += (size_t)snprintf(text + len, sizeof(text) - len, n ? "-%.*s" : "%.*s",
                                        (int)v.len, (const char *)v.at);
        }
        assert(n >= 2);
        if (form_date_read(&date, &node, types[n]))
                SAY(c, rule->column[0], OUTCOME_CSV_NO_SUCH_DAY, "%s", text);
}

static unsigned month_of(const struct nta_check *c, unsigned year, unsigned month)
{
        return number(c->value[year - 1]) * 12 + number(c->value[month - 1]) - 1;
}

static void check_order(struct nta_check *c, const struct form_rule *rule)
{
        unsigned from = month_of(c, rule->column[0], rule->column[1]);
        unsigned to = month_of(c, rule->column[2], rule->column[3]);

        if (from >= to)
                SAY(c, rule->column[0], OUTCOME_CSV_NOT_BEFORE, "%04u-%02u ≥ %04u-%02u", from / 12,
                    from % 12 + 1, to / 12, to % 12 + 1);
}

void nta_csv_check(struct nta_check *c)
{
        const struct form *f = c->csv->form;
        struct nta_text text[NTA_FIELDS_MOST];
        uint8_t *at = c->text;

        for (unsigned i = 0; i < f->columns; i++) {
                text[i] = nta_csv_text_read(c->field[i], c->csv->utf8, at);
                at += text[i].utf8.len;
                c->value[i] = text[i].utf8;
                c->failed[i] = false;
        }
        for (unsigned column = 2; column <= f->columns; column++)
                check_column(c, column, &text[column - 1]);
        check_whole_dates(c);
        for (const struct form_rule *rule = f->date; rule->column[0]; rule++)
                if (all_passed(c, rule))
                        check_day(c, rule);
        for (const struct form_rule *rule = f->before; rule->column[0]; rule++)
                if (all_passed(c, rule))
                        check_order(c, rule);
}
