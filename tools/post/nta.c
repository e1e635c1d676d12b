/* nta.c - what the commands about certificates share: the CSV's findings, the signer, one
 * certificate after the other */
#include "post/nta.h"

#include "base/fault.h"
#include "base/text.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#define SOFTWARE "Fumibako " FUMIBAKO_VERSION

/* ---- findings ---- */

static void where(struct buf *b, const struct nta *n, const struct nta_finding *f)
{
        bool ja = cli_japanese();

        buf_puts(b, n->path);
        if (f->line)
                buf_printf(b, ":%u", f->line);
        buf_puts(b, ": ");
        if (f->record)
                buf_printf(b, ja ? "レコード%u" : "record %u", f->record);
        if (f->column)
                buf_printf(b, ja ? "、%u列目%s%s" : ", column %u%s%s", f->column,
                           *f->name ? " " : "", f->name);
        if (f->record)
                buf_puts(b, ": ");
}

static void finding_text(struct nta *n, const struct nta_finding *f, const struct outcome *o,
                         bool first)
{
        bool ja = cli_japanese();
        BUF_OWNED b = { 0 };

        where(&b, n, f);
        if (f->value[0])
                buf_printf(&b, ja ? "「%s」: " : "\"%s\": ", f->value);
        buf_printf(&b, "%s", ja ? o->ja : o->en);
        if (f->detail[0])
                buf_printf(&b, " %s", f->detail);
        buf_printf(&b, " (%s %d)\n", o->name, (int)o->code);
        if (first) /* what to do is said once, not ten thousand times */
                buf_printf(&b, "  %s%s\n", ja ? "→ " : "-> ", ja ? o->next_ja : o->next_en);
        fputs(buf_cstr(&b), stderr);
}

static void put_member(struct buf *b, const char *name, const char *value)
{
        buf_printf(b, ",\"%s\":", name);
        text_put_json(b, slice_str(value));
}

static void finding_json(struct nta *n, const struct nta_finding *f, const struct outcome *o)
{
        BUF_OWNED b = { 0 };

        buf_printf(&b, "{\"code\":%d", (int)o->code);
        put_member(&b, "name", o->name);
        put_member(&b, "file", n->path);
        buf_printf(&b, ",\"record\":%u,\"line\":%u,\"column\":%u", f->record, f->line, f->column);
        put_member(&b, "column_name", f->name);
        put_member(&b, "value", f->value);
        put_member(&b, "detail", f->detail);
        put_member(&b, "en", o->en);
        put_member(&b, "ja", o->ja);
        put_member(&b, "next_en", o->next_en);
        put_member(&b, "next_ja", o->next_ja);
        buf_puts(&b, "}\n");
        fputs(buf_cstr(&b), stdout);
}

static void say_finding(void *ctx, const struct nta_finding *f)
{
        const struct outcome *o = outcomes_find((uint64_t)f->code);
        struct nta *n = ctx;
        unsigned bit = (unsigned)(f->code - 700) % 64;
        bool first = !(n->said >> bit & 1);

        n->said |= UINT64_C(1) << bit;
        n->findings++;
        if (cli_json(n->cli))
                finding_json(n, f, o);
        else
                finding_text(n, f, o, first);
}

/* Where the run's numbers begin: two runs within one second shall not make the same ids. */
static int choose_first(struct nta *n)
{
        uint32_t random;

        if (getrandom(&random, sizeof(random), 0) != sizeof(random))
                return fault(-EIO);
        n->first = 1 + random % (XML_NUMBER_MOST - NTA_CSV_RECORDS_MOST);
        return 0;
}

int nta_open(struct nta *n, struct cli *c, const char *path)
{
        int r;

        *n = (struct nta){ .cli = c, .path = path, .now = clock_now() };
        r = choose_first(n);
        if (!r)
                r = nta_csv_open(&n->csv, path, say_finding, n);
        if (r == -EINVAL) /* a folder, a pipe, a device */
                return cli_fail(c,
                                cli_japanese() ? "%s: 通常のファイルではありません"
                                               : "%s: is not a regular file",
                                path);
        if (r < 0)
                return cli_fail(c, "%s: %s", path, strerror(-r));
        if (r)
                return cli_fail(c,
                                cli_japanese() ? "%s: 指摘 %u 件。何も作成していません"
                                : n->findings == 1 ? "%s: %u finding; nothing was made"
                                                   : "%s: %u findings; nothing was made",
                                path, n->findings);
        return 0;
}

void nta_close(struct nta *n)
{
        doc_free(&n->doc);
        xml_signer_free(n->signer);
        nta_csv_free(n->csv);
        n->signer = NULL;
        n->csv = NULL;
}

/* ---- the signer ---- */

struct asking {
        struct cli *c;
        int answer; /* of cli_passphrase(), which has said why */
};

static int ask(void *ctx, const char *about, bool pin, char *to, size_t room, size_t *len)
{
        struct asking *a = ctx;
        char prompt[256];

        if (cli_japanese())
                snprintf(prompt, sizeof(prompt), "%s の%s", about, pin ? "PIN" : "パスフレーズ");
        else
                snprintf(prompt, sizeof(prompt), "%s of %s", pin ? "PIN" : "pass-phrase", about);
        a->answer = cli_passphrase(a->c, prompt, false, to, room, len);
        return a->answer;
}

static int read_options(struct cli *c, struct xml_key_from *from)
{
        from->key = cli_get(c, "key");
        from->certificate = cli_get(c, "certificate");
        from->pkcs12 = cli_get(c, "pkcs12");
        from->token = cli_get(c, "token");
        from->module = cli_get(c, "module");
        if (!!from->key + !!from->pkcs12 + !!from->token != 1)
                return cli_wrong(c, "one of --key, --pkcs12 and --token says who signs");
        if (from->key && !from->certificate)
                return cli_wrong(c, "--key needs --certificate");
        if (from->pkcs12 && from->certificate)
                return cli_wrong(c, "--pkcs12 brings its own certificate");
        if (from->module && !from->token)
                return cli_wrong(c, "--module goes with --token");
        return 0;
}

int nta_signer(struct nta *n)
{
        struct asking asking = { .c = n->cli };
        struct xml_key_from from = { .ask = ask, .ctx = &asking };
        char why[XML_WHY] = "";
        int r = read_options(n->cli, &from);

        if (r)
                return r;
        r = xml_signer_open(&n->signer, &from, n->now, why);
        if (asking.answer)
                return asking.answer;
        if (r)
                return cli_refuse(n->cli, r, NULL, why);
        return 0;
}

/* ---- certificates ---- */

int nta_values(struct nta *n, size_t i)
{
        int r = nta_csv_certificate(n->csv, i, &n->doc);

        if (!r)
                xml_stamp(&n->doc, &n->stamp, n->now, n->first + (unsigned)i, SOFTWARE);
        return r;
}

int nta_make(struct nta *n, size_t i, struct buf *out)
{
        int r = nta_values(n, i);

        return r ? r : xml_certificate(out, n->signer, &n->doc);
}

int nta_refuse(struct nta *n, size_t i, int result)
{
        unsigned record, line, records;
        char about[512];

        nta_csv_origin(n->csv, i, &record, &line, &records);
        snprintf(about, sizeof(about), cli_japanese() ? "%s:%u: レコード%u" : "%s:%u: record %u",
                 n->path, line, record);
        return cli_refuse(n->cli, result, about, NULL);
}
