/* witness.h - the commands of fumibako-witness, and what they share
 *
 *      FOLDER/witness.key      the seed, mode 0600 (E7.4)
 *             trust            the broker: where it is, and its log's keys (E7.1)
 *             state            the checkpoint that was cosigned last (E7.7)
 *             lock             held by the process that cosigns
 *             fork-*, doubt-*  what a log showed that does not go together (E6.9)
 *
 * One folder is one witness of one log. */
#pragma once

#include "cli/cli.h"
#include "evidence/checkpoint.h"
#include "letter/trust.h"
#include "sdk/session.h"

#include <limits.h>

enum { WITNESS_WHY = 512 };

/* ---- state.c: what was cosigned last ---- */

enum state_outcome { STATE_ABSENT = 1, STATE_BAD = 2 };

struct state {
        char origin[NOTE_NAME_MOST + 1];
        struct buf note;     /* the checkpoint with the log's line and our own; empty: none yet */
        struct checkpoint c; /* what it says; size 0 and no root when there is none */
};
int state_read(struct state *out, const char *path, const struct note_key *self);
/* Durable when it says 0. */
int state_write(const char *path, const struct state *s);
void state_free(struct state *s);

/* ---- folder.c ---- */

struct witness {
        char folder[PATH_MAX - 128];
        struct trust trust;
        struct note_key self;
        struct sign_sec *sec; /* secret memory */
        struct state state;
        struct session *session;
        int lock;             /* -1 when it is not held */
        bool handed;          /* the broker has heard of the state's cosignature */
        char why[WITNESS_WHY];
};

/* Keep a sentence in w->why and give @r back. */
int witness_say(struct witness *w, int r, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
#ifdef __clang_analyzer__
#include "base/fault.h"
#define witness_say(...) never_zero(witness_say(__VA_ARGS__))
#endif
/* Open the folder that is the first argument; with @lock to cosign, else only to look. 0, or an exit
 * code after saying why. */
int witness_open(struct witness **out, struct cli *c, bool lock);
void witness_close(struct witness *w);
void witness_path(const struct witness *w, char out[static PATH_MAX], const char *name);

/* ---- round.c ---- */

struct round {
        uint64_t cosigned;      /* checkpoints */
        char evidence[PATH_MAX]; /* file written about a log that contradicts itself, or "" */
};
/* Cosign what other witnesses have cosigned since, and then the newest. 0, an outcome with a sentence in w->why
 * (LOG_FORKED, LOG_WENT_BACK, LOG_UNPROVEN, NOT_TRUSTED, NO_ANSWER, or the broker's), or a fault. */
int round_go(struct round *told, struct witness *w);
/* The newest checkpoint, unchecked. As above. */
int round_newest(struct witness *w, struct buf *note);

/* ---- commands: each returns an exit code ---- */
int witness_init(struct cli *c);
int witness_cosign(struct cli *c);
int witness_status(struct cli *c);
int watch_run(struct cli *c);
