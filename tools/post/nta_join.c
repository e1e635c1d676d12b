/* nta_join.c - certificates meet addresses (N5.1) */
#include "post/nta_join.h"

#include "base/text.h"

#include <string.h>

/* ---- which column ---- */

static const char *name_of(const struct form *f, unsigned column)
{
        return f->column[column - 1].name;
}

/* A form has up to 226 columns with long names: those that hold what was asked for are told. */
static unsigned complain_name(struct cli *c, const struct form *f, const char *by)
{
        BUF_OWNED like = { 0 };

        for (unsigned i = 1; i <= f->columns; i++)
                if (*by && strstr(name_of(f, i), by) && like.len < 200)
                        buf_printf(&like, "%s %u %s", like.len ? "," : "", i, name_of(f, i));
        if (like.len)
                cli_wrong(c, "--by: %s has no column '%s'; are these meant:%s", f->id, by,
                          buf_cstr(&like));
        else
                cli_wrong(c, "--by: %s has no column '%s'; give its number, counted from 1", f->id,
                          by);
        return 0;
}

static unsigned column_named(struct cli *c, const struct form *f, const char *by)
{
        for (unsigned i = 1; i <= f->columns; i++)
                if (strcmp(name_of(f, i), by) == 0)
                        return i;
        return complain_name(c, f, by);
}

static unsigned column_of_number(struct cli *c, const struct form *f)
{
        uint16_t wanted = f->entries ? f->entry[0].number[0] : FORM_NONE;

        for (unsigned i = 1; i <= f->columns && wanted != FORM_NONE; i++)
                for (unsigned t = 0; t < f->column[i - 1].targets; t++)
                        if (f->column[i - 1].to[t].element == wanted)
                                return i;
        cli_wrong(c, "%s has no number of its own; say with --by which column the mapping has",
                  f->id);
        return 0;
}

unsigned nta_join_column(struct cli *c, const struct form *f, const char *by)
{
        uint64_t number;

        if (!by)
                return column_of_number(c, f);
        if (!text_get_u64(slice_str(by), &number))
                return column_named(c, f, by);
        if (number >= 2 && number <= f->columns)
                return (unsigned)number;
        cli_wrong(c, "--by: %s has columns 2 to %u, not %s", f->id, f->columns, by);
        return 0;
}

/* ---- who gets what ---- */

struct join {
        const struct nta *n;
        struct nta_map *m;
        unsigned column;
};

static const struct nta_map_row *look_up(const struct join *j, size_t i, unsigned record,
                                         struct buf *number)
{
        buf_clear(number);
        nta_csv_value(j->n->csv, i, record, j->column, number);
        return nta_map_find(j->m, buf_cstr(number));
}

/* Whoever holds the certificate sees all of its records. */
static int disagree(const struct join *j, size_t i, const struct nta_map_row *a,
                    const struct nta_map_row *b)
{
        unsigned record, line, records;

        nta_csv_origin(j->n->csv, i, &record, &line, &records);
        return cli_fail(
                j->n->cli,
                cli_japanese() ? "%s:%u: レコード%u: 一つの証明書に'%s'と'%s'の記録がありますが、"
                                 "宛先が異なります (%s %u 行目、%u 行目)"
                               : "%s:%u: record %u: one certificate has the numbers '%s' and "
                                 "'%s', which lead to different addresses (%s, lines %u and %u)",
                j->n->path, line, record, a->number, b->number, j->m->sheet.path, a->line, b->line);
}

static int join_one(const struct join *j, size_t i, const char **to)
{
        const struct nta_map_row *found = NULL;
        unsigned record, line, records;
        BUF_OWNED number = { 0 };

        nta_csv_origin(j->n->csv, i, &record, &line, &records);
        for (unsigned k = 0; k < records; k++) {
                const struct nta_map_row *row = look_up(j, i, k, &number);

                if (buf_fault(&number))
                        return cli_fail(j->n->cli, "out of memory");
                if (!row)
                        continue;
                if (found && strcmp(found->address, row->address) != 0)
                        return disagree(j, i, found, row);
                found = row;
        }
        *to = found ? found->address : NULL;
        return 0;
}

static void list_one(const struct join *j, size_t i)
{
        const char *name = name_of(nta_csv_form(j->n->csv), j->column);
        bool ja = cli_japanese();
        const struct nta_map_row *like;
        unsigned record, line, records;
        BUF_OWNED number = { 0 };

        nta_csv_origin(j->n->csv, i, &record, &line, &records);
        nta_csv_value(j->n->csv, i, 0, j->column, &number);
        fprintf(stderr,
                ja ? "%s:%u: レコード%u: %s '%s' の宛先が対応表にありません"
                   : "%s:%u: record %u: no address for %s '%s'",
                j->n->path, line, record, name, buf_cstr(&number));
        like = nta_map_alike(j->m, buf_cstr(&number));
        if (like)
                fprintf(stderr,
                        ja ? "。%s:%u の '%s' に似ていますが、同じ文字列ではありません"
                           : "; %s:%u has '%s', which only looks like it",
                        j->m->sheet.path, like->line, like->number);
        fputc('\n', stderr);
}

static void list(const struct join *j, const char *const *to, size_t count, size_t without)
{
        for (size_t i = 0; i < count; i++)
                if (!to[i])
                        list_one(j, i);
        if (without && without == count)
                fprintf(stderr,
                        cli_japanese() ? "  → どの証明書にも宛先がありません。%s "
                                         "にあるのは本当に%u列目「%s」ですか。"
                                         "別の列は --by で指定します\n"
                                       : "  -> none has an address: does %s really hold column %u, "
                                         "%s? --by names another\n",
                        j->m->sheet.path, j->column, name_of(nta_csv_form(j->n->csv), j->column));
}

int nta_join(const struct nta *n, struct nta_map *m, unsigned column, const char **to,
             size_t *missing)
{
        const struct join j = { n, m, column };
        size_t count = nta_csv_certificates(n->csv), without = 0;
        int bad = 0;

        for (size_t i = 0; i < count; i++) {
                int r = join_one(&j, i, &to[i]);

                bad = bad ? bad : r;
                without += !r && !to[i];
        }
        if (bad)
                return bad;
        if (!cli_json(n->cli))
                list(&j, to, count, without);
        *missing = without;
        return 0;
}
