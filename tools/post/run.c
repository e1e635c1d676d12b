/* run.c - 'fumibako-post run': every letter of a manifest, each once, however often it is run
 *
 * In strides: the addresses of a stride are asked for together, its letters composed, then sent. A
 * line whose key the spool has is composed already; what has been answered is not sent again.
 * Stopped at any moment, the next run finds in the spool how far this one came. */
#include "post/manifest.h"
#include "post/report.h"

#include "base/file.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>

enum { STRIDE = 256, STRIDE_TIMEOUT = 1000 };

struct run {
        struct cli *c;
        fumi_sender *s;
        struct manifest *m;
        struct cli_progress progress;
        uint64_t done;
        int *refused; /* by row: what composing said */
        uint64_t filed, refusals, waiting, unsent, before;
        int stopped; /* what ended it before all was composed or answered */
};

static void say(void *ctx, const char *sentence)
{
        fprintf(stderr, "%s\n", sentence);
}

static void take_state(void *ctx, const struct fumi_result *r)
{
        *(enum fumi_state *)ctx = r->state;
}

/* In the spool and not refused: what was refused is tried again. */
static bool is_composed(struct run *run, size_t i, enum fumi_state *state)
{
        return fumi_result_by_key(run->s, run->m->row[i].key, take_state, state) == 0 &&
               *state != FUMI_REFUSED;
}

static void count_sent(void *ctx, const struct fumi_result *r)
{
        struct run *run = ctx;

        cli_progress_show(&run->progress, ++run->done);
}

static int compose(struct run *run, size_t i)
{
        const struct manifest_row *row = &run->m->row[i];
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
        return fumi_compose(run->s, &l, &id);
}

/* Refusals of one line do not stop the others; what a retry can cure, or what broke, does. */
static int compose_row(struct run *run, size_t i)
{
        const struct fumi_outcome *o;
        int r = compose(run, i);

        if (r == 0)
                return 0;
        o = r > 0 ? fumi_outcome(r) : NULL;
        if (!o || o->retry)
                return r;
        run->refused[i] = r;
        cli_progress_show(&run->progress, ++run->done);
        if (!cli_json(run->c))
                fprintf(stderr, "%s%s:%u: %s (%s %d)\n", run->progress.terminal ? "\r\033[K" : "",
                        run->m->path, run->m->row[i].line, fumi_sender_error(run->s), o->name, r);
        return 0;
}

/* Rows from @i on that the spool does not know yet, up to @end. */
static int ask_ahead(struct run *run, size_t i, size_t end)
{
        const char *to[STRIDE];
        enum fumi_state state;
        size_t n = 0;

        for (; i < end; i++)
                if (!is_composed(run, i, &state))
                        to[n++] = run->m->row[i].address;
        return n ? fumi_ask_ahead(run->s, to, n) : 0;
}

static int stride(struct run *run, size_t i)
{
        size_t end = i + STRIDE < run->m->rows ? i + STRIDE : run->m->rows;
        int r;

        r = ask_ahead(run, i, end);
        for (; i < end && !r; i++) {
                enum fumi_state state;

                bool composed = is_composed(run, i, &state);

                /* Under a key from the manifest another letter may lie: composing compares. */
                if (!composed || run->m->row[i].own_key)
                        r = compose_row(run, i);
                if (composed && state == FUMI_FILED && !run->refused[i]) {
                        run->before++;
                        cli_progress_show(&run->progress, ++run->done);
                }
        }
        if (r)
                return r;
        r = fumi_send(run->s, STRIDE_TIMEOUT, count_sent, run);
        return r == OUTCOME_NO_ANSWER ? 0 : r; /* the last round waits for what is left */
}

/* ---- what came out ---- */

struct row_result {
        struct run *run;
        const struct manifest_row *row;
        struct buf *csv;
        const struct fumi_result *unsent; /* stands for a letter that is not in the spool */
};

static void report_row(void *ctx, const struct fumi_result *r)
{
        struct row_result *one = ctx;
        struct run *run = one->run;

        run->filed += r->state == FUMI_FILED;
        run->refusals += r->state == FUMI_REFUSED;
        run->waiting += r->state == FUMI_WAITING && r != one->unsent;
        run->unsent += r == one->unsent && r->state == FUMI_WAITING;
        report_csv(one->csv, one->row->line, r);
        if (cli_json(run->c))
                report_show(run->c, one->row->line, r);
}

static int report(struct run *run)
{
        const char *path = cli_get(run->c, "results");
        BUF_OWNED csv = { 0 };
        int r;

        report_csv_head(&csv);
        for (size_t i = 0; i < run->m->rows; i++) {
                const struct fumi_result not_composed = {
                        .key = run->m->row[i].key,
                        .to = run->m->row[i].address,
                        .state = run->refused[i] ? FUMI_REFUSED : FUMI_WAITING,
                        .code = run->refused[i]    ? run->refused[i]
                                : run->stopped > 0 ? run->stopped
                                                   : 0,
                        .where = "",
                };
                struct row_result one = { run, &run->m->row[i], &csv, &not_composed };

                if (run->refused[i] ||
                    fumi_result_by_key(run->s, run->m->row[i].key, report_row, &one) != 0)
                        report_row(&one, &not_composed);
        }
        if (!path)
                return CLI_DONE;
        r = buf_fault(&csv) ? buf_fault(&csv) : file_deliver(path, buf_slice(&csv), 0644);
        return r ? cli_fail(run->c, "%s: %s", path, strerror(-r)) : CLI_DONE;
}

static void summarise(const struct run *run)
{
        unsigned long long filed = run->filed, before = run->before, refused = run->refusals,
                           waiting = run->waiting, unsent = run->unsent;
        bool ja = cli_japanese();

        printf(ja ? "%s: %zu 通: 提出済 %llu" : "%s: %zu letters: %llu filed", run->m->path,
               run->m->rows, filed);
        if (before)
                printf(ja ? " (うち以前 %llu)" : " (%llu before)", before);
        printf(ja ? "、拒否 %llu、待機 %llu" : ", %llu refused, %llu waiting", refused, waiting);
        if (unsent)
                printf(ja ? "、未送信 %llu: 同じ一覧でもう一度実行してください"
                          : ", %llu not in the spool: run the manifest again",
                       unsent);
        putchar('\n');
}

static int conclude(struct run *run, int sent)
{
        int r;

        run->stopped = sent;
        if (sent)
                post_refuse(run->c, run->s, sent);
        r = report(run);
        if (!cli_json(run->c))
                summarise(run);
        if (r)
                return r;
        if (sent < 0 || run->refusals)
                return CLI_FAILED;
        return sent || run->waiting || run->unsent ? CLI_INCOMPLETE : CLI_DONE;
}

/* Letters that wait from earlier are sent too, whether lines of this manifest or not. */
static uint64_t total(struct run *run)
{
        struct fumi_counts n;
        uint64_t ours = 0;

        fumi_counts(run->s, &n);
        for (size_t i = 0; i < run->m->rows && n.waiting; i++) {
                enum fumi_state state;

                ours += is_composed(run, i, &state) && state == FUMI_WAITING;
        }
        return run->m->rows + n.waiting - ours;
}

static int run_manifest(struct run *run)
{
        int r = 0;

        run->refused = calloc(run->m->rows, sizeof(*run->refused));
        if (!run->refused)
                return cli_fail(run->c, "out of memory");
        cli_progress_begin(&run->progress, "letters", total(run));
        for (size_t i = 0; i < run->m->rows && !r; i += STRIDE)
                r = stride(run, i);
        if (!r)
                r = fumi_send(run->s, post_timeout(run->c), count_sent, run);
        cli_progress_end(&run->progress, run->done);
        r = conclude(run, r);
        free(run->refused);
        return r;
}

/* Without a manifest: whatever waits. */
static int run_spool(struct run *run)
{
        struct fumi_counts n;
        int r;

        fumi_counts(run->s, &n);
        cli_progress_begin(&run->progress, "letters", n.waiting);
        r = fumi_send(run->s, post_timeout(run->c), count_sent, run);
        cli_progress_end(&run->progress, run->done);
        if (r)
                return post_refuse(run->c, run->s, r);
        printf(cli_json(run->c) ? "{\"answered\":%llu}\n"
               : cli_japanese() ? "%llu 通に回答がありました\n"
                                : "%llu letters answered\n",
               (unsigned long long)run->done);
        return CLI_DONE;
}

static int check_manifest(struct cli *c, struct manifest *m)
{
        int r = manifest_read(m, c->argument[0], say, NULL);

        if (r == -EINVAL && m->errors)
                return cli_fail(c, "%u error%s in %s; nothing was sent", m->errors,
                                m->errors == 1 ? "" : "s", m->path);
        return r ? cli_fail(c, "%s: %s", c->argument[0], strerror(-r)) : 0;
}

int post_run(struct cli *c)
{
        struct manifest m = { 0 };
        struct run run = { .c = c, .m = &m };
        int r = c->count ? check_manifest(c, &m) : 0;

        if (!r)
                r = post_open(c, &run.s);
        if (!r)
                r = c->count ? run_manifest(&run) : run_spool(&run);
        fumi_sender_close(run.s);
        manifest_free(&m);
        return r;
}
