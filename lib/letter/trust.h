/* trust.h - the trust file: whom a client believes (E7.1), and what witnesses it asks for (E7.6) */
#pragma once

#include "evidence/policy.h"

enum { TRUST_KEYS_MOST = 16, TRUST_ENDPOINT_MOST = 256 };

struct trust {
        char broker[NOTE_NAME_MOST + 1];
        char endpoint[TRUST_ENDPOINT_MOST];
        struct curve_pub curve;
        struct note_key attest[TRUST_KEYS_MOST];
        size_t attests;
        struct note_key log[TRUST_KEYS_MOST];
        size_t logs;
        struct note_key registrar[TRUST_KEYS_MOST];
        size_t registrars;
        struct policy policy;
};

enum trust_outcome { TRUST_ABSENT = 1, TRUST_BAD = 2 };

/* Why a trust file was refused: "path:line: cause", or "path: cause" when no line is to blame. */
struct trust_why { char text[512]; };

int trust_read(struct trust *out, const char *path, struct trust_why *why);
/* The same for a file whose text is at hand; @path only appears in @why. */
int trust_of_text(struct trust *out, struct slice text, const char *path, struct trust_why *why);
void trust_write(struct buf *out, const struct trust *t);
const struct note_key *trust_log(const struct trust *t, const char *origin);    /* the first of that name; NULL when unknown */
