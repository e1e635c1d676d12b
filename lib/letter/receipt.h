/* receipt.h - receipts: a tlog-proof with its event, made from tiles, judged offline (E6.3-E6.6) */
#pragma once

#include "evidence/proof.h"
#include "evidence/tile.h"
#include "letter/trust.h"
#include "schemas/messages.h"

enum receipt_verdict { RECEIPT_OK = 0, RECEIPT_FAIL = 1, RECEIPT_INCOMPLETE = 3 };

struct receipt_finding {
        enum receipt_verdict verdict;
        char reason[256];               /* one sentence that names the thing */
        struct event event;             /* borrows from @store; valid when has_event */
        bool has_event;
        uint64_t leaf;
        struct checkpoint checkpoint;
        bool logged;                    /* the log signed for the event: at most witnesses, or the key of one, are missing */
        uint32_t cosigned;              /* which witnesses of the policy have cosigned; when @logged */
        struct buf store;
};

/* Judge a receipt under @trust. Never a fault for what the receipt holds: that is the verdict. */
int receipt_judge(struct receipt_finding *out, struct slice receipt, const struct trust *trust);
/* The same for one receipt after the other under one trust file: receipts of one commit, or of one cosigned
 * checkpoint, share it, and its signatures are checked once. @memory begins zeroed. */
struct receipt_memory {
        struct hash checkpoint; /* SHA-256 of the note whose signatures held last */
        uint32_t cosigned;
        bool held;
};
int receipt_judge_next(struct receipt_finding *out, struct slice receipt, const struct trust *trust,
                       struct receipt_memory *memory);
void receipt_finding_free(struct receipt_finding *f);

/* Make a receipt for the event at @leaf under @checkpoint, from tiles, which must be signed by @log. Lines under it that are
 * neither the log's nor of a witness of @policy are left out; the policy need not be met. -EPROTO when the tiles do not lead
 * to the checkpoint's root or a signature is false: then the broker lies and nothing is written. */
int receipt_make(struct buf *out, struct slice event, const uint8_t salt[static 16], uint64_t leaf,
                 struct slice checkpoint, const struct note_key *log, const struct policy *policy,
                 struct tile_source *tiles);
