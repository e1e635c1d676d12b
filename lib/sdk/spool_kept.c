/* spool_kept.c - checkpoints, receipts and address statements in the spool */
#include "sdk/spool_impl.h"

#include "base/fault.h"
#include "crypt/hash.h"

#include <errno.h>

int spool_keep_checkpoint(struct spool *s, struct slice note, struct hash *out)
{
        struct slice there;
        struct hash h;
        int r;

        hash_sha256(&h, note);
        r = spool_get(s, SPOOL_CHECKPOINT, slice_hash(&h), &there);
        if (r == SPOOL_ABSENT)
                r = spool_put(s, SPOOL_CHECKPOINT, slice_hash(&h), note);
        if (!r)
                *out = h;
        return r;
}

int spool_checkpoint(struct spool *s, const struct hash *hash, struct slice *out)
{
        return spool_get(s, SPOOL_CHECKPOINT, slice_hash(hash), out);
}

int spool_keep_receipt(struct spool *s, uint64_t place, struct slice receipt)
{
        struct spool_place p;

        return spool_put(s, SPOOL_RECEIPT, spool_place(&p, place), receipt);
}

int spool_receipt(struct spool *s, uint64_t place, struct slice *out)
{
        struct spool_place p;

        return spool_get(s, SPOOL_RECEIPT, spool_place(&p, place), out);
}

int spool_keep_address(struct spool *s, const char *address, const struct row_known_address *row)
{
        BUF_OWNED b = { 0 };

        field_write(&row_known_address_table, &b, row);
        if (buf_fault(&b))
                return fault(buf_fault(&b));
        return spool_put(s, SPOOL_ADDRESS, slice_str(address), buf_slice(&b));
}

int spool_address(struct spool *s, const char *address, struct row_known_address *out)
{
        struct slice v;
        int r = spool_get(s, SPOOL_ADDRESS, slice_str(address), &v);

        if (r)
                return r;
        return field_read(&row_known_address_table, v, out, NULL) ? fault(-EBADMSG) : 0;
}
