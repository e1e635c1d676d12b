/* slip39_words.h - SLIP-0039's 1024 words, no two of which begin with the same four letters */
#pragma once

#include "base/bytes.h"

enum { SLIP39_WORDS = 1024, SLIP39_WORDS_LONGEST = 8, SLIP39_WORDS_SHORTEST = 4 };

const char *slip39_words_at(unsigned number);

/* The number of a word in whatever case, or of its first four letters or more; -1 when there is
 * none. */
int slip39_words_find(struct slice text);

/* The words that @text was most likely meant to be, nearest first: their numbers, at most @most of
 * them. None is further away than two slips (a letter wrong, missing, too many, or two exchanged).
 */
size_t slip39_words_near(struct slice text, uint16_t *out, size_t most);
