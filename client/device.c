/* device.c - fumibako device: the devices that may read the mailbox
 *
 * Devices of one holder share the identity; each has a transport key of its own (E2.2). */
#include "client/client.h"

#include "base/text.h"

#include <stdlib.h>

static int said(struct cli *c, fumi_box *b, bool registered)
{
        BUF_OWNED out = { 0 };

        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0");
                show_json(&out, "device", slice_str(b->device));
                buf_printf(&out, ",\"registered\":%s}\n", registered ? "true" : "false");
        } else {
                buf_printf(&out, "%s %s\n",
                           show_pick("this folder is now the device", "この保管場所の端末名:"),
                           b->device);
                if (!registered)
                        buf_printf(&out, "%s/mailbox: %s\n", b->folder,
                                   show_pick("'fumibako register' hands it in",
                                             "'fumibako register' で登録してください"));
        }
        return show_out(c, &out);
}

int client_device_add(struct cli *c)
{
        const char *name = c->argument[0];
        MAILBOX_OWNED *b = NULL;
        bool hand_in = !cli_has(c, "statement");
        unsigned level;
        int r;

        if (!name_device_ok(slice_str(name)))
                return cli_wrong(c, "'%s' is no name for a device: 1 to %d of a-z 0-9 -", name,
                                 NAME_DEVICE_MOST);
        r = mailbox_open(c, &b);
        if (r)
                return r;
        r = box_device_add(b, name, clock_now());
        if (!r && hand_in)
                r = box_register(b, slice_str(""), &level);
        return r ? mailbox_refuse(c, b, r, name) : said(c, b, hand_in);
}

int client_device_remove(struct cli *c)
{
        const char *name = c->argument[0];
        MAILBOX_OWNED *b = NULL;
        BUF_OWNED out = { 0 };
        int r;

        if (!name_device_ok(slice_str(name)))
                return cli_wrong(c, "'%s' is no name for a device: 1 to %d of a-z 0-9 -", name,
                                 NAME_DEVICE_MOST);
        r = mailbox_open(c, &b);
        if (r)
                return r;
        r = box_device_remove(b, name);
        if (r == BOX_ABSENT)
                return cli_fail(c, "%s: %s", name,
                                show_pick("no device of this mailbox; 'fumibako device list' shows "
                                          "them",
                                          "この私書箱の端末ではありません。'fumibako device list' "
                                          "で確かめてください"));
        if (r)
                return mailbox_refuse(c, b, r, name);
        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0");
                show_json(&out, "removed", slice_str(name));
                buf_puts(&out, "}\n");
        } else {
                buf_printf(&out, "%s: %s\n", name,
                           show_pick("shut out: the broker answers it no more",
                                     "締め出しました。取扱局はもう応じません"));
        }
        return show_out(c, &out);
}

static void put_devices(struct cli *c, fumi_box *b, const struct mailbox_statement *s,
                        struct buf *out)
{
        bool json = cli_json(c);

        if (json)
                buf_puts(out, "{\"code\":0,\"devices\":[");
        for (size_t i = 0; i < s->devices; i++) {
                bool this = slice_is(s->device[i].name, b->device);
                BUF_OWNED key = { 0 };

                text_put_base64(&key, slice_of(s->device[i].key.b, sizeof(s->device[i].key.b)));
                if (json) {
                        buf_printf(out, "%s{\"this\":%s", i ? "," : "", this ? "true" : "false");
                        show_json(out, "device", s->device[i].name);
                        show_json(out, "key", buf_slice(&key));
                        buf_puts(out, "}");
                } else {
                        buf_printf(out, "%s %-*.*s  %s\n", this ? "*" : " ", NAME_DEVICE_MOST,
                                   (int)s->device[i].name.len, (const char *)s->device[i].name.at,
                                   buf_cstr(&key));
                }
        }
        if (json) {
                buf_printf(out, "],\"epoch\":%llu}\n", (unsigned long long)s->epoch);
                return;
        }
        buf_printf(out, "%s %llu, %s/mailbox\n",
                   show_pick("by this device's copy of the statement, epoch",
                             "この端末にある写しによる。版"),
                   (unsigned long long)s->epoch, b->folder);
}

int client_device_list(struct cli *c)
{
        struct mailbox_statement *s;
        MAILBOX_OWNED *b = NULL;
        BUF_OWNED note = { 0 };
        BUF_OWNED out = { 0 };
        int r = mailbox_open(c, &b);

        if (r)
                return r;
        s = calloc(1, sizeof(*s));
        if (!s)
                return cli_fail(c, "no memory");
        r = box_mailbox_read(b, &note, s);
        if (!r)
                put_devices(c, b, s, &out);
        free(s);
        return r ? mailbox_refuse(c, b, r, NULL) : show_out(c, &out);
}
