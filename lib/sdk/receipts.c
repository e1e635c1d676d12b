/* receipts.c - the receipts of filed letters, and what their recipients did
 *
 * A receipt is proved against the broker's tiles once and kept; asking again gives the same bytes.
 * Where the trust file asks for witnesses, it is made over a checkpoint that they have cosigned;
 * as long as there is none, over the filing's own, and tried again the next time. */
#include "sdk/results.h"

#include "base/fault.h"
#include "letter/event.h"
#include "letter/receipt.h"
#include "schemas/outcomes.h"
#include "sdk/cosigned.h"

#include <errno.h>

/* What a receipt is made of, copied out of the spool. */
struct making {
        struct buf event, checkpoint;
        uint8_t salt[EVENT_SALT];
        uint64_t leaf;
};

static void making_free(struct making *m)
{
        buf_free(&m->event);
        buf_free(&m->checkpoint);
}

static int gather(struct making *m, struct fumi_sender *s, uint64_t place)
{
        struct row_spool_letter row;
        struct slice checkpoint;
        struct header h;
        int r = spool_letter_get(s->spool, place, &row);

        if (!r && field_read(&header_table, row.header, &h, NULL))
                r = fault(-EBADMSG);
        if (!r)
                r = spool_checkpoint(s->spool, &row.checkpoint, &checkpoint);
        if (r)
                return sender_spool(s, r == SPOOL_ABSENT ? fault(-EBADMSG) : r);
        event_put_filed(&m->event, slice_str(s->trust.broker), &h, &row.id, (instant)row.time);
        buf_put(&m->checkpoint, checkpoint);
        memcpy(m->salt, row.salt, sizeof(m->salt));
        m->leaf = row.leaf;
        if (buf_fault(&m->event) || buf_fault(&m->checkpoint))
                return sender_tell(s, fault(-ENOMEM), "receipt");
        return 0;
}

/* Put a checkpoint with more cosignatures in the place of the filing's own, if there is one. */
static int take_cosigned(struct fumi_sender *s, struct making *m, int64_t wait_ms)
{
        BUF_OWNED found = { 0 };
        int r = cosigned_find(&found, s->session, &s->trust, m->leaf, wait_ms);

        if (r && r != COSIGNED_SHORT)
                return sender_tell(s, r, s->trust.endpoint);
        if (!found.len)
                return 0;
        buf_clear(&m->checkpoint);
        buf_put(&m->checkpoint, buf_slice(&found));
        return buf_fault(&m->checkpoint);
}

static int prove(struct buf *out, struct fumi_sender *s, struct making *m, int64_t wait_ms)
{
        const struct note_key *log;
        struct tile_source tiles;
        struct checkpoint c;
        struct slice text;
        struct note n;
        int r = sender_connect(s);

        if (!r)
                r = take_cosigned(s, m, wait_ms);
        if (r)
                return r;
        text = buf_slice(&m->checkpoint);
        if (checkpoint_read(&c, &n, text) || !(log = trust_log(&s->trust, c.origin)))
                return sender_tell(s, OUTCOME_NOT_TRUSTED, "checkpoint");
        tiles = session_tiles(s->session, c.size);
        r = receipt_make(out, buf_slice(&m->event), m->salt, m->leaf, text, log, &s->trust.policy,
                         &tiles);
        return sender_tell(s, r == -EPROTO ? OUTCOME_RECEIPT_FORGED : r, "receipt");
}

static int make_receipt(struct fumi_sender *s, uint64_t place, int64_t wait_ms)
{
        struct making m = { .leaf = 0 };
        BUF_OWNED receipt = { 0 };
        int r = gather(&m, s, place);

        if (!r)
                r = prove(&receipt, s, &m, wait_ms);
        if (!r)
                r = sender_spool(s, spool_keep_receipt(s->spool, place, buf_slice(&receipt)));
        making_free(&m);
        return r ? r : sender_commit(s);
}

/* Only a filed letter has one. */
static int find_filed(struct fumi_sender *s, const fumi_id *id, uint64_t *place)
{
        struct row_spool_letter row;
        int r = results_find(s, id, place);

        if (!r)
                r = sender_spool(s, spool_letter_get(s->spool, *place, &row));
        if (r || row.state == SPOOL_FILED)
                return r;
        return sender_tell(s, row.state == SPOOL_WAITING ? OUTCOME_NO_ANSWER : (int)row.code,
                           "this letter was not filed");
}

/* Could a new one say more? Only where witnesses are asked for and too few are in this one. */
static bool lacks_witnesses(const struct fumi_sender *s, struct slice receipt)
{
        struct receipt_finding f;
        bool lacks;

        if (s->trust.policy.says != POLICY_QUORUM || receipt_judge(&f, receipt, &s->trust) < 0)
                return false;
        lacks = f.logged && !policy_met(&s->trust.policy, f.cosigned);
        receipt_finding_free(&f);
        return lacks;
}

int fumi_receipt(fumi_sender *s, const fumi_id *id,
                 void (*take)(void *ctx, const void *bytes, size_t size), void *ctx)
{
        return fumi_receipt_witnessed(s, id, 0, take, ctx);
}

int fumi_receipt_witnessed(fumi_sender *s, const fumi_id *id, int64_t wait_ms,
                           void (*take)(void *ctx, const void *bytes, size_t size), void *ctx)
{
        struct slice receipt;
        uint64_t place;
        bool kept;
        int r;

        sender_begin(s);
        r = find_filed(s, id, &place);
        if (r)
                return r;
        r = spool_receipt(s->spool, place, &receipt);
        kept = r == 0;
        if (r == SPOOL_ABSENT || (kept && lacks_witnesses(s, receipt))) {
                r = make_receipt(s, place, wait_ms);
                if (r && !kept)
                        return r;
                r = spool_receipt(s->spool, place, &receipt); /* the old one, if need be */
        }
        if (r)
                return sender_spool(s, r);
        take(ctx, receipt.at, receipt.len);
        return 0;
}

/* ---- what the recipient did ---- */

static int read_handed(struct fumi_sender *s, const struct answer_status *answer, int64_t *handed)
{
        struct acked acked;

        *handed = 0;
        if (!answer->has_handed)
                return 0;
        if (field_read(&acked_table, answer->handed, &acked, NULL) || !acked.has_time ||
            !acked.has_leaf)
                return sender_tell(s, fault(-EPROTO), s->trust.endpoint);
        if (acked.has_checkpoint && !send_answer_proved(&s->trust, acked.checkpoint, acked.leaf))
                return sender_tell(s, OUTCOME_RECEIPT_FORGED, s->trust.endpoint);
        *handed = (int64_t)acked.time;
        return 0;
}

int fumi_status(fumi_sender *s, const fumi_id *id, int64_t *handed)
{
        struct ask_status ask = { .sender = slice_str(s->name) };
        struct row_spool_letter row;
        struct answer_status answer;
        BUF_OWNED bytes = { 0 };
        struct header h;
        uint64_t place;
        int r;

        sender_begin(s);
        r = find_filed(s, id, &place);
        if (!r)
                r = sender_spool(s, spool_letter_get(s->spool, place, &row));
        if (!r && field_read(&header_table, row.header, &h, NULL))
                r = sender_tell(s, fault(-EBADMSG), spool_folder(s->spool));
        if (!r)
                r = sender_connect(s);
        if (r)
                return r;
        memcpy(ask.nonce, h.nonce, sizeof(ask.nonce));
        r = session_ask(s->session, VERB_STATUS, &ask, &bytes, &answer, SENDER_ASK, NULL);
        return r ? sender_tell(s, r, s->trust.endpoint) : read_handed(s, &answer, handed);
}
