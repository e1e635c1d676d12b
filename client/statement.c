/* statement.c - in what state an address is, by its statement */
#include "client/client.h"

#include "schemas/outcomes.h"

const char *statement_word(const struct address_statement *s, instant now)
{
        if (!s)
                return "unpublished";
        if (s->closed)
                return "closed";
        return now < s->from ? "future" : now >= s->until ? "expired" : "open";
}

void statement_state(struct buf *out, const struct address_statement *s, instant now)
{
        char day[CLOCK_RFC3339];

        if (!s) {
                buf_puts(out, show_pick("not published", "未公開"));
                return;
        }
        clock_rfc3339(day, s->closed ? s->closed : s->until);
        day[10] = 0;
        if (!cli_japanese())
                buf_printf(out, "%s %s%s",
                           s->closed         ? "closed"
                           : now >= s->until ? "over since"
                                             : "open until",
                           day, s->closed || now < s->until ? "" : "; 'address renew' goes on");
        else
                buf_printf(out, "%s %s%s", day,
                           s->closed         ? "閉鎖"
                           : now >= s->until ? "期限切れ"
                                             : "まで有効",
                           s->closed || now < s->until ? "" : "('address renew' で更新)");
}
