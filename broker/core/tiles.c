/* tiles.c - P4.13: a tile of the log, or its left part */
#include "core/core_impl.h"

#include "base/fault.h"

#include <errno.h>

int tiles_read(struct core *c, struct core_request *r, struct rows *look, instant now,
               struct buf *out)
{
        const struct ask_tile *ask = &r->ask.tile;
        struct answer_tile answer = { .has_hashes = true };
        struct tree_frontier f;
        struct slice hashes;
        size_t len = ask->width * sizeof(struct hash);
        int res = leaf_load(look, &f);

        if (res)
                return res;
        if (ask->width == 0 || ask->width > tile_width((unsigned)ask->level, ask->index, f.size))
                return request_refuse(r, OUTCOME_MALFORMED, "width");
        res = row_get_tile(look, (unsigned)ask->level, ask->index, &hashes);
        if (res || hashes.len < len)
                return res && res != STORE_ABSENT ? res : fault(-EBADMSG);
        answer.hashes = slice_upto(hashes, len);
        request_answer(r, out, &answer);
        return 0;
}
