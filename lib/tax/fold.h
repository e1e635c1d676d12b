/* fold.h - when two writings of a name or number are the same
 *
 * A policy is 123-4 on one certificate and １２３－４ on the next, an issuer 〇〇生命保険株式会社
 * here and 〇〇生命保険㈱ in the register of senders. */
#pragma once

#include "base/buf.h"
#include "tax/keep.h"

/* Append @text to @out with full-width Latin letters, digits and signs made narrow, the word for
 * the kind of company in one writing, and without spaces. */
void fold_put(struct buf *out, struct slice text);
/* Are they the same so? Two empty ones are not. @keep is told when memory ran out. */
bool fold_same(struct keep *keep, const char *a, const char *b);
