/* cosign.h - C2SP tlog-cosignature v1: a witness says which checkpoint it saw, and when (E6.7)
 *
 * A cosignature is a signature line of type 0x04 under a checkpoint. It says: of this log, the
 * largest consistent tree that I had seen by then has this root. */
#pragma once

#include "evidence/note.h"

/* A verifier key of type 0x04. */
bool cosign_vkey_get(struct slice text, struct note_key *out);
void cosign_vkey_put(struct buf *out, const struct note_key *key);
/* Is @line of this witness? By name and key id; says nothing about its signature. */
bool cosign_is_of(const struct note_line *line, const struct note_key *witness);

/* Append the line of a cosignature over the note text of a checkpoint, made at @seconds since 1970.
 * Leaves -EINVAL in @out as note_cosign does, and for a time beyond 2^63 - 1. */
void cosign_make(struct buf *out, struct slice text, const char *name, uint64_t seconds,
                 const struct sign_sec *sec);
/* One line; false when its signature is not one of @witness over @text. @seconds may be NULL. */
bool cosign_line_verify(const struct note_line *line, struct slice text,
                        const struct note_key *witness, uint64_t *seconds);
/* As note_verify: 0, NOTE_UNSIGNED or NOTE_FORGED. Every line of the witness has to verify. */
int cosign_verify(const struct note *n, const struct note_key *witness);

/* Append the checkpoint @n without what others have written under it: the lines that @keep says yes
 * to, in their order. */
void cosign_strip(struct buf *out, const struct note *n,
                  bool (*keep)(void *ctx, const struct note_line *line), void *ctx);
