/* nta_values.c - what the code makes of code page 932 and of a sender's CSV, as text for scripts
 *
 *     nta_values cp932         every sequence of one or two bytes and its code point: "8140 3000"
 *     nta_values characters    every code point and its kind: "2605 symbol"
 *     nta_values csv FILE...   a line of JSON for each: findings, or certificates element by
 * element
 */
#include "base/text.h"
#include "form/character.h"
#include "form/cp932.h"
#include "form/nta_csv.h"
#include "schemas/outcomes.h"

#include <stdio.h>
#include <stdlib.h>

static void say_sequence(const uint8_t *bytes, size_t len)
{
        struct slice text = { bytes, len };
        uint32_t c = cp932_next(&text);

        for (size_t i = 0; i < len; i++)
                printf("%02X", bytes[i]);
        if (c == CP932_NONE && bytes[0])
                printf(" -\n");
        else if (text.len)
                printf(" short\n");
        else
                printf(" %04X\n", c);
}

static void say_cp932(void)
{
        for (unsigned a = 0; a < 256; a++) {
                uint8_t bytes[2] = { (uint8_t)a };

                say_sequence(bytes, 1);
                for (unsigned b = 0; b < 256; b++) {
                        bytes[1] = (uint8_t)b;
                        say_sequence(bytes, 2);
                }
        }
}

static void say_characters(void)
{
        static const char *const kinds[] = {
                [CHARACTER_FINE] = "fine",           [CHARACTER_CONTROL] = "control",
                [CHARACTER_KANA] = "kana",           [CHARACTER_SYMBOL] = "symbol",
                [CHARACTER_PRIVATE] = "private",     [CHARACTER_BEYOND] = "beyond",
                [CHARACTER_VARIATION] = "variation", [CHARACTER_OTHER] = "other",
        };

        for (uint32_t c = 0; c < 0x110000; c++)
                printf("%04X %s\n", c, kinds[character_kind(c)]);
}

static void put_key(struct buf *out, const char *key)
{
        if (out->len && out->at[out->len - 1] != '{' && out->at[out->len - 1] != '[')
                buf_putc(out, ',');
        if (key) {
                text_put_json(out, slice_str(key));
                buf_putc(out, ':');
        }
}

static void put_number(struct buf *out, const char *key, unsigned n)
{
        put_key(out, key);
        buf_printf(out, "%u", n);
}

static void put_text(struct buf *out, const char *key, struct slice text)
{
        put_key(out, key);
        text_put_json(out, text);
}

static void put_finding(void *ctx, const struct nta_finding *f)
{
        const struct outcome *o = outcomes_find((uint64_t)f->code);
        struct buf *out = ctx;

        put_key(out, NULL);
        buf_putc(out, '{');
        put_number(out, "code", (unsigned)f->code);
        put_text(out, "outcome", slice_str(o ? o->name : ""));
        put_number(out, "record", f->record);
        put_number(out, "line", f->line);
        put_number(out, "column", f->column);
        put_text(out, "name", slice_str(f->name));
        put_text(out, "value", slice_str(f->value));
        put_text(out, "detail", slice_str(f->detail));
        buf_putc(out, '}');
}

static void put_node(struct buf *out, const struct doc *d, const struct doc_node *n)
{
        const struct form_part *part = form_parts[d->form->element[n->element].type];

        put_key(out, NULL);
        buf_putc(out, '{');
        put_text(out, "id", slice_str(d->form->element[n->element].id));
        put_key(out, "up");
        buf_printf(out, "%d", n->up == DOC_TOP ? -1 : (int)n->up);
        put_number(out, "end", n->end);
        for (unsigned i = 0; i < FORM_PARTS; i++)
                if (n->part[i].at)
                        put_text(out, part[i].name ? part[i].name : "text", n->part[i]);
        buf_putc(out, '}');
}

static int put_certificate(struct buf *out, struct nta_csv *csv, size_t i, struct doc *d)
{
        unsigned record, line, records;
        int r = nta_csv_certificate(csv, i, d);

        if (r)
                return r;
        nta_csv_origin(csv, i, &record, &line, &records);
        put_key(out, NULL);
        buf_putc(out, '{');
        put_number(out, "record", record);
        put_number(out, "line", line);
        put_number(out, "records", records);
        put_key(out, "nodes");
        buf_putc(out, '[');
        for (uint32_t n = 0; n < d->count; n++)
                put_node(out, d, &d->node[n]);
        buf_puts(out, "]}");
        return 0;
}

static int say_csv(const char *path)
{
        struct nta_csv *csv = NULL;
        struct doc d = { 0 };
        BUF_OWNED out = { 0 };
        int r;

        buf_puts(&out, "{\"findings\":[");
        r = nta_csv_open(&csv, path, put_finding, &out);
        buf_printf(&out, "],\"result\":%d,\"certificates\":[", r);
        for (size_t i = 0; r == 0 && i < nta_csv_certificates(csv); i++)
                r = put_certificate(&out, csv, i, &d);
        buf_puts(&out, "]}\n");
        fwrite(out.at, 1, out.len, stdout);
        doc_free(&d);
        nta_csv_free(csv);
        return r < 0 || buf_fault(&out);
}

int main(int argc, char **argv)
{
        int bad = 0;

        if (argc == 2 && strcmp(argv[1], "cp932") == 0) {
                say_cp932();
                return 0;
        }
        if (argc == 2 && strcmp(argv[1], "characters") == 0) {
                say_characters();
                return 0;
        }
        if (argc < 3 || strcmp(argv[1], "csv") != 0)
                return 2;
        for (int i = 2; i < argc; i++)
                bad |= say_csv(argv[i]);
        return bad;
}
