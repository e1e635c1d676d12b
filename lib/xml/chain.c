/* chain.c - a signer's certificate, up to an anchor of the reader's (N3.4) */
#include "xml/chain.h"

#include "base/fault.h"
#include "schemas/outcomes.h"
#include "xml/anchors.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

enum {
        /* Of OpenSSL's security levels: keys of 2048 bits, no SHA-1 below the anchor. */
        LEVEL = 2,
        DEPTH = 8,
};

struct chain {
        X509_STORE *store; /* anchors and lists */
        bool anchors, lists;
};

void chain_free(struct chain *c)
{
        if (!c)
                return;
        X509_STORE_free(c->store);
        free(c);
}

int chain_new(struct chain **out, const struct judge_trust *trust, char why[static JUDGE_WHY])
{
        struct chain *c = calloc(1, sizeof(*c));
        int r = 0;

        if (c)
                c->store = X509_STORE_new();
        if (!c || !c->store) {
                chain_free(c);
                return fault(-ENOMEM);
        }
        c->anchors = trust->anchors != NULL;
        c->lists = trust->crls != NULL;
        if (c->anchors)
                r = anchors_load(c->store, trust->anchors, ANCHORS_CERTIFICATES, why);
        if (!r && c->lists)
                r = anchors_load(c->store, trust->crls, ANCHORS_LISTS, why);
        if (r < 0)
                chain_free(c);
        else
                *out = c;
        return r;
}

/* What a run of OpenSSL's verification says about lists, while it goes on. */
struct revocation {
        instant at;
        bool revoked, unknown; /* unknown: of the signer's own certificate */
        bool unknown_above;
};

/* Taken back later than @at, and not because somebody else may have had the key before: what was
 * signed by then stays good. Corporations' certificates are revoked with every new representative.
 */
static bool entry_is_later(const X509_REVOKED *entry, instant at)
{
        ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
        long why = reason ? ASN1_ENUMERATED_get(reason) : CRL_REASON_UNSPECIFIED;
        time_t when = (time_t)(at / CLOCK_SECOND);

        ASN1_ENUMERATED_free(reason);
        return why != CRL_REASON_KEY_COMPROMISE && why != CRL_REASON_CA_COMPROMISE &&
               X509_cmp_time(X509_REVOKED_get0_revocationDate(entry), &when) > 0;
}

/* By every list of its issuer. OpenSSL has forgotten by now which one it was: a list's dates are
 * looked at first. */
static bool revoked_later(X509_STORE_CTX *ctx, instant at)
{
        X509 *c = X509_STORE_CTX_get_current_cert(ctx);
        STACK_OF(X509_CRL) *lists = X509_STORE_CTX_get1_crls(ctx, X509_get_issuer_name(c));
        bool later = false, sooner = lists == NULL;

        for (int i = 0; i < sk_X509_CRL_num(lists); i++) {
                X509_REVOKED *entry = NULL;

                if (X509_CRL_get0_by_cert(sk_X509_CRL_value(lists, i), &entry, c) != 1)
                        continue;
                if (entry_is_later(entry, at))
                        later = true;
                else
                        sooner = true;
        }
        sk_X509_CRL_pop_free(lists, X509_CRL_free);
        return later && !sooner;
}

static int on_revocation(int ok, X509_STORE_CTX *ctx)
{
        struct revocation *r = X509_STORE_CTX_get_app_data(ctx);
        int depth = X509_STORE_CTX_get_error_depth(ctx);

        if (ok)
                return 1;
        switch (X509_STORE_CTX_get_error(ctx)) {
        case X509_V_ERR_CERT_REVOKED:
                r->revoked |= !revoked_later(ctx, r->at);
                return 1;
        case X509_V_ERR_CRL_NOT_YET_VALID: /* a list of later knows all that was revoked before */
                return 1;
        default: /* none, an old one, one that does not verify */
                if (depth == 0)
                        r->unknown = true;
                else if (depth + 1 < sk_X509_num(X509_STORE_CTX_get0_chain(ctx)))
                        r->unknown_above = true;
                return 1;
        }
}

static X509_STORE_CTX *context(const struct chain *c, const struct signer *s, instant at,
                               unsigned long flags)
{
        X509_STORE_CTX *ctx = X509_STORE_CTX_new();
        X509_VERIFY_PARAM *p;

        if (!ctx || !X509_STORE_CTX_init(ctx, c->store, s->certificate, s->others)) {
                X509_STORE_CTX_free(ctx);
                return NULL;
        }
        p = X509_STORE_CTX_get0_param(ctx);
        X509_VERIFY_PARAM_set_time(p, (time_t)(at / CLOCK_SECOND));
        X509_VERIFY_PARAM_set_auth_level(p, LEVEL);
        X509_VERIFY_PARAM_set_depth(p, DEPTH);
        /* An anchor is what the reader says: also an authority in between, or the signer itself. */
        X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN | flags);
        return ctx;
}

static bool may_sign(X509 *c)
{
        uint32_t usage = X509_get_key_usage(c);

        return usage == UINT32_MAX || (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

static int judge_issuer(struct chain_verdict *out, const struct chain *c, const struct signer *s,
                        instant at)
{
        X509_STORE_CTX *ctx = context(c, s, at, 0);
        int error, ok;

        if (!ctx)
                return fault(-ENOMEM);
        ok = X509_verify_cert(ctx);
        error = X509_STORE_CTX_get_error(ctx);
        X509_STORE_CTX_free(ctx);
        if (ok == 1 && may_sign(s->certificate)) {
                out->issuer = JUDGE_TRUSTED;
                return 0;
        }
        out->issuer = JUDGE_UNTRUSTED;
        out->issuer_code =
                error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID
                        ? OUTCOME_SIGNER_LAPSED
                        : OUTCOME_SIGNER_UNTRUSTED;
        snprintf(out->detail, sizeof(out->detail), "%s",
                 ok == 1 ? "not a key for signing" : X509_verify_cert_error_string(error));
        return 0;
}

/* Of a chain that leads to an anchor: nobody else's word on revocation counts. */
static int judge_revocation(struct chain_verdict *out, const struct chain *c,
                            const struct signer *s, instant at)
{
        X509_STORE_CTX *ctx = context(c, s, at, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
        struct revocation seen = { .at = at };

        if (!ctx)
                return fault(-ENOMEM);
        X509_STORE_CTX_set_app_data(ctx, &seen);
        X509_STORE_CTX_set_verify_cb(ctx, on_revocation);
        if (X509_verify_cert(ctx) != 1)
                seen.unknown = true;
        X509_STORE_CTX_free(ctx);
        out->revocation = seen.revoked   ? JUDGE_REVOKED
                          : seen.unknown ? JUDGE_NOT_CHECKED
                                         : JUDGE_GOOD;
        if (seen.revoked)
                out->revocation_code = OUTCOME_SIGNER_REVOKED;
        else if (seen.unknown || seen.unknown_above)
                out->revocation_code = OUTCOME_REVOCATION_UNKNOWN;
        if (!seen.revoked && !seen.unknown && seen.unknown_above)
                snprintf(out->detail, sizeof(out->detail), "an authority above the signer");
        return 0;
}

int chain_judge(struct chain_verdict *out, const struct chain *c, const struct signer *s,
                instant at)
{
        struct chain_verdict v = { .issuer = JUDGE_NO_ANCHORS };
        int r = 0;

        if (c->anchors)
                r = judge_issuer(&v, c, s, at);
        if (!r && c->lists && v.issuer == JUDGE_TRUSTED)
                r = judge_revocation(&v, c, s, at);
        ERR_clear_error();
        if (!r)
                *out = v;
        return r;
}
