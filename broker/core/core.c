/* core.c - the core itself, and the rows that a fresh store needs */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int core_new(struct core **out, const struct core_config *cfg)
{
        struct core *c;

        assert(cfg->registrars <= CORE_REGISTRARS_MOST);
        c = calloc(1, sizeof(*c));
        if (!c)
                return fault(-ENOMEM);
        c->cfg = *cfg;
        *out = c;
        return 0;
}

void core_free(struct core *c)
{
        free(c);
}

/* An empty log has a checkpoint as well, so that `info` can always show the newest. */
static int found_log(struct core *c, struct rows *t)
{
        struct tree_frontier empty = { 0 };
        BUF_OWNED note = { 0 };
        int r;

        leaf_checkpoint(c, &empty, &note);
        if (buf_fault(&note))
                return fault(buf_fault(&note));
        r = leaf_keep(t, &empty);
        return r ? r : row_put_checkpoint(t, 0, buf_slice(&note));
}

static int found(struct core *c, struct rows *t, instant now)
{
        const struct row_counters counters = {
                .arrival = 1, .box = 1, .sender = 1, .batch = 1, .time = (uint64_t)now
        };
        struct row_founding row;
        int r;

        r = row_get_founding(t, &row);
        if (!r)
                return slice_is(row.origin, c->cfg.origin) ? 0 : fault(-EPERM);
        if (r != STORE_ABSENT)
                return r;
        row = (struct row_founding){ .origin = slice_str(c->cfg.origin), .time = (uint64_t)now };
        r = row_put_founding(t, &row);
        if (!r)
                r = row_put_counters(t, &counters);
        return r ? r : found_log(c, t);
}

int core_found(struct core *c, struct store *s, instant now)
{
        struct rows t = { 0 };
        bool done;
        int r;

        r = store_begin(s, 0, &t.txn, &done);
        if (r)
                return r;
        r = found(c, &t, now);
        buf_free(&t.scratch);
        if (r) {
                store_abort(&t.txn);
                return r;
        }
        return store_commit(&t.txn);
}
