/* seed.h - the broker's secret file, and what each process takes from it (E2.6)
 *
 * A key file of the kind "broker" (E7.4), mode 0600, owned by the user the broker runs as. Each process
 * derives the keys that it needs and forgets the seed before it meets anybody. */
#pragma once

#include "base/buf.h"
#include "crypt/keys.h"

#include <sys/types.h>

enum seed_outcome { SEED_BAD = 1 };

/* In secret memory, freed with secret_free. SEED_BAD: @why names path and cause. */
int seed_read(struct seed **out, const char *path, uid_t owner, struct buf *why);

/* For the front: its transport key. For the keeper: attestations and checkpoints. Into secret
 * memory. */
void seed_transport(const struct seed *s, struct curve_sec *out);
void seed_broker_sign(const struct seed *s, struct sign_sec *out);
void seed_log_sign(const struct seed *s, struct sign_sec *out);
