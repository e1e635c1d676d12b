/* statement_text.h - what the statements' readers and writers share; included by statement*.c only
 *
 * Reading takes the lines in their fixed order. As with note_text, the first trouble is remembered
 * and what is read after it is zero or empty, so that a reader goes straight through and asks once.
 */
#pragma once

#include "letter/statement.h"

/* ---- reading ---- */

/* The note and the cursor behind its title line. False when it is no note, or too long for one. */
bool statement_text_begin(struct note *n, struct note_text *t, struct slice note,
                          const char *title);

/* The next word of @rest, and @rest behind the space. False when the word is empty, or when nothing
 * follows its space: that would be a second spelling. */
bool statement_text_word(struct slice *rest, struct slice *word);

/* "word <base64 of 32 bytes>" */
void statement_text_key(struct note_text *t, const char *word, uint8_t out[static 32]);
/* "epoch N" and, when N > 1, "previous <base64>" */
void statement_text_epoch(struct note_text *t, uint64_t *epoch, struct hash *previous);
/* "level 0-3" */
unsigned statement_text_level(struct note_text *t);
/* "valid A B" */
void statement_text_valid(struct note_text *t, instant *from, instant *until);
/* Whole seconds ending in Z, from 1970 on. */
bool statement_text_instant(struct slice s, instant *out);

/* Who signed: 0 and @by (may be NULL), or STATEMENT_FORGED. */
int statement_text_signed(const struct note *n, const struct note_key *keys, size_t count,
                          const struct note_key **by);
/* The same for a name that certifies its own key. */
int statement_text_signed_by(const struct note *n, const char *name, const struct sign_pub *key);
void statement_text_hash(struct hash *out, struct slice note);

/* ---- writing: a value that would break out of its line leaves -EINVAL in the buffer, and so does
 * a statement that its own reader does not take; nobody's key stands under what no one could read
 * ---- */
void statement_text_refuse(struct buf *out);
void statement_text_put(struct buf *out, const char *word, struct slice value);
void statement_text_put_coded(struct buf *out, const char *word, const uint8_t bytes[static 32]);
void statement_text_put_epoch(struct buf *out, uint64_t epoch, const struct hash *previous);
void statement_text_put_instant(struct buf *out, instant t);
void statement_text_put_valid(struct buf *out, instant from, instant until);
/* Sign @text into @out; a fault goes from one to the other. The note, or nothing after a fault. */
struct slice statement_text_sign(struct buf *out, const struct buf *text, const char *name,
                                 const struct sign_sec *sec);
