/* box_list.c - what lies in the box, a page at a time */
#include "sdk/box.h"

#include "base/fault.h"
#include "letter/submit.h"
#include "schemas/outcomes.h"

#include <errno.h>

enum { PAGE_MOST = 256 };

struct listing {
        void (*on_letter)(void *ctx, const struct fumi_listed *l);
        void *ctx;
        uint64_t last; /* position told of last */
};

static void copy(char *to, size_t room, struct slice s)
{
        size_t n = s.len < room ? s.len : room - 1;

        if (n)
                memcpy(to, s.at, n);
        to[n] = 0;
}

static int tell(struct fumi_box *b, struct listing *on, const struct listed *item)
{
        char from[NAME_PARTY_MOST + 1], to[NAME_PARTY_MOST + 1];
        struct fumi_listed l = { .seq = item->seq, .from = from, .to = to };
        struct header h;
        struct hash id;

        if (item->seq <= on->last)
                return box_say(b, fault(-EPROTO), "%s lists letters out of order", b->trust.broker);
        if (field_read(&header_table, item->header, &h, NULL))
                return box_say(b, OUTCOME_BAD_ENVELOPE, "letter %llu",
                               (unsigned long long)item->seq);
        submit_letter_id(&id, item->header);
        memcpy(l.id.b, id.b, sizeof(id.b));
        copy(from, sizeof(from), h.from);
        copy(to, sizeof(to), h.to);
        l.letter_class = name_class((unsigned)h.class);
        if (!l.letter_class)
                l.letter_class = "unknown";
        l.created = (int64_t)h.created;
        l.filed = (int64_t)item->filed;
        l.handed = item->has_handed ? (int64_t)item->handed : 0;
        l.size = h.size;
        l.assurance = (int)h.assurance;
        l.grade = (int)h.grade;
        l.not_before = h.has_not_before ? (int64_t)h.not_before : 0;
        l.expires = h.has_expires ? (int64_t)h.expires : 0;
        on->last = item->seq;
        if (on->on_letter)
                on->on_letter(on->ctx, &l);
        return 0;
}

int fumi_list(fumi_box *b, uint64_t after, unsigned limit,
              void (*on_letter)(void *ctx, const struct fumi_listed *l), void *ctx, uint64_t *next,
              bool *more)
{
        const struct ask_list ask = {
                .mailbox = slice_str(b->mailbox.s),
                .after = after,
                .limit = limit < PAGE_MOST ? limit : PAGE_MOST,
        };
        struct listing on = { on_letter, ctx, after };
        struct answer_list answer;
        BUF_OWNED bytes = { 0 };
        struct listed item;
        int r = box_ask(b, VERB_LIST, &ask, &bytes, &answer);

        if (r)
                return r;
        if (!answer.has_letters || !answer.has_count || !answer.has_head)
                return box_say(b, fault(-EPROTO), "%s left out a part of the list",
                               b->trust.broker);
        r = box_cursor_check(b, answer.count, &answer.head);
        while (!r && field_list_next(&answer.letters, &listed_table, &item))
                r = tell(b, &on, &item);
        if (r)
                return r;
        if (on.last > answer.count && on.last > after)
                return box_say(b, fault(-EPROTO), "%s lists more than it counts", b->trust.broker);
        if (next)
                *next = on.last;
        if (more)
                *more = on.last > after && on.last < answer.count; /* an empty page is the end */
        return 0;
}
