/* finding.c - what judging found, in the order of the file */
#include "xml/finding.h"

#include "base/plain_text.h"
#include "schemas/outcomes.h"

#include <stdlib.h>

void finding_text(char *out, size_t room, struct slice text)
{
        static const char replacement[] = "\xef\xbf\xbd";
        size_t len = 0;

        while (text.len) {
                size_t n;
                bool unseen = plain_text_unseen(plain_text_next(text, &n));
                struct slice c = unseen ? slice_str(replacement) : slice_upto(text, n);

                if (len + c.len >= room)
                        break;
                memcpy(out + len, c.at, c.len);
                len += c.len;
                text = slice_from(text, n);
        }
        out[len] = 0;
}

static struct judge_finding *next_one(struct findings *f)
{
        size_t room = f->room ? 2 * f->room : 8;
        struct judge_finding *at;

        if (f->count < f->room)
                return &f->at[f->count++];
        at = reallocarray(f->at, room, sizeof(*at));
        if (!at) {
                f->no_memory = true;
                return NULL;
        }
        f->at = at;
        f->room = room;
        return &f->at[f->count++];
}

static void add(struct findings *f, struct judge_finding head, const char *where,
                struct slice detail)
{
        struct judge_finding *new;

        if (finding_full(f))
                return;
        if (f->count == FINDINGS_MOST)
                head = (struct judge_finding){ .code = OUTCOME_FINDINGS_CUT, .line = UINT32_MAX };
        new = next_one(f);
        if (!new)
                return;
        *new = head;
        if (head.code == OUTCOME_FINDINGS_CUT)
                return;
        finding_text(new->where, sizeof(new->where), slice_str(where));
        finding_text(new->detail, sizeof(new->detail), detail);
}

void finding_add(struct findings *f, int code, unsigned line, const char *where,
                 struct slice detail)
{
        add(f, (struct judge_finding){ .code = code, .line = line }, where, detail);
}

void finding_warn(struct findings *f, int code, unsigned line, const char *where,
                  struct slice detail)
{
        add(f, (struct judge_finding){ .code = code, .line = line, .warning = true }, where,
            detail);
}

void finding_sort(struct findings *f)
{
        for (size_t i = 1; i < f->count; i++) {
                struct judge_finding one = f->at[i];
                size_t to = i;

                for (; to && f->at[to - 1].line > one.line; to--)
                        f->at[to] = f->at[to - 1];
                f->at[to] = one;
        }
        if (f->count && f->at[f->count - 1].code == OUTCOME_FINDINGS_CUT)
                f->at[f->count - 1].line = 0;
}

bool finding_only_warnings(const struct findings *f)
{
        for (size_t i = 0; i < f->count; i++)
                if (!f->at[i].warning)
                        return false;
        return true;
}

void finding_free(struct findings *f)
{
        free(f->at);
        *f = (struct findings){ 0 };
}
