/* judge.h - is this XML a certificate of a form, whole, and from whom?
 *
 * Four things are found out and kept apart, because each can be true without the others: what the
 * file says is well-formed by its form's table; nobody changed it since it was signed (integrity);
 * the signer's certificate leads to an anchor that the reader trusts (issuer); and that certificate
 * has not been taken back (revocation). A signature that fails is said, and hides nothing: the
 * values are still handed over. Only what could make a reader see other values than the signer did
 * is refused outright: DOCTYPE, comments or processing instructions inside the root, a second
 * Signature or Reference, a Reference that is not the root's own id, other algorithms or
 * transforms, keys from elsewhere. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "form/doc.h"

enum judge_integrity { JUDGE_NOT_JUDGED = 0, JUDGE_INTACT = 1, JUDGE_BROKEN = 2 };
/* Without a signer who could be looked at nobody is trusted, when anchors were given. */
enum judge_issuer { JUDGE_NO_ANCHORS = 0, JUDGE_TRUSTED = 1, JUDGE_UNTRUSTED = 2 };
enum judge_revocation { JUDGE_NOT_CHECKED = 0, JUDGE_GOOD = 1, JUDGE_REVOKED = 2 };

struct judge_finding {
        int code;         /* of schemas/outcomes.h (750-789) */
        bool warning;     /* it may still be used */
        unsigned line;    /* of the file, from 1; 0: none */
        char where[96];   /* "WCE00000[2]/WCE00350", "Signature/KeyInfo", or "" */
        char detail[160]; /* what stands there, safe to print */
};

struct judged {
        int refused; /* 0, or the code of the finding that refused it: @doc is NULL then */
        const struct doc *doc; /* what it says */
        bool valid;            /* by its form: all that it asks for is there, a signature too */
        enum judge_integrity integrity;
        enum judge_issuer issuer;
        enum judge_revocation revocation;
        const char *signer; /* the signing certificate's subject, RFC 4514; "" when there is none */
        const char *signer_name; /* its organisation or name, for people */
        const char *signer_number; /* 法人番号, when the certificate names one (商業登記); "" */
        struct judge_finding *finding;
        size_t findings;
        struct slice bytes; /* the file, as it was handed in */
};

struct judge_trust {
        const char *anchors; /* PEM file, or a folder of them; NULL: none, nobody is trusted */
        const char *crls;    /* CRLs, PEM or DER, file or folder; NULL: revocation is not checked */
        instant at;          /* as of when; 0: now */
};

enum { JUDGE_BYTES_MOST = 16 << 20, JUDGE_WHY = 256 };

/* What judging needs once. Used by one thread at a time. 0, -errno; @why names the file. */
struct judge;
int judge_new(struct judge **out, const struct judge_trust *trust, char why[static JUDGE_WHY]);
void judge_free(struct judge *j);

/* Judge @bytes, which are copied; more than JUDGE_BYTES_MOST are refused and not looked at. 0: @out
 * says what was found, bad or good; -ENOMEM. */
int judge_certificate(struct judged **out, struct judge *j, struct slice bytes);
void judged_free(struct judged *d);
