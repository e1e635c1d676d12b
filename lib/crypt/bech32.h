/* bech32.h - BIP 173 without its length limit, as age and the addresses use it */
#pragma once

#include "base/buf.h"

/* Append "hrp1data..." in lower case. */
void bech32_put(struct buf *out, const char *hrp, struct slice bytes);

/* Decode into exactly @len bytes. Case must be uniform; @hrp is given in lower case. False for a wrong
 * hrp, character, checksum, padding or length. */
bool bech32_get(struct slice text, const char *hrp, uint8_t *out, size_t len);

/* age's own spellings, as the stock tool reads them: "age1..." in lower case only and
 * "AGE-SECRET-KEY-1..." in upper case only. The latter goes to secret memory: @out must have room for
 * 75 bytes, terminator included. */
struct seal_pub;
struct seal_sec;
enum { BECH32_AGE_SECRET = 75, BECH32_AGE_RECIPIENT = 63 };
void bech32_put_recipient(struct buf *out, const struct seal_pub *pub);
bool bech32_get_recipient(struct slice text, struct seal_pub *pub);
void bech32_put_identity(char out[static BECH32_AGE_SECRET], const struct seal_sec *sec);
bool bech32_get_identity(struct slice text, struct seal_sec *sec);
