/* filing.c - what filing a letter writes
 *
 *      BODY pieces -> event row and leaf -> LETTER row -> slot in the box -> NONCE row
 *
 * The box itself and the tree are written when the batch is sealed, once for all its letters. */
#include "core/core_impl.h"

int filing_put_body(struct core_batch *b, uint64_t arrival, struct slice body)
{
        for (uint64_t piece = 0; body.len; piece++) {
                int r = row_put_body(&b->rows, arrival, piece, slice_upto(body, ROW_PIECE), true);

                if (r)
                        return r;
                body = slice_from(body, ROW_PIECE);
        }
        return 0;
}

int filing_put(struct core_batch *b, const struct filing *f, struct box *box, struct verdict *v)
{
        struct row_letter letter = {
                .header = f->header,
                .box = box->number,
                .seq = box->row.count + 1,
                .batch = f->batch,
                .index = f->index,
                .time = (uint64_t)b->now,
        };
        const struct row_slot slot = { .arrival = f->arrival };
        const struct row_nonce nonce = { .letter = *f->id,
                                         .has_arrival = true,
                                         .arrival = f->arrival };
        struct hash leaf;
        int r;

        buf_clear(&b->event);
        event_put_filed(&b->event, slice_str(b->core->cfg.name), f->h, f->id, b->now);
        r = leaf_add(b, v, &leaf);
        letter.leaf = v->leaf;
        if (!r)
                r = row_put_letter(&b->rows, f->arrival, &letter);
        if (!r)
                r = row_put_slot(&b->rows, letter.box, letter.seq, &slot);
        if (!r)
                r = row_put_nonce(&b->rows, f->sender, f->h->nonce, &nonce);
        if (r)
                return r;
        box_file(box, f->h->size, &leaf);
        b->tally.filed++;
        return 0;
}
