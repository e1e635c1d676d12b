/* nta_csv.c - a sender's CSV, read and checked as a whole (FORMS.md N1) */
#include "form/nta_csv_inside.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "schemas/outcomes.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static struct nta_reader reader(const struct nta_csv *c)
{
        struct slice all = buf_slice(&c->bytes);
        bool mark = all.len >= 3 && memcmp(all.at, "\xef\xbb\xbf", 3) == 0;

        return (struct nta_reader){ slice_from(all, mark ? 3 : 0), 1,
                                    c->form ? c->form->columns : 0 };
}

static bool is_ascii(struct slice s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] >= 0x80)
                        return false;
        return true;
}

/* What encoding it is in, when it is not the right one. False: there is no reading on.
 *
 * Text in CP932 is never UTF-8 by chance: every form has columns of kanji and kana that must be
 * there, and the first bytes of most of those (82, 83, 88-9F) begin nothing in UTF-8. */
static bool check_encoding(struct nta_csv *c, struct nta_hearing *h)
{
        struct slice all = buf_slice(&c->bytes), text = reader(c).rest;
        struct nta_place file = { .line = 1 };

        if (all.len >= 2 &&
            (memcmp(all.at, "\xff\xfe", 2) == 0 || memcmp(all.at, "\xfe\xff", 2) == 0)) {
                nta_csv_say(h, OUTCOME_CSV_BYTE_ORDER_MARK, &file, "UTF-16");
                return false;
        }
        c->utf8 = !is_ascii(text) && text_is_utf8(text);
        if (text.len < all.len)
                nta_csv_say(h, OUTCOME_CSV_BYTE_ORDER_MARK, &file, "UTF-8");
        else if (c->utf8)
                nta_csv_say(h, OUTCOME_CSV_UTF8, &file, NULL);
        return true;
}

/* CR alone ends no line (N1.1): all would be one record. */
static bool check_line_ends(const struct nta_csv *c, struct nta_hearing *h)
{
        struct slice text = reader(c).rest;
        const uint8_t *cr = text.len ? memchr(text.at, '\r', text.len) : NULL;
        struct nta_place file = { .line = 1 };

        if (!cr || cr + 1 == text.at + text.len || memchr(text.at, '\n', text.len))
                return true;
        nta_csv_say(h, OUTCOME_CSV_LINE_ENDS, &file, "CR");
        return false;
}

static const struct form *form_of(const struct nta_csv *c, struct nta_field column_1)
{
        return c->utf8 || !column_1.quoted || !memchr(column_1.raw.at, '"', column_1.raw.len)
                       ? form_find(column_1.raw)
                       : NULL;
}

/* No record names a form. @first is the first that could have (N1.5: and all with bad quotes). */
static void say_formless(const struct nta_csv *c, struct nta_hearing *h,
                         const struct nta_place *first)
{
        struct nta_reader r = reader(c);
        struct nta_field field[NTA_FIELDS_MOST];
        struct nta_line line;
        int got;

        for (unsigned n = 1; n <= NTA_CSV_RECORDS_MOST; n++) {
                struct nta_place at = { .record = n };

                got = nta_csv_read_next(&r, field, &line);
                if (got == NTA_READ_END)
                        return;
                at.line = line.line;
                at.column = line.filled;
                if (got == NTA_READ_QUOTES)
                        nta_csv_say(h, OUTCOME_CSV_BAD_QUOTES, &at, NULL);
                else if (n == first->record)
                        nta_csv_say(h, OUTCOME_CSV_UNKNOWN_FORM, first, NULL);
        }
}

/* The file's form is that of the first record that names one. False: there is none to go by. */
static bool find_form(struct nta_csv *c, struct nta_hearing *h)
{
        struct nta_reader r = reader(c);
        struct nta_field field[NTA_FIELDS_MOST];
        struct nta_place at = { 0 }, first = { 0 };
        struct nta_line line;
        int got;

        while ((got = nta_csv_read_next(&r, field, &line)) != NTA_READ_END && !c->form) {
                at = (struct nta_place){ at.record + 1, line.line, 1, NULL, { { 0 } }, c->utf8 };
                if (got)
                        continue;
                at.value = field[0];
                if (!first.record)
                        first = at;
                c->form = form_of(c, field[0]);
        }
        if (!at.record) {
                nta_csv_say(h, OUTCOME_CSV_EMPTY, &at, NULL);
        } else if (!c->form) {
                say_formless(c, h, &first);
        } else if (c->form->columns == 0) {
                at.name = c->form->name;
                nta_csv_say(h, OUTCOME_CSV_READ_ONLY_FORM, &at, NULL);
        } else {
                return true;
        }
        return false;
}

/* Is the record one of the file's form, with its columns? N1.1 */
static bool check_shape(struct nta_csv *c, struct nta_hearing *h, unsigned record,
                        const struct nta_line *line, const struct nta_field *field)
{
        struct nta_place at = { record, line->line, 1, c->form->column[0].name, field[0], c->utf8 };
        const struct form *form = form_of(c, field[0]);
        struct nta_place whole = { .record = record, .line = line->line };
        bool heading = record == 1 && field[0].raw.len && field[0].raw.at[0] != 'T';

        if (form != c->form) {
                int code = heading ? OUTCOME_CSV_HEADING : OUTCOME_CSV_UNKNOWN_FORM;

                nta_csv_say(h, form ? OUTCOME_CSV_TWO_FORMS : code, &at, "≠ %s", c->form->id);
                return false;
        }
        if (line->bytes.len > NTA_RECORD_MOST)
                nta_csv_say(h, OUTCOME_CSV_TOO_LARGE, &whole, "%zu > %d", line->bytes.len,
                            NTA_RECORD_MOST);
        else if (line->fields < c->form->columns)
                nta_csv_say(h, OUTCOME_CSV_TOO_FEW_COLUMNS, &whole, "%u < %u", line->fields,
                            c->form->columns);
        else if (line->filled > c->form->columns)
                nta_csv_say(h, OUTCOME_CSV_TOO_MANY_COLUMNS, &whole, "%u > %u", line->fields,
                            c->form->columns);
        else
                return true;
        return false;
}

static int add_record(struct nta_csv *c, const struct nta_line *line, unsigned number)
{
        if ((c->records & (c->records - 1)) == 0) {
                size_t room = c->records ? (size_t)c->records * 2 : 1;
                struct nta_record *more = reallocarray(c->record, room, sizeof(*more));

                if (!more)
                        return fault(-ENOMEM);
                c->record = more;
        }
        c->record[c->records++] = (struct nta_record){
                (uint32_t)(line->bytes.at - c->bytes.at),
                (uint32_t)line->bytes.len,
                number,
                line->line,
        };
        return 0;
}

static int check_record(struct nta_check *check, struct nta_csv *c)
{
        const struct nta_line *line = check->line;
        struct nta_place whole = { .record = check->record, .line = line->line };

        if (!check_shape(c, check->hearing, check->record, line, check->field))
                return 0;
        if (line->fields > c->form->columns)
                nta_csv_say(check->hearing, OUTCOME_CSV_TRAILING_COMMA, &whole, "%u > %u",
                            line->fields, c->form->columns);
        nta_csv_check(check);
        return add_record(c, line, check->record);
}

static int check_records(struct nta_csv *c, struct nta_hearing *h, uint8_t *scratch)
{
        struct nta_reader r = reader(c);
        struct nta_field field[NTA_FIELDS_MOST];
        struct nta_line line;
        struct nta_check check = {
                .csv = c, .hearing = h, .line = &line, .field = field, .text = scratch
        };
        struct nta_place over = { 0 };
        int got;

        while ((got = nta_csv_read_next(&r, field, &line)) != NTA_READ_END) {
                struct nta_place at = { .record = ++check.record, .line = line.line };

                if (check.record == NTA_CSV_RECORDS_MOST + 1)
                        over = at;
                if (check.record > NTA_CSV_RECORDS_MOST)
                        continue;
                if (got == NTA_READ_QUOTES) {
                        at.column = line.filled;
                        if (line.filled <= c->form->columns)
                                at.name = c->form->column[line.filled - 1].name;
                        nta_csv_say(h, OUTCOME_CSV_BAD_QUOTES, &at, NULL);
                        continue;
                }
                got = check_record(&check, c);
                if (got)
                        return got;
        }
        if (over.record)
                nta_csv_say(h, OUTCOME_CSV_TOO_MANY_RECORDS, &over, "%u > %d", check.record,
                            NTA_CSV_RECORDS_MOST);
        return 0;
}

static int check_file(struct nta_csv *c, struct nta_hearing *h)
{
        uint8_t *scratch;
        int r;

        if (!check_encoding(c, h) || !check_line_ends(c, h) || !find_form(c, h))
                return h->first;
        r = nta_csv_plan(&c->plan, c->form);
        if (r)
                return r;
        scratch = malloc((size_t)2 * NTA_RECORD_MOST * NTA_TEXT_GROWS);
        if (!scratch)
                return fault(-ENOMEM);
        r = check_records(c, h, scratch);
        if (r == 0)
                r = nta_csv_group(c, h, scratch);
        free(scratch);
        return r ? r : h->first;
}

/* @c is taken, and gone when it did not pass. */
static int finish(struct nta_csv **out, struct nta_csv *c, struct nta_hearing *h)
{
        int r = check_file(c, h);

        if (r) {
                nta_csv_free(c);
                return r;
        }
        *out = c;
        return 0;
}

static int too_large(struct nta_hearing *h)
{
        struct nta_place file = { 0 };

        nta_csv_say(h, OUTCOME_CSV_TOO_LARGE, &file, "> %d", NTA_CSV_BYTES_MOST);
        return h->first;
}

int nta_csv_open(struct nta_csv **out, const char *path, nta_say say, void *ctx)
{
        struct nta_hearing h = { say, ctx, 0 };
        struct nta_csv *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return fault(-ENOMEM);
        r = file_read(&c->bytes, path, NTA_CSV_BYTES_MOST);
        if (r == 0)
                return finish(out, c, &h);
        nta_csv_free(c);
        if (r == FILE_TOO_LARGE)
                return too_large(&h);
        return r == FILE_ABSENT ? fault(-ENOENT) : r;
}

int nta_csv_open_bytes(struct nta_csv **out, struct slice bytes, nta_say say, void *ctx)
{
        struct nta_hearing h = { say, ctx, 0 };
        struct nta_csv *c;

        if (bytes.len > NTA_CSV_BYTES_MOST)
                return too_large(&h);
        c = calloc(1, sizeof(*c));
        if (c)
                buf_put(&c->bytes, bytes);
        if (!c || buf_fault(&c->bytes)) {
                nta_csv_free(c);
                return fault(-ENOMEM);
        }
        return finish(out, c, &h);
}

void nta_csv_free(struct nta_csv *c)
{
        if (!c)
                return;
        buf_free(&c->bytes);
        buf_free(&c->text);
        buf_free(&c->value);
        nta_csv_plan_free(&c->plan);
        free(c->record);
        free(c->member);
        free(c->group);
        free(c);
}

const struct form *nta_csv_form(const struct nta_csv *c)
{
        return c->form;
}

size_t nta_csv_records(const struct nta_csv *c)
{
        return c->records;
}

size_t nta_csv_certificates(const struct nta_csv *c)
{
        return c->groups;
}

static const struct nta_record *record_of(const struct nta_csv *c, size_t i, unsigned n)
{
        assert(i < c->groups && n < c->group[i].count);
        return &c->record[c->member[c->group[i].first + n]];
}

void nta_csv_origin(const struct nta_csv *c, size_t i, unsigned *record, unsigned *line,
                    unsigned *records)
{
        *record = record_of(c, i, 0)->number;
        *line = record_of(c, i, 0)->line;
        *records = c->group[i].count;
}

struct slice nta_csv_record(const struct nta_csv *c, size_t i, unsigned n)
{
        const struct nta_record *record = record_of(c, i, n);

        return slice_upto(slice_from(buf_slice(&c->bytes), record->at), record->len);
}

void nta_csv_again(const struct nta_csv *c, uint32_t n,
                   struct nta_field field[static NTA_FIELDS_MOST])
{
        struct nta_reader r = {
                slice_upto(slice_from(buf_slice(&c->bytes), c->record[n].at), c->record[n].len), 1
        };
        struct nta_line line;
        int got = nta_csv_read_next(&r, field, &line);

        assert(got == 0 && line.fields >= c->form->columns);
}

void nta_csv_value(const struct nta_csv *c, size_t i, unsigned n, unsigned column, struct buf *out)
{
        struct nta_field field[NTA_FIELDS_MOST];
        const struct nta_field *f = &field[column - 1];
        size_t room, before = out->len;
        uint8_t *at;

        assert(column >= 1 && column <= c->form->columns);
        nta_csv_again(c, (uint32_t)(record_of(c, i, n) - c->record), field);
        room = f->raw.len * NTA_TEXT_GROWS;
        at = buf_extend(out, room);
        if (at)
                out->len = before + nta_csv_text_read(*f, c->utf8, at).utf8.len;
}
