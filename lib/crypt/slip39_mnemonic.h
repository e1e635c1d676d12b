/* slip39_mnemonic.h - a share as words: ten bits a word, the last three a checksum (SLIP-0039,
 * RS1024)
 *
 *      id 15 | ext 1 | exponent 4 | group 4 | threshold 4 | groups 4 | member 4 | threshold 4 |
 * padding, value | 30
 *
 * A word is its number in the list, 0 to 1023. The checksum finds every change of up to three
 * words. */
#pragma once

#include "crypt/slip39.h"

enum { SLIP39_MNEMONIC_LEAST = 20, SLIP39_MNEMONIC_MOST = 33 };
enum slip39_mnemonic_outcome {
        SLIP39_MNEMONIC_LENGTH = 1, /* no share has so many words */
        SLIP39_MNEMONIC_CHECKSUM = 2,
        SLIP39_MNEMONIC_FORM = 3, /* the checksum is right, what it covers is not */
};

/* How many words were written. */
size_t slip39_mnemonic_write(uint16_t words[static SLIP39_MNEMONIC_MOST],
                             const struct slip39_share *s);
int slip39_mnemonic_read(struct slip39_share *out, const uint16_t *words, size_t count);

/* The place of the one word that must be wrong for the checksum to fail as it does; -1 when no
 * single word explains it. Where, and not what: a guess that fits would look like the truth. */
int slip39_mnemonic_suspect(const uint16_t *words, size_t count);
