/* access.c - which mailbox may the owner of this transport key read? */
#include "core/core_impl.h"

int access_mailbox(struct rows *look, const struct curve_pub *peer, struct slice name, instant now,
                   struct row_mailbox *out)
{
        enum row_device kind;
        struct slice owner;
        int r = row_get_device(look, peer, &kind, &owner);

        if (r)
                return r == STORE_ABSENT ? ACCESS_DENIED : r;
        if (kind != ROW_DEVICE_MAILBOX || !slice_eq(owner, name))
                return ACCESS_DENIED;
        r = row_get_mailbox(look, name, out);
        if (r)
                return r == STORE_ABSENT ? ACCESS_DENIED : r;
        return admit_valid(out->valid_from, out->valid_until, now) ? 0 : ACCESS_DENIED;
}
