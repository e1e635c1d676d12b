/* info.c - P4.1: who the broker says it is */
#include "core/core_impl.h"

#include "base/fault.h"

#include <errno.h>

int info_read(struct core *c, struct core_request *r, struct rows *look, instant now,
              struct buf *out)
{
        struct answer_info answer = {
                .broker = slice_str(c->cfg.name),
                .origin = slice_str(c->cfg.origin),
                .protocol = MESSAGES_VERSION,
                .time = (uint64_t)now,
        };
        struct tree_frontier f;
        struct row_checkpoint row;
        int res = leaf_load(look, &f);

        if (!res)
                res = row_get_checkpoint(look, f.size, &row);
        if (res)
                return res == STORE_ABSENT ? fault(-EBADMSG) : res;
        answer.checkpoint = row.note;
        request_answer(r, out, &answer);
        return 0;
}
