/* address_close.c - fumibako address close: consent is taken back (E5.1) */
#include "client/client.h"

int client_address_close(struct cli *c)
{
        instant now = clock_now() / 1000 * 1000;
        struct box_change change = { .from = now, .until = now + 3650 * CLOCK_DAY, .closed = now };
        char day[CLOCK_RFC3339];
        struct box_level level;
        struct box_address a;
        MAILBOX_OWNED *b = NULL;
        BUF_OWNED out = { 0 };
        int r = mailbox_open(c, &b);

        if (!r)
                r = mailbox_address(c, b, c->argument[0], &a);
        if (r)
                return r;
        r = box_address_follow(b, &a, &change, &level);
        if (r)
                return mailbox_refuse(c, b, r, a.name.s);
        clock_rfc3339(day, change.closed);
        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0");
                show_json(&out, "address", slice_str(a.name.s));
                show_json_time(&out, "closed", change.closed);
                buf_puts(&out, "}\n");
        } else {
                buf_printf(&out, "%s: %s %.10s\n", a.name.s,
                           show_pick("closed since", "閉鎖しました:"), day);
        }
        return show_out(c, &out);
}
