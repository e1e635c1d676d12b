/* plain_text.h - strangers' text, character by character: which characters may be shown as they are
 */
#pragma once

#include "base/bytes.h"

/* The character that @s (not empty) begins with, and how many bytes it takes; -1 for one byte that
 * begins none. */
int32_t plain_text_next(struct slice s, size_t *len);
/* -1, controls, and characters that are not seen but change how a text is read: those that turn its
 * direction, join, fill, tag or break lines. */
bool plain_text_unseen(int32_t c);
