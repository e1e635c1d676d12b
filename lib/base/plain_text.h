/* plain_text.h - strangers' text on its way to a terminal: what may be shown, and how wide it is
 *
 * A terminal obeys control characters, and an eye is misled by characters that turn the order of
 * reading or are not seen. All of these become U+FFFD. */
#pragma once

#include "base/buf.h"

/* The character that @s (not empty) begins with, and how many bytes it takes; -1 for one byte that
 * begins none. */
int32_t plain_text_next(struct slice s, size_t *len);
/* -1, controls, and characters that are not seen but change how a text is read: those that turn its
 * direction, join, fill, tag or break lines. */
bool plain_text_unseen(int32_t c);

/* Append @text with U+FFFD for what must not be shown. Gives the columns it takes on a terminal:
 * two for an East Asian character, none for a mark upon the one before. */
size_t plain_text_put(struct buf *out, struct slice text);
/* The columns alone. */
size_t plain_text_columns(struct slice text);
