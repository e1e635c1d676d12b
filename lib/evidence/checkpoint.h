/* checkpoint.h - C2SP tlog-checkpoint: a signed note that says size and root of a log */
#pragma once

#include "evidence/note.h"
#include "evidence/tree.h"

struct checkpoint {
        char origin[NOTE_NAME_MOST + 1];
        uint64_t size;
        struct hash root;
};

enum { CHECKPOINT_MALFORMED = 1, CHECKPOINT_UNSIGNED = 2, CHECKPOINT_FORGED = 3, CHECKPOINT_OTHER_LOG = 4 };

/* Append the signed checkpoint. The key's name is the origin. */
void checkpoint_write(struct buf *out, const struct checkpoint *c, const struct sign_sec *sec);
/* Parse only; nothing is believed yet. @n borrows from @bytes. */
int checkpoint_read(struct checkpoint *out, struct note *n, struct slice bytes);
/* Parse and verify under the log's key: its name must be the origin. */
int checkpoint_open(struct checkpoint *out, struct slice bytes, const struct note_key *log);
