/* csv.c - CSV as RFC 4180 has it, read in place */
#include "post/csv.h"

#include "base/text.h"

void csv_begin(struct csv *c, uint8_t *bytes, size_t len)
{
        *c = (struct csv){ .at = bytes, .end = bytes + len, .line = 1, .column = 1 };
        if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
                c->at += 3;
}

static void step(struct csv *c)
{
        if (*c->at == '\n') {
                c->line++;
                c->column = 1;
        } else if ((*c->at & 0xc0) != 0x80) {
                c->column++; /* the first byte of a character */
        }
        c->at++;
}

/* Over the end of the line, when that is what comes. */
static bool line_end(struct csv *c)
{
        if (c->at < c->end && *c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n')
                c->at++;
        if (c->at < c->end && *c->at != '\n')
                return false;
        if (c->at < c->end)
                step(c);
        return true;
}

static int bad(struct csv *c, struct csv_why *why, const char *text)
{
        *why = (struct csv_why){ c->line, c->column, text };
        while (c->at < c->end && *c->at != '\n')
                step(c);
        line_end(c);
        return CSV_BAD;
}

/* Behind the opening quote; two quotes are one. */
static int quoted(struct csv *c, struct csv_field *f, struct csv_why *why)
{
        uint8_t *to = c->at;

        f->text.at = to;
        for (;;) {
                if (c->at == c->end) {
                        *why = (struct csv_why){ f->line, f->column, "this quote is never closed" };
                        return CSV_BAD;
                }
                if (*c->at == '"') {
                        step(c);
                        if (c->at == c->end || *c->at != '"')
                                break;
                }
                *to++ = *c->at;
                step(c);
        }
        f->text.len = (size_t)(to - f->text.at);
        return 0;
}

static int plain(struct csv *c, struct csv_field *f, struct csv_why *why)
{
        f->text.at = c->at;
        while (c->at < c->end && *c->at != ',' && *c->at != '\n' && *c->at != '\r') {
                if (*c->at == '"')
                        return bad(c, why, "a quote inside a field that does not begin with one");
                step(c);
        }
        f->text.len = (size_t)(c->at - f->text.at);
        return 0;
}

int csv_next(struct csv *c, struct csv_field field[static CSV_FIELDS_MOST], size_t *count,
             struct csv_why *why)
{
        size_t n = 0;

        while (c->at < c->end && line_end(c))
                ;
        if (c->at == c->end)
                return CSV_END;
        for (;;) {
                struct csv_field *f = &field[n];
                int r;

                if (n == CSV_FIELDS_MOST)
                        return bad(c, why, "more fields than any manifest has");
                *f = (struct csv_field){ .line = c->line, .column = c->column };
                if (c->at < c->end && *c->at == '"') {
                        step(c);
                        r = quoted(c, f, why);
                } else {
                        r = plain(c, f, why);
                }
                if (r)
                        return r;
                n++;
                if (c->at < c->end && *c->at == ',') {
                        step(c);
                } else if (line_end(c)) {
                        *count = n;
                        return 0;
                } else {
                        return bad(c, why, "a comma or the end of the line belongs here");
                }
        }
}

bool csv_is_cp932(struct slice s)
{
        bool any = false;

        for (size_t i = 0; i < s.len; i++) {
                uint8_t b = s.at[i], next = i + 1 < s.len ? s.at[i + 1] : 0;

                if (b < 0x80)
                        continue;
                any = true;
                if (b >= 0xa1 && b <= 0xdf)
                        continue; /* half-width katakana */
                if (!((b >= 0x81 && b <= 0x9f) || (b >= 0xe0 && b <= 0xfc)) || next < 0x40 ||
                    next == 0x7f || next > 0xfc)
                        return false;
                i++;
        }
        return any;
}

/* How many bytes the character at @s has, by its first byte. */
static size_t length_of(uint8_t b)
{
        return b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
}

bool csv_not_utf8(struct slice s, unsigned *line, unsigned *column)
{
        *line = *column = 1;
        while (s.len) {
                size_t n = length_of(*s.at);

                if (n > s.len || !text_is_utf8(slice_upto(s, n)))
                        return true;
                if (*s.at == '\n') {
                        ++*line;
                        *column = 1;
                } else {
                        ++*column;
                }
                s = slice_from(s, n);
        }
        return false;
}
