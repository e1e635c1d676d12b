/* recovery.h - a holder's root seed as words for paper, and back (E8)
 *
 * The seed is shared by SLIP-0039 under the empty pass-phrase: one share alone, or K of N. What
 * people hand back is a stranger's text: typed, photographed, with words left out or spelt wrongly.
 * Reading it says what of it is wrong, word by word, and never guesses. */
#pragma once

#include "crypt/slip39_mnemonic.h"
#include "letter/identity.h"

enum {
        RECOVERY_WORDS = SLIP39_MNEMONIC_MOST,
        RECOVERY_TYPED = 23, /* bytes kept of a word that is none */
        RECOVERY_EXPONENT = 1,
        RECOVERY_FINGERPRINT = 9,
        RECOVERY_TEXT_MOST = 1 << 18,
};
enum recovery_outcome {
        RECOVERY_WRONG_WORDS = 1, /* words are missing, unknown, twice or too many */
        RECOVERY_CHECKSUM = 2,    /* all are words of the list, and they do not fit together */
        RECOVERY_FOREIGN = 3,     /* a share, and not of a seed of ours */
};

/* For people, to tell mailboxes apart: the last eight letters of the name, "abcd-efgh" (E8.3). */
void recovery_fingerprint(char out[static RECOVERY_FINGERPRINT + 1], const struct mailbox *name);

/* @count shares in secret memory, of which @threshold give the seed; @count > 1 wants @threshold
 * > 1. */
int recovery_split(struct slip39_share *out, unsigned threshold, unsigned count,
                   const struct identity *id);
/* Exactly as many as are needed. Outcomes of slip39_join. */
int recovery_join(struct seed *out, const struct slip39_share *shares, size_t count);

/* ---- text ---- */

/* The words of a share, "academic acid ...", into secret memory; with terminator. */
enum { RECOVERY_SPELT = RECOVERY_WORDS * 9 };
void recovery_spell(char out[static RECOVERY_SPELT], const struct slip39_share *share);

enum { RECOVERY_WORD_MISSING = -1, RECOVERY_WORD_UNKNOWN = -2 };
struct recovery_word {
        int16_t number; /* in the list, or one of the above */
        bool twice;     /* its place was given to two different words */
        char typed[RECOVERY_TYPED + 1];
};
struct recovery_text { /* secret memory */
        struct recovery_word word[RECOVERY_WORDS];
        size_t count;    /* places up to the last that has a word */
        size_t too_many; /* words beyond the last place */
};

/* What was handed in, borrowed. Of a text that has a line of numbered words ("1 academic  2 acid") only such
 * lines count, so that a whole printed sheet may be handed in, and each number 1 begins a share. Otherwise
 * every word counts, and an empty line or a new page ends a share. */
struct recovery_source {
        struct slice rest;
        bool numbered;
};
struct recovery_source recovery_of(struct slice text);
/* The next share, whatever state it is in; false when there is no further one. */
bool recovery_next(struct recovery_text *out, struct recovery_source *s);
/* Make a share of it. */
int recovery_read(struct slip39_share *out, const struct recovery_text *text);
/* After RECOVERY_CHECKSUM: the place, from 0, of the one word that must be wrong; -1 when there are
 * more. */
int recovery_suspect(const struct recovery_text *text);
