/* csv.h - CSV as RFC 4180 has it, in UTF-8, read in place
 *
 * Lines end with LF or CRLF, a last one may lack it; empty lines are skipped; a byte order mark at
 * the beginning is skipped too. */
#pragma once

#include "base/bytes.h"

enum { CSV_FIELDS_MOST = 32 };

struct csv {
        uint8_t *at, *end;     /* what is left; quotes are taken out in place */
        unsigned line, column; /* of @at, from 1; columns are characters */
};

struct csv_field {
        struct slice text;
        unsigned line, column; /* where it begins */
};

struct csv_why {
        unsigned line, column;
        const char *text;
};

enum csv_outcome { CSV_END = 1, CSV_BAD = 2 };

void csv_begin(struct csv *c, uint8_t *bytes, size_t len);
/* The next record. CSV_BAD: @why says what is wrong; the rest of that line is skipped, so that one
 * may go on and find more. */
int csv_next(struct csv *c, struct csv_field field[static CSV_FIELDS_MOST], size_t *count,
             struct csv_why *why);

/* Is it text of Japanese Windows (CP932, Shift_JIS), as spreadsheets save it? For text that is not
 * UTF-8. */
bool csv_is_cp932(struct slice s);
/* Where in @s the first bytes are that are no UTF-8; false when all are. */
bool csv_not_utf8(struct slice s, unsigned *line, unsigned *column);
