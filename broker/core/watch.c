/* watch.c - P4.12: how many letters a box has had. The waiting itself is the keeper's. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <errno.h>

int watch_read(struct core *c, struct core_request *r, struct rows *look, instant now,
               uint64_t *box, uint64_t *count)
{
        struct row_mailbox mailbox;
        struct row_box row;
        int res = access_mailbox(look, &r->peer, r->ask.watch.mailbox, now, &mailbox);

        if (res == ACCESS_DENIED)
                return request_refuse(r, OUTCOME_NOT_YOURS, "mailbox");
        if (!res)
                res = row_get_box(look, mailbox.box, &row);
        if (res)
                return res == STORE_ABSENT ? fault(-EBADMSG) : res;
        *box = mailbox.box;
        *count = row.count;
        return 0;
}
