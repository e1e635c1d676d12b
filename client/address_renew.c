/* address_renew.c - fumibako address renew: the same address goes on, with a new seal key (E5.1) */
#include "client/client.h"

int client_address_renew(struct cli *c)
{
        instant from = clock_now() / CLOCK_DAY * CLOCK_DAY;
        struct box_change change = {
                .from = from,
                .until = from + (instant)cli_number(c, "days", 1, 36500, 365) * CLOCK_DAY,
        };
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
        clock_rfc3339(day, change.until);
        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0");
                show_json(&out, "address", slice_str(a.name.s));
                show_json_time(&out, "until", change.until);
                buf_puts(&out, "}\n");
        } else {
                buf_printf(&out, "%s: %s %.10s\n", a.name.s,
                           show_pick("renewed until", "更新しました。期限:"), day);
        }
        return show_out(c, &out);
}
