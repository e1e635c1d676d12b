/* date.c - reading days of the Gregorian calendar and of eras, and saying whether they exist
 *
 * What is known of a day is a range: a year alone is its days from 1 January to 31 December. It
 * exists in an era when the range and the era's days meet. The eras' limits are the table's
 * (schemas/nta/common.toml), where a day on which an era ends and the next begins is in both. */
#include "form/date.h"

#include <stdio.h>

/* Digits only, leading zeros allowed; the part's own limits are the judge's to say. */
static bool number_of(int *out, struct slice s)
{
        int v = 0;

        if (!s.len || s.len > 4)
                return false;
        for (size_t i = 0; i < s.len; i++) {
                if (s.at[i] < '0' || s.at[i] > '9')
                        return false;
                v = v * 10 + (s.at[i] - '0');
        }
        *out = v;
        return true;
}

static const struct form_era *era_of(int code)
{
        for (const struct form_era *e = form_era; e->code; e++)
                if (e->code == code)
                        return e;
        return NULL;
}

/* Which part, from 1, a type has for what; 0: none. */
struct places {
        uint8_t era, year, month, day;
};
static const struct places places_of[FORM_TYPES] = {
        [FORM_YYYYMMDD] = { 0, 1, 2, 3 }, [FORM_YYYYMM] = { 0, 1, 2, 0 },
        [FORM_YYYY] = { 0, 1, 0, 0 },     [FORM_YYMMDD] = { 1, 2, 3, 4 },
        [FORM_YY] = { 1, 2, 0, 0 },       [FORM_MMDD] = { 0, 0, 1, 2 },
        [FORM_MM] = { 0, 0, 1, 0 },
};

/* What part @place says, into @out, which stays as it is when that part is not there. A zero is
 * not "not said" but no month, day, year or era at all. */
static int part_read(int *out, bool *any, const struct doc_node *n, int place)
{
        if (!place || !n->part[place - 1].at)
                return 0;
        *any = true;
        return number_of(out, n->part[place - 1]) && *out ? 0 : DATE_BAD;
}

int form_date_read(struct form_date *out, const struct doc_node *n, enum form_type type)
{
        const struct places *p = &places_of[type];
        struct form_date d = { 0 };
        const struct form_era *era;
        int code = 0, year = 0, bad;
        bool any = false;

        bad = part_read(&code, &any, n, p->era) | part_read(&year, &any, n, p->year) |
              part_read(&d.month, &any, n, p->month) | part_read(&d.day, &any, n, p->day);
        if (!any)
                return DATE_ABSENT;
        if (bad)
                return DATE_BAD;
        if (p->era) {
                era = era_of(code);
                if (!era || !year)
                        return DATE_BAD;
                d.era = era->code;
                d.era_year = year;
                year += era->base;
        }
        d.year = year;
        if (!form_date_exists(&d))
                return DATE_BAD;
        *out = d;
        return 0;
}

static bool is_leap(int year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Without a year (0, a leap year by the rule) February has its longest end. */
static int days_in(int year, int month)
{
        static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        return days[month - 1] + (month == 2 && is_leap(year));
}

/* Does the era have a day of those that @d may mean? */
static bool era_meets(const struct form_era *e, const struct form_date *d)
{
        uint32_t year = (uint32_t)d->year * 10000;
        uint32_t from = year + (uint32_t)(d->month ? d->month : 1) * 100 + (d->day ? d->day : 1);
        uint32_t to = year + (uint32_t)(d->month ? d->month : 12) * 100 + (d->day ? d->day : 31);

        return to >= e->first && (!e->last || from <= e->last);
}

bool form_date_exists(const struct form_date *d)
{
        const struct form_era *era = d->era ? era_of(d->era) : NULL;

        if (d->year < 0 || d->year > 9999 || d->month < 0 || d->month > 12 || d->day < 0)
                return false;
        if (d->day > (d->month ? days_in(d->year, d->month) : 31))
                return false;
        if (!d->era)
                return d->era_year == 0;
        return era && d->era_year >= 1 && d->year == era->base + d->era_year && era_meets(era, d);
}

/* "令和8年"; the first year of an era is 元年. */
static int put_era(char *out, size_t room, const struct form_era *e, int year)
{
        if (year == 1)
                return snprintf(out, room, "%s元年", e->name);
        return snprintf(out, room, "%s%d年", e->name, year);
}

static void put_month_and_day(char *out, size_t room, const struct form_date *d)
{
        int n = d->month ? snprintf(out, room, "%d月", d->month) : 0;

        if (d->day)
                snprintf(out + n, room - (size_t)n, "%d日", d->day);
}

void form_date_show(char out[static FORM_DATE_TEXT], const struct form_date *d)
{
        int n = 0;

        out[0] = '\0';
        if (d->era && era_of(d->era))
                n = put_era(out, FORM_DATE_TEXT, era_of(d->era), d->era_year);
        else if (d->year)
                n = snprintf(out, FORM_DATE_TEXT, "%d年", d->year);
        put_month_and_day(out + n, FORM_DATE_TEXT - (size_t)n, d);
}

/* Behind a Gregorian year the eras it may mean: two for 2019, one for a day, the one that begins on
 * it. */
static int put_eras(char *out, size_t room, const struct form_date *d)
{
        int n = 0;

        for (const struct form_era *e = form_era; e->code; e++) {
                if (!era_meets(e, d) || d->year <= e->base)
                        continue;
                if (d->day)
                        n = 0;
                n += snprintf(out + n, room - (size_t)n, "%s", n ? "・" : "（");
                n += put_era(out + n, room - (size_t)n, e, d->year - e->base);
        }
        return n ? n + snprintf(out + n, room - (size_t)n, "）") : 0;
}

void form_date_show_both(char out[static FORM_DATE_TEXT], const struct form_date *d)
{
        int n;

        if (d->era || !d->year || !form_date_exists(d)) {
                form_date_show(out, d);
                return;
        }
        n = snprintf(out, FORM_DATE_TEXT, "%d年", d->year);
        n += put_eras(out + n, FORM_DATE_TEXT - (size_t)n, d);
        put_month_and_day(out + n, FORM_DATE_TEXT - (size_t)n, d);
}
