/* get.c - fumibako get: letters come to this device */
#include "client/client.h"

#include "schemas/outcomes.h"

#include <stdlib.h>

enum { PAGE = 256 };

/* A letter of a page. */
struct item {
        uint64_t seq;
        bool here;  /* already */
        bool early; /* its time has not come */
};

struct getting {
        struct cli *c;
        fumi_box *b;
        struct buf out;
        struct item item[PAGE];
        size_t count;
        uint64_t got, early;
        bool unbroken; /* nothing has been left out so far */
        struct cli_progress progress;
        int worst;
};

static void put_got(struct getting *g, uint64_t seq, const fumi_id *id)
{
        if (cli_json(g->c)) {
                buf_printf(&g->out, "%s{\"seq\":%llu,\"id\":\"", g->got ? "," : "",
                           (unsigned long long)seq);
                show_hex(&g->out, id);
                buf_puts(&g->out, "\"}");
        } else {
                buf_printf(&g->out, "%4llu  ", (unsigned long long)seq);
                show_hex(&g->out, id);
                buf_putc(&g->out, '\n');
        }
        g->got++;
}

/* Said on standard error at once, so that the others go on. */
static int get_one(struct getting *g, uint64_t seq)
{
        char about[32];
        fumi_id id;
        int r = fumi_get(g->b, seq, &id);

        if (r == 0) {
                put_got(g, seq, &id);
                return 0;
        }
        snprintf(about, sizeof(about), "%s %llu", show_pick("letter", "文書"),
                 (unsigned long long)seq);
        g->worst = mailbox_refuse(g->c, g->b, r, about);
        return r;
}

static void note_item(void *ctx, const struct fumi_listed *l)
{
        struct getting *g = ctx;
        struct hash id;

        memcpy(id.b, l->id.b, sizeof(id.b));
        g->item[g->count++] = (struct item){
                .seq = l->seq,
                .here = box_letter_here(g->b, &id),
                .early = l->not_before > clock_now(),
        };
}

static bool may_come_yet(int r)
{
        const struct outcome *o = r > 0 ? outcomes_find((uint64_t)r) : NULL;

        return r < 0 || (o && o->retry);
}

static int remember(struct getting *g, uint64_t upto)
{
        struct box_cursor cursor;
        BOX_LOCKED lock = -1;
        int r = box_lock(g->b, &lock);

        if (!r)
                r = box_cursor_read(g->b, &cursor);
        if (r || cursor.got >= upto)
                return r;
        cursor.got = upto;
        return box_cursor_write(g->b, &cursor);
}

/* The letters of one page. Stops when the broker is silent or this machine is in trouble. */
static int get_page(struct getting *g, uint64_t *upto)
{
        for (size_t i = 0; i < g->count; i++) {
                const struct item *t = &g->item[i];
                int r = t->here || t->early ? 0 : get_one(g, t->seq);

                if (r < 0 || r == OUTCOME_NO_ANSWER)
                        return r;
                g->early += t->early;
                if (t->early || may_come_yet(r))
                        g->unbroken = false;
                if (g->unbroken)
                        *upto = t->seq;
                cli_progress_show(&g->progress, g->got);
        }
        return 0;
}

static int get_all(struct getting *g)
{
        struct box_cursor cursor;
        uint64_t after, upto;
        bool more = true;
        int r = box_cursor_read(g->b, &cursor);

        if (r)
                return mailbox_refuse(g->c, g->b, r, NULL);
        after = upto = cursor.got;
        cli_progress_begin(&g->progress, show_pick("letters", "文書"),
                           cursor.count > after ? cursor.count - after : 0);
        while (more) {
                g->count = 0;
                r = fumi_list(g->b, after, PAGE, note_item, g, &after, &more);
                if (r)
                        return mailbox_refuse(g->c, g->b, r, NULL);
                r = get_page(g, &upto);
                if (r)
                        more = false;
                r = remember(g, upto);
                if (r)
                        return mailbox_refuse(g->c, g->b, r, NULL);
        }
        if (g->got)
                cli_progress_end(&g->progress, g->got);
        return g->worst;
}

static int get_named(struct getting *g)
{
        for (int i = 0; i < g->c->count; i++) {
                struct picked p = { 0 };
                int r = pick_seq(g->c, g->b, g->c->argument[i], &p);

                if (r == CLI_USAGE)
                        return r;
                if (r)
                        g->worst = r;
                else if (get_one(g, p.seq) == OUTCOME_NO_ANSWER)
                        break;
        }
        return g->worst;
}

static int finish(struct getting *g, int code)
{
        if (cli_json(g->c) && !code)
                buf_puts(&g->out, "]}\n");
        else if (cli_json(g->c))
                buf_clear(&g->out); /* the refusal was said in JSON already */
        else if (g->early)
                buf_printf(&g->out, "%llu %s\n", (unsigned long long)g->early,
                           show_pick("may be fetched later only: 'fumibako list' says from when",
                                     "通はまだ取得できません。'fumibako list' "
                                     "で時期を確かめてください"));
        else if (!g->got && !code)
                buf_printf(&g->out, "%s\n",
                           show_pick("nothing new; 'fumibako get SEQ' fetches one again",
                                     "新着はありません。再取得は 'fumibako get 番号'"));
        return show_out(g->c, &g->out) ? CLI_FAILED : code;
}

int client_get(struct cli *c)
{
        struct getting *g;
        MAILBOX_OWNED *b = NULL;
        int r;

        if (cli_has(c, "all") == (c->count > 0))
                return cli_wrong(c, "which letters: SEQ or ID, or --all?");
        r = mailbox_open(c, &b);
        if (r)
                return r;
        g = calloc(1, sizeof(*g));
        if (!g)
                return cli_fail(c, "no memory");
        g->c = c;
        g->b = b;
        g->unbroken = true;
        if (cli_json(c))
                buf_puts(&g->out, "{\"code\":0,\"letters\":[");
        r = finish(g, cli_has(c, "all") ? get_all(g) : get_named(g));
        buf_free(&g->out);
        free(g);
        return r;
}
