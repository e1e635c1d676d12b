/* hash.h - SHA-256, HMAC-SHA-256, HKDF-SHA-256, PBKDF2-HMAC-SHA-256
 *
 * SHA-256 by OpenSSL, which uses the processor's SHA instructions (about seven times
 * libsodium 1.0.18). HKDF is RFC 5869 built from HMAC. All functions are safe from every thread. */
#pragma once

#include "base/bytes.h"

/* SHA-256 (FIPS 180-4) of the slices one after the other. Cannot fail: a library that cannot hash
 * ends the process. */
void hash_sha256(struct hash *out, struct slice s);
void hash_sha256_parts(struct hash *out, const struct slice *parts, size_t count);

/* SHA-256 in pieces. The struct may be copied to fork a computation. */
struct hash_state {
        _Alignas(16) uint8_t opaque[128];
};
void hash_begin(struct hash_state *st);
void hash_more(struct hash_state *st, struct slice s);
void hash_end(struct hash_state *st, struct hash *out);
/* @s behind its length (eight bytes, big-endian): no two lists of slices hash alike. */
void hash_more_sized(struct hash_state *st, struct slice s);

/* The state after a whole number of 64-byte blocks, written down: eight big-endian words. A chunked
 * upload keeps it in its row, so that the digest goes on after a restart. hash_park asserts that a
 * whole number of blocks went in. */
enum { HASH_BLOCK = 64, HASH_PARKED = 32 };
void hash_park(const struct hash_state *st, uint8_t out[static HASH_PARKED]);
void hash_resume(struct hash_state *st, const uint8_t parked[static HASH_PARKED],
                 uint64_t bytes_so_far);

void hash_hmac(struct hash *out, struct slice key, struct slice msg);

/* RFC 5869 extract and expand; @len at most 8160. @salt may be empty. */
void hash_hkdf(uint8_t *out, size_t len, struct slice ikm, struct slice salt, struct slice info);

/* PBKDF2 with HMAC-SHA-256 (RFC 8018), by OpenSSL. @salt is not empty. */
void hash_pbkdf2(uint8_t *out, size_t len, struct slice password, struct slice salt, unsigned iterations);
