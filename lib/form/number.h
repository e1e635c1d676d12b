/* number.h - amounts and numbers with a check digit */
#pragma once

#include "base/bytes.h"

/* gen:kingaku: an optional '-' and 1 to 15 digits. False otherwise, for the empty text too. */
bool form_amount_read(int64_t *out, struct slice text);

enum { FORM_AMOUNT_TEXT = 32 };
/* "1,234,567", "-5" */
void form_amount_show(char out[static FORM_AMOUNT_TEXT], int64_t amount);

/* 法人番号: thirteen digits, the first of which is 9 - (sum of P_n Q_n mod 9) over the others (the
 * ordinance on corporate numbers; n from the right, Q 1 and 2 in turn). */
bool form_hojinbango_ok(struct slice digits);
/* 個人番号: twelve digits with the check digit of the My Number ordinance. */
bool form_kojinbango_ok(struct slice digits);
