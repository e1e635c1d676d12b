/* identity.h - a holder's root seed in its age file, and the keys derived from it (E2.1-E2.4, E2.9) */
#pragma once

#include "base/buf.h"
#include "letter/name.h"

enum identity_outcome { IDENTITY_ABSENT = 1, IDENTITY_BAD = 2, IDENTITY_PASSPHRASE = 3, IDENTITY_EXISTS = 4 };

struct identity;                        /* secret memory */

/* A fresh seed, written to @path (mode 0600) under the pass-phrase. @work: scrypt's log2 N. */
int identity_create(struct identity **out, const char *path, struct slice passphrase, unsigned work);
/* The same of a seed that exists, as after recovery. */
int identity_restore(struct identity **out, const char *path, const struct seed *seed, struct slice passphrase,
                     unsigned work);
int identity_open(struct identity **out, const char *path, struct slice passphrase);
/* From a seed that exists, for the organisations' key files and the tests; copied. */
int identity_of_seed(struct identity **out, const struct seed *seed);
void identity_free(struct identity *id);        /* NULL is fine */

/* The seed itself, into the caller's secret memory: for paper (letter/recovery.h). */
void identity_seed(const struct identity *id, struct seed *out);

/* Derived keys. Secret halves point into @id and live as long as it does, or are written to the
 * caller's secret memory. */
void identity_mailbox(const struct identity *id, struct mailbox *name, struct sign_pub *pub);
void identity_mailbox_sign(const struct identity *id, struct signature *out, struct slice msg);
void identity_mailbox_secret(const struct identity *id, struct sign_sec *out);
void identity_transport(const struct identity *id, const char *device, struct curve_pub *pub, struct curve_sec *sec);
void identity_address(const struct identity *id, uint32_t n, struct address *name, struct sign_pub *pub);
void identity_address_secret(const struct identity *id, uint32_t n, struct sign_sec *out);
void identity_address_seal(const struct identity *id, uint32_t n, uint32_t epoch, struct seal_pub *pub, struct seal_sec *sec);
