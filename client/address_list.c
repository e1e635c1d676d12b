/* address_list.c - fumibako address list: which addresses there are, for whom, in what state */
#include "client/client.h"

#include "schemas/outcomes.h"

#include <stdlib.h>

struct line {
        struct cli *c;
        fumi_box *b;
        struct buf out;
        size_t lines;
};

static int read_statement(struct line *l, const struct box_address *a, struct buf *note,
                          struct address_statement *s)
{
        return cli_has(l->c, "check") ? box_lookup(l->b, a, note, s)
                                      : box_statement(l->b, a, note, s);
}

static void put_line(struct line *l, const struct box_address *a, const struct address_statement *s)
{
        instant now = clock_now();

        if (cli_json(l->c)) {
                buf_printf(&l->out, "%s{\"number\":%lu", l->lines++ ? "," : "",
                           (unsigned long)a->number);
                show_json(&l->out, "address", slice_str(a->name.s));
                show_json(&l->out, "for", slice_str(a->remark));
                show_json(&l->out, "state", slice_str(statement_word(s, now)));
                if (s)
                        buf_printf(&l->out, ",\"epoch\":%llu", (unsigned long long)s->epoch);
                show_json_time(&l->out, "until", s ? s->until : 0);
                buf_putc(&l->out, '}');
                return;
        }
        buf_printf(&l->out, "%3lu  %s  ", (unsigned long)a->number, a->name.s);
        show_column(&l->out, a->remark, 28);
        statement_state(&l->out, s, now);
        buf_putc(&l->out, '\n');
        l->lines++;
}

static int put_address(struct line *l, const struct box_address *a)
{
        struct address_statement *s = calloc(1, sizeof(*s));
        BUF_OWNED note = { 0 };
        int r = s ? read_statement(l, a, &note, s) : cli_fail(l->c, "no memory");

        if (r == 0)
                put_line(l, a, s);
        else if (s && (r == BOX_ABSENT || r == OUTCOME_NO_SUCH_ADDRESS))
                put_line(l, a, NULL);
        else if (s)
                r = mailbox_refuse(l->c, l->b, r, a->name.s);
        free(s);
        return r == BOX_ABSENT || r == OUTCOME_NO_SUCH_ADDRESS ? 0 : r;
}

static int take_up(struct cli *c, fumi_box *b, struct box_book *book)
{
        BOX_LOCKED lock = -1;
        size_t found;
        int r;

        if (!cli_has(c, "check"))
                return box_book_read(b, book);
        r = box_lock(b, &lock);
        if (!r)
                r = box_book_read(b, book);
        return r ? r : box_sync(b, book, &found);
}

int client_address_list(struct cli *c)
{
        BOX_BOOK_OWNED book = { 0 };
        MAILBOX_OWNED *b = NULL;
        struct line l = { .c = c };
        int r = mailbox_open(c, &b);

        if (r)
                return r;
        l.b = b;
        r = take_up(c, b, &book);
        if (r)
                return mailbox_refuse(c, b, r, NULL);
        if (cli_json(c))
                buf_puts(&l.out, "{\"code\":0,\"addresses\":[");
        for (size_t i = 0; i < book.count && !r; i++)
                r = put_address(&l, &book.at[i]);
        if (cli_json(c))
                buf_puts(&l.out, "]}\n");
        else if (!l.lines && !r)
                buf_printf(
                        &l.out, "%s\n",
                        show_pick("no address yet; 'fumibako address new --for SENDER' makes one",
                                  "宛先はまだありません。'fumibako address new --for 差出人' "
                                  "で作れます"));
        if (!r)
                r = show_out(c, &l.out);
        buf_free(&l.out);
        return r;
}
