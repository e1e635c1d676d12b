/* key.h - a signing key and its certificate, from wherever the issuer keeps them (N2.4)
 *
 * Private bytes are only ever in locked memory: the file in secret_new(), what OpenSSL makes of it
 * in its secure heap. A token's key does not leave the token. */
#pragma once

#include "xml/sign.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct xml_token;

struct xml_key {
        EVP_PKEY *key;
        X509 *certificate;
        struct xml_token *token; /* NULL: the key is no token's */
};

/* As xml_signer_open() has it. To be freed on 0. */
int xml_key_open(struct xml_key *k, const struct xml_key_from *from, instant now,
                 char why[static XML_WHY]);
void xml_key_free(struct xml_key *k);

/* ---- token.c ---- */

/* The private key that @from->token names, after asking for its PIN, and its certificate when the
 * token has it (else NULL). */
int xml_token_open(struct xml_key *k, const struct xml_key_from *from, char why[static XML_WHY]);
void xml_token_free(struct xml_token *t); /* after its keys */
