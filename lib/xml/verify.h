/* verify.h - does the signature hold, for the key of its signer? (N3.2) */
#pragma once

#include "xml/shape.h"

#include <openssl/evp.h>

enum { VERIFY_BROKEN = 1 };

/* xmlsec1's word on a signature whose shape was found to be right. @key is only looked at. 0,
 * VERIFY_BROKEN, -ENOMEM. */
int verify_signature(const struct shape *shape, EVP_PKEY *key);
