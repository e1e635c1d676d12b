/* nta_map.c - a posting run's mapping file: which number leads to which address (N5.1)
 *
 * The rows are sorted, so that ten thousand records find theirs in ten thousand times fourteen
 * steps. */
#include "post/nta_map.h"

#include "form/character.h"
#include "letter/name.h"

#include <errno.h>
#include <stdlib.h>

enum column { NUMBER, ADDRESS, COLUMNS };

static const char *const names[COLUMNS] = { "number", "address" };

/* ---- reading ---- */

static void check_number(struct sheet *s, const struct csv_field *f)
{
        if (f->text.len == 0)
                SHEET_COMPLAIN(s, f, "number is empty");
        else if (f->text.len > NTA_MAP_NUMBER_MOST)
                SHEET_COMPLAIN(s, f, "number has %zu bytes, more than any number has", f->text.len);
}

static void check_address(struct sheet *s, const struct csv_field *f)
{
        if (f->text.len == 0)
                SHEET_COMPLAIN(s, f, "address is empty; leave out whom you have none of");
        else if (!name_address_get(f->text, NULL))
                SHEET_COMPLAIN(s, f,
                               "'%.80s' is no address (fumi1...); has a character been lost or "
                               "changed?",
                               sheet_string(f));
}

static int read_rows(struct nta_map *m)
{
        struct csv_field field[CSV_FIELDS_MOST];
        size_t cap = 0;

        while (sheet_next(&m->sheet, field) != CSV_END) {
                const struct csv_field *number = &field[m->sheet.at[NUMBER]],
                                       *address = &field[m->sheet.at[ADDRESS]];

                if (m->rows == cap) {
                        struct nta_map_row *more;

                        cap = cap ? 2 * cap : 256;
                        more = realloc(m->row, cap * sizeof(*more));
                        if (!more)
                                return -ENOMEM;
                        m->row = more;
                }
                check_number(&m->sheet, number);
                check_address(&m->sheet, address);
                m->row[m->rows++] = (struct nta_map_row){
                        .number = sheet_string(number),
                        .address = sheet_string(address),
                        .line = number->line,
                        .column = number->column,
                };
        }
        if (m->rows == 0 && m->sheet.errors == 0)
                sheet_complain(&m->sheet, 2, 1, "no numbers: only the header is there");
        return 0;
}

/* ---- in order ---- */

static int by_line(const struct nta_map_row *a, const struct nta_map_row *b)
{
        return a->line < b->line ? -1 : a->line > b->line;
}

static int by_number(const void *a, const void *b)
{
        const struct nta_map_row *x = a, *y = b;
        int order = strcmp(x->number, y->number);

        return order ? order : by_line(x, y);
}

static int in_file(const void *a, const void *b)
{
        return by_line(*(const struct nta_map_row *const *)a,
                       *(const struct nta_map_row *const *)b);
}

/* The later ones of each number, said in the order of the file. */
static int complain_twice(struct nta_map *m)
{
        const struct nta_map_row **twice = calloc(m->rows + 1, sizeof(*twice));
        size_t n = 0;

        if (!twice)
                return -ENOMEM;
        for (size_t i = 1; i < m->rows; i++)
                if (*m->row[i].number && strcmp(m->row[i].number, m->row[i - 1].number) == 0)
                        twice[n++] = &m->row[i];
        qsort(twice, n, sizeof(struct nta_map_row *), in_file);
        for (size_t i = 0; i < n; i++)
                sheet_complain(&m->sheet, twice[i]->line, twice[i]->column,
                               "number '%.80s' is that of line %u too", twice[i]->number,
                               nta_map_find(m, twice[i]->number)->line);
        free(twice);
        return 0;
}

int nta_map_read(struct nta_map *m, const char *path, sheet_say say, void *ctx)
{
        int r;

        *m = (struct nta_map){
                .sheet = { .names = names,
                           .columns = COLUMNS,
                           .needed = COLUMNS,
                           .say = say,
                           .ctx = ctx },
        };
        r = sheet_open(&m->sheet, path, NTA_MAP_BYTES_MOST);
        if (!r && !m->sheet.errors)
                r = read_rows(m);
        if (r)
                return r;
        if (m->rows)
                qsort(m->row, m->rows, sizeof(*m->row), by_number);
        r = complain_twice(m);
        return r ? r : m->sheet.errors ? -EINVAL : 0;
}

void nta_map_free(struct nta_map *m)
{
        free(m->like);
        buf_free(&m->folded);
        free(m->row);
        sheet_free(&m->sheet);
        *m = (struct nta_map){ 0 };
}

/* ---- finding ---- */

/* The first of that number, in the order of the file. */
const struct nta_map_row *nta_map_find(const struct nta_map *m, const char *number)
{
        size_t low = 0, high = m->rows;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(m->row[middle].number, number) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < m->rows && strcmp(m->row[low].number, number) == 0 ? &m->row[low] : NULL;
}

/* ---- what looks alike ---- */

static bool is_space(uint32_t c)
{
        return c <= ' ' || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200b) || c == 0xfeff;
}

static bool is_hyphen(uint32_t c)
{
        return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x30fc ||
               c == 0xff70;
}

/* Half width, capitals, one kind of hyphen and wave, no spaces, no zeros before the first other. */
static void fold(struct buf *out, const char *number)
{
        struct slice rest = slice_str(number);
        uint8_t utf8[CHARACTER_UTF8];
        size_t begin = out->len;
        uint32_t c;

        while (character_next(&rest, &c)) {
                if (c >= 0xff01 && c <= 0xff5e)
                        c -= 0xff01 - '!';
                if (is_hyphen(c))
                        c = '-';
                if (c == 0x301c)
                        c = '~';
                if (c >= 'a' && c <= 'z')
                        c -= 'a' - 'A';
                if (!is_space(c) && (c != '0' || out->len > begin))
                        buf_put(out, slice_of(utf8, character_put(utf8, c)));
        }
        buf_putc(out, 0);
}

struct nta_map_like {
        const char *text;
        const struct nta_map_row *row;
};

static int by_text(const void *a, const void *b)
{
        const struct nta_map_like *x = a, *y = b;
        int order = strcmp(x->text, y->text);

        return order ? order : by_line(x->row, y->row);
}

static void make_like(struct nta_map *m)
{
        const char *at;

        for (size_t i = 0; i < m->rows; i++)
                fold(&m->folded, m->row[i].number);
        if (buf_fault(&m->folded) || m->rows == 0)
                return;
        m->like = calloc(m->rows, sizeof(*m->like));
        at = (const char *)m->folded.at;
        for (size_t i = 0; m->like && i < m->rows; i++, at += strlen(at) + 1)
                m->like[i] = (struct nta_map_like){ at, &m->row[i] };
        if (m->like)
                qsort(m->like, m->rows, sizeof(*m->like), by_text);
}

const struct nta_map_row *nta_map_alike(struct nta_map *m, const char *number)
{
        BUF_OWNED wanted = { 0 };
        size_t low = 0, high;

        if (!m->like)
                make_like(m);
        fold(&wanted, number);
        if (!m->like || buf_fault(&wanted) || wanted.len == 1)
                return NULL;
        for (high = m->rows; low < high;) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(m->like[middle].text, (const char *)wanted.at) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < m->rows && strcmp(m->like[low].text, (const char *)wanted.at) == 0
                       ? m->like[low].row
                       : NULL;
}
