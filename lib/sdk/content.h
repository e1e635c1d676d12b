/* content.h - what a caller wants sent, as a digest: is a key that is used again the same letter's?
 */
#pragma once

#include "sdk/part.h"

/* @part: the opened parts of @l, whose texts are there. */
void content_digest(struct hash *out, const struct fumi_letter *l, const struct part *part);
