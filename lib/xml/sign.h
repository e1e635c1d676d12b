/* sign.h - from values to the very file that the issuer signed (N2)
 *
 * A signer is opened once, with the key from wherever the issuer keeps it, and then makes one file
 * after another. Enveloped XML-DSig as the root's last child: C14N 1.0, RSA with SHA-256, one
 * Reference to the root, the signer's certificate within (N2.3). A signer is used by one thread at
 * a time. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "form/doc.h"

struct xml_signer;

/* Where the key is (N2.4): @key with @certificate, or @pkcs12, or @token; of the three one. */
struct xml_key_from {
        const char *key;         /* PEM file, plain or encrypted */
        const char *certificate; /* PEM file; the certificate of the key is looked for in it. With
                                    @token it may be NULL: then the token has it */
        const char *pkcs12;      /* file */
        const char *token;  /* RFC 7512 URI of the private key: "pkcs11:token=...;object=..." */
        const char *module; /* PKCS#11 module of the token; NULL: the URI's module-path */
        /* A pass-phrase or PIN for @about (the file, the token's label), into secret memory of
         * @room bytes, with terminator. Called only when one is needed. Other than 0 ends the
         * opening, and xml_signer_open() gives it back. NULL: there is none to be had. */
        int (*ask)(void *ctx, const char *about, bool pin, char *to, size_t room, size_t *len);
        void *ctx;
};

enum { XML_WHY = 256 };

/* 0; an outcome (740-749 of schemas/outcomes.h): KEY_NOT_READ, KEY_LOCKED (wrong pass-phrase or
 * PIN, or none), KEY_UNFIT (not RSA, or under 2048 bits), SIGNER_NOT_READ (the certificate),
 * SIGNER_OTHER_KEY, SIGNER_NOT_IN_FORCE (at @now), TOKEN_ABSENT; what @ask gave; -errno. @why names
 * the file and what is wrong with it. */
int xml_signer_open(struct xml_signer **out, const struct xml_key_from *from, instant now,
                    char why[static XML_WHY]);
void xml_signer_free(struct xml_signer *s); /* NULL is fine */

const char *xml_signer_subject(const struct xml_signer *s); /* RFC 4514 */

/* Append the whole signed file of @d, whose root attributes are set (xml_stamp of write.h). On
 * anything but 0 @out is as it was: SIGNING_FAILED, -EINVAL (a text that no XML can hold, an id
 * that is not letters and digits), -ENOMEM. */
int xml_certificate(struct buf *out, struct xml_signer *s, const struct doc *d);
