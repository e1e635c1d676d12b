/* fetch.c - P4.10: a letter, or a piece of it
 *
 * The first piece carries header and envelope (E3.5). Until its time a letter is not handed out;
 * past its end it is, but only to a holder who acknowledged it before: then it is the holder's. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>

static int put_envelope(struct rows *look, const struct row_letter *letter, struct buf *out)
{
        struct hash path[SUBMIT_PATH_MOST], ids[SUBMIT_BATCH_MOST];
        struct envelope e = { .index = letter->index, .leaf = letter->leaf, .time = letter->time };
        struct row_batch batch;
        struct row_statement sender;
        struct row_checkpoint checkpoint;
        struct row_event event;
        int r;

        r = row_get_batch(look, letter->batch, &batch);
        if (!r)
                r = row_get_statement(look, &batch.sender, &sender);
        if (!r)
                r = row_get_checkpoint_of(look, letter->leaf, &checkpoint);
        if (!r)
                r = row_get_event(look, letter->leaf, &event);
        if (r)
                return r == STORE_ABSENT ? fault(-EBADMSG) : r;
        e.count = batch.letters.len / sizeof(struct hash);
        if (e.count > SUBMIT_BATCH_MOST || e.index >= e.count)
                return fault(-EBADMSG);
        memcpy(ids, batch.letters.at, batch.letters.len);
        e.path = slice_of(path, sizeof(path[0]) * submit_path(path, ids, e.count, e.index));
        memcpy(e.signature, batch.signature, sizeof(e.signature));
        memcpy(e.salt, event.salt, sizeof(e.salt));
        e.sender = sender.note;
        e.checkpoint = checkpoint.note;
        field_write(&envelope_table, out, &e);
        return 0;
}

static int put_body(struct rows *look, uint64_t arrival, uint64_t offset, uint64_t end,
                    struct buf *out)
{
        while (offset < end) {
                uint64_t from = offset % ROW_PIECE;
                uint64_t upto =
                        from + (end - offset) < ROW_PIECE ? from + (end - offset) : ROW_PIECE;
                struct slice piece;
                int r = row_get_body(look, arrival, offset / ROW_PIECE, &piece);

                if (r || piece.len < upto)
                        return r && r != STORE_ABSENT ? r : fault(-EBADMSG);
                buf_put(out, slice_from(slice_upto(piece, upto), from));
                offset += upto - from;
        }
        return 0;
}

static int answer_with(struct core_request *r, struct rows *look, uint64_t arrival,
                       const struct row_letter *letter, const struct header *h, struct buf *out)
{
        const struct ask_fetch *ask = &r->ask.fetch;
        struct answer_fetch answer = { .has_body = true };
        BUF_OWNED body = { 0 };
        BUF_OWNED envelope = { 0 };
        uint64_t left = h->size - ask->offset;
        int res = put_body(look, arrival, ask->offset,
                           ask->offset + (left < ask->limit ? left : ask->limit), &body);

        answer.body = buf_slice(&body);
        if (!res && ask->offset == 0) {
                answer.has_header = answer.has_envelope = true;
                answer.header = letter->header;
                res = put_envelope(look, letter, &envelope);
                answer.envelope = buf_slice(&envelope);
        }
        if (!res && (buf_fault(&body) || buf_fault(&envelope)))
                res = fault(-ENOMEM);
        if (!res)
                request_answer(r, out, &answer);
        return res;
}

int fetch_read(struct core *c, struct core_request *r, struct rows *look, instant now,
               struct buf *out)
{
        const struct ask_fetch *ask = &r->ask.fetch;
        struct row_mailbox mailbox;
        struct row_letter letter;
        struct row_slot slot;
        struct header h;
        int res = access_mailbox(look, &r->peer, ask->mailbox, now, &mailbox);

        if (res == ACCESS_DENIED)
                return request_refuse(r, OUTCOME_NOT_YOURS, "mailbox");
        if (!res)
                res = row_get_slot(look, mailbox.box, ask->seq, &slot);
        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_NO_SUCH_LETTER, "seq");
        if (!res)
                res = row_get_letter(look, slot.arrival, &letter);
        if (res)
                return res == STORE_ABSENT ? fault(-EBADMSG) : res;
        if (field_read(&header_table, letter.header, &h, NULL))
                return fault(-EBADMSG);
        if (h.has_not_before && h.not_before > (uint64_t)now)
                return request_refuse(r, OUTCOME_NOT_YET, "seq");
        if (h.has_expires && h.expires <= (uint64_t)now && !slot.has_handed_leaf)
                return request_refuse(r, OUTCOME_LETTER_EXPIRED, "seq");
        if (ask->offset > h.size)
                return request_refuse(r, OUTCOME_MALFORMED, "offset");
        return answer_with(r, look, slot.arrival, &letter, &h, out);
}
