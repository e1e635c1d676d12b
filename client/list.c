/* list.c - fumibako list: what lies in the mailbox, oldest first, a page at a time */
#include "client/client.h"

enum { PAGE = 256, FROM_COLUMNS = 26, CLASS_COLUMNS = 11 };

struct listing {
        struct cli *c;
        fumi_box *b;
        struct buf out;
        uint64_t lines;
        uint64_t after; /* where this listing began */
        uint64_t next;
        bool more;
};

static bool on_device(fumi_box *b, const fumi_id *id)
{
        struct hash h;

        memcpy(h.b, id->b, sizeof(h.b));
        return box_letter_here(b, &h);
}

static void put_json(struct listing *on, const struct fumi_listed *l, bool here)
{
        struct buf *out = &on->out;

        buf_printf(out, "%s{\"seq\":%llu,\"id\":\"", on->lines ? "," : "",
                   (unsigned long long)l->seq);
        show_hex(out, &l->id);
        buf_putc(out, '"');
        show_json(out, "from", slice_str(l->from));
        show_json(out, "to", slice_str(l->to));
        show_json(out, "class", slice_str(l->letter_class));
        show_json_time(out, "created", l->created);
        show_json_time(out, "filed", l->filed);
        show_json_time(out, "acknowledged", l->handed);
        show_json_time(out, "not_before", l->not_before);
        show_json_time(out, "expires", l->expires);
        buf_printf(out, ",\"size\":%llu,\"grade\":%d,\"assurance\":%d,\"here\":%s}",
                   (unsigned long long)l->size, l->grade, l->assurance, here ? "true" : "false");
}

static void put_head(struct buf *out)
{
        buf_puts(out, show_pick("  no  ", "番号  "));
        show_column(out, show_pick("from", "差出人"), FROM_COLUMNS);
        show_column(out, show_pick("class", "種別"), CLASS_COLUMNS);
        show_column(out, show_pick("filed", "受付"), 16);
        buf_printf(out, "%s  %s\n", show_pick("     size", "   大きさ"),
                   show_pick("state", "状態"));
}

static void put_state(struct buf *out, const struct fumi_listed *l, bool here)
{
        instant now = clock_now();

        if (l->handed) {
                buf_puts(out, show_pick("acknowledged", "受領済み"));
        } else if (here) {
                buf_puts(out, show_pick("fetched", "取得済み"));
        } else if (l->not_before > now) {
                buf_puts(out, show_pick("from ", ""));
                show_time(out, l->not_before);
                buf_puts(out, show_pick("", " から"));
        } else if (l->expires && l->expires <= now) {
                buf_puts(out, show_pick("expired", "期限切れ"));
        } else {
                buf_puts(out, show_pick("new", "新着"));
        }
        if (l->handed && !here)
                buf_puts(out, show_pick(", not on this device", " (この端末にはありません)"));
}

static void put_row(struct listing *on, const struct fumi_listed *l, bool here)
{
        struct buf *out = &on->out;
        BUF_OWNED size = { 0 };

        if (!on->lines)
                put_head(out);
        buf_printf(out, "%4llu  ", (unsigned long long)l->seq);
        show_column(out, l->from, FROM_COLUMNS);
        show_column(out, show_class(l->letter_class), CLASS_COLUMNS);
        show_time(out, l->filed);
        show_size(&size, l->size);
        buf_printf(out, " %9s  ", buf_cstr(&size));
        put_state(out, l, here);
        buf_putc(out, '\n');
}

static void on_letter(void *ctx, const struct fumi_listed *l)
{
        struct listing *on = ctx;
        bool here = on_device(on->b, &l->id);

        if (cli_json(on->c))
                put_json(on, l, here);
        else
                put_row(on, l, here);
        on->lines++;
}

static int list(struct listing *on)
{
        uint64_t limit = cli_number(on->c, "limit", 1, 1000000, 50), left = limit;
        bool all = cli_has(on->c, "all");
        int r = 0;

        on->next = on->after;
        on->more = true;
        while (!r && on->more && (all || left)) {
                uint64_t before = on->lines;

                r = fumi_list(on->b, on->next, all || left > PAGE ? PAGE : (unsigned)left,
                              on_letter, on, &on->next, &on->more);
                left -= on->lines - before;
        }
        return r;
}

/* What has been shown need not be told of by watch. */
static int remember(fumi_box *b, uint64_t upto)
{
        struct box_cursor cursor;
        BOX_LOCKED lock = -1;
        int r = box_lock(b, &lock);

        if (!r)
                r = box_cursor_read(b, &cursor);
        if (r || cursor.told >= upto)
                return r;
        cursor.told = upto;
        return box_cursor_write(b, &cursor);
}

static void put_end(struct listing *on)
{
        if (cli_json(on->c))
                buf_printf(&on->out, "],\"next\":%llu,\"more\":%s}\n", (unsigned long long)on->next,
                           on->more ? "true" : "false");
        else if (on->more)
                buf_printf(&on->out, "%s fumibako list --after %llu\n",
                           show_pick("there is more:", "続きがあります:"),
                           (unsigned long long)on->next);
        else if (!on->lines)
                buf_printf(&on->out, "%s\n",
                           on->after ? show_pick("nothing behind that position",
                                                 "これより後はありません")
                                     : show_pick("the mailbox is empty", "私書箱は空です"));
}

int client_list(struct cli *c)
{
        struct listing on = { .c = c, .after = cli_number(c, "after", 0, (uint64_t)1 << 53, 0) };
        MAILBOX_OWNED *b = NULL;
        int r;

        cli_number(c, "limit", 1, 1000000, 50);
        r = mailbox_open(c, &b);
        if (r)
                return r;
        on.b = b;
        if (cli_json(c))
                buf_puts(&on.out, "{\"code\":0,\"letters\":[");
        r = list(&on);
        if (!r)
                r = remember(b, on.next);
        if (r)
                r = mailbox_refuse(c, b, r, NULL);
        else {
                put_end(&on);
                r = show_out(c, &on.out);
        }
        buf_free(&on.out);
        return r;
}
