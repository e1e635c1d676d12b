/* slip39.c - a secret is encrypted and shared, and comes back
 *
 * The cipher is a four-round Feistel network over the two halves of the secret, whose round
 * function is PBKDF2-HMAC-SHA-256: a permutation, so that every value decrypts to something and a
 * wrong pass-phrase does not show. */
#include "crypt/slip39.h"

#include "base/fault.h"
#include "base/secret.h"
#include "crypt/hash.h"
#include "crypt/keys.h"

#include <assert.h>
#include <errno.h>

enum { ROUNDS = 4, ITERATIONS = 2500, PASSPHRASE_MOST = 256, ID_BITS = 15, PLACES = 16 };

/* ---- the cipher ---- */

struct round {
        uint8_t password[1 + PASSPHRASE_MOST];
        uint8_t salt[8 + SHAMIR_MOST / 2], f[SHAMIR_MOST / 2];
};

/* One byte of round number and the pass-phrase; what ties the secret to its set, and half of it. */
static void round_of(struct round *w, const struct slip39_share *set, unsigned i,
                     struct slice passphrase, struct slice right)
{
        struct slice salt = { w->salt, right.len };
        uint8_t *at = w->salt;

        w->password[0] = (uint8_t)i;
        if (passphrase.len)
                memcpy(w->password + 1, passphrase.at, passphrase.len);
        if (!set->extendable) {
                memcpy(at, "shamir", 6);
                at[6] = set->id >> 8, at[7] = set->id & 0xff;
                at += 8, salt.len += 8;
        }
        memcpy(at, right.at, right.len);
        hash_pbkdf2(w->f, right.len, slice_of(w->password, 1 + passphrase.len), salt,
                    (unsigned)ITERATIONS << set->exponent);
}

/* In place; @set says id, flag, exponent and length. Decrypting is the same with the rounds
 * backwards. */
static int cipher(struct shamir_value *v, const struct slip39_share *set, struct slice passphrase,
                  bool decrypt)
{
        SECRET_OWNED struct round *w = secret_new(sizeof(*w));
        size_t half = set->len / 2;
        uint8_t *left = v->b, *right = v->b + half;

        assert(passphrase.len <= PASSPHRASE_MOST);
        if (!w)
                return fault(-ENOMEM);
        for (unsigned i = 0; i < ROUNDS; i++) {
                uint8_t *before = left;

                round_of(w, set, decrypt ? ROUNDS - 1 - i : i, passphrase, slice_of(right, half));
                for (size_t k = 0; k < half; k++)
                        left[k] ^= w->f[k];
                left = right, right = before;
        }
        /* After an even number of rounds the halves lie where they began, and are handed out
         * swapped. */
        memcpy(w->f, left, half);
        memcpy(left, right, half);
        memcpy(right, w->f, half);
        return 0;
}

/* ---- sharing ---- */

int slip39_split(struct slip39_share *out, unsigned threshold, unsigned count, struct slice secret,
                 struct slice passphrase, unsigned exponent)
{
        SECRET_OWNED struct shamir_value *v = secret_new((1 + PLACES) * sizeof(*v));
        struct slip39_share set = { .extendable = true,
                                    .exponent = (uint8_t)exponent,
                                    .groups = 1,
                                    .group_threshold = 1,
                                    .threshold = (uint8_t)threshold,
                                    .len = (uint8_t)secret.len };
        int r;

        assert(count == 1 || threshold > 1);
        assert(exponent <= SLIP39_EXPONENT_MOST && secret.len <= SHAMIR_MOST);
        if (!v)
                return fault(-ENOMEM);
        keys_random(&set.id, sizeof(set.id));
        set.id &= (1 << ID_BITS) - 1;
        memcpy(v->b, secret.at, secret.len);
        r = cipher(v, &set, passphrase, false);
        if (!r)
                r = shamir_split(v + 1, threshold, count, slice_of(v->b, secret.len));
        for (unsigned i = 0; i < count && !r; i++) {
                out[i] = set;
                out[i].member = (uint8_t)i;
                out[i].value = v[1 + i];
        }
        return r;
}

/* ---- joining ---- */

bool slip39_same_set(const struct slip39_share *a, const struct slip39_share *b)
{
        return a->id == b->id && a->extendable == b->extendable && a->exponent == b->exponent &&
               a->groups == b->groups && a->group_threshold == b->group_threshold &&
               a->len == b->len && (a->group != b->group || a->threshold == b->threshold);
}

/* The shares by their groups, each group's in the order in which they came. */
struct sorted {
        struct shamir_point member[PLACES][PLACES];
        struct shamir_point group[PLACES];
        unsigned members[PLACES], threshold[PLACES];
};

static int sort(struct sorted *s, const struct slip39_share *shares, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const struct slip39_share *one = &shares[i];
                unsigned g = one->group, n = s->members[g];

                if (!slip39_same_set(one, &shares[0]))
                        return SLIP39_OTHER_SET;
                if (n && s->threshold[g] != one->threshold)
                        return SLIP39_OTHER_SET;
                for (unsigned j = 0; j < n; j++)
                        if (s->member[g][j].x == one->member)
                                return SLIP39_TWICE;
                s->threshold[g] = one->threshold;
                s->member[g][n].x = one->member;
                s->member[g][n].y = one->value;
                s->members[g]++;
        }
        return 0;
}

static int enough(const struct sorted *s, const struct slip39_share *first)
{
        unsigned groups = 0;

        for (unsigned g = 0; g < PLACES; g++) {
                groups += s->members[g] > 0;
                if (s->members[g] && s->members[g] != s->threshold[g])
                        return s->members[g] < s->threshold[g] ? SLIP39_TOO_FEW : SLIP39_TOO_MANY;
        }
        if (groups != first->group_threshold)
                return groups < first->group_threshold ? SLIP39_TOO_FEW : SLIP39_TOO_MANY;
        return 0;
}

/* Members to groups, groups to the encrypted secret. */
static int join_groups(struct shamir_value *out, struct sorted *s, size_t len)
{
        unsigned groups = 0;
        int r = 0;

        for (unsigned g = 0; g < PLACES && !r; g++) {
                if (s->members[g] == 0)
                        continue;
                s->group[groups].x = (uint8_t)g;
                r = shamir_join(&s->group[groups].y, len, s->member[g], s->members[g]);
                groups++;
        }
        if (!r)
                r = shamir_join(out, len, s->group, groups);
        return r == SHAMIR_FALSE ? SLIP39_FALSE : r;
}

int slip39_join(struct shamir_value *out, size_t *len, const struct slip39_share *shares,
                size_t count, struct slice passphrase)
{
        SECRET_OWNED struct sorted *s = secret_new(sizeof(*s));
        SECRET_OWNED struct shamir_value *v = secret_new(sizeof(*v));
        int r;

        if (!s || !v)
                return fault(-ENOMEM);
        if (count == 0)
                return SLIP39_TOO_FEW;
        r = sort(s, shares, count);
        if (!r)
                r = enough(s, &shares[0]);
        if (!r)
                r = join_groups(v, s, shares[0].len);
        if (!r)
                r = cipher(v, &shares[0], passphrase, true);
        if (r)
                return r;
        *out = *v;
        *len = shares[0].len;
        return 0;
}
