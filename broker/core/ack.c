/* ack.c - P4.11: the device has these letters (ContentHandover)
 *
 * Signed by the mailbox key, so it needs no transport key: whoever carries it, it says the same. An
 * acknowledgement is judged letter by letter, and one that was taken before gets its receipt again.
 */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>

enum { ACK_WEIGHT = 768 };

static bool signed_by(const struct ask_ack *ask, const struct sign_pub *key, int *fault_)
{
        BUF_OWNED message = { 0 };
        struct signature sig;

        statement_ack_message(&message, ask->mailbox, (instant)ask->time, ask->letters);
        *fault_ = buf_fault(&message);
        memcpy(sig.b, ask->signature, sizeof(sig.b));
        return !*fault_ && sign_verify(&sig, buf_slice(&message), key); /* E5.8 */
}

int ack_check(struct core *c, struct core_request *r, struct rows *look, instant now)
{
        const struct ask_ack *ask = &r->ask.ack;
        size_t count = ask->letters.len / sizeof(struct hash);
        struct row_mailbox row;
        struct sign_pub key;
        int res;

        if (count == 0 || count != ask->seqs.count)
                return request_refuse(r, OUTCOME_MALFORMED, "letters");
        if (!name_mailbox_get(ask->mailbox, NULL))
                return request_refuse(r, OUTCOME_UNKNOWN_MAILBOX, "mailbox");
        res = row_get_mailbox(look, ask->mailbox, &row);
        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_UNKNOWN_MAILBOX, "mailbox");
        if (res)
                return res;
        memcpy(key.b, row.key, sizeof(key.b));
        if (!signed_by(ask, &key, &res) && !res)
                return request_refuse(r, OUTCOME_BAD_SIGNATURE, "signature");
        r->weight += count * ACK_WEIGHT;
        return res ? res : request_verdicts(r, count);
}

struct stepping {
        struct core_request *r;
        uint64_t box;
        uint64_t seq;
        struct hash id;
        struct row_slot slot;
};

static int hand_over(struct core_batch *b, struct stepping *st, const struct header *h,
                     struct verdict *v)
{
        int r;

        buf_clear(&b->event);
        event_put_handed(&b->event, slice_str(b->core->cfg.name), h, &st->id, b->now);
        r = leaf_add(b, v, NULL);
        if (r)
                return r;
        st->slot.has_handed_leaf = st->slot.has_handed_time = true;
        st->slot.handed_leaf = v->leaf;
        st->slot.handed_time = (uint64_t)v->time;
        batch_await(b, st->r);
        b->tally.acked++;
        return row_put_slot(&b->rows, st->box, st->seq, &st->slot);
}

static int repeat(struct core_batch *b, struct stepping *st, struct verdict *v)
{
        int r = verdict_repeat(v, &b->rows, st->slot.handed_leaf, (instant)st->slot.handed_time,
                               b->first, &st->r->texts);

        if (!r && v->fresh)
                batch_await(b, st->r);
        b->tally.duplicates++;
        return r;
}

static int step_one(struct core_batch *b, struct stepping *st, struct verdict *v)
{
        struct row_letter letter;
        struct header h;
        struct hash id;
        int r = row_get_slot(&b->rows, st->box, st->seq, &st->slot);

        if (r == STORE_ABSENT)
                return verdict_refuse(v, OUTCOME_NO_SUCH_LETTER, "seqs");
        if (!r)
                r = row_get_letter(&b->rows, st->slot.arrival, &letter);
        if (r)
                return r == STORE_ABSENT ? fault(-EBADMSG) : r;
        submit_letter_id(&id, letter.header);
        if (!hash_eq(&id, &st->id))
                return verdict_refuse(v, OUTCOME_NO_SUCH_LETTER, "letters");
        if (st->slot.has_handed_leaf)
                return repeat(b, st, v);
        if (field_read(&header_table, letter.header, &h, NULL))
                return fault(-EBADMSG);
        if (h.has_not_before && h.not_before > (uint64_t)b->now)
                return verdict_refuse(v, OUTCOME_NOT_YET, "seqs");
        if ((instant)st->r->ask.ack.time - b->now > b->core->cfg.clock_window)
                return verdict_refuse(v, OUTCOME_CLOCK_WINDOW, "time");

        /* ---- decided: from here on only a fault can stop us ---- */
        return hand_over(b, st, &h, v);
}

int ack_step(struct core_batch *b, struct core_request *r)
{
        struct stepping st = { .r = r };
        struct field_numbers seqs = r->ask.ack.seqs;
        struct slice ids = r->ask.ack.letters;
        struct row_mailbox row;
        int res = row_get_mailbox(&b->rows, r->ask.ack.mailbox, &row);

        assert(res != STORE_ABSENT);
        if (res)
                return res;
        st.box = row.box;
        leaf_salts(b, r->verdicts);
        for (size_t i = 0; i < r->verdicts; i++) {
                field_numbers_next(&seqs, &st.seq);
                memcpy(st.id.b, ids.at + i * sizeof(st.id), sizeof(st.id));
                res = step_one(b, &st, &r->verdict[i]);
                if (res)
                        return res;
                b->tally.refused += r->verdict[i].code != 0;
        }
        return 0;
}

void ack_answer(struct core_request *r, struct buf *out)
{
        BUF_OWNED items = { 0 };
        struct answer_ack answer = { .has_letters = true };

        for (size_t i = 0; i < r->verdicts; i++) {
                const struct verdict *v = &r->verdict[i];

                verdict_write_acked(v, &items, &r->texts, buf_slice(&r->checkpoint));
                if (v->fresh && !v->duplicate)
                        answer.has_checkpoint = true;
        }
        answer.letters = (struct field_list){ buf_slice(&items), (uint32_t)r->verdicts };
        answer.checkpoint = buf_slice(&r->checkpoint);
        request_answer(r, out, &answer);
}
