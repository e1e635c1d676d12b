/* nta_run.c - 'fumibako-post nta run': from a sender's CSV straight into mailboxes (N5)
 *
 * All of the CSV, the mapping and the key are looked at before the first letter is composed. Then
 * each certificate is made and signed when its turn has come, and only if the spool does not have
 * it: one at a time is in memory, none lies in a file. Its name and its day differ from run to
 * run; the letter's key does not, as it follows from what the sender wrote (N5.2). */
#include "post/nta_join.h"
#include "post/posting.h"
#include "post/tally.h"

#include "base/text.h"
#include "crypt/hash.h"
#include "letter/letter_note.h"

#include <errno.h>
#include <stdlib.h>

enum { KEY = 80, TYPE = 64 };

struct run {
        struct nta nta;
        struct nta_map map;
        unsigned column;
        const char *title;
        char type[TYPE];
        size_t count; /* of certificates, as all of these */
        const char **to;
        char (*key)[KEY];
        struct posting_letter *letter;
};

static void say(void *ctx, const char *sentence)
{
        fprintf(stderr, "%s\n", sentence);
}

/* ---- the letters ---- */

/* N5.2. The address is in it: the same records to another one are another letter. */
static void digest(const struct run *run, size_t i, struct hash *out)
{
        const struct nta_csv *csv = run->nta.csv;
        unsigned record, line, records;
        struct hash_state st;

        nta_csv_origin(csv, i, &record, &line, &records);
        hash_begin(&st);
        hash_more_sized(&st, slice_str("fumibako nta run v1"));
        hash_more_sized(&st, slice_str(nta_csv_form(csv)->id));
        hash_more_sized(&st, slice_str(run->to[i]));
        for (unsigned k = 0; k < records; k++)
                hash_more_sized(&st, nta_csv_record(csv, i, k));
        hash_end(&st, out);
}

/* Records that say the same are certificates of their own, as in a manifest. */
static int make_letters(struct run *run)
{
        unsigned record, records;
        struct tally tally;
        int r = tally_begin(&tally, run->count);

        for (size_t i = 0; i < run->count && !r; i++) {
                struct posting_letter *l = &run->letter[i];
                const struct tally_of *t;
                BUF_OWNED hex = { 0 };
                struct hash content;

                *l = (struct posting_letter){ .to = run->to[i], .key = run->key[i] };
                nta_csv_origin(run->nta.csv, i, &record, &l->line, &records);
                if (!l->to)
                        continue;
                digest(run, i, &content);
                t = tally_add(&tally, &content, l->line);
                text_put_hex(&hex, slice_hash(&content));
                snprintf(run->key[i], KEY, "%s-%u", buf_cstr(&hex), t->count);
                r = buf_fault(&hex);
        }
        tally_free(&tally);
        return r;
}

static int compose(void *ctx, fumi_sender *s, size_t i, char *why)
{
        struct run *run = ctx;
        BUF_OWNED xml = { 0 };
        int r = nta_make(&run->nta, i, &xml);
        char name[XML_ID + 8];
        fumi_id id;

        if (r) {
                snprintf(why, POSTING_WHY, "%s:%u", run->nta.path, run->letter[i].line);
                return r;
        }
        snprintf(name, sizeof(name), "%s.xml", run->nta.stamp.id);
        return fumi_compose(s,
                            &(struct fumi_letter){
                                    .to = run->to[i],
                                    .letter_class = "certificate",
                                    .type = run->type,
                                    .title = run->title,
                                    .part = &(struct fumi_part){ .name = name,
                                                                 .media = "application/xml",
                                                                 .bytes = xml.at,
                                                                 .size = xml.len },
                                    .parts = 1,
                                    .key = run->key[i],
                            },
                            &id);
}

/* ---- what more there is to a result ---- */

static void more(void *ctx, size_t i, bool json, struct buf *out)
{
        const struct run *run = ctx;
        unsigned record, line, records;
        BUF_OWNED number = { 0 };

        nta_csv_origin(run->nta.csv, i, &record, &line, &records);
        nta_csv_value(run->nta.csv, i, 0, run->column, &number);
        buf_printf(out, json ? ",\"record\":%u,\"number\":" : ",%u,", record);
        if (json)
                text_put_json(out, buf_slice(&number));
        else
                report_csv_field(out, buf_cstr(&number));
}

/* ---- the run ---- */

static int post_letters(struct run *run, fumi_sender *s)
{
        struct posting p = {
                .c = run->nta.cli,
                .s = s,
                .path = run->nta.path,
                .letter = run->letter,
                .letters = run->count,
                .compose = compose,
                .more_head = ",record,number",
                .more = more,
                .ctx = run,
        };
        int r = posting_missing(&p) ? nta_signer(&run->nta) : 0;

        return r ? r : posting_run(&p);
}

static int allocate(struct run *run)
{
        run->count = nta_csv_certificates(run->nta.csv);
        run->to = calloc(run->count + 1, sizeof(*run->to));
        run->key = calloc(run->count + 1, sizeof(*run->key));
        run->letter = calloc(run->count + 1, sizeof(*run->letter));
        return run->to && run->key && run->letter ? 0 : -ENOMEM;
}

static int read_map(struct cli *c, struct nta_map *m)
{
        const char *path = cli_get(c, "map");
        int r = nta_map_read(m, path, say, NULL);

        if (r == -EINVAL && m->sheet.errors)
                return cli_fail(c, "%u error%s in %s; nothing was sent", m->sheet.errors,
                                m->sheet.errors == 1 ? "" : "s", path);
        return r ? cli_fail(c, "%s: %s", path, strerror(-r)) : 0;
}

/* The CSV and the mapping; what is wrong with either is said. */
static int check(struct run *run, struct cli *c)
{
        int r = nta_open(&run->nta, c, c->argument[0]), map = read_map(c, &run->map);
        const struct form *f;
        size_t missing;

        if (r || map)
                return r ? r : map;
        f = nta_csv_form(run->nta.csv);
        run->column = nta_join_column(c, f, cli_get(c, "by"));
        if (!run->column)
                return CLI_USAGE;
        run->title = cli_has(c, "title") ? cli_get(c, "title") : f->name;
        snprintf(run->type, sizeof(run->type), "jp.go.nta.%s", f->id);
        r = allocate(run);
        if (r)
                return cli_fail(c, "out of memory");
        r = nta_join(&run->nta, &run->map, run->column, run->to, &missing);
        if (!r && missing && missing < run->count && !cli_json(c))
                fprintf(stderr,
                        cli_japanese() ? "  → %s に宛先を追加し、もう一度実行してください。"
                                         "提出済みのものは再送されません\n"
                                       : "  -> add them to %s and run the command again: what is "
                                         "posted is not posted twice\n",
                        run->map.sheet.path);
        if (!r && make_letters(run))
                return cli_fail(c, "out of memory");
        return r;
}

static int check_words(struct cli *c)
{
        const char *title = cli_get(c, "title");

        if (!cli_has(c, "map"))
                return cli_wrong(c, "--map is missing: which number leads to which address");
        if (title && !letter_note_text_ok(slice_str(title), SEAL_TITLE_MOST))
                return cli_wrong(c, "--title takes 1 to %d bytes without control characters",
                                 SEAL_TITLE_MOST);
        return 0;
}

int nta_run(struct cli *c)
{
        struct run run = { .count = 0 };
        fumi_sender *s = NULL;
        int r = check_words(c);

        if (r)
                return r;
        r = check(&run, c);
        if (!r)
                r = post_open(c, &s);
        if (!r)
                r = post_letters(&run, s);
        fumi_sender_close(s);
        free((void *)run.to);
        free(run.key);
        free(run.letter);
        nta_map_free(&run.map);
        nta_close(&run.nta);
        return r;
}
