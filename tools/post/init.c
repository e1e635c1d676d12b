/* init.c - a new sender's folder: sender.key, trust, sender.request (E7.1, E7.4, E7.5) */
#include "post/post.h"

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "letter/keyfile.h"
#include "letter/trust.h"

#include <limits.h>

enum { TRUST_MOST = 65536 };

static int put_request(struct buf *out, const struct keyfile *k)
{
        SECRET_OWNED struct sign_sec *sign = secret_new(sizeof(*sign));
        SECRET_OWNED struct curve_sec *curve = secret_new(sizeof(*curve));
        struct sign_pub key;
        struct curve_pub transport;
        int r;

        if (!sign || !curve)
                return -1;
        keys_derive_sign(sign, k->seed, "sender sign", 0);
        keys_sign_pub(&key, sign);
        keys_derive_curve(curve, k->seed, "sender transport", 0);
        r = keys_curve_pub(&transport, curve);
        buf_printf(out, "fumibako sender request v1\nsender %s\nkey ", k->name);
        text_put_base64(out, slice_of(key.b, sizeof(key.b)));
        buf_puts(out, "\ntransport ");
        text_put_base64(out, slice_of(transport.b, sizeof(transport.b)));
        buf_putc(out, '\n');
        return r ? r : buf_fault(out);
}

static int create(struct cli *c, const char *folder, const char *name, struct slice bytes)
{
        char path[PATH_MAX];
        int r;

        if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
                return cli_fail(c, "%s: the path is too long", folder);
        r = file_create(path, bytes, 0644);
        if (r == 0)
                return 0;
        return cli_fail(c, "%s: %s", path, r == FILE_EXISTS ? "is there already" : strerror(-r));
}

static int make_key(struct cli *c, struct keyfile *k, const char *folder, const char *name)
{
        char path[PATH_MAX], why[512];
        int r;

        if (snprintf(path, sizeof(path), "%s/sender.key", folder) >= (int)sizeof(path))
                return cli_fail(c, "%s: the path is too long", folder);
        r = keyfile_create(k, path, "sender", name);
        if (r == 0)
                return 0;
        keyfile_why(why, r, path, "sender");
        return cli_fail(c, "%s", why);
}

static int make_files(struct cli *c, const char *folder, const char *name, struct slice trust)
{
        BUF_OWNED request = { 0 };
        struct keyfile key;
        int r = make_key(c, &key, folder, name);

        if (r)
                return r;
        if (put_request(&request, &key))
                r = cli_fail(c, "%s: no locked memory for keys", folder);
        keyfile_free(&key);
        if (!r)
                r = create(c, folder, "sender.request", buf_slice(&request));
        return r ? r : create(c, folder, "trust", trust);
}

static int read_trust(struct cli *c, const char *path, struct buf *out)
{
        struct trust_why why = { "" };
        struct trust trust;

        if (!path)
                return cli_wrong(c, "--trust FILE is missing: the registrar has it");
        if (trust_read(&trust, path, &why))
                return cli_fail(c, "%s", why.text);
        return file_read(out, path, TRUST_MOST) ? cli_fail(c, "%s: cannot be read", path) : 0;
}

int post_init(struct cli *c)
{
        const char *folder = c->argument[0], *name = cli_get(c, "name");
        BUF_OWNED trust = { 0 };
        int r;

        if (!name || !name_party_ok(slice_str(name)))
                return cli_wrong(
                        c,
                        "--name is missing or no name: use a-z 0-9 . - / and begin with a letter");
        r = read_trust(c, cli_get(c, "trust"), &trust);
        if (r)
                return r;
        r = file_make_folder(folder, 0700);
        if (r)
                return cli_fail(c, "%s: %s", folder, strerror(-r));
        r = make_files(c, folder, name, buf_slice(&trust));
        if (r)
                return r;
        printf(cli_japanese()
                       ? "%s を %s 用に作成しました。次の手順:\n"
                         "  1. %s/sender.request を登録機関に提出\n"
                         "  2. 返された登録証を %s/statement に保存\n"
                         "  3. fumibako-post send --profile %s --to 宛先 --type 種類 --title 件名 "
                         "ファイル...\n"
                       : "made %s for %s. Next:\n"
                         "  1. take %s/sender.request to the registrar\n"
                         "  2. put the answer, a sender registration, into %s/statement\n"
                         "  3. fumibako-post send --profile %s --to ADDRESS --type TYPE --title "
                         "TITLE "
                         "FILE...\n",
               folder, name, folder, folder, folder);
        return CLI_DONE;
}
