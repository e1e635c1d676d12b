/* load.c - letters as a sender makes them, around random bodies */
#include "bench/bench.h"

#include "base/clock.h"
#include "crypt/hash.h"
#include "letter/submit.h"
#include "schemas/messages.h"

#include <errno.h>

/* splitmix64: places in an order that no cache likes, the same for the same seed. */
static uint64_t next(uint64_t *state)
{
        uint64_t z = *state += 0x9e3779b97f4a7c15;

        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
}

static void one_letter(struct load *l, struct buf *items, struct buf *header, struct hash *id,
                       instant now)
{
        uint64_t among = l->fixed ? l->fixed : l->places->count, r = next(&l->state);
        const struct place *p = &l->places->at[r % among];
        struct slice body = slice_of(l->pool + r % (l->pool_len - l->size), l->size);
        struct header h = {
                .version = 1,
                .suite = 1,
                .from = slice_str(l->sender),
                .to = slice_str(p->address.s),
                .class = CLASS_CERTIFICATE,
                .created = (uint64_t)now,
                .grade = 1,
                .size = l->size,
                .statement = p->statement,
        };
        struct letter_in in = { .body = body, .has_body = true };

        put_be64(l->nonce + 8, ++l->serial);
        memcpy(h.nonce, l->nonce, sizeof(h.nonce));
        hash_sha256(&h.digest, body);
        buf_clear(header);
        field_write(&header_table, header, &h);
        in.header = buf_slice(header);
        submit_letter_id(id, in.header);
        field_write(&letter_in_table, items, &in);
}

int load_batch(struct load *l, size_t count, struct buf *items, struct signature *sig)
{
        struct hash ids[SUBMIT_BATCH_MOST], root;
        instant now = clock_now();
        BUF_OWNED header = { 0 };

        for (size_t i = 0; i < count; i++)
                one_letter(l, items, &header, &ids[i], now);
        if (buf_fault(items) || buf_fault(&header))
                return -ENOMEM;
        submit_root(&root, ids, count);
        submit_sign(sig, slice_str(l->sender), &root, l->sign);
        return 0;
}
