/* pick.c - letters by position or by the beginning of their id */
#include "client/client.h"

#include "base/text.h"

#include <stdlib.h>

enum { PREFIX_LEAST = 4, SEQ_DIGITS = 16, PAGE = 256 };

static bool is_seq(const char *word, uint64_t *seq)
{
        return strlen(word) <= SEQ_DIGITS && text_get_u64(slice_str(word), seq) && *seq > 0;
}

static int bad_word(struct cli *c, const char *word)
{
        size_t len = strlen(word);

        if (strspn(word, "0123456789abcdef") == len && len >= PREFIX_LEAST && len <= BOX_ID_HEX)
                return 0;
        return cli_wrong(
                c,
                "'%s' is no letter: give its position (1, 2, ...) or at least %d digits of its id",
                word, PREFIX_LEAST);
}

static void label(struct picked *p, const char *word)
{
        snprintf(p->label, sizeof(p->label), "%.16s", word);
}

static int by_id(struct cli *c, fumi_box *b, const char *word, struct picked *out, bool *here)
{
        struct hash id;
        int r = bad_word(c, word);

        if (r)
                return r;
        r = box_letter_find(b, word, &id, &out->seq);
        if (r == BOX_MANY)
                return cli_fail(c, "%s: %s", word,
                                show_pick("several letters begin so; give more digits",
                                          "複数の文書が該当します。もっと長く指定してください"));
        if (r < 0)
                return mailbox_refuse(c, b, r, word);
        *here = r == 0;
        memcpy(out->id.b, id.b, sizeof(id.b));
        return 0;
}

int pick_here(struct cli *c, fumi_box *b, const char *word, struct picked *out)
{
        struct hash id;
        bool here = true;
        int r;

        label(out, word);
        if (!is_seq(word, &out->seq)) {
                r = by_id(c, b, word, out, &here);
                if (r)
                        return r;
        } else {
                r = box_letter_of_seq(b, out->seq, &id);
                if (r < 0)
                        return mailbox_refuse(c, b, r, word);
                here = r == 0 && box_letter_here(b, &id);
                memcpy(out->id.b, id.b, sizeof(id.b));
        }
        if (here)
                return 0;
        return cli_fail(
                c, "%s: %s 'fumibako get %s'", word,
                show_pick("not on this device; fetch it with", "この端末にありません。取得は"),
                word);
}

struct search {
        const char *prefix;
        uint64_t seq;
        fumi_id id;
        size_t found;
};

static void compare(void *ctx, const struct fumi_listed *l)
{
        struct search *s = ctx;
        BUF_OWNED hex = { 0 };

        show_hex(&hex, &l->id);
        if (strncmp(buf_cstr(&hex), s->prefix, strlen(s->prefix)) == 0) {
                s->seq = l->seq;
                s->id = l->id;
                s->found++;
        }
}

int pick_seq(struct cli *c, fumi_box *b, const char *word, struct picked *out)
{
        struct search s = { .prefix = word };
        bool here = false, more = true;
        uint64_t after = 0;
        int r;

        label(out, word);
        if (is_seq(word, &out->seq))
                return 0;
        r = by_id(c, b, word, out, &here);
        if (r || (here && out->seq))
                return r;
        while (more) {
                r = fumi_list(b, after, PAGE, compare, &s, &after, &more);
                if (r)
                        return mailbox_refuse(c, b, r, word);
        }
        if (s.found != 1)
                return cli_fail(c, "%s: %s", word,
                                s.found ? show_pick("several letters begin so; give more digits",
                                                    "複数の文書が該当します")
                                        : show_pick("no letter of this mailbox begins so",
                                                    "該当する文書がありません"));
        out->seq = s.seq;
        out->id = s.id;
        return 0;
}

struct each {
        struct cli *c;
        fumi_box *b;
        int (*on)(struct cli *c, fumi_box *b, const struct picked *p, void *ctx);
        void *ctx;
        int worst;
};

/* A letter that failed for good outweighs one that only has to be tried again. */
static void weigh(int *worst, int code)
{
        if (code && (*worst == 0 || *worst == CLI_INCOMPLETE))
                *worst = code;
}

static int each_here(void *ctx, uint64_t seq, const struct hash *id)
{
        struct each *e = ctx;
        struct picked p = { .seq = seq };

        memcpy(p.id.b, id->b, sizeof(id->b));
        snprintf(p.label, sizeof(p.label), "%llu", (unsigned long long)seq);
        weigh(&e->worst, e->on(e->c, e->b, &p, e->ctx));
        return 0;
}

int pick_each(struct cli *c, fumi_box *b, int first, int end,
              int (*on)(struct cli *c, fumi_box *b, const struct picked *p, void *ctx), void *ctx)
{
        struct each e = { c, b, on, ctx, 0 };
        int r;

        if (cli_has(c, "all")) {
                r = box_letter_each(b, each_here, &e);
                if (r)
                        return mailbox_refuse(c, b, r, NULL);
                return e.worst;
        }
        for (int i = first; i < end; i++) {
                struct picked p = { 0 };

                r = pick_here(c, b, c->argument[i], &p);
                if (!r)
                        r = on(c, b, &p, ctx);
                if (r == CLI_USAGE)
                        return r;
                weigh(&e.worst, r);
        }
        return e.worst;
}
