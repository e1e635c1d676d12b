/* posting.h - the letters of a run: each sent once, however often it is run
 *
 * In strides: the addresses of a stride are asked for together, its letters composed, then sent. A
 * letter whose key the spool has is composed already; what has been answered is not sent again.
 * Stopped at any moment, the next run finds in the spool how far this one came. */
#pragma once

#include "post/report.h"

enum { POSTING_WHY = 512 };

struct posting_letter {
        unsigned line;   /* of the file that names it */
        const char *to;  /* NULL: nobody to send it to; it is counted and reported, not composed */
        const char *key; /* "" without an address */
        bool own_key;    /* chosen by the caller: another letter may lie under it */
};

struct posting {
        struct cli *c;
        fumi_sender *s;
        const char *path; /* what names the letters */
        const struct posting_letter *letter;
        size_t letters;
        /* Make letter @i and hand it to fumi_compose(); its result. What fails before that says in
         * @why (POSTING_WHY bytes) where. */
        int (*compose)(void *ctx, fumi_sender *s, size_t i, char *why);
        /* Further columns of a result; NULL: none. */
        const char *more_head;
        void (*more)(void *ctx, size_t i, bool json, struct buf *out);
        void *ctx;
};

/* How many letters with an address are not in the spool, or were refused. */
size_t posting_missing(const struct posting *p);
/* Compose and send what is missing, write --results, say what came of it. The exit code. */
int posting_run(struct posting *p);
