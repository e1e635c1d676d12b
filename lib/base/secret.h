/* secret.h - memory for secrets: locked, guarded, wiped
 *
 * sodium_malloc pages: guard pages around, mlock'ed, left out of core files, zeroed when freed. */
#pragma once

#include "base/bytes.h"

/* Once in main() before anything else: starts libsodium, forbids core files of this process and
 * makes it undumpable. -EIO when libsodium cannot start. */
int secret_init(void);

/* @len zeroed bytes, or NULL without memory to lock. Freed by secret_free, which takes NULL. */
void *secret_new(size_t len);
void secret_free(void *p);
void secret_wipe(void *p, size_t len); /* for short-lived secrets on the stack */

/* Equality in constant time for equal lengths. */
bool secret_equal(struct slice a, struct slice b);

static inline void secret_freep(void *p)
{
        secret_free(*(void **)p);
}
#define SECRET_OWNED __attribute__((cleanup(secret_freep)))
