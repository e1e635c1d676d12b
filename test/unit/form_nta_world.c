/* form_nta_world.c - a sender's CSV for tests */
#include "form_nta_world.h"

#include "schemas/outcomes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <iconv.h>
#include <stdio.h>

enum { COLUMNS = 256 };

/* Of each form a record that passes; what is not here is empty. */
static const struct {
        const char *form;
        unsigned columns;
        struct {
                unsigned column;
                const char *text;
        } value[24];
} records[] = {
        { "TEG800",
          69,
          { { 3, "生命保険料控除証明書" },
            { 4, "第１号" },
            { 7, "山田　太郎" },
            { 49, "文箱生命" },
            { 51, "2026" },
            { 63, "2026" },
            { 64, "10" },
            { 65, "9" },
            { 66, "1" } } },
        { "TEG822",
          14,
          { { 3, "R1" },
            { 4, "山田　太郎" },
            { 5, "1" },
            { 7, "1000" },
            { 8, "文箱の森" },
            { 9, "東京都" },
            { 10, "2026" },
            { 11, "4" },
            { 12, "1" },
            { 13, "寄附金として" } } },
        { "TEG830",
          25,
          { { 3, "山田　太郎" },
            { 6, "ふるさと文箱" },
            { 8, "5" },
            { 9, "9" },
            { 10, "1" },
            { 11, "15" },
            { 12, "5" },
            { 13, "8" },
            { 14, "2" },
            { 16, "5000" },
            { 18, "2026" },
            { 19, "4" },
            { 20, "1" },
            { 21, "紋別市" },
            { 23, "5000" } } },
        { "TEG840",
          226,
          { { 2, "1" },
            { 3, "1" },
            { 4, "5" },
            { 5, "8" },
            { 6, "１２３４" },
            { 7, "山田　太郎" },
            { 8, "東京都" },
            { 220, "5" },
            { 221, "8" },
            { 222, "10" },
            { 223, "30" },
            { 224, "文箱機構" },
            { 226, "NP1" } } },
        { "TEG850",
          54,
          { { 2, "5" },
            { 3, "8" },
            { 4, "1" },
            { 5, "山田　太郎" },
            { 6, "東京都" },
            { 7, "1234" },
            { 8, "5" },
            { 9, "8" },
            { 49, "5" },
            { 50, "8" },
            { 51, "10" },
            { 52, "30" },
            { 53, "文箱機構" },
            { 54, "SK1" } } },
};

static bool as_utf8;

void world_as_utf8(bool yes)
{
        as_utf8 = yes;
}

void world_put_text(struct buf *file, const char *text)
{
        iconv_t to = iconv_open("CP932", "UTF-8");
        char bytes[4096], *out = bytes;
        size_t left = strlen(text), room = sizeof(bytes);
        char *in = strdup(text), *at = in;

        if (as_utf8) {
                buf_puts(file, text);
        } else {
                assert_true(in && iconv(to, &at, &left, &out, &room) == 0);
                buf_put(file, slice_of(bytes, sizeof(bytes) - room));
        }
        free(in);
        iconv_close(to);
}

/* The record's texts by column. How many columns. */
static unsigned record_of(const char *form, const char *text[static COLUMNS])
{
        for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
                if (strcmp(records[i].form, form) != 0)
                        continue;
                text[0] = form;
                for (unsigned n = 0; records[i].value[n].column; n++)
                        text[records[i].value[n].column - 1] = records[i].value[n].text;
                return records[i].columns;
        }
        fail_msg("no record of %s", form);
        return 0;
}

static void put(struct buf *file, const char *const *text, unsigned columns, unsigned raw,
                const char *end)
{
        for (unsigned i = 0; i < columns; i++) {
                if (i)
                        buf_putc(file, ',');
                if (text[i] && i + 1 == raw)
                        buf_puts(file, text[i]);
                else if (text[i])
                        world_put_text(file, text[i]);
        }
        buf_puts(file, end);
}

void world_put(struct buf *file, const char *form, const char *end, ...)
{
        const char *text[COLUMNS] = { 0 };
        unsigned columns = record_of(form, text), column;
        va_list ap;

        va_start(ap, end);
        while ((column = va_arg(ap, unsigned)) != 0)
                text[column - 1] = va_arg(ap, const char *);
        va_end(ap);
        put(file, text, columns, 0, end);
}

void world_put_raw(struct buf *file, const char *form, unsigned column, const char *bytes)
{
        const char *text[COLUMNS] = { 0 };
        unsigned columns = record_of(form, text);

        text[column - 1] = bytes;
        put(file, text, columns, column, "\r\n");
}

static void hear(void *ctx, const struct nta_finding *f)
{
        const struct outcome *o = outcomes_find((uint64_t)f->code);
        struct buf *out = ctx;

        assert_non_null(o);
        assert_true(f->code >= 700 && f->code < 740);
        assert_true(!f->column || *f->name || f->code == OUTCOME_CSV_UNKNOWN_FORM ||
                    f->code == OUTCOME_CSV_BAD_QUOTES);
        buf_printf(out, "%s %u.%u", o->name, f->record, f->column);
        if (*f->value)
                buf_printf(out, " [%s]", f->value);
        if (*f->detail)
                buf_printf(out, " %s", f->detail);
        buf_putc(out, '\n');
}

const char *world_findings(const struct buf *file)
{
        static struct buf out;
        struct nta_csv *csv = NULL;
        int r;

        buf_clear(&out);
        r = nta_csv_open_bytes(&csv, buf_slice(file), hear, &out);
        assert_true(r >= 0);
        assert_int_equal(r == 0, out.len == 0);
        assert_int_equal(r == 0, csv != NULL);
        nta_csv_free(csv);
        return buf_cstr(&out);
}

struct nta_csv *world_open(const struct buf *file)
{
        struct nta_csv *csv = NULL;
        BUF_OWNED heard = { 0 };

        nta_csv_open_bytes(&csv, buf_slice(file), hear, &heard);
        assert_string_equal(buf_cstr(&heard), "");
        assert_non_null(csv);
        return csv;
}

static void put_node(struct buf *out, const struct doc *d, uint32_t *at)
{
        const struct doc_node *n = &d->node[*at];
        const struct form_element *e = &d->form->element[n->element];
        const char *between = "=";

        buf_printf(out, "%s%s", out->len ? " " : "", e->id);
        for (unsigned i = 0; i < FORM_PARTS; i++) {
                if (!n->part[i].at)
                        continue;
                buf_puts(out, between);
                buf_put(out, n->part[i]);
                between = "/";
        }
        ++*at;
        if (e->type != FORM_GROUP) {
                assert_int_equal(n->end, *at);
                return;
        }
        buf_puts(out, "(");
        while (*at < n->end)
                put_node(out, d, at);
        buf_puts(out, " )");
}

const char *world_certificate(struct nta_csv *csv, size_t i)
{
        static struct buf out;
        struct doc d = { 0 };

        buf_clear(&out);
        assert_int_equal(nta_csv_certificate(csv, i, &d), 0);
        assert_ptr_equal(d.form, nta_csv_form(csv));
        for (uint32_t at = 0; at < d.count;) {
                assert_true(d.node[at].up == DOC_TOP);
                put_node(&out, &d, &at);
        }
        doc_free(&d);
        return buf_cstr(&out);
}
