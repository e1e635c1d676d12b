/* run.c - 'fumibako-post run': every letter of a manifest, or whatever waits in the spool */
#include "post/manifest.h"
#include "post/posting.h"

#include <errno.h>
#include <stdlib.h>

static void say(void *ctx, const char *sentence)
{
        fprintf(stderr, "%s\n", sentence);
}

static int compose(void *ctx, fumi_sender *s, size_t i, char *why)
{
        const struct manifest_row *row = &((const struct manifest *)ctx)->row[i];
        struct fumi_part part[MANIFEST_PARTS_MOST] = { { 0 } };
        struct fumi_letter l = {
                .to = row->address,
                .letter_class = row->letter_class,
                .type = row->type,
                .title = row->title,
                .part = part,
                .parts = row->files,
                .key = row->key,
        };
        fumi_id id;

        for (size_t p = 0; p < row->files; p++)
                part[p].file = row->file[p];
        return fumi_compose(s, &l, &id);
}

static int run_manifest(struct cli *c, fumi_sender *s, struct manifest *m)
{
        struct posting_letter *letter = calloc(m->rows + 1, sizeof(*letter));
        struct posting p = {
                .c = c,
                .s = s,
                .path = m->sheet.path,
                .letter = letter,
                .letters = m->rows,
                .compose = compose,
                .ctx = m,
        };
        int r;

        if (!letter)
                return cli_fail(c, "out of memory");
        for (size_t i = 0; i < m->rows; i++)
                letter[i] = (struct posting_letter){ m->row[i].line, m->row[i].address,
                                                     m->row[i].key, m->row[i].own_key };
        r = posting_run(&p);
        free(letter);
        return r;
}

struct answered {
        struct cli_progress progress;
        uint64_t done;
};

static void count_sent(void *ctx, const struct fumi_result *r)
{
        struct answered *a = ctx;

        cli_progress_show(&a->progress, ++a->done);
}

/* Without a manifest: whatever waits. */
static int run_spool(struct cli *c, fumi_sender *s)
{
        struct answered a = { .done = 0 };
        struct fumi_counts n;
        int r;

        fumi_counts(s, &n);
        cli_progress_begin(&a.progress, "letters", n.waiting);
        r = fumi_send(s, post_timeout(c), count_sent, &a);
        cli_progress_end(&a.progress, a.done);
        if (r)
                return post_refuse(c, s, r);
        printf(cli_json(c)      ? "{\"answered\":%llu}\n"
               : cli_japanese() ? "%llu 通に回答がありました\n"
                                : "%llu letters answered\n",
               (unsigned long long)a.done);
        return CLI_DONE;
}

static int check_manifest(struct cli *c, struct manifest *m)
{
        int r = manifest_read(m, c->argument[0], say, NULL);

        if (r == -EINVAL && m->sheet.errors)
                return cli_fail(c, "%u error%s in %s; nothing was sent", m->sheet.errors,
                                m->sheet.errors == 1 ? "" : "s", m->sheet.path);
        return r ? cli_fail(c, "%s: %s", c->argument[0], strerror(-r)) : 0;
}

int post_run(struct cli *c)
{
        struct manifest m = { 0 };
        fumi_sender *s = NULL;
        int r = c->count ? check_manifest(c, &m) : 0;

        if (!r)
                r = post_open(c, &s);
        if (!r)
                r = c->count ? run_manifest(c, s, &m) : run_spool(c, s);
        fumi_sender_close(s);
        manifest_free(&m);
        return r;
}
