/* date.h - days, months and years as certificates write them: Gregorian or in an era
 *
 * Judging and converting go element by element, by its type, and never by guess: TEG800 writes
 * 2026, TEG840 writes era 5 and 8. */
#pragma once

#include "form/doc.h"

struct form_date {
        int year;       /* Gregorian; 0: not said */
        int month, day; /* 0: not said */
        uint8_t era;    /* as written; 0: Gregorian */
        int era_year;   /* as written; 0: Gregorian */
};

enum { DATE_ABSENT = 1, DATE_BAD = 2 };

/* What a node of a type with year, month or day says. DATE_ABSENT: no part of it is there.
 * DATE_BAD: a part is no number, or it is no day (month, era) that exists; 明治45年7月30日 and
 * 大正15年12月25日 do, though the next era begins with them, and so does 昭和64年1月7日. A 29
 * February without a year exists. */
int form_date_read(struct form_date *out, const struct doc_node *n, enum form_type type);

/* Is there such a day? A month or day of 0 is not looked at. */
bool form_date_exists(const struct form_date *d);

enum { FORM_DATE_TEXT = 64 };
/* "令和8年11月2日", "2026年11月2日", "令和8年", "1月", as it was written. */
void form_date_show(char out[static FORM_DATE_TEXT], const struct form_date *d);
/* The same in the era whose day it is (令和元年), for a Gregorian date: "2026年（令和8年）11月2日"
 */
void form_date_show_both(char out[static FORM_DATE_TEXT], const struct form_date *d);
