/* ack.c - fumibako ack: the broker is told that this device has the letters */
#include "client/client.h"

#include <stdlib.h>

enum { PAGE = 256 };

struct acking {
        fumi_box *b;
        uint64_t *seq;
        size_t count, room;
        bool full; /* no memory */
};

static void add(struct acking *a, uint64_t seq)
{
        if (a->count == a->room) {
                size_t room = a->room ? 2 * a->room : PAGE;
                uint64_t *more = realloc(a->seq, room * sizeof(*more));

                if (!more) {
                        a->full = true;
                        return;
                }
                a->seq = more;
                a->room = room;
        }
        a->seq[a->count++] = seq;
}

static void on_letter(void *ctx, const struct fumi_listed *l)
{
        struct acking *a = ctx;
        struct hash id;

        if (!l->handed && box_letter_of_seq(a->b, l->seq, &id) == 0 && box_letter_here(a->b, &id))
                add(a, l->seq);
}

static int collect_all(struct cli *c, struct acking *a)
{
        uint64_t after = 0;
        bool more = true;

        while (more) {
                int r = fumi_list(a->b, after, PAGE, on_letter, a, &after, &more);

                if (r)
                        return mailbox_refuse(c, a->b, r, NULL);
        }
        return 0;
}

static int collect_named(struct cli *c, struct acking *a)
{
        for (int i = 0; i < c->count; i++) {
                struct picked p = { 0 };
                int r = pick_here(c, a->b, c->argument[i], &p);

                if (!r && !p.seq)
                        r = pick_seq(c, a->b, c->argument[i], &p);
                if (r)
                        return r;
                add(a, p.seq);
        }
        return 0;
}

static int say(struct cli *c, const struct acking *a)
{
        BUF_OWNED out = { 0 };

        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0,\"acknowledged\":[");
                for (size_t i = 0; i < a->count; i++)
                        buf_printf(&out, "%s%llu", i ? "," : "", (unsigned long long)a->seq[i]);
                buf_puts(&out, "]}\n");
        } else if (a->count == 0) {
                buf_printf(&out, "%s\n",
                           show_pick("nothing on this device is unacknowledged",
                                     "未受領の文書はありません"));
        } else if (cli_japanese()) {
                buf_printf(&out, "%zu 通を受領しました\n", a->count);
        } else {
                buf_printf(&out, "%zu letter%s acknowledged\n", a->count, a->count == 1 ? "" : "s");
        }
        return show_out(c, &out);
}

int client_ack(struct cli *c)
{
        struct acking a = { 0 };
        MAILBOX_OWNED *b = NULL;
        int r;

        if (cli_has(c, "all") == (c->count > 0))
                return cli_wrong(c, "which letters: SEQ, or --all?");
        r = mailbox_open(c, &b);
        if (r)
                return r;
        a.b = b;
        r = cli_has(c, "all") ? collect_all(c, &a) : collect_named(c, &a);
        if (!r && a.full)
                r = cli_fail(c, "no memory");
        if (!r) {
                r = fumi_ack(b, a.seq, a.count);
                r = r ? mailbox_refuse(c, b, r, NULL) : say(c, &a);
        }
        free(a.seq);
        return r;
}
