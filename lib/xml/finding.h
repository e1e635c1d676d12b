/* finding.h - what judging found, in the order of the file
 *
 * Never more than a person can read, and never more memory than that: what a stranger's file says
 * is cut, and made safe to print. */
#pragma once

#include "xml/judge.h"

enum { FINDINGS_MOST = 200 };

struct findings {
        struct judge_finding *at;
        size_t count, room;
        bool no_memory;
};

/* @detail is the file's or a library's; it is cut and made safe. */
void finding_add(struct findings *f, int code, unsigned line, const char *where,
                 struct slice detail);
/* The same for what the certificate may be used in spite of. */
void finding_warn(struct findings *f, int code, unsigned line, const char *where,
                  struct slice detail);

/* No more of them are taken: whoever works for a finding can stop. */
static inline bool finding_full(const struct findings *f)
{
        return f->count > FINDINGS_MOST;
}

/* Order them by line, and keep the order in which they came within one. */
void finding_sort(struct findings *f);
bool finding_only_warnings(const struct findings *f);
void finding_free(struct findings *f);

/* @text cut to @room - 1 bytes of whole characters, without any that a terminal obeys or that hide
 * others. */
void finding_text(char *out, size_t room, struct slice text);
