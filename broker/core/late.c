/* late.c - a letter whose body came late: under which registration is its batch signed?
 *
 * A letter is filed under the registration in force then (E4.4). When the sender has another one
 * than at the submission, and its key verifies the batch's signature too (a renewal), the letter
 * gets a batch row of its own that names it. Under another key the old signature files nothing new.
 */
#include "core/core_impl.h"

#include "base/fault.h"

#include <errno.h>

int late_judge(struct core_batch *b, uint64_t batch, const struct row_sender *s, struct slice name,
               struct late *out, struct verdict *v)
{
        struct row_batch row;
        struct sign_pub key;
        struct hash root;
        int r = row_get_batch(&b->rows, batch, &row);

        if (r)
                return r == STORE_ABSENT ? fault(-EBADMSG) : r;
        out->renewed = !hash_eq(&row.sender, &s->statement);
        if (!out->renewed)
                return 0;
        out->count = row.letters.len / sizeof(out->id[0]);
        if (out->count == 0 || out->count > SUBMIT_BATCH_MOST)
                return fault(-EBADMSG);
        memcpy(out->id, row.letters.at, row.letters.len);
        memcpy(out->signature.b, row.signature, sizeof(out->signature.b));
        memcpy(key.b, s->key, sizeof(key.b));
        submit_root(&root, out->id, out->count);
        if (!submit_verify(&out->signature, name, &root, &key))
                return verdict_refuse(v, OUTCOME_BAD_SIGNATURE, ""); /* P4.2.11 */
        return 0;
}

int late_put(struct core_batch *b, const struct late *l, const struct row_sender *s,
             uint64_t *batch)
{
        struct row_batch row = {
                .sender = s->statement,
                .letters = slice_of(l->id, l->count * sizeof(l->id[0])),
        };

        if (!l->renewed)
                return 0;
        memcpy(row.signature, l->signature.b, sizeof(row.signature));
        *batch = b->counters.batch++;
        return row_append_batch(&b->rows, *batch, &row);
}
