/* chain.h - does a signer's certificate lead to somebody the reader trusts, and was it revoked?
 * (N3.4)
 *
 * Only what the reader gave is believed, and what came with the signature is at most a step on the
 * way. Nothing is fetched: not the certificates in between, no list, no answer of a server. */
#pragma once

#include "xml/judge.h"
#include "xml/signer.h"

struct chain;

int chain_new(struct chain **out, const struct judge_trust *trust, char why[static JUDGE_WHY]);
void chain_free(struct chain *c);

struct chain_verdict {
        enum judge_issuer issuer;
        enum judge_revocation revocation;
        int issuer_code;     /* SIGNER_UNTRUSTED, SIGNER_LAPSED; 0: none */
        int revocation_code; /* SIGNER_REVOKED, REVOCATION_UNKNOWN; 0: none */
        char detail[96];     /* to issuer_code, or else to revocation_code */
};

/* As of @at. 0 or -ENOMEM. */
int chain_judge(struct chain_verdict *out, const struct chain *c, const struct signer *s,
                instant at);
