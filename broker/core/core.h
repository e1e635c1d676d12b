/* core.h - the broker's decisions as a function: (transaction, time, request) -> (answer, effects)
 *
 * No socket, clock or disk in here. A request that changes something goes three stations:
 *
 *      core_check      costly and stateless: shape, digests, signatures. On any thread, with a read
 *                      transaction for the keys that are needed. Nothing is believed that only a
 *                      front says, but the asker's transport key where a request only reads.
 *      core_step       cheap, inside the one write transaction: decides on the state as it is now, then
 *                      writes. Above the line "decided" nothing has changed, so a refusal undoes nothing.
 *      core_seal       once per transaction: leaves into the tree, one checkpoint signed for all.
 *
 * then the keeper commits, and only then core_answer() and core_wakes() give out what was decided. A
 * retry after STORE_UNKNOWN or STORE_AGAIN runs the steps again with a new core_batch; every step
 * forgets first what it decided before.
 *
 * A request that only reads is answered by core_read() from a read transaction.
 *
 * Salts come from the random source in the configuration, so that a simulation can repeat a run. */
#pragma once

#include "base/clock.h"
#include "evidence/note.h"
#include "store/store.h"
#include "wire/frame.h"

enum { CORE_REGISTRARS_MOST = 16, CORE_WITNESSES_MOST = 16 };

struct core_config {
        char name[NOTE_NAME_MOST + 1];                  /* broker name */
        char origin[NOTE_NAME_MOST + 1];                /* of the log */
        const struct sign_sec *broker_key;              /* attestations; secret memory, borrowed */
        const struct sign_sec *log_key;                 /* checkpoints */
        struct note_key registrar[CORE_REGISTRARS_MOST];
        size_t registrars;
        struct note_key witness[CORE_WITNESSES_MOST];   /* whose cosignatures are kept */
        size_t witnesses;
        bool self_enrol;                                /* mailboxes at level 1 without a registrar */
        uint64_t box_bytes;                             /* most sealed bytes held in one box */
        int64_t clock_window;                           /* ms a letter's 'created' may differ from now */
        uint64_t uploads_most;                          /* unfinished uploads of one sender */
        void (*random)(void *out, size_t len);          /* salts; keys_random in production */
};

struct core;
int core_new(struct core **out, const struct core_config *cfg);
void core_free(struct core *c);

/* Make the rows a fresh store needs; harmless on one that has them. Checks that the store's log belongs to
 * this origin (-EPERM otherwise). One write transaction of its own. */
int core_found(struct core *c, struct store *s, instant now);

/* ---- a request on its way ---- */
struct core_request;            /* bytes, what core_check found, and what core_step decided */

enum core_kind {
        CORE_WRITES = 0,        /* goes to core_step */
        CORE_READS = 1,         /* goes to core_read */
        CORE_WAITS = 2,         /* a watch: core_read first, then the keeper's table */
        CORE_REFUSED = 3,       /* the answer is ready: core_answer */
};

/* Takes the bytes (malloc'ed, freed with the request). @peer is the transport key that the front names.
 * @look is a read transaction used only during the call. Returns a kind or a fault. */
int core_check(struct core *c, struct core_request **out, uint8_t **bytes, size_t len,
               const struct curve_pub *peer, struct store_txn *look, instant now);
void core_request_free(struct core_request *r);
uint64_t core_request_verb(const struct core_request *r);
/* How many bytes and letters a request will write: the sequencer's measure for a commit. */
uint64_t core_request_weight(const struct core_request *r);

/* ---- writing ---- */
struct core_batch;
/* @txn stays the keeper's. @now is the one time of everything in this commit, or the time of the commit
 * before if that is later: times in the log never go back. */
int core_begin(struct core *c, struct core_batch **out, struct store_txn *txn, instant now);
/* 0 also when the request is refused (the answer says so); a fault or STORE_* outcome means: abort the
 * transaction. @r must live until core_seal has been called. */
int core_step(struct core_batch *b, struct core_request *r);
/* Boxes, tree, checkpoint, counters; a few uploads that nobody finished are dropped. Nothing when no
 * step changed anything: *@changed is false, and the transaction may be aborted instead of committed. */
int core_seal(struct core_batch *b, bool *changed);
void core_batch_free(struct core_batch *b);

/* ---- effects, after the commit ---- */
/* The finished answer of a request, appended to @out. After core_seal (and the commit!) for writes; at once
 * for CORE_REFUSED. */
void core_answer(struct core_request *r, struct buf *out);
/* An answer of code @code instead of whatever was decided: store full, stopping. */
void core_answer_code(struct core_request *r, uint64_t code, struct buf *out);
/* The boxes that have new letters: calls @wake once for each. */
void core_wakes(struct core_batch *b, void (*wake)(void *ctx, uint64_t box, uint64_t count), void *ctx);

/* Counts of what a batch did, for the metrics. */
struct core_tally { uint64_t filed, duplicates, refused, acked, statements, chunks, leaves, cosignatures; };
const struct core_tally *core_batch_tally(const struct core_batch *b);

/* ---- reading ---- */
/* Appends the answer. For CORE_WAITS: *@box and *@after are filled and, when the box holds nothing behind
 * @after yet, nothing is appended and CORE_WAITS is returned; the keeper then holds the request. */
int core_read(struct core *c, struct core_request *r, struct store_txn *look, instant now, struct buf *out,
              uint64_t *box, uint64_t *after, uint64_t *seconds);
/* The answer to a held watch: count is what the box holds now. */
void core_answer_watch(const struct core_request *r, uint64_t count, struct buf *out);
