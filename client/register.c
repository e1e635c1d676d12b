/* register.c - fumibako register: the broker learns of the mailbox and its devices */
#include "client/client.h"

#include "base/file.h"

enum { ENROLMENT_MOST = 4096 };

static int read_enrolment(struct cli *c, struct buf *out)
{
        const char *path = cli_get(c, "enrolment");
        int r;

        if (!path)
                return 0;
        r = file_read(out, path, ENROLMENT_MOST);
        if (r == FILE_ABSENT)
                return cli_fail(c, "%s: there is no such file", path);
        if (r == FILE_TOO_LARGE)
                return cli_fail(c, "%s: too large for an enrolment", path);
        return r ? cli_fail(c, "%s: %s", path, strerror(-r)) : 0;
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
