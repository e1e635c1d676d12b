/* sheet.c - a CSV file with named columns, as a sender's own systems write it */
#include "post/sheet.h"

#include "base/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void tell(struct sheet *s, unsigned line, unsigned column, const char *fmt, va_list ap)
        __attribute__((format(printf, 4, 0)));

static void tell(struct sheet *s, unsigned line, unsigned column, const char *fmt, va_list ap)
{
        BUF_OWNED out = { 0 };
        char what[1024];

        vsnprintf(what, sizeof(what), fmt, ap);
        buf_printf(&out, "%s:%u:%u: %s", s->path, line, column, what);
        s->say(s->ctx, buf_cstr(&out));
}

void sheet_complain(struct sheet *s, unsigned line, unsigned column, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        tell(s, line, column, fmt, ap);
        va_end(ap);
        s->errors++;
}

void sheet_remark(struct sheet *s, unsigned line, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        tell(s, line, 1, fmt, ap);
        va_end(ap);
}

/* ---- the header ---- */

static int column_of(const struct sheet *s, struct slice name)
{
        for (int c = 0; c < s->columns; c++)
                if (slice_is(name, s->names[c]))
                        return c;
        return -1;
}

static void complain_column(struct sheet *s, const struct csv_field *f, bool any)
{
        BUF_OWNED all = { 0 };

        for (int c = 0; c < s->columns; c++)
                buf_printf(&all, "%s%s", c ? ", " : "", s->names[c]);
        if (any)
                SHEET_COMPLAIN(s, f, "no column '%.*s'; there are %s", (int)f->text.len,
                               (const char *)f->text.at, buf_cstr(&all));
        else
                SHEET_COMPLAIN(s, f, "the first line has to name the columns: %s", buf_cstr(&all));
}

static bool any_known(const struct sheet *s, const struct csv_field *field, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (column_of(s, field[i].text) >= 0)
                        return true;
        return false;
}

static void read_head(struct sheet *s, const struct csv_field *field, size_t count)
{
        for (int c = 0; c < s->columns; c++)
                s->at[c] = -1;
        s->fields = count;
        if (!any_known(s, field, count)) {
                complain_column(s, &field[0], false);
                return;
        }
        for (size_t i = 0; i < count; i++) {
                int c = column_of(s, field[i].text);

                if (c < 0)
                        complain_column(s, &field[i], true);
                else if (s->at[c] >= 0)
                        SHEET_COMPLAIN(s, &field[i], "column '%s' is there twice", s->names[c]);
                else
                        s->at[c] = (int)i;
        }
        for (int c = 0; c < s->needed; c++)
                if (s->at[c] < 0)
                        sheet_complain(s, 1, 1, "column '%s' is missing", s->names[c]);
}

/* ---- the file ---- */

static void check_bytes(struct sheet *s)
{
        struct slice text = buf_slice(&s->text);
        unsigned line, column;

        if (csv_not_utf8(text, &line, &column))
                sheet_complain(s, line, column,
                               csv_is_cp932(text) ? "this is Shift_JIS (CP932), not UTF-8; save it "
                                                    "as 'CSV UTF-8'"
                                                  : "these bytes are no UTF-8");
        if (text.len && memchr(text.at, 0, text.len))
                sheet_complain(s, 1, 1, "there are zero bytes in it: this is no CSV file");
}

static int read_text(struct sheet *s)
{
        struct csv_field field[CSV_FIELDS_MOST];
        struct csv_why why;
        size_t count;
        int r;

        check_bytes(s);
        if (s->errors)
                return 0;
        buf_putc(&s->text, 0); /* room for the last string's end */
        if (buf_fault(&s->text))
                return buf_fault(&s->text);
        csv_begin(&s->csv, s->text.at, s->text.len - 1);
        r = csv_next(&s->csv, field, &count, &why);
        if (r == CSV_END)
                sheet_complain(s, 1, 1, "the file is empty");
        else if (r == CSV_BAD)
                sheet_complain(s, why.line, why.column, "%s", why.text);
        else
                read_head(s, field, count);
        return 0;
}

int sheet_open(struct sheet *s, const char *path, size_t most)
{
        int r;

        s->path = strdup(path);
        if (!s->path)
                return -ENOMEM;
        r = file_read(&s->text, path, most);
        if (r == FILE_ABSENT)
                return -ENOENT;
        if (r == FILE_TOO_LARGE)
                return -EFBIG;
        return r ? r : read_text(s);
}

void sheet_free(struct sheet *s)
{
        free(s->path);
        buf_free(&s->text);
        *s = (struct sheet){ 0 };
}

int sheet_next(struct sheet *s, struct csv_field field[static CSV_FIELDS_MOST])
{
        struct csv_why why;
        size_t count;
        int r;

        while ((r = csv_next(&s->csv, field, &count, &why)) != CSV_END) {
                if (r == CSV_BAD)
                        sheet_complain(s, why.line, why.column, "%s", why.text);
                else if (count != s->fields)
                        SHEET_COMPLAIN(s, &field[0], "%zu fields, but the header has %zu", count,
                                       s->fields);
                else
                        return 0;
        }
        return CSV_END;
}

/* Fields lie one behind the other with a comma, quote or line end between, so each has room for its
 * terminator; the buffer has one byte more for the last. */
const char *sheet_string(const struct csv_field *f)
{
        uint8_t *end = (uint8_t *)(uintptr_t)(f->text.at + f->text.len);

        *end = 0;
        return (const char *)f->text.at;
}
