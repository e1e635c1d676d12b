/* core_impl.h - what the files of this room share
 *
 *      check.c      the table of verbs; what can be found out without the write transaction
 *      step.c       a batch: begin, steps, seal
 *      request.c    a request's life and its answer
 *      read.c       requests that only read
 *
 *      submit.c -> admit.c (may it be filed?) -> filing.c (what filing writes)
 *      chunk.c      bodies that come in pieces, ending in the same two; upload.c their rows;
 *                   late.c under which registration such a letter is filed
 *      ack.c        a device says that it has letters
 *      enlist.c register.c publish.c       the three statements; statement_row.c what they share
 *      witness.c    what witnesses write under checkpoints, taken and given out
 *      leaf.c       an event becomes a leaf; tiles and checkpoint when the batch is sealed
 *      box.c        boxes that a batch touches; quota of room          verdict.c    answers per
 * letter info.c lookup.c list.c fetch.c watch.c status.c tiles.c access.c    reading
 *
 * Results inside this room: 0 when the request has been dealt with (taken or refused), otherwise a
 * STORE_* outcome or a fault, which ends the whole batch. */
#pragma once

#include "core/core.h"
#include "core/row.h"
#include "crypt/hash.h"
#include "evidence/checkpoint.h"
#include "evidence/tile.h"
#include "letter/event.h"
#include "letter/statement.h"
#include "letter/submit.h"
#include "schemas/events.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

enum {
        CORE_WHERE = 32,                /* room for the name of a field at fault */
        CORE_STATEMENTS_MOST = 1 << 20, /* bytes of newer statements in one answer */
};

/* A time that never comes: the last instant that a note can write. */
#define CORE_FOREVER INT64_C(253402300799999)

struct core {
        struct core_config cfg;
};

/* ---- requests ---- */

union ask {
        struct ask_info info;
        struct ask_submit submit;
        struct ask_chunk chunk;
        struct ask_lookup lookup;
        struct ask_sender sender;
        struct ask_enlist enlist;
        struct ask_register register_;
        struct ask_publish publish;
        struct ask_list list;
        struct ask_fetch fetch;
        struct ask_ack ack;
        struct ask_watch watch;
        struct ask_tile tile;
        struct ask_status status;
        struct ask_cosign cosign;
        struct ask_checkpoint checkpoint;
};

/* What became of one letter or acknowledgement. */
struct verdict {
        uint64_t code;
        char where[CORE_WHERE];
        bool done; /* leaf and time are there */
        bool duplicate;
        bool fresh;    /* done in this very commit: its checkpoint is the request's */
        bool has_salt; /* false once it was erased */
        uint8_t salt[EVENT_SALT];
        uint64_t leaf;
        instant time;
        uint64_t offset;       /* with BODY_WANTED */
        size_t text, text_len; /* in the request's texts: checkpoint of then, or newer statement */
};

struct duty {
        uint64_t verb;
        enum core_kind kind;
        /* Any of them may be missing. @look is a read transaction. */
        int (*check)(struct core *c, struct core_request *r, struct rows *look, instant now);
        int (*step)(struct core_batch *b, struct core_request *r);
        int (*read)(struct core *c, struct core_request *r, struct rows *look, instant now,
                    struct buf *out);
        void (*answer)(struct core_request *r, struct buf *out);
};

struct core_request {
        uint8_t *bytes;
        struct slice whole;
        struct curve_pub peer;
        struct frame frame;
        const struct duty *duty; /* NULL when nobody knows it */
        union ask ask;
        void *found; /* by the verb's check, for its step */
        uint64_t weight;

        /* Decided by a check or a step. A step that is run again begins anew. */
        uint64_t code;
        char where[96];
        bool tells; /* the refusal has the verb's fields too */
        struct verdict *verdict;
        size_t verdicts;
        struct buf texts;
        struct buf note; /* an attestation */
        uint64_t number; /* an offset or a level */
        bool awaits;     /* the checkpoint of its commit */
        struct buf checkpoint;
        struct core_request *next; /* in the batch, of those that await it */
};

/* Refuse the whole request. Gives 0, so that a step can say: return request_refuse(...). */
int request_refuse(struct core_request *r, uint64_t code, const char *where);
/* @size zeroed bytes in r->found. */
int request_find(struct core_request *r, size_t size, void *found);
int request_verdicts(struct core_request *r, size_t count);
void request_again(struct core_request *r); /* forget what was decided */
/* A whole answer: code 0 and the verb's fields. */
void request_answer(const struct core_request *r, struct buf *out, const void *fields);

/* ---- verdict.c ---- */
int verdict_refuse(struct verdict *v, uint64_t code, const char *where);
/* Of what was done at @leaf, now or long ago: salt and checkpoint from the store. @first: leaves
 * from here on belong to the running batch. */
int verdict_repeat(struct verdict *v, struct rows *t, uint64_t leaf, instant time, uint64_t first,
                   struct buf *texts);
void verdict_write_filed(const struct verdict *v, struct buf *out, const struct buf *texts,
                         struct slice checkpoint);
void verdict_write_acked(const struct verdict *v, struct buf *out, const struct buf *texts,
                         struct slice checkpoint);

/* ---- a batch ---- */

enum { SEEN_MOST = 64, SALTS_MOST = 256 };

/* An address row that this batch has read. */
struct seen_address {
        struct address name; /* "" for an empty place */
        struct buf bytes;    /* the row borrows from them */
        struct row_address row;
};

/* A box that this batch has touched. */
struct box {
        uint64_t number; /* from 1; 0 is an empty place */
        struct row_box row;
        bool changed; /* and its readers are to be woken */
};

struct core_batch {
        struct core *core;
        struct rows rows;
        instant now;
        bool changed;
        struct row_counters counters;
        uint64_t first; /* leaves from here on are of this batch */
        struct tree_frontier frontier;
        struct buf leaves; /* their hashes */
        struct buf event;
        uint8_t salt[SALTS_MOST][EVENT_SALT];
        size_t salts;    /* unused ones, at the beginning of the array */
        struct box *box; /* open addressing by number */
        size_t boxes, box_room;
        struct seen_address seen[SEEN_MOST];
        struct core_request *awaiting;
        struct core_tally tally;
};

/* @r's answer is to carry the checkpoint of this commit. */
void batch_await(struct core_batch *b, struct core_request *r);

/* ---- leaf.c ---- */
/* Draw @count salts ahead, in one call of the random source; SALTS_MOST at most. */
void leaf_salts(struct core_batch *b, size_t count);
/* The event in b->event becomes the next leaf: fills the verdict, and @hash if wanted. */
int leaf_add(struct core_batch *b, struct verdict *v, struct hash *hash);
/* Write tiles, frontier and checkpoint of a batch that has added leaves. The checkpoint goes to
 * @note. */
int leaf_seal(struct core_batch *b, struct buf *note);
int leaf_load(struct rows *t, struct tree_frontier *f);
int leaf_keep(struct rows *t, const struct tree_frontier *f);
void leaf_checkpoint(const struct core *c, const struct tree_frontier *f, struct buf *note);

/* ---- box.c ---- */
/* The box of this number; the pointer lives until the next box_take. */
int box_take(struct core_batch *b, uint64_t number, struct box **out);
bool box_has_room(const struct core *c, const struct box *box, uint64_t size);
void box_file(struct box *box, uint64_t size, const struct hash *leaf);
int box_keep(struct core_batch *b); /* write all that changed */
void box_free(struct core_batch *b);

/* ---- admit.c ---- */
/* May @h be filed now? v->code says; 0 there fills @box. @again: the letter was admitted before and
 * its body has come, so its clock is no longer asked. @texts takes a newer statement. */
int admit_letter(struct core_batch *b, const struct row_sender *s, const struct header *h,
                 bool again, struct verdict *v, struct buf *texts, struct box **box);
/* The address's row is about to change. */
void admit_forget(struct core_batch *b, struct slice address);
/* The assurance level at @now. */
static inline uint64_t admit_level(uint64_t level, uint64_t until, instant now)
{
        return (uint64_t)now < until ? level : 0;
}
static inline bool admit_valid(uint64_t from, uint64_t until, instant now)
{
        return from <= (uint64_t)now && (uint64_t)now < until;
}

/* ---- filing.c ---- */
struct filing {
        const struct header *h;
        struct slice header;
        const struct hash *id;
        uint64_t sender; /* number */
        uint64_t arrival, batch, index;
};
int filing_put_body(struct core_batch *b, uint64_t arrival, struct slice body);
/* Everything but the body. */
int filing_put(struct core_batch *b, const struct filing *f, struct box *box, struct verdict *v);

/* ---- upload.c ---- */
/* May this sender begin one more? */
int upload_room(struct core_batch *b, uint64_t sender, bool *room);
/* Remember the letter and ask for its body. */
int upload_open(struct core_batch *b, const struct filing *f, struct verdict *v);
/* An upload that was opened before: ask for the rest. */
int upload_ask(struct core_batch *b, const struct hash *id, struct verdict *v);
/* The body is whole and the letter filed: its sender may begin another. */
int upload_done(struct core_batch *b, uint64_t sender);
/* Begin anew: no piece is left. */
int upload_restart(struct core_batch *b, const struct hash *id);
/* Forget it, and if it was not finished its pieces and nonce too. */
int upload_close(struct core_batch *b, const struct hash *id);
/* Close a few that have become too old. */
int upload_sweep(struct core_batch *b);

/* ---- late.c ---- */
struct late {
        bool renewed; /* what follows is set only then */
        struct signature signature;
        size_t count;
        struct hash id[SUBMIT_BATCH_MOST];
};
/* May a letter of @batch be filed under the registration @s of the sender @name? v->code says. */
int late_judge(struct core_batch *b, uint64_t batch, const struct row_sender *s, struct slice name,
               struct late *out, struct verdict *v);
/* The batch row that the letter is to name: *@batch changes when it is another one. */
int late_put(struct core_batch *b, const struct late *l, const struct row_sender *s,
             uint64_t *batch);

/* ---- statement_row.c ---- */
/* The statement's event as a leaf, its text into the store. @level below 0: none. */
int statement_row_take(struct core_batch *b, uint64_t event, struct slice subject,
                       const struct hash *hash, int level, const struct row_statement *row);
/* Outcome code for a result of statement_read_*; 0 for 0. */
uint64_t statement_row_code(int result);
/* The same for statements of registrars: who is unknown, whose signature is bad? */
uint64_t statement_row_registrar_code(const struct core *c, int result, struct slice note);
/* Does a statement with epoch @next and hash @previous follow the one in force (NULL: there is
 * none)? */
bool statement_row_follows(uint64_t epoch, const struct hash *in_force, uint64_t next,
                           const struct hash *previous);
/* Does @key belong to nobody, or to this one? */
int statement_row_key_free(struct rows *t, const struct curve_pub *key, enum row_device kind,
                           struct slice name, bool *free_);

/* ---- access.c ---- */
enum { ACCESS_DENIED = 100 };
/* The mailbox's row when @peer is one of its devices now, else ACCESS_DENIED. */
int access_mailbox(struct rows *look, const struct curve_pub *peer, struct slice name, instant now,
                   struct row_mailbox *out);

/* ---- the verbs ---- */
int submit_check(struct core *c, struct core_request *r, struct rows *look, instant now);
int submit_step(struct core_batch *b, struct core_request *r);
void submit_answer(struct core_request *r, struct buf *out);
int chunk_check(struct core *c, struct core_request *r, struct rows *look, instant now);
int chunk_step(struct core_batch *b, struct core_request *r);
void chunk_answer(struct core_request *r, struct buf *out);
int enlist_check(struct core *c, struct core_request *r, struct rows *look, instant now);
int enlist_step(struct core_batch *b, struct core_request *r);
void enlist_answer(struct core_request *r, struct buf *out);
int register_check(struct core *c, struct core_request *r, struct rows *look, instant now);
int register_step(struct core_batch *b, struct core_request *r);
void register_answer(struct core_request *r, struct buf *out);
int publish_check(struct core *c, struct core_request *r, struct rows *look, instant now);
int publish_step(struct core_batch *b, struct core_request *r);
void publish_answer(struct core_request *r, struct buf *out);
int ack_check(struct core *c, struct core_request *r, struct rows *look, instant now);
int ack_step(struct core_batch *b, struct core_request *r);
void ack_answer(struct core_request *r, struct buf *out);
int info_read(struct core *c, struct core_request *r, struct rows *look, instant now,
              struct buf *out);
int lookup_read(struct core *c, struct core_request *r, struct rows *look, instant now,
                struct buf *out);
int lookup_read_sender(struct core *c, struct core_request *r, struct rows *look, instant now,
                       struct buf *out);
int list_read(struct core *c, struct core_request *r, struct rows *look, instant now,
              struct buf *out);
int fetch_read(struct core *c, struct core_request *r, struct rows *look, instant now,
               struct buf *out);
int watch_read(struct core *c, struct core_request *r, struct rows *look, instant now,
               uint64_t *box, uint64_t *count);
int status_read(struct core *c, struct core_request *r, struct rows *look, instant now,
                struct buf *out);
int witness_check(struct core *c, struct core_request *r, struct rows *look, instant now);
int witness_step(struct core_batch *b, struct core_request *r);
void witness_answer(struct core_request *r, struct buf *out);
int witness_read(struct core *c, struct core_request *r, struct rows *look, instant now,
                 struct buf *out);
int tiles_read(struct core *c, struct core_request *r, struct rows *look, instant now,
               struct buf *out);
