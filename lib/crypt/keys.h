/* keys.h - the keys of the project, each a type of its own, and what is derived from a root seed
 *
 * Public halves are plain structs. Secret halves live in secret_new() memory only. */
#pragma once

#include "base/bytes.h"

struct sign_pub { uint8_t b[32]; };             /* Ed25519, RFC 8032 */
struct sign_sec { uint8_t b[64]; };             /* libsodium's seed || public key */
struct seal_pub { uint8_t b[32]; };             /* X25519, an age recipient */
struct seal_sec { uint8_t b[32]; };             /* X25519, an age identity */
struct curve_pub { uint8_t b[32]; };            /* CurveZMQ transport key */
struct curve_sec { uint8_t b[32]; };
struct seed { uint8_t b[32]; };                 /* a root seed */
struct signature { uint8_t b[64]; };

void keys_random(void *out, size_t len);

/* A fresh key pair; @sec points into secret memory. */
void keys_sign_new(struct sign_pub *pub, struct sign_sec *sec);
void keys_seal_new(struct seal_pub *pub, struct seal_sec *sec);
void keys_curve_new(struct curve_pub *pub, struct curve_sec *sec);

/* Public halves. */
void keys_sign_pub(struct sign_pub *pub, const struct sign_sec *sec);
int keys_seal_pub(struct seal_pub *pub, const struct seal_sec *sec);
int keys_curve_pub(struct curve_pub *pub, const struct curve_sec *sec);

/* E2.1: key = HKDF-SHA-256(ikm = seed, salt = "", info = "fumibako " || label || " " || epoch).
 * @label such as "mailbox sign", "transport phone", "address 3 sign", "address 3 seal". */
void keys_derive_sign(struct sign_sec *out, const struct seed *seed, const char *label, uint32_t epoch);
void keys_derive_seal(struct seal_sec *out, const struct seed *seed, const char *label, uint32_t epoch);
void keys_derive_curve(struct curve_sec *out, const struct seed *seed, const char *label, uint32_t epoch);

/* Ed25519 over @msg. Verify refuses small-order keys and non-canonical signatures (libsodium). */
void sign_make(struct signature *out, struct slice msg, const struct sign_sec *sec);
bool sign_verify(const struct signature *sig, struct slice msg, const struct sign_pub *pub);
