/* tax_show.c - fumibako tax show: a certificate as a person knows it
 *
 * No mailbox is needed, and no trust: what a certificate says is shown whatever was found out about
 * it, with that above (N3.5). A person brings what there is: people keep certificates in ZIPs, and
 * take a PDF for one. */
#include "client/client.h"

#include "tax/show.h"

#include <errno.h>
#include <sys/stat.h>

/* What is often taken for a certificate, by how it begins. */
static const struct {
        const char *begins, *english, *japanese;
} other[] = {
        { "PK\x03\x04", "this is a ZIP: unpack it, and name one of the XML files in it",
          "ZIPファイルです。展開して、中のXMLファイルを一つ指定してください" },
        { "%PDF",
          "this is a PDF, a certificate's picture: tax software and this command take the XML "
          "file, which the issuer has, too",
          "PDFは表示用です。発行者から電子データ（XMLファイル）を入手してください" },
        { "TEG",
          "this is what a sender makes certificates of: 'fumibako-post nta convert' reads it",
          "証明書の元になるCSVです。'fumibako-post nta convert' で証明書を作成できます" },
        { "age-encryption.org/",
          "this is a sealed letter: 'fumibako export' takes the certificate "
          "out of it",
          "封をした手紙です。'fumibako export' で証明書を取り出してください" },
};

static const char *looks_like(struct slice bytes)
{
        for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
                if (slice_is(slice_upto(bytes, strlen(other[i].begins)), other[i].begins))
                        return show_pick(other[i].english, other[i].japanese);
        return bytes.len ? NULL : show_pick("the file is empty", "空のファイルです");
}

static int read_file(struct cli *c, const char *path, struct buf *bytes)
{
        struct stat at;
        int r;

        if (stat(path, &at) == 0 && S_ISDIR(at.st_mode))
                return cli_fail(c, "%s: %s", path,
                                show_pick("this is a folder: name one of the XML files in it",
                                          "フォルダーです。中のXMLファイルを一つ指定してください"));
        r = mailbox_file(c, path, JUDGE_BYTES_MOST + 1, bytes);
        if (!r && looks_like(buf_slice(bytes)))
                return cli_fail(c, "%s: %s", path, looks_like(buf_slice(bytes)));
        return r;
}

static int show(struct cli *c, struct judge *judge, const char *path, struct slice bytes)
{
        const char *slash = strrchr(path, '/');
        struct show_about about = { .name = slash ? slash + 1 : path };
        BUF_OWNED out = { 0 };
        struct judged *d;
        int r = judge_certificate(&d, judge, bytes), refused;

        if (r < 0)
                return cli_fail(c, "%s: %s", path, strerror(-r));
        if (cli_json(c)) {
                show_certificate_json(&out, d, &about);
                buf_putc(&out, '\n');
        } else {
                show_certificate(&out, d, &about, cli_japanese());
        }
        refused = d->refused;
        judged_free(d);
        r = show_out(c, &out);
        return r ? r : refused ? CLI_FAILED : CLI_DONE;
}

int client_tax_show(struct cli *c)
{
        BUF_OWNED bytes = { 0 };
        struct judge_trust trust;
        struct judge *judge;
        char why[JUDGE_WHY];
        int r = tax_trust(c, &trust);

        if (!r)
                r = read_file(c, c->argument[0], &bytes);
        if (r)
                return r;
        if (judge_new(&judge, &trust, why) < 0)
                return cli_fail(c, "%s", why);
        r = show(c, judge, c->argument[0], buf_slice(&bytes));
        judge_free(judge);
        return r;
}
