/* upload.c - the rows of bodies that are on their way
 *
 *      UPLOAD 'u' || id         header, how far, parked digest; kept some days after the end
 *      UPLOAD 'a' || arrival    the id: uploads by age, for the sweep
 *      UPLOAD 's' || sender     how many are unfinished
 *      NONCE                    without an arrival number until the letter is filed
 *
 * The arrival number is given at the beginning, as the pieces lie under it. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>

enum { SWEEP_MOST = 2 }; /* uploads closed in one commit: a thousand pieces each at most */
#define UPLOAD_AGE_MOST (7 * CLOCK_DAY)

static int pending_of(struct core_batch *b, uint64_t sender, struct row_pending *out)
{
        int r = row_get_pending(&b->rows, sender, out);

        if (r == STORE_ABSENT)
                out->uploads = 0;
        return r == STORE_ABSENT ? 0 : r;
}

int upload_room(struct core_batch *b, uint64_t sender, bool *room)
{
        struct row_pending pending;
        int r = pending_of(b, sender, &pending);

        if (!r)
                *room = pending.uploads < b->core->cfg.uploads_most;
        return r;
}

static int count(struct core_batch *b, uint64_t sender, int64_t by)
{
        struct row_pending pending;
        int r = pending_of(b, sender, &pending);

        if (r)
                return r;
        assert(by > 0 || pending.uploads);
        pending.uploads += (uint64_t)by;
        return row_put_pending(&b->rows, sender, &pending);
}

int upload_done(struct core_batch *b, uint64_t sender)
{
        return count(b, sender, -1);
}

static void state_begin(uint8_t state[static HASH_PARKED])
{
        struct hash_state st;

        hash_begin(&st);
        hash_park(&st, state);
}

int upload_open(struct core_batch *b, const struct filing *f, struct verdict *v)
{
        const struct row_nonce nonce = { .letter = *f->id };
        struct row_upload row = {
                .header = f->header,
                .arrival = f->arrival,
                .batch = f->batch,
                .index = f->index,
                .started = (uint64_t)b->now,
                .sender = f->sender,
        };
        int r;

        state_begin(row.state);
        r = row_put_upload(&b->rows, f->id, &row);
        if (!r)
                r = row_put_age(&b->rows, f->arrival, f->id);
        if (!r)
                r = row_put_nonce(&b->rows, f->sender, f->h->nonce, &nonce);
        if (!r)
                r = count(b, f->sender, 1);
        return r ? r : verdict_refuse(v, OUTCOME_BODY_WANTED, "");
}

int upload_ask(struct core_batch *b, const struct hash *id, struct verdict *v)
{
        struct row_upload row;
        int r = row_get_upload(&b->rows, id, &row);

        assert(r != STORE_ABSENT);
        if (r)
                return r;
        v->offset = row.offset;
        return verdict_refuse(v, OUTCOME_BODY_WANTED, "");
}

static int drop_pieces(struct core_batch *b, uint64_t arrival, uint64_t offset)
{
        for (uint64_t piece = 0; piece * ROW_PIECE < offset; piece++) {
                int r = row_del_body(&b->rows, arrival, piece);

                if (r)
                        return r == STORE_ABSENT ? fault(-EBADMSG) : r;
        }
        return 0;
}

int upload_restart(struct core_batch *b, const struct hash *id)
{
        uint8_t header[MESSAGES_HEADER_MOST];
        struct row_upload row;
        uint64_t offset;
        int r = row_get_upload(&b->rows, id, &row);

        assert(r != STORE_ABSENT);
        if (r)
                return r;
        memcpy(header, row.header.at, row.header.len);
        row.header = slice_of(header, row.header.len);
        offset = row.offset;
        row.offset = 0;
        state_begin(row.state);
        b->changed = true;
        r = drop_pieces(b, row.arrival, offset);
        return r ? r : row_put_upload(&b->rows, id, &row);
}

/* An unfinished upload leaves nothing behind, not even its nonce. */
static int undo(struct core_batch *b, const struct row_upload *row, const struct header *h)
{
        uint8_t nonce[sizeof(h->nonce)];
        int r;

        memcpy(nonce, h->nonce, sizeof(nonce));
        r = drop_pieces(b, row->arrival, row->offset);
        if (!r)
                r = row_del_nonce(&b->rows, row->sender, nonce);
        return r ? r : count(b, row->sender, -1);
}

int upload_close(struct core_batch *b, const struct hash *id)
{
        struct row_upload row;
        struct header h;
        int r = row_get_upload(&b->rows, id, &row);

        assert(r != STORE_ABSENT);
        if (!r && field_read(&header_table, row.header, &h, NULL))
                r = fault(-EBADMSG);
        if (r)
                return r;
        b->changed = true;
        if (row.offset < h.size)
                r = undo(b, &row, &h);
        if (!r)
                r = row_del_age(&b->rows, row.arrival);
        return r ? r : row_del_upload(&b->rows, id);
}

int upload_sweep(struct core_batch *b)
{
        for (int i = 0; i < SWEEP_MOST; i++) {
                struct row_upload row;
                struct hash id;
                int r = row_get_oldest(&b->rows, &id);

                if (r)
                        return r == STORE_ABSENT ? 0 : r;
                r = row_get_upload(&b->rows, &id, &row);
                if (r)
                        return r == STORE_ABSENT ? fault(-EBADMSG) : r;
                if (b->now - (instant)row.started < UPLOAD_AGE_MOST)
                        return 0;
                r = upload_close(b, &id);
                if (r)
                        return r;
        }
        return 0;
}
