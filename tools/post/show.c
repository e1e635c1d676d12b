/* show.c - looking into the spool: status, results, receipt, forget */
#include "post/report.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>

struct found {
        struct cli *c;
        fumi_id id;
        int exit;
};

static void remember(void *ctx, const struct fumi_result *r)
{
        struct found *f = ctx;

        f->id = r->id;
}

static void show(void *ctx, const struct fumi_result *r)
{
        struct found *f = ctx;

        report_show(f->c, 0, r, NULL);
}

/* A letter by its id in hexadecimal, else by its key. */
static int find(fumi_sender *s, const char *word, fumi_on_result on_result, struct found *f)
{
        fumi_id id;

        if (text_get_hex(slice_str(word), id.b, sizeof(id.b)) &&
            fumi_result(s, &id, on_result, f) == 0)
                return 0;
        return fumi_result_by_key(s, word, on_result, f);
}

static void show_counts(struct cli *c, fumi_sender *s)
{
        struct fumi_counts n;

        fumi_counts(s, &n);
        printf(cli_json(c)      ? "{\"sender\":\"%s\",\"waiting\":%llu,\"bytes_waiting\":%llu,"
                                  "\"filed\":%llu,\"refused\":%llu}\n"
               : cli_japanese() ? "%s: 待機 %llu (%llu バイト)、提出済 %llu、拒否 %llu\n"
                                : "%s: %llu waiting (%llu bytes), %llu filed, %llu refused\n",
               fumi_sender_name(s), (unsigned long long)n.waiting,
               (unsigned long long)n.bytes_waiting, (unsigned long long)n.filed,
               (unsigned long long)n.refused);
}

static int show_handed(struct cli *c, fumi_sender *s, const char *word)
{
        struct found f = { .c = c };
        char time[CLOCK_RFC3339_MS];
        int64_t handed;
        int r = find(s, word, remember, &f);

        if (!r)
                r = fumi_status(s, &f.id, &handed);
        if (r)
                return post_refuse(c, s, r);
        clock_rfc3339_ms(time, handed);
        if (cli_json(c))
                printf(handed ? "{\"filed\":true,\"handed\":\"%s\"}\n" : "{\"filed\":true}\n",
                       time);
        else if (cli_japanese())
                printf(handed ? "引き渡し済 %s\n" : "提出済、まだ引き渡されていません\n", time);
        else
                printf(handed ? "handed over %s\n" : "filed, not handed over yet\n", time);
        return CLI_DONE;
}

int post_status(struct cli *c)
{
        fumi_sender *s;
        int r = post_open(c, &s);

        if (r)
                return r;
        if (c->count)
                r = show_handed(c, s, c->argument[0]);
        else
                show_counts(c, s);
        fumi_sender_close(s);
        return r;
}

int post_results(struct cli *c)
{
        struct found f = { .c = c };
        fumi_sender *s;
        int r = post_open(c, &s);

        if (r)
                return r;
        if (c->count == 0)
                r = fumi_results(s, show, &f);
        for (int i = 0; i < c->count && !r; i++)
                r = find(s, c->argument[i], show, &f);
        if (r)
                r = post_refuse(c, s, r);
        fumi_sender_close(s);
        return r;
}

static void write_receipt(void *ctx, const void *bytes, size_t size)
{
        struct found *f = ctx;
        const char *path = cli_get(f->c, "out");
        int r;

        if (!path) {
                if (fwrite(bytes, 1, size, stdout) != size || fflush(stdout) != 0)
                        f->exit = cli_fail(f->c, "standard output: %s", strerror(errno));
                return;
        }
        r = file_deliver(path, slice_of(bytes, size), 0644);
        if (r)
                f->exit = cli_fail(f->c, "%s: %s", path, strerror(-r));
}

int post_receipt(struct cli *c)
{
        int64_t wait = (int64_t)cli_number(c, "wait", 0, 3600, 5) * 1000;
        struct found f = { .c = c };
        fumi_sender *s;
        int r = post_open(c, &s);

        if (r)
                return r;
        r = find(s, c->argument[0], remember, &f);
        if (!r)
                r = fumi_receipt_witnessed(s, &f.id, wait, write_receipt, &f);
        r = r ? post_refuse(c, s, r) : f.exit;
        fumi_sender_close(s);
        return r;
}

int post_forget(struct cli *c)
{
        int64_t before;
        fumi_sender *s;
        int r;

        if (!post_instant(c, "before", &before))
                return CLI_USAGE;
        r = post_open(c, &s);
        if (r)
                return r;
        r = fumi_forget(s, before);
        if (r)
                r = post_refuse(c, s, r);
        else if (cli_json(c))
                show_counts(c, s);
        fumi_sender_close(s);
        return r;
}
