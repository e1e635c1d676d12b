/* send.c - 'fumibako-post send': one letter */
#include "post/report.h"

#include <stdlib.h>

static int read_options(struct cli *c, struct fumi_letter *l)
{
        static const char *const grades[] = { "", "filed", "handed-over", "accepted" };
        const char *grade = cli_get(c, "grade");

        l->to = cli_get(c, "to");
        l->type = cli_get(c, "type");
        l->title = cli_get(c, "title");
        l->key = cli_get(c, "key");
        l->letter_class = cli_has(c, "class") ? cli_get(c, "class") : "certificate";
        l->assurance = (int)cli_number(c, "assurance", 0, 3, 0);
        if (!l->to || !l->type || !l->title)
                return cli_wrong(c, "--%s is missing", !l->to ? "to" : !l->type ? "type" : "title");
        if (!post_instant(c, "not-before", &l->not_before) ||
            !post_instant(c, "expires", &l->expires))
                return CLI_USAGE;
        for (int i = 1; grade && i <= 3; i++)
                if (strcmp(grade, grades[i]) == 0)
                        l->grade = i;
        if (grade && !l->grade)
                return cli_wrong(c, "--grade takes filed, handed-over or accepted, not '%s'",
                                 grade);
        return 0;
}

struct wanted {
        struct cli *c;
        int exit;
};

static void show(void *ctx, const struct fumi_result *r)
{
        struct wanted *w = ctx;

        report_show(w->c, 0, r, NULL);
        w->exit = report_exit(r);
}

/* The answer to another letter that waited in the spool is not what was asked for; a refusal of
 * ours is. What stopped the sending says more than that a letter is not in the spool. */
static int send_one(struct cli *c, fumi_sender *s, const struct fumi_letter *l)
{
        struct wanted w = { c, CLI_FAILED };
        char why[512];
        fumi_id id;
        int r = fumi_compose(s, l, &id), sent;

        if (r)
                return post_refuse(c, s, r);
        sent = fumi_send(s, post_timeout(c), NULL, NULL);
        snprintf(why, sizeof(why), "%s", fumi_sender_error(s));
        r = fumi_result(s, &id, show, &w);
        if (sent && (r || w.exit == CLI_INCOMPLETE))
                return cli_refuse(c, sent, fumi_sender_name(s), why);
        return r ? post_refuse(c, s, r) : w.exit;
}

int post_send(struct cli *c)
{
        struct fumi_letter l = { .parts = (size_t)c->count };
        struct fumi_part *part;
        fumi_sender *s;
        int r = read_options(c, &l);

        if (r)
                return r;
        r = post_open(c, &s);
        if (r)
                return r;
        part = calloc(l.parts, sizeof(*part));
        for (size_t i = 0; part && i < l.parts; i++)
                part[i].file = c->argument[i];
        l.part = part;
        r = part ? send_one(c, s, &l) : cli_fail(c, "out of memory");
        free(part);
        fumi_sender_close(s);
        return r;
}
