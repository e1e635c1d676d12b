/* nta_csv_read.c - a file's bytes as records and fields (FORMS.md N1.1)
 *
 * RFC 4180, with LF or CRLF. Commas, quotes and line ends are found by their bytes: no second byte
 * of a CP932 character, and none of a UTF-8 one, has these values.
 *
 * A quote that is not closed would swallow lines up to the next quote, or the file. So a field of
 * several lines is believed only when the record has its columns; otherwise reading goes on at the
 * line after the one in which the field began, and the rest of the file is looked at all the same.
 */
#include "form/nta_csv_inside.h"

static bool at_line_end(struct slice s)
{
        return s.len == 0 || s.at[0] == '\n' ||
               (s.at[0] == '\r' && (s.len == 1 || s.at[1] == '\n'));
}

static bool skip_line_end(struct nta_reader *r)
{
        if (r->rest.len && r->rest.at[0] == '\r')
                r->rest = slice_from(r->rest, 1);
        if (r->rest.len == 0)
                return false;
        r->rest = slice_from(r->rest, 1);
        r->line++;
        return true;
}

/* Behind the opening quote. False when it is not closed, or not where the field ends. */
static bool read_quoted(struct nta_reader *r, struct nta_field *f)
{
        const uint8_t *begin = r->rest.at;

        for (;;) {
                const uint8_t *quote = r->rest.len ? memchr(r->rest.at, '"', r->rest.len) : NULL;
                size_t before;

                if (!quote)
                        return false;
                before = (size_t)(quote - r->rest.at);
                for (size_t i = 0; i < before; i++)
                        r->line += r->rest.at[i] == '\n';
                r->rest = slice_from(r->rest, before + 1);
                if (r->rest.len == 0 || r->rest.at[0] != '"') {
                        f->raw = slice_of(begin, (size_t)(quote - begin));
                        f->quoted = true;
                        return at_line_end(r->rest) || r->rest.at[0] == ',';
                }
                r->rest = slice_from(r->rest, 1);
        }
}

static bool read_plain(struct nta_reader *r, struct nta_field *f)
{
        size_t n = 0;

        while (n < r->rest.len && r->rest.at[n] != ',' && r->rest.at[n] != '\n') {
                if (r->rest.at[n] == '"')
                        return false;
                if (r->rest.at[n] == '\r' && at_line_end(slice_from(r->rest, n)))
                        break;
                n++;
        }
        f->raw = slice_upto(r->rest, n);
        f->quoted = false;
        r->rest = slice_from(r->rest, n);
        return true;
}

static void skip_line(struct nta_reader *r)
{
        const uint8_t *end = r->rest.len ? memchr(r->rest.at, '\n', r->rest.len) : NULL;

        r->rest = end ? slice_from(r->rest, (size_t)(end - r->rest.at) + 1) : slice_of(NULL, 0);
        r->line++;
}

static bool read_field(struct nta_reader *r, struct nta_field *f)
{
        if (r->rest.len == 0 || r->rest.at[0] != '"')
                return read_plain(r, f);
        r->rest = slice_from(r->rest, 1);
        return read_quoted(r, f);
}

/* The quote of the field that began at @field is not closed where it should be. */
static int give_up(struct nta_reader *r, const struct nta_reader *field, unsigned number,
                   struct nta_line *out)
{
        *r = *field;
        skip_line(r);
        out->bytes.len = (size_t)(field->rest.at - out->bytes.at);
        out->filled = number;
        return NTA_READ_QUOTES;
}

int nta_csv_read_next(struct nta_reader *r, struct nta_field field[static NTA_FIELDS_MOST],
                      struct nta_line *out)
{
        struct nta_reader before, spanning = { .line = 0 };
        unsigned spans = 0;
        struct nta_field f;

        while (r->rest.len && at_line_end(r->rest))
                skip_line_end(r);
        if (r->rest.len == 0)
                return NTA_READ_END;
        *out = (struct nta_line){ .bytes = r->rest, .line = r->line };
        for (;;) {
                before = *r;
                out->fields++;
                if (!read_field(r, &f))
                        return give_up(r, &before, out->fields, out);
                if (f.raw.len)
                        out->filled = out->fields;
                if (out->fields <= NTA_FIELDS_MOST)
                        field[out->fields - 1] = f;
                if (r->line > before.line && !spans) {
                        spanning = before;
                        spans = out->fields;
                }
                if (at_line_end(r->rest))
                        break;
                r->rest = slice_from(r->rest, 1); /* the comma */
        }
        if (spans && r->columns && (out->fields < r->columns || out->filled > r->columns))
                return give_up(r, &spanning, spans, out);
        out->bytes.len = (size_t)(r->rest.at - out->bytes.at);
        skip_line_end(r);
        return 0;
}
