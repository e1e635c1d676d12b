/* signer.h - the certificate that came with a signature: whose key is it? */
#pragma once

#include "base/buf.h"
#include "base/bytes.h"

#include <openssl/x509.h>

enum { SIGNER_MOST = 8, SIGNER_BITS_LEAST = 2048 };

struct signer {
        X509 *certificate;       /* the signer's own */
        STACK_OF(X509) * others; /* what else was sent along, perhaps leading to an anchor */
        struct buf subject;      /* RFC 4514 */
        struct buf name;         /* for people; "" */
        char number[16];         /* 法人番号, "" */
};

enum { SIGNER_BAD = 1 };

/* @base64: X509Certificate elements as they stand in the file. The signer's own is the one that
 * issued none of the others. SIGNER_BAD: one is no certificate, or there are several signers.
 * -ENOMEM. */
int signer_read(struct signer *out, const struct slice *base64, size_t count);
void signer_free(struct signer *s); /* zeroed is fine */

/* An RSA key, long enough that nobody forges with it? (N2.4) */
bool signer_key_ok(const struct signer *s);
