/* status.c - P4.14: what became of a letter, asked by its sender */
#include "core/core_impl.h"

#include "base/fault.h"

#include <errno.h>

/* A reader is in no batch: every leaf it sees has its checkpoint. */
#define NO_BATCH UINT64_MAX

static int put_filed(struct rows *look, const struct row_letter *letter, struct buf *out)
{
        struct verdict v = { 0 };
        BUF_OWNED texts = { 0 };
        int r = verdict_repeat(&v, look, letter->leaf, (instant)letter->time, NO_BATCH, &texts);

        if (!r)
                verdict_write_filed(&v, out, &texts, slice_str(""));
        return r;
}

static int put_handed(struct rows *look, const struct row_letter *letter, struct buf *out)
{
        struct verdict v = { 0 };
        BUF_OWNED texts = { 0 };
        struct row_slot slot;
        int r = row_get_slot(look, letter->box, letter->seq, &slot);

        if (r || !slot.has_handed_leaf)
                return r;
        r = verdict_repeat(&v, look, slot.handed_leaf, (instant)slot.handed_time, NO_BATCH, &texts);
        if (!r)
                verdict_write_acked(&v, out, &texts, slice_str(""));
        return r;
}

static int put_wanted(struct rows *look, const struct hash *id, struct buf *out)
{
        const struct buf texts = { 0 };
        struct verdict v = { .code = OUTCOME_BODY_WANTED };
        struct row_upload row;
        int r = row_get_upload(look, id, &row);

        if (r)
                return r;
        v.offset = row.offset;
        verdict_write_filed(&v, out, &texts, slice_str(""));
        return 0;
}

static int answer_with(struct core_request *r, struct rows *look, const struct row_nonce *nonce,
                       struct buf *out)
{
        struct answer_status answer = { .has_letter = true,
                                        .letter = nonce->letter,
                                        .has_filed = true };
        BUF_OWNED filed = { 0 };
        BUF_OWNED handed = { 0 };
        struct row_letter letter;
        int res;

        if (!nonce->has_arrival) {
                res = put_wanted(look, &nonce->letter, &filed);
        } else {
                res = row_get_letter(look, nonce->arrival, &letter);
                if (!res)
                        res = put_filed(look, &letter, &filed);
                if (!res)
                        res = put_handed(look, &letter, &handed);
        }
        if (!res && (buf_fault(&filed) || buf_fault(&handed)))
                res = -ENOMEM;
        if (res)
                return res == STORE_ABSENT ? fault(-EBADMSG) : res;
        answer.filed = buf_slice(&filed);
        answer.has_handed = handed.len > 0;
        answer.handed = buf_slice(&handed);
        request_answer(r, out, &answer);
        return 0;
}

int status_read(struct core *c, struct core_request *r, struct rows *look, instant now,
                struct buf *out)
{
        const struct ask_status *ask = &r->ask.status;
        struct row_sender sender;
        struct row_nonce nonce;
        int res;

        if (!name_party_ok(ask->sender))
                return request_refuse(r, OUTCOME_NOT_YOURS, "sender");
        res = row_get_sender(look, ask->sender, &sender);
        if (res < 0)
                return res;
        if (res == STORE_ABSENT ||
            memcmp(sender.transport, r->peer.b, sizeof(sender.transport)) != 0)
                return request_refuse(r, OUTCOME_NOT_YOURS, "sender");
        res = row_get_nonce(look, sender.number, ask->nonce, &nonce);
        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_NO_SUCH_LETTER, "nonce");
        return res ? res : answer_with(r, look, &nonce, out);
}
