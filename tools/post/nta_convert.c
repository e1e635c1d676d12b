/* nta_convert.c - 'fumibako-post nta convert': from a sender's CSV to a folder of signed XML
 *
 * The whole CSV, the mapping and the key are looked at before the first file is written, and the
 * folder is there when all of them are in it. One certificate at a time is in memory. */
#include "post/nta_folder.h"
#include "post/nta_join.h"
#include "post/report.h"

#include <errno.h>
#include <stdlib.h>

struct convert {
        struct nta nta;
        struct nta_map map;
        const char **to; /* of each certificate; NULL without --map, or without an address */
        size_t count, missing;
        const char *out, *title;
        struct nta_folder folder;
        struct buf manifest;
};

static void say(void *ctx, const char *sentence)
{
        fprintf(stderr, "%s\n", sentence);
}

static int refuse_folder(struct convert *v, int r)
{
        struct cli *c = v->nta.cli;
        bool ja = cli_japanese();

        if (r == FOLDER_THERE)
                return cli_fail(c,
                                ja ? "%s: すでにあります。空でないフォルダーには書き込みません"
                                   : "%s: is there already, and not an empty folder",
                                v->out);
        if (r == FOLDER_BUSY)
                return cli_fail(c,
                                ja ? "%s.part: ほかの変換が書き込み中です"
                                   : "%s.part: another conversion is writing there",
                                v->out);
        if (r == FOLDER_FOREIGN)
                return cli_fail(c,
                                ja ? "%s.part: 身に覚えのないファイルがあります"
                                   : "%s.part: holds files that are not of a conversion",
                                v->out);
        return cli_fail(c, "%s: %s", v->out, strerror(-r));
}

/* ---- the mapping ---- */

static int read_map(struct convert *v, struct cli *c)
{
        const char *path = cli_get(c, "map");
        int r = nta_map_read(&v->map, path, say, NULL);

        if (r == -EINVAL && v->map.sheet.errors)
                return cli_fail(c, "%u error%s in %s; nothing was made", v->map.sheet.errors,
                                v->map.sheet.errors == 1 ? "" : "s", path);
        return r ? cli_fail(c, "%s: %s", path, strerror(-r)) : 0;
}

static int join(struct convert *v, struct cli *c)
{
        unsigned column = nta_join_column(c, nta_csv_form(v->nta.csv), cli_get(c, "by"));

        if (!column)
                return CLI_USAGE;
        v->to = calloc(v->count + 1, sizeof(*v->to));
        if (!v->to)
                return cli_fail(c, "out of memory");
        return nta_join(&v->nta, &v->map, column, v->to, &v->missing);
}

/* A line that 'fumibako-post run' takes; a certificate without an address has none. */
static void put_line(struct convert *v, size_t i, const char *file)
{
        struct buf *b = &v->manifest;

        if (!v->to || !v->to[i])
                return;
        buf_printf(b, "%s,jp.go.nta.%s,", v->to[i], v->nta.doc.form->id);
        report_csv_field(b, v->title);
        buf_printf(b, ",%s\n", file);
}

/* ---- the files ---- */

static int put_certificate(struct convert *v, size_t i, struct buf *xml)
{
        char name[XML_ID + 8];
        int r;

        buf_clear(xml);
        r = nta_make(&v->nta, i, xml);
        if (r)
                return nta_refuse(&v->nta, i, r);
        snprintf(name, sizeof(name), "%s.xml", v->nta.stamp.id);
        r = nta_folder_put(&v->folder, name, buf_slice(xml));
        if (r)
                return cli_fail(v->nta.cli, "%s/%s: %s", v->out, name, strerror(-r));
        put_line(v, i, name);
        return 0;
}

static int put_manifest(struct convert *v)
{
        int r = buf_fault(&v->manifest);

        if (!v->to)
                return 0;
        if (!r)
                r = nta_folder_put(&v->folder, "manifest.csv", buf_slice(&v->manifest));
        return r ? cli_fail(v->nta.cli, "%s/manifest.csv: %s", v->out, strerror(-r)) : 0;
}

static int put_all(struct convert *v)
{
        struct cli_progress progress;
        BUF_OWNED xml = { 0 };
        size_t i = 0;
        int r = 0;

        buf_puts(&v->manifest, "address,type,title,files\n");
        cli_progress_begin(&progress, cli_japanese() ? "証明書" : "certificates", v->count);
        for (; i < v->count && !r; i++) {
                r = put_certificate(v, i, &xml);
                cli_progress_show(&progress, i + 1);
        }
        cli_progress_end(&progress, r ? i - 1 : i);
        return r ? r : put_manifest(v);
}

static int fill_folder(struct convert *v)
{
        int r = nta_folder_begin(&v->folder, v->out);

        if (r)
                return refuse_folder(v, r);
        r = put_all(v);
        if (!r) {
                r = nta_folder_finish(&v->folder);
                if (r)
                        r = refuse_folder(v, r);
        }
        nta_folder_drop(&v->folder); /* nothing, when it is finished */
        return r;
}

static void say_done(const struct convert *v)
{
        const struct form *f = nta_csv_form(v->nta.csv);
        size_t records = nta_csv_records(v->nta.csv);

        if (cli_json(v->nta.cli)) {
                printf("{\"form\":\"%s\",\"records\":%zu,\"certificates\":%zu,\"without_address\":"
                       "%zu}\n",
                       f->id, records, v->count, v->missing);
                return;
        }
        if (cli_japanese())
                printf("%s: %s %zu通を作成しました（%zuレコード）\n", v->out, f->id, v->count,
                       records);
        else
                printf("%s: %s, %zu certificate%s made of %zu record%s\n", v->out, f->id, v->count,
                       v->count == 1 ? "" : "s", records, records == 1 ? "" : "s");
        if (v->missing)
                printf(cli_japanese() ? "宛先のないもの %zu通は manifest.csv にありません\n"
                                      : "%zu have no address and are not in manifest.csv\n",
                       v->missing);
}

static int convert(struct convert *v, struct cli *c)
{
        int r = nta_open(&v->nta, c, c->argument[0]);
        int map = cli_has(c, "map") ? read_map(v, c) : 0;

        if (r || map)
                return r ? r : map;
        v->count = nta_csv_certificates(v->nta.csv);
        v->title = cli_has(c, "title") ? cli_get(c, "title") : nta_csv_form(v->nta.csv)->name;
        if (cli_has(c, "map"))
                r = join(v, c);
        if (!r)
                r = nta_signer(&v->nta);
        if (!r)
                r = fill_folder(v);
        if (r)
                return r;
        say_done(v);
        return v->missing ? CLI_INCOMPLETE : CLI_DONE;
}

int nta_convert(struct cli *c)
{
        struct convert v = { .out = cli_get(c, "out"), .folder = { .fd = -1 } };
        int r;

        if (!v.out || !*v.out)
                return cli_wrong(c, "--out is missing: the folder to make");
        if (!cli_has(c, "map") && (cli_has(c, "by") || cli_has(c, "title")))
                return cli_wrong(c, "--by and --title go with --map");
        r = convert(&v, c);
        free((void *)v.to);
        buf_free(&v.manifest);
        nta_map_free(&v.map);
        nta_close(&v.nta);
        return r;
}
