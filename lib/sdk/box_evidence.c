/* box_evidence.c - the checkpoints that come with a broker's answers
 *
 * A broker's word about what it did counts only under a log key of the trust file. */
#include "sdk/box.h"

#include "evidence/checkpoint.h"
#include "schemas/outcomes.h"

int box_checkpoint(struct fumi_box *b, struct slice note, uint64_t leaf, const char *about)
{
        const struct note_key *key;
        struct checkpoint c;
        struct note n;

        if (checkpoint_read(&c, &n, note) != 0)
                return box_say(b, OUTCOME_RECEIPT_FORGED, "%s: the checkpoint is not well-formed",
                               about);
        key = trust_log(&b->trust, c.origin);
        if (!key)
                return box_say(b, OUTCOME_NOT_TRUSTED, "%s: the log is not in the trust file",
                               about);
        if (checkpoint_open(&c, note, key) != 0)
                return box_say(b, OUTCOME_RECEIPT_FORGED,
                               "%s: the checkpoint's signature does not verify", about);
        if (leaf >= c.size)
                return box_say(b, OUTCOME_RECEIPT_FORGED,
                               "%s: the checkpoint is older than the event", about);
        return 0;
}
