/* init.c - fumibako init: a mailbox folder on this device */
#include "client/client.h"

#include "base/secret.h"
#include "crypt/age.h"

#include <unistd.h>

enum { PASSPHRASE_ROOM = 1024, TRUST_MOST = 65536 };

static int read_trust(struct cli *c, struct buf *out)
{
        const char *path = cli_get(c, "trust");

        if (!path)
                return cli_wrong(c, "--trust FILE is missing: whom is this mailbox to believe?");
        return mailbox_file(c, path, TRUST_MOST, out);
}

static int say(struct cli *c, const fumi_box *b)
{
        BUF_OWNED out = { 0 };

        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0");
                show_json(&out, "box", slice_str(b->folder));
                show_json(&out, "mailbox", slice_str(b->mailbox.s));
                show_json(&out, "device", slice_str(b->device));
                buf_puts(&out, "}\n");
                return show_out(c, &out);
        }
        buf_printf(&out, "%s  %s\n", show_pick("mailbox", "私書箱  "), b->mailbox.s);
        buf_printf(&out, "%s   %s\n\n", show_pick("folder", "保管場所"), b->folder);
        if (cli_japanese())
                buf_printf(&out,
                           "この端末とパスフレーズを失うと誰にも復元できません。"
                           "fumibako key recovery new で紙の控えを作ってください。\n\n"
                           "次の手順:\n"
                           "  1. %s/mailbox を登録機関に提出し、登録証明を受け取る\n"
                           "  2. fumibako register --enrolment FILE\n"
                           "  3. fumibako address new --for 差出人\n",
                           b->folder);
        else
                buf_printf(
                        &out,
                        "Nobody can give this device and its pass-phrase back. Print the way back, "
                        "and keep it:\n"
                        "  fumibako key recovery new\n\n"
                        "What comes next:\n"
                        "  1. hand %s/mailbox to a registrar, take the enrolment back\n"
                        "  2. fumibako register --enrolment FILE\n"
                        "  3. fumibako address new --for SENDER\n",
                        b->folder);
        return show_out(c, &out);
}

static int make(struct cli *c, const char *folder, struct slice trust, fumi_box **out)
{
        SECRET_OWNED char *passphrase = secret_new(PASSPHRASE_ROOM);
        struct box_new n = {
                .folder = folder,
                .trust = trust,
                .trust_path = cli_get(c, "trust"),
                .device = cli_has(c, "device") ? cli_get(c, "device") : "main",
                .work = (unsigned)cli_number(c, "work", 10, AGE_WORK_MOST, AGE_WORK_DEFAULT),
        };
        char why[BOX_WHY];
        size_t len;
        int r;

        if (!passphrase)
                return cli_fail(c, "no memory for the pass-phrase");
        r = cli_passphrase(
                c, show_pick("a pass-phrase for the new mailbox", "新しい私書箱のパスフレーズ"),
                true, passphrase, PASSPHRASE_ROOM, &len);
        if (r)
                return r;
        n.passphrase = slice_of(passphrase, len);
        r = box_create(out, &n, why);
        return r ? cli_refuse(c, r, NULL, why) : 0;
}

int client_init(struct cli *c)
{
        char folder[PATH_MAX], path[PATH_MAX + 16];
        MAILBOX_OWNED *b = NULL;
        BUF_OWNED trust = { 0 };
        int r = mailbox_folder(c, folder);

        if (!r)
                r = read_trust(c, &trust);
        if (r)
                return r;
        snprintf(path, sizeof(path), "%s/identity.age", folder);
        if (access(path, F_OK) == 0)
                return cli_fail(c, "%s: %s", folder,
                                show_pick("there is a mailbox here already; nothing was changed",
                                          "既に私書箱があります。何も変更していません"));
        r = make(c, folder, buf_slice(&trust), &b);
        return r ? r : say(c, b);
}
