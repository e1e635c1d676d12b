/* slip39.h - a secret as shares for people: SLIP-0039, whole but for secrets above 256 bits
 *
 * The secret is first encrypted under a pass-phrase (which may be empty: it is no protection then,
 * and none is needed), then shared twice: among groups, and each group's share among its members.
 * We make one group; reading takes any. Everything here lies in secret memory. */
#pragma once

#include "crypt/shamir.h"

enum { SLIP39_SHARES_MOST = 256, SLIP39_EXPONENT_MOST = 15 };
enum slip39_outcome {
        SLIP39_OTHER_SET = 1, /* not all of one set */
        SLIP39_TOO_FEW = 2,
        SLIP39_TOO_MANY = 3, /* the scheme wants exactly the threshold */
        SLIP39_TWICE = 4,    /* one share is there twice */
        SLIP39_FALSE = 5,    /* they fit together, but what they say is not what was shared */
};

struct slip39_share {
        uint16_t id; /* of the set, 15 bits */
        bool extendable;
        uint8_t exponent;                       /* PBKDF2 runs 10000 << exponent times */
        uint8_t group, groups, group_threshold; /* place from 0; counts from 1 */
        uint8_t member, threshold; /* place from 0 in its group; how many of it are needed */
        uint8_t len;               /* of the value */
        struct shamir_value value;
};

/* @count shares of one group, of which @threshold give @secret back. @count > 1 wants a threshold >
 * 1: otherwise copies do. The pass-phrase is printable ASCII. 0 or a fault. */
int slip39_split(struct slip39_share *out, unsigned threshold, unsigned count, struct slice secret,
                 struct slice passphrase, unsigned exponent);

/* The secret, @len bytes of it. A pass-phrase that is not that of splitting gives another secret,
 * and nobody can tell. */
int slip39_join(struct shamir_value *out, size_t *len, const struct slip39_share *shares,
                size_t count, struct slice passphrase);

/* Do both belong to one set? */
bool slip39_same_set(const struct slip39_share *a, const struct slip39_share *b);
