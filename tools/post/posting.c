/* posting.c - the letters of a run: each sent once, however often it is run */
#include "post/posting.h"

#include "base/file.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STRIDE = 256, STRIDE_TIMEOUT = 1000 };

struct run {
        struct posting *p;
        struct cli_progress progress;
        uint64_t done;
        int *refused; /* by letter: what composing said */
        uint64_t filed, refusals, waiting, unsent, before, nobody;
        int stopped; /* what ended it before all was composed or answered */
        char why[POSTING_WHY];
};

static void take_state(void *ctx, const struct fumi_result *r)
{
        *(enum fumi_state *)ctx = r->state;
}

/* In the spool and not refused: what was refused is tried again. */
static bool is_composed(const struct posting *p, size_t i, enum fumi_state *state)
{
        return fumi_result_by_key(p->s, p->letter[i].key, take_state, state) == 0 &&
               *state != FUMI_REFUSED;
}

size_t posting_missing(const struct posting *p)
{
        enum fumi_state state;
        size_t n = 0;

        for (size_t i = 0; i < p->letters; i++)
                n += p->letter[i].to && !is_composed(p, i, &state);
        return n;
}

static void count_sent(void *ctx, const struct fumi_result *r)
{
        struct run *run = ctx;

        cli_progress_show(&run->progress, ++run->done);
}

static const char *reason(const struct run *run)
{
        return *run->why ? run->why : fumi_sender_error(run->p->s);
}

/* Refusals of one letter do not stop the others; what a retry can cure, or what broke, does. */
static int compose(struct run *run, size_t i)
{
        struct posting *p = run->p;
        const struct fumi_outcome *o;
        int r;

        *run->why = 0;
        r = p->compose(p->ctx, p->s, i, run->why);
        if (r == 0)
                return 0;
        o = r > 0 ? fumi_outcome(r) : NULL;
        if (!o || o->retry)
                return r;
        run->refused[i] = r;
        cli_progress_show(&run->progress, ++run->done);
        if (!cli_json(p->c))
                fprintf(stderr, "%s%s:%u: %s (%s %d)\n", run->progress.terminal ? "\r\033[K" : "",
                        p->path, p->letter[i].line, reason(run), o->name, r);
        *run->why = 0;
        return 0;
}

/* Letters from @i on that the spool does not know yet, up to @end. */
static int ask_ahead(struct run *run, size_t i, size_t end)
{
        const char *to[STRIDE];
        enum fumi_state state;
        size_t n = 0;

        for (; i < end; i++)
                if (run->p->letter[i].to && !is_composed(run->p, i, &state))
                        to[n++] = run->p->letter[i].to;
        return n ? fumi_ask_ahead(run->p->s, to, n) : 0;
}

static int one(struct run *run, size_t i)
{
        const struct posting_letter *l = &run->p->letter[i];
        enum fumi_state state;
        bool composed;
        int r = 0;

        if (!l->to)
                return 0;
        composed = is_composed(run->p, i, &state);
        /* Under a key of the caller's another letter may lie: composing compares. */
        if (!composed || l->own_key)
                r = compose(run, i);
        if (!r && composed && state == FUMI_FILED && !run->refused[i]) {
                run->before++;
                cli_progress_show(&run->progress, ++run->done);
        }
        return r;
}

static int stride(struct run *run, size_t i)
{
        size_t end = i + STRIDE < run->p->letters ? i + STRIDE : run->p->letters;
        int r = ask_ahead(run, i, end);

        for (; i < end && !r; i++)
                r = one(run, i);
        if (r)
                return r;
        r = fumi_send(run->p->s, STRIDE_TIMEOUT, count_sent, run);
        return r == OUTCOME_NO_ANSWER ? 0 : r; /* the last round waits for what is left */
}

/* ---- what came out ---- */

struct result {
        struct run *run;
        size_t i;
        struct buf *csv;
        const struct fumi_result *unsent; /* stands for a letter that is not in the spool */
};

static void more(const struct posting *p, size_t i, bool json, struct buf *out)
{
        if (p->more)
                p->more(p->ctx, i, json, out);
}

static void report_one(void *ctx, const struct fumi_result *r)
{
        struct result *res = ctx;
        struct run *run = res->run;
        struct posting *p = run->p;
        const struct posting_letter *l = &p->letter[res->i];
        BUF_OWNED columns = { 0 }, members = { 0 };

        run->filed += r->state == FUMI_FILED;
        run->refusals += r->state == FUMI_REFUSED;
        run->waiting += r->state == FUMI_WAITING && r != res->unsent;
        run->nobody += !l->to;
        run->unsent += l->to && r == res->unsent && r->state == FUMI_WAITING;
        more(p, res->i, false, &columns);
        report_csv(res->csv, l->line, r, &columns);
        if (!cli_json(p->c))
                return;
        more(p, res->i, true, &members);
        report_show(p->c, l->line, r, &members);
}

static int report(struct run *run)
{
        struct posting *p = run->p;
        const char *path = cli_get(p->c, "results");
        BUF_OWNED csv = { 0 };
        int r;

        report_csv_head(&csv, p->more_head);
        for (size_t i = 0; i < p->letters; i++) {
                const struct posting_letter *l = &p->letter[i];
                const struct fumi_result not_composed = {
                        .key = l->key,
                        .to = l->to ? l->to : "",
                        .state = run->refused[i] ? FUMI_REFUSED : FUMI_WAITING,
                        .code = run->refused[i]             ? run->refused[i]
                                : l->to && run->stopped > 0 ? run->stopped
                                                            : 0,
                        .where = "",
                };
                struct result res = { run, i, &csv, &not_composed };

                if (!l->to || run->refused[i] ||
                    fumi_result_by_key(p->s, l->key, report_one, &res) != 0)
                        report_one(&res, &not_composed);
        }
        if (!path)
                return CLI_DONE;
        r = buf_fault(&csv) ? buf_fault(&csv) : file_deliver(path, buf_slice(&csv), 0644);
        return r ? cli_fail(p->c, "%s: %s", path, strerror(-r)) : CLI_DONE;
}

static void summarise(const struct run *run)
{
        unsigned long long filed = run->filed, before = run->before, refused = run->refusals,
                           waiting = run->waiting, unsent = run->unsent, nobody = run->nobody;
        bool ja = cli_japanese();

        printf(ja ? "%s: %zu 通: 提出済 %llu" : "%s: %zu letters: %llu filed", run->p->path,
               run->p->letters, filed);
        if (before)
                printf(ja ? " (うち以前 %llu)" : " (%llu before)", before);
        printf(ja ? "、拒否 %llu、待機 %llu" : ", %llu refused, %llu waiting", refused, waiting);
        if (nobody)
                printf(ja ? "、宛先なし %llu" : ", %llu without an address", nobody);
        if (unsent)
                printf(ja ? "、未送信 %llu: もう一度同じく実行してください"
                          : ", %llu not in the spool: run it again",
                       unsent);
        putchar('\n');
}

static int conclude(struct run *run, int sent)
{
        struct posting *p = run->p;
        int r;

        run->stopped = sent;
        if (sent)
                cli_refuse(p->c, sent, fumi_sender_name(p->s), reason(run));
        r = report(run);
        if (!cli_json(p->c))
                summarise(run);
        if (r)
                return r;
        if (sent < 0 || run->refusals)
                return CLI_FAILED;
        return sent || run->waiting || run->unsent || run->nobody ? CLI_INCOMPLETE : CLI_DONE;
}

/* Letters that wait from earlier are sent too, whether of this run or not. */
static uint64_t total(struct run *run)
{
        struct posting *p = run->p;
        struct fumi_counts n;
        uint64_t ours = 0, wanted = 0;

        fumi_counts(p->s, &n);
        for (size_t i = 0; i < p->letters; i++) {
                enum fumi_state state;

                wanted += p->letter[i].to != NULL;
                ours += n.waiting && p->letter[i].to && is_composed(run->p, i, &state) &&
                        state == FUMI_WAITING;
        }
        return wanted + n.waiting - ours;
}

/* Whether the results can be written is known before anything is sent, not after. */
static int check_results(const struct posting *p)
{
        const char *path = cli_get(p->c, "results"), *slash = path ? strrchr(path, '/') : NULL;
        struct stat st;
        char *folder;
        int r = 0;

        if (!path)
                return 0;
        folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
        if (!folder)
                return cli_fail(p->c, "out of memory");
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
                r = EISDIR;
        else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
                r = access(path, W_OK) < 0 ? errno : 0;
        else if (access(folder, W_OK | X_OK) < 0)
                r = errno;
        free(folder);
        return r ? cli_fail(p->c, "%s: %s; nothing was sent", path, strerror(r)) : 0;
}

int posting_run(struct posting *p)
{
        struct run run = { .p = p };
        int r = check_results(p);

        if (r)
                return r;
        run.refused = calloc(p->letters + 1, sizeof(*run.refused));
        if (!run.refused)
                return cli_fail(p->c, "out of memory");
        cli_progress_begin(&run.progress, "letters", total(&run));
        for (size_t i = 0; i < p->letters && !r; i += STRIDE)
                r = stride(&run, i);
        if (!r)
                r = fumi_send(p->s, post_timeout(p->c), count_sent, &run);
        cli_progress_end(&run.progress, run.done);
        r = conclude(&run, r);
        free(run.refused);
        return r;
}
