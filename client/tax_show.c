/* tax_show.c - fumibako tax show: a certificate as a person knows it
 *
 * No mailbox is needed, and no trust: what a certificate says is shown whatever was found out about
 * it, with that above (N3.5). A person brings what there is: people keep certificates in ZIPs, and
 * take a PDF for one. */
#include "client/tax.h"

#include "tax/show.h"

#include <errno.h>
#include <sys/stat.h>

static int read_file(struct cli *c, const char *path, struct buf *bytes)
{
        struct stat at;
        int r;

        if (stat(path, &at) == 0 && S_ISDIR(at.st_mode))
                return cli_fail(c, "%s: %s", path,
                                show_pick("this is a folder: name one of the XML files in it",
                                          "フォルダーです。中のXMLファイルを一つ指定してください"));
        r = mailbox_file(c, path, JUDGE_BYTES_MOST + 1, bytes);
        if (!r && tax_guess(buf_slice(bytes)))
                return cli_fail(c, "%s: %s", path, tax_guess(buf_slice(bytes)));
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
