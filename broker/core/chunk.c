/* chunk.c - P4.3: a piece of a body that was announced
 *
 * Pieces come in order, each durable before it is answered; the digest so far lies parked in the
 * upload's row. The check runs the hash ahead from the last commit; the step uses that when nothing
 * has come between, and hashes itself otherwise. With the last piece the letter is filed like any
 * other, by the rules as they are then.
 *
 * Only the sender's own transport key may send pieces: a stranger who knows a letter's id could
 * otherwise spoil its upload. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>

/* What hashing one piece comes to. */
struct found {
        bool ahead;
        uint8_t before[HASH_PARKED]; /* the state it went on from */
        uint8_t after[HASH_PARKED];  /* when it is not the last one */
        struct hash digest;          /* when it is */
};

static void run(struct found *f, const struct row_upload *row, struct slice bytes, bool last)
{
        struct hash_state st;

        memcpy(f->before, row->state, HASH_PARKED);
        hash_resume(&st, row->state, row->offset);
        hash_more(&st, bytes);
        if (last)
                hash_end(&st, &f->digest);
        else
                hash_park(&st, f->after);
        f->ahead = true;
}

/* Does a piece of @len bytes at @offset fit a body of @size? */
static bool fits(uint64_t offset, size_t len, uint64_t size)
{
        return offset + len == size || (offset + len < size && len % MESSAGES_CHUNK_UNIT == 0);
}

int chunk_check(struct core *c, struct core_request *r, struct rows *look, instant now)
{
        const struct ask_chunk *ask = &r->ask.chunk;
        struct row_upload row;
        struct header h;
        struct found *f;
        int res;

        if (ask->offset % MESSAGES_CHUNK_UNIT)
                return request_refuse(r, OUTCOME_MALFORMED, "offset");
        res = request_find(r, sizeof(*f), &f);
        if (!res)
                res = request_verdicts(r, 1);
        if (!res)
                res = row_get_upload(look, &ask->letter, &row);
        if (res)
                return res == STORE_ABSENT ? 0 : res;
        if (field_read(&header_table, row.header, &h, NULL))
                return fault(-EBADMSG);
        if (row.offset == ask->offset && fits(ask->offset, ask->bytes.len, h.size))
                run(f, &row, ask->bytes, ask->offset + ask->bytes.len == h.size);
        return 0;
}

struct stepping {
        struct core_request *r;
        struct buf copy; /* of the header: the store's own does not outlive a write */
        struct row_upload row;
        struct header h;
        struct row_sender sender;
        bool last;
};

/* A refusal that tells where to go on. */
static int refuse(struct core_request *r, uint64_t code, const char *where, uint64_t offset)
{
        r->number = offset;
        r->tells = true;
        return request_refuse(r, code, where);
}

static int put_pieces(struct core_batch *b, const struct stepping *st)
{
        struct slice bytes = st->r->ask.chunk.bytes;
        uint64_t piece = st->row.offset / ROW_PIECE;

        b->changed = true;
        for (; bytes.len; piece++) {
                int r = row_put_body(&b->rows, st->row.arrival, piece, slice_upto(bytes, ROW_PIECE),
                                     false);

                if (r)
                        return r;
                bytes = slice_from(bytes, ROW_PIECE);
        }
        return 0;
}

static int go_on(struct core_batch *b, struct stepping *st, const struct found *hashed)
{
        struct core_request *r = st->r;
        int res = put_pieces(b, st);

        if (res)
                return res;
        st->row.offset += r->ask.chunk.bytes.len;
        if (!st->last)
                memcpy(st->row.state, hashed->after, HASH_PARKED);
        r->number = st->row.offset;
        b->tally.chunks++;
        return row_put_upload(&b->rows, &r->ask.chunk.letter, &st->row);
}

/* The body is whole but may no longer be filed. For want of room the last piece may come again
 * later; anything else ends the upload. */
static int turn_away(struct core_batch *b, struct stepping *st, const struct verdict *v)
{
        bool later = v->code == OUTCOME_BOX_FULL;

        refuse(st->r, v->code, v->where, later ? st->row.offset : 0);
        return later ? 0 : upload_close(b, &st->r->ask.chunk.letter);
}

static int finish(struct core_batch *b, struct stepping *st, const struct found *hashed)
{
        const struct hash *id = &st->r->ask.chunk.letter;
        struct verdict *v = &st->r->verdict[0];
        struct filing filing = {
                .h = &st->h,
                .header = st->row.header,
                .id = id,
                .sender = st->row.sender,
                .arrival = st->row.arrival,
                .batch = st->row.batch,
                .index = st->row.index,
        };
        struct late late;
        struct box *box;
        int r;

        if (!hash_eq(&hashed->digest, &st->h.digest)) {
                refuse(st->r, OUTCOME_DIGEST_MISMATCH, "bytes", 0);
                return upload_restart(b, id);
        }
        r = late_judge(b, st->row.batch, &st->sender, st->h.from, &late, v);
        if (!r && !v->code)
                r = admit_letter(b, &st->sender, &st->h, true, v, &st->r->texts, &box);
        if (r)
                return r;
        if (v->code)
                return turn_away(b, st, v);

        /* ---- decided: from here on only a fault can stop us ---- */
        r = go_on(b, st, hashed);
        if (!r)
                r = upload_done(b, st->row.sender);
        if (!r)
                r = late_put(b, &late, &st->sender, &filing.batch);
        if (!r)
                r = filing_put(b, &filing, box, v);
        if (!r)
                batch_await(b, st->r);
        return r;
}

/* The answer to the last piece was lost: the receipt again. */
static int repeat(struct core_batch *b, struct stepping *st)
{
        struct verdict *v = &st->r->verdict[0];
        struct row_letter letter;
        int r = row_get_letter(&b->rows, st->row.arrival, &letter);

        if (r)
                return r == STORE_ABSENT ? fault(-EBADMSG) : r;
        r = verdict_repeat(v, &b->rows, letter.leaf, (instant)letter.time, b->first, &st->r->texts);
        if (!r && v->fresh)
                batch_await(b, st->r);
        st->r->number = st->h.size;
        b->tally.duplicates++;
        return r;
}

static int step(struct core_batch *b, struct stepping *st)
{
        const struct ask_chunk *ask = &st->r->ask.chunk;
        struct found *f = st->r->found, here;

        if (memcmp(st->sender.transport, st->r->peer.b, sizeof(st->r->peer.b)) != 0)
                return request_refuse(st->r, OUTCOME_NOT_YOURS, "letter");
        if (st->row.offset == st->h.size)
                return repeat(b, st);
        if (ask->offset != st->row.offset)
                return refuse(st->r, OUTCOME_OUT_OF_ORDER, "offset", st->row.offset);
        if (ask->offset + ask->bytes.len > st->h.size)
                return refuse(st->r, OUTCOME_TOO_LARGE, "bytes", st->row.offset);
        if (!fits(ask->offset, ask->bytes.len, st->h.size))
                return refuse(st->r, OUTCOME_MALFORMED, "bytes", st->row.offset);
        st->last = ask->offset + ask->bytes.len == st->h.size;
        /* The parked state stands for all bytes before it. */
        if (!f->ahead || memcmp(f->before, st->row.state, HASH_PARKED) != 0) {
                run(&here, &st->row, ask->bytes, st->last);
                f = &here;
        }
        return st->last ? finish(b, st, f) : go_on(b, st, f);
}

int chunk_step(struct core_batch *b, struct core_request *r)
{
        struct stepping st = { .r = r };
        int res = row_get_upload(&b->rows, &r->ask.chunk.letter, &st.row);

        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_NO_SUCH_LETTER, "letter");
        if (res)
                return res;
        buf_put(&st.copy, st.row.header);
        st.row.header = buf_slice(&st.copy);
        res = buf_fault(&st.copy);
        if (!res && field_read(&header_table, st.row.header, &st.h, NULL))
                res = fault(-EBADMSG);
        if (!res)
                res = row_get_sender(&b->rows, st.h.from, &st.sender);
        assert(res != STORE_ABSENT);
        if (!res)
                res = step(b, &st);
        buf_free(&st.copy);
        return res;
}

void chunk_answer(struct core_request *r, struct buf *out)
{
        const struct verdict *v = &r->verdict[0];
        struct answer_chunk answer = { .has_offset = true, .offset = r->number };
        BUF_OWNED filed = { 0 };

        if (v->done || v->code) {
                verdict_write_filed(v, &filed, &r->texts, buf_slice(&r->checkpoint));
                answer.has_letter = true;
                answer.letter = buf_slice(&filed);
        }
        if (v->fresh && !v->duplicate) {
                answer.has_checkpoint = true;
                answer.checkpoint = buf_slice(&r->checkpoint);
        }
        request_answer(r, out, &answer);
}
