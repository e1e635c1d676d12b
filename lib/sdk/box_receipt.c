/* box_receipt.c - the proof that a letter's filing is in the broker's log, made when it is fetched
 * and judged again whenever it is opened (E6.3)
 *
 * letters/ID.tlog-proof lies beside the letter and is what fumibako-verify takes. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"
#include "evidence/checkpoint.h"
#include "evidence/tile.h"
#include "letter/event.h"
#include "letter/receipt.h"
#include "schemas/outcomes.h"
#include "sdk/cosigned.h"

#include <errno.h>

static void receipt_path(struct fumi_box *b, char path[static PATH_MAX], const struct hash *id)
{
        char name[BOX_ID_HEX + 1];

        box_letter_name(name, id);
        box_path(b, path, "letters/%s.tlog-proof", name);
}

/* The log's key, if the checkpoint verifies under it. */
static int log_key(struct fumi_box *b, struct slice checkpoint, const struct note_key **key)
{
        struct checkpoint c;
        struct note n;

        if (checkpoint_read(&c, &n, checkpoint) != 0)
                return box_say(b, OUTCOME_RECEIPT_FORGED, "the checkpoint is not well-formed");
        *key = trust_log(&b->trust, c.origin);
        return *key ? 0
                    : box_say(b, OUTCOME_NOT_TRUSTED, "the log %s is not in the trust file",
                              c.origin);
}

/* A checkpoint over the letter's leaf that witnesses have cosigned, or else the filing's own. */
static int choose(struct fumi_box *b, struct session *session, const struct envelope *e,
                  struct buf *out)
{
        int r = cosigned_find(out, session, &b->trust, e->leaf, 0);

        if (r == OUTCOME_NO_ANSWER)
                return box_silent(b);
        if (r && r != COSIGNED_SHORT)
                return box_say(b, r, "%s", b->trust.endpoint);
        if (!out->len)
                buf_put(out, e->checkpoint);
        return buf_fault(out);
}

int box_receipt_make(struct fumi_box *b, const struct hash *id, const struct header *h,
                     const struct envelope *e)
{
        struct tile_source tiles;
        const struct note_key *key;
        struct session *session;
        char path[PATH_MAX];
        BUF_OWNED checkpoint = { 0 };
        BUF_OWNED receipt = { 0 };
        BUF_OWNED event = { 0 };
        int r = box_session(b, &session);

        if (!r)
                r = choose(b, session, e, &checkpoint);
        if (!r)
                r = log_key(b, buf_slice(&checkpoint), &key);
        if (r)
                return r;
        event_put_filed(&event, slice_str(b->trust.broker), h, id, (instant)e->time);
        if (buf_fault(&event))
                return fault(buf_fault(&event));
        tiles = session_tiles(session, 0);
        r = receipt_make(&receipt, buf_slice(&event), e->salt, e->leaf, buf_slice(&checkpoint), key,
                         &b->trust.policy, &tiles);
        if (r == -EPROTO)
                return box_say(b, OUTCOME_RECEIPT_FORGED,
                               "the broker's log does not hold the filing of this letter");
        if (r)
                return box_say(b, r, "the proof from the broker's log: %s", strerror(-r));
        receipt_path(b, path, id);
        r = file_replace(path, buf_slice(&receipt), 0600);
        return r ? box_say(b, r, "%s: %s", path, strerror(-r)) : 0;
}

/* The checkpoint that came with the letter, or, when that is a true one, a later one of its log
 * that witnesses have cosigned. */
static bool is_no_older(struct fumi_box *b, struct slice checkpoint, const struct envelope *e)
{
        struct checkpoint c, then;
        struct note n;

        if (slice_eq(checkpoint, e->checkpoint))
                return true;
        return checkpoint_read(&c, &n, checkpoint) == 0 &&
               checkpoint_read(&then, &n, e->checkpoint) == 0 &&
               strcmp(c.origin, then.origin) == 0 && c.size >= then.size &&
               box_checkpoint(b, e->checkpoint, e->leaf, "the filing") == 0;
}

/* Does it say of the filing what the envelope beside it says? What is told of a letter comes from
 * there. */
static int agrees(struct fumi_box *b, struct slice receipt, const struct hash *id,
                  const struct header *h, const struct envelope *e)
{
        struct disclosure d;
        struct proof p;
        BUF_OWNED event = { 0 };
        BUF_OWNED extra = { 0 };
        int r = proof_read(&p, receipt);

        if (r)
                return r;
        event_put_filed(&event, slice_str(b->trust.broker), h, id, (instant)e->time);
        memcpy(d.salt, e->salt, sizeof(d.salt));
        d.event = buf_slice(&event);
        if (!buf_fault(&event))
                field_write(&disclosure_table, &extra, &d);
        if (buf_fault(&event) || buf_fault(&extra))
                r = fault(-ENOMEM);
        else if (p.index != e->leaf || !is_no_older(b, p.checkpoint, e) ||
                 !slice_eq(p.extra, buf_slice(&extra)))
                r = OUTCOME_RECEIPT_FORGED;
        proof_free(&p);
        return r;
}

int box_receipt_check(struct fumi_box *b, const struct hash *id, const struct header *h,
                      const struct envelope *e, struct box_witnesses *w)
{
        struct receipt_finding f;
        char path[PATH_MAX];
        BUF_OWNED receipt = { 0 };
        int r;

        receipt_path(b, path, id);
        r = file_read(&receipt, path, PROOF_MOST);
        if (r == FILE_ABSENT)
                return BOX_ABSENT;
        if (r == 0)
                r = receipt_judge(&f, buf_slice(&receipt), &b->trust);
        if (r)
                return box_say(b, r < 0 ? r : OUTCOME_RECEIPT_FORGED, "%s: cannot be read", path);
        if (f.verdict == RECEIPT_INCOMPLETE && !f.logged)
                r = box_say(b, OUTCOME_NOT_TRUSTED, "%s: %s", path, f.reason);
        else if (f.verdict == RECEIPT_FAIL)
                r = box_say(b, OUTCOME_RECEIPT_FORGED, "%s: %s", path, f.reason);
        else if (!f.event.has_letter || !hash_eq(&f.event.letter, id))
                r = box_say(b, OUTCOME_RECEIPT_FORGED, "%s: it speaks of another letter", path);
        w->count = 0;
        for (uint32_t set = f.cosigned; set; set &= set - 1)
                w->count++;
        w->enough = policy_met(&b->trust.policy, f.cosigned);
        receipt_finding_free(&f);
        if (!r && agrees(b, buf_slice(&receipt), id, h, e) != 0)
                r = box_say(b, OUTCOME_RECEIPT_FORGED,
                            "%s: it speaks of another filing than the letter", path);
        return r;
}
