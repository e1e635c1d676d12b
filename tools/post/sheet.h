/* sheet.h - a CSV file with named columns, as a sender's own systems write it
 *
 * UTF-8, the first line names the columns, which may stand in any order. Whatever is wrong is said
 * with file, line and column, all of it and not only the first. */
#pragma once

#include "base/buf.h"
#include "post/csv.h"

enum { SHEET_COLUMNS_MOST = 8 };

/* Each error, as "FILE:LINE:COLUMN: what"; so is, without being one, a remark. */
typedef void (*sheet_say)(void *ctx, const char *sentence);

struct sheet {
        const char *const *names; /* of the columns; set by the caller */
        int columns, needed;      /* the first @needed must be there */
        sheet_say say;
        void *ctx;

        char *path;
        struct buf text; /* the file, cut into strings */
        struct csv csv;
        int at[SHEET_COLUMNS_MOST]; /* the field of each column, -1 when there is none */
        size_t fields;
        unsigned errors;
};

/* Read @path and its header, at most @most bytes. 0, also after errors were said: then there are no
 * rows; -ENOENT, -EFBIG, -errno. To be freed in any case. */
int sheet_open(struct sheet *s, const char *path, size_t most);
void sheet_free(struct sheet *s);

/* The next row that has as many fields as the header; those that have not are errors. CSV_END. */
int sheet_next(struct sheet *s, struct csv_field field[static CSV_FIELDS_MOST]);
/* A field as a string, which lives as long as the sheet. */
const char *sheet_string(const struct csv_field *f);

void sheet_complain(struct sheet *s, unsigned line, unsigned column, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
/* What is worth a look and no error. */
void sheet_remark(struct sheet *s, unsigned line, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
#define SHEET_COMPLAIN(s, f, ...) sheet_complain((s), (f)->line, (f)->column, __VA_ARGS__)
