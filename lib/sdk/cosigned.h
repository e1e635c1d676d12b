/* cosigned.h - a checkpoint that enough witnesses have cosigned, asked of the broker (P4.16) */
#pragma once

#include "sdk/session.h"

enum { COSIGNED_SHORT = 1 }; /* there is none that the policy is content with */

/* The first checkpoint over @leaf that the trust file's policy is content with, waiting at most @wait_ms for one.
 * COSIGNED_SHORT: of those that fall short the one with most cosignatures, or nothing in @out when the broker shows none.
 * Believed are the log's signature and those of the policy's witnesses; nothing else is. An outcome or a fault of
 * session_ask. Without a policy it is COSIGNED_SHORT at once, and nothing is asked. */
int cosigned_find(struct buf *out, struct session *s, const struct trust *trust, uint64_t leaf, int64_t wait_ms);
