/* box_ack.c - the device has the letters and says so: ContentHandover (E5.8) */
#include "sdk/box.h"

#include "base/clock.h"
#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdio.h>

enum { BATCH = 256 };

/* The ids of the letters at these positions, all of which must be here and whole. */
static int collect(struct fumi_box *b, const uint64_t *seqs, size_t count, struct hash *ids)
{
        for (size_t i = 0; i < count; i++) {
                int r = box_letter_of_seq(b, seqs[i], &ids[i]);

                if (r < 0)
                        return r;
                if (r || !box_letter_here(b, &ids[i]))
                        return box_say(
                                b, OUTCOME_NO_SUCH_LETTER,
                                "letter %llu is not on this device; 'fumibako get %llu' fetches it",
                                (unsigned long long)seqs[i], (unsigned long long)seqs[i]);
        }
        return 0;
}

static int check_one(struct fumi_box *b, uint64_t seq, const struct acked *a,
                     const struct answer_ack *answer)
{
        char about[48];

        snprintf(about, sizeof(about), "letter %llu", (unsigned long long)seq);
        if (a->code)
                return box_say(b, (int)a->code, "%s", about);
        if (!a->has_leaf || (!a->has_checkpoint && !answer->has_checkpoint))
                return box_say(b, OUTCOME_RECEIPT_FORGED, "%s: no proof came with the answer",
                               about);
        return box_checkpoint(b, a->has_checkpoint ? a->checkpoint : answer->checkpoint, a->leaf,
                              about);
}

static int check(struct fumi_box *b, const uint64_t *seqs, size_t count,
                 const struct answer_ack *answer)
{
        struct field_list list = answer->letters;
        struct acked a;
        int r = 0;

        if (!answer->has_letters || list.count != count)
                return box_say(b, fault(-EPROTO), "%s answered for other letters", b->trust.broker);
        for (size_t i = 0; field_list_next(&list, &acked_table, &a); i++) {
                int one = check_one(b, seqs[i], &a, answer);

                if (one && !r)
                        r = one;
        }
        return r;
}

static int ack_batch(struct fumi_box *b, const uint64_t *seqs, size_t count)
{
        struct hash ids[BATCH];
        struct ask_ack ask = { .mailbox = slice_str(b->mailbox.s), .time = (uint64_t)clock_now() };
        struct answer_ack answer;
        struct signature sig;
        BUF_OWNED numbers = { 0 };
        BUF_OWNED message = { 0 };
        BUF_OWNED bytes = { 0 };
        int r = collect(b, seqs, count, ids);

        if (r)
                return r;
        for (size_t i = 0; i < count; i++)
                field_numbers_put(&ask.seqs, &numbers, seqs[i]);
        ask.letters = slice_of(ids, count * sizeof(ids[0]));
        statement_ack_message(&message, ask.mailbox, (instant)ask.time, ask.letters);
        if (buf_fault(&numbers) || buf_fault(&message))
                return fault(-ENOMEM);
        identity_mailbox_sign(b->identity, &sig, buf_slice(&message));
        memcpy(ask.signature, sig.b, sizeof(sig.b));
        r = box_ask(b, VERB_ACK, &ask, &bytes, &answer);
        return r ? r : check(b, seqs, count, &answer);
}

int fumi_ack(fumi_box *b, const uint64_t *seqs, size_t count)
{
        while (count) {
                size_t n = count < BATCH ? count : BATCH;
                int r = ack_batch(b, seqs, n);

                if (r)
                        return r;
                seqs += n;
                count -= n;
        }
        return 0;
}
