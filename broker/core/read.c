/* read.c - requests that only read, from the last commit */
#include "core/core_impl.h"

#include <assert.h>

static int read_watch(struct core *c, struct core_request *r, struct rows *look, instant now,
                      struct buf *out, uint64_t *box, uint64_t *after, uint64_t *seconds)
{
        const struct ask_watch *ask = &r->ask.watch;
        uint64_t count = 0;
        int s = watch_read(c, r, look, now, box, &count);

        if (s || r->code)
                return s;
        *after = ask->after;
        *seconds = ask->seconds;
        if (count <= ask->after && ask->seconds > 0)
                return CORE_WAITS;
        core_answer_watch(r, count, out);
        return 0;
}

int core_read(struct core *c, struct core_request *r, struct store_txn *look, instant now,
              struct buf *out, uint64_t *box, uint64_t *after, uint64_t *seconds)
{
        struct rows t = { .txn = look };
        int s;

        assert(r->duty && r->duty->kind != CORE_WRITES && !r->code);
        if (r->duty->kind == CORE_WAITS)
                s = read_watch(c, r, &t, now, out, box, after, seconds);
        else
                s = r->duty->read(c, r, &t, now, out);
        if (!s && r->code)
                core_answer(r, out);
        assert(s <= 0 || s == CORE_WAITS);
        return s;
}
