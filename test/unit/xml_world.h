/* xml_world.h - keys and certificates in files, made for one test, and documents to sign */
#pragma once

#include "form/doc.h"
#include "xml/sign.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#define XML_PASSPHRASE "correct horse battery"

/* In force from 1970 until 2060, with @name as its CN, signed with @key itself. */
X509 *xml_world_certificate(EVP_PKEY *key, const char *name);
EVP_PKEY *xml_world_key(void); /* RSA-2048, the same in every call; not to be freed */
/* Files, in a folder that is there. @passphrase NULL: in the clear. */
void xml_world_put_key(const char *path, EVP_PKEY *key, const char *passphrase);
void xml_world_put_certificate(const char *path, X509 *x, const char *mode);
void xml_world_put_pkcs12(const char *path, EVP_PKEY *key, X509 *x, const char *passphrase);

/* A document of @f with every element that it may have, as often as it must, each filled by kind.
 */
void xml_world_fill(struct doc *d, const struct form *f);
