/* number.c - amounts and check digits */
#include "form/number.h"

#include <inttypes.h>
#include <stdio.h>

enum { AMOUNT_DIGITS = 15, HOJIN_DIGITS = 13, KOJIN_DIGITS = 12 };

static bool all_digits(struct slice s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < '0' || s.at[i] > '9')
                        return false;
        return true;
}

bool form_amount_read(int64_t *out, struct slice text)
{
        bool minus = text.len && text.at[0] == '-';
        int64_t v = 0;

        if (minus)
                text = slice_from(text, 1);
        if (!text.len || text.len > AMOUNT_DIGITS || !all_digits(text))
                return false;
        for (size_t i = 0; i < text.len; i++)
                v = v * 10 + (text.at[i] - '0');
        *out = minus ? -v : v;
        return true;
}

void form_amount_show(char out[static FORM_AMOUNT_TEXT], int64_t amount)
{
        char plain[24];
        /* Of the least number there is no positive counterpart: count in unsigned. */
        uint64_t size = amount < 0 ? -(uint64_t)amount : (uint64_t)amount;
        size_t len = (size_t)snprintf(plain, sizeof(plain), "%" PRIu64, size);
        size_t n = 0;

        if (amount < 0)
                out[n++] = '-';
        for (size_t i = 0; i < len; i++) {
                if (i && (len - i) % 3 == 0)
                        out[n++] = ',';
                out[n++] = plain[i];
        }
        out[n] = '\0';
}

bool form_hojinbango_ok(struct slice digits)
{
        unsigned sum = 0;

        if (digits.len != HOJIN_DIGITS || !all_digits(digits))
                return false;
        for (size_t n = 1; n < HOJIN_DIGITS; n++)
                sum += (unsigned)(digits.at[HOJIN_DIGITS - n] - '0') * (n % 2 ? 1 : 2);
        return digits.at[0] - '0' == (int)(9 - sum % 9);
}

bool form_kojinbango_ok(struct slice digits)
{
        unsigned sum = 0, rest;

        if (digits.len != KOJIN_DIGITS || !all_digits(digits))
                return false;
        for (unsigned n = 1; n < KOJIN_DIGITS; n++)
                sum += (unsigned)(digits.at[KOJIN_DIGITS - 1 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
        rest = sum % 11;
        return digits.at[KOJIN_DIGITS - 1] - '0' == (int)(rest <= 1 ? 0 : 11 - rest);
}
