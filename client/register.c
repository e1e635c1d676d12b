/* register.c - fumibako register: the broker learns of the mailbox and its devices */
#include "client/client.h"

enum { ENROLMENT_MOST = 4096 };

static int read_enrolment(struct cli *c, struct buf *out)
{
        const char *path = cli_get(c, "enrolment");

        if (!path)
                return 0;
        return mailbox_file(c, path, ENROLMENT_MOST, out);
}

/* What the broker would refuse is said here in better words, and before it is asked. */
static int check_enrolment(struct cli *c, const fumi_box *b, struct slice note)
{
        const char *path = cli_get(c, "enrolment");
        struct enrolment e;
        int r;

        if (!path)
                return 0;
        r = statement_read_enrolment(&e, note, b->trust.registrar, b->trust.registrars, NULL);
        if (r == STATEMENT_FORGED)
                return cli_fail(c, "%s: %s", path,
                                show_pick("no registrar of the trust file signed this",
                                          "信頼ファイルにある登録機関の署名がありません"));
        if (r)
                return cli_fail(
                        c, "%s: %s", path,
                        show_pick("this is not an enrolment; the registrar makes one of the file "
                                  "'mailbox'",
                                  "登録証明ではありません。登録機関が発行したものを指定してくださ"
                                  "い"));
        if (strcmp(e.mailbox.s, b->mailbox.s) != 0)
                return cli_fail(c, "%s: %s %s", path,
                                show_pick("this is the enrolment of another mailbox,",
                                          "別の私書箱の証明です:"),
                                e.mailbox.s);
        return 0;
}

int client_register(struct cli *c)
{
        BUF_OWNED enrolment = { 0 };
        BUF_OWNED out = { 0 };
        MAILBOX_OWNED *b = NULL;
        unsigned level = 0;
        int r = read_enrolment(c, &enrolment);

        if (!r)
                r = mailbox_open(c, &b);
        if (r)
                return r;
        r = check_enrolment(c, b, buf_slice(&enrolment));
        if (r)
                return r;
        r = box_register(b, buf_slice(&enrolment), &level);
        if (r)
                return mailbox_refuse(c, b, r, b->mailbox.s);
        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0");
                show_json(&out, "mailbox", slice_str(b->mailbox.s));
                show_json(&out, "device", slice_str(b->device));
                buf_printf(&out, ",\"level\":%u}\n", level);
        } else if (cli_japanese()) {
                buf_printf(&out,
                           "%s に登録しました (端末 %s、本人確認レベル %u)。\n次の手順: fumibako "
                           "address new --for 差出人\n",
                           b->trust.broker, b->device, level);
        } else {
                buf_printf(&out,
                           "registered at %s: device %s, assurance level %u\n"
                           "next: fumibako address new --for SENDER\n",
                           b->trust.broker, b->device, level);
        }
        return show_out(c, &out);
}
