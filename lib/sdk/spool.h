/* spool.h - the sender's letters on disk, from composing until they are forgotten
 *
 *      spool/lock          held by flock(2) while the spool is open
 *      spool/data.mdb      LMDB: rows of schemas/rows.toml ("the sender's spool")
 *      spool/bodies/       sealed bodies of more than 1 MiB, ID.age, on disk before their row is
 *
 * A letter has a place, rising in the order of composing, for as long as the spool has it. Changes
 * gather in one transaction and are durable when spool_commit() says 0; what reads sees them
 * before. Slices that were read live until the next change or commit. Used by one thread at a time.
 */
#pragma once

#include "base/buf.h"
#include "schemas/rows.h"

struct spool;

enum spool_outcome {
        SPOOL_ABSENT = 1,
        SPOOL_NO_ROOM = 2, /* no room on the disk: what was not committed yet is gone */
        SPOOL_NEWER = 3,   /* written by a newer version of this program */
};

/* enum fumi_state, as the rows have it */
enum spool_state { SPOOL_WAITING, SPOOL_FILED, SPOOL_REFUSED, SPOOL_STATES };

/* Made when absent. -EBUSY: another process has it. */
int spool_open(struct spool **out, const char *folder);
/* What was not committed is dropped. */
void spool_close(struct spool **s);
int spool_commit(struct spool *s);
/* Forget what was changed since the last commit. */
void spool_revert(struct spool *s);
/* Bytes changed since the last commit. */
uint64_t spool_pending(const struct spool *s);
const struct row_spool_state *spool_counts(const struct spool *s);

/* ---- sealed bodies ---- */

/* A body on its way into the spool: in memory up to 1 MiB, beyond that in a file. Zeroed is empty,
 * but for
 * @folder, the spool's. Needs no spool, so that several threads may write one each. */
struct spool_body {
        const char *folder;
        struct buf bytes;
        char *file; /* the temporary's path; NULL while in memory */
        int fd;
        uint64_t size;
};
int spool_body_put(void *body,
                   struct slice sealed);    /* a seal_sink; -ENOSPC for every kind of full */
int spool_body_end(struct spool_body *b);   /* complete; the file is on disk */
void spool_body_drop(struct spool_body *b); /* and free */
const char *spool_folder(const struct spool *s);

/* The body of a letter of at most 1 MiB. SPOOL_ABSENT when it was dropped. */
int spool_body_inline(struct spool *s, uint64_t place, struct slice *out);
/* Append up to @most bytes from @offset of a larger one. */
int spool_body_read(struct spool *s, const struct hash *id, uint64_t offset, size_t most,
                    struct buf *out);

/* ---- letters ---- */

/* A new letter at a new place. Takes the body over. */
int spool_letter_add(struct spool *s, const struct row_spool_letter *row, struct spool_body *body,
                     const struct row_spool_draft *draft, uint64_t *place);
/* The letter was sealed again: other id, header, body; the same place, key and draft. The old id
 * goes on leading here. */
int spool_letter_reseal(struct spool *s, uint64_t place, const struct row_spool_letter *row,
                        struct spool_body *body);
/* What became of it. The draft goes when nothing waits any more. */
int spool_letter_settle(struct spool *s, uint64_t place, const struct row_spool_letter *row);
int spool_letter_get(struct spool *s, uint64_t place, struct row_spool_letter *out);
int spool_letter_draft(struct spool *s, uint64_t place, struct row_spool_draft *out);
int spool_letter_find(struct spool *s, const struct hash *id, uint64_t *place);
int spool_letter_find_key(struct spool *s, const char *key, uint64_t *place);
/* The next place behind @after, of all letters or of those that wait. SPOOL_ABSENT at the end. */
int spool_letter_next(struct spool *s, uint64_t after, uint64_t *place);
int spool_letter_next_waiting(struct spool *s, uint64_t after, uint64_t *place);
/* The body only, or everything. */
int spool_letter_drop_body(struct spool *s, uint64_t place);
int spool_letter_drop(struct spool *s, uint64_t place);

/* ---- what else is kept ---- */

/* Checkpoints are shared by the letters of a commit, so they are kept under their hash. */
int spool_keep_checkpoint(struct spool *s, struct slice note, struct hash *out);
int spool_checkpoint(struct spool *s, const struct hash *hash, struct slice *out);
int spool_keep_receipt(struct spool *s, uint64_t place, struct slice receipt);
int spool_receipt(struct spool *s, uint64_t place, struct slice *out);
int spool_keep_address(struct spool *s, const char *address, const struct row_known_address *row);
int spool_address(struct spool *s, const char *address, struct row_known_address *out);
