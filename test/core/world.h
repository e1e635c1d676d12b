/* world.h - a broker's core with a store, a registrar, a sender and a holder, and short words for
 * stories about them. No socket, no clock: the world's time is w->now.
 *
 * Bodies are any bytes: the broker never looks inside. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/core.h"
#include "letter/event.h"
#include "letter/statement.h"
#include "letter/submit.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#define WORLD_BROKER    "post.example"
#define WORLD_ORIGIN    "post.example/log/0"
#define WORLD_REGISTRAR "registrar.example"
#define WORLD_SENDER    "org.example-life"
#define WORLD_DAWN      INT64_C(1795000000000) /* a day in 2026 */

/* Who signs, and with which transport key it speaks. */
struct party {
        struct sign_pub pub;
        struct sign_sec *sec;
        struct curve_pub transport;
};

struct letter {
        struct header h; /* to be changed before letter_pack */
        struct buf header;
        struct buf body;
        struct hash id;
        bool alone; /* submitted without its body */
};

struct world {
        char folder[64]; /* lmdb's, temporary */
        struct store *store;
        struct core_config cfg;
        struct core *core;
        struct note_key log;
        instant now;
        uint64_t batch, number, nonces;

        struct party broker, logger, registrar, sender, holder, address;
        struct mailbox mailbox;
        struct address to;
        struct sender_statement enlisted; /* in force; slices borrow from sender_note */
        struct mailbox_statement registered;
        struct address_statement published;
        struct buf sender_note, mailbox_note, enrolment_note, address_note;

        struct buf answer; /* the last one */
        struct frame frame;
        struct core_tally tally; /* of the last batch */
        uint64_t woken;          /* boxes, by the last batch */
        struct buf before;       /* for check_unchanged */
};

/* Which engine: argv[1] of the test, or mem. */
extern const char *world_engine;
int world_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count);
#define WORLD_MAIN(argc, argv, tests)                                                              \
        world_main(argc, argv, tests, sizeof(tests) / sizeof((tests)[0]))

/* Founded, and nobody is known yet. */
struct world *world_empty(void);
/* With sender, mailbox (level 2) and address in force. */
struct world *world_new(void);
void world_end(struct world *w);
void world_reopen_core(struct world *w); /* a new core over the same store, with w->cfg */

struct party party_new(void);
void party_free(struct party *p);

/* ---- asking ---- */
/* The whole way of a request: check, step, seal, commit, answer; or check, read. Gives the code. */
uint64_t world_ask(struct world *w, const struct party *who, uint64_t verb, const void *ask);
uint64_t world_ask_bytes(struct world *w, const struct party *who, struct slice bytes);
/* The fields of the last answer into struct answer_VERB. */
void world_told(struct world *w, void *answer);
void check_where(struct world *w, const char *where);

/* In pieces: a request that has been checked, of @kind. */
struct core_request *world_check(struct world *w, const struct party *who, uint64_t verb,
                                 const void *ask, int kind);
/* Steps and seal in one transaction; committed or aborted. */
void world_run(struct world *w, struct core_request **r, size_t count, bool commit);
uint64_t world_answer(struct world *w, struct core_request *r); /* and frees it */

/* ---- letters ---- */
/* A letter from the sender to the address with a new nonce; @size bytes of body. */
void letter_begin(struct letter *l, struct world *w, size_t size);
void letter_pack(struct letter *l); /* header bytes and id from h and body */
void letter_new(struct letter *l, struct world *w, size_t size); /* both */
void letter_free(struct letter *l);
/* Gives the answer's code; the letters' own are in world_filed. */
uint64_t world_submit(struct world *w, const struct letter *l, size_t count);
uint64_t world_submit_as(struct world *w, const struct party *who, const char *sender,
                         const struct letter *l, size_t count);
/* The ask, for those who change it: slices live in @items. */
void world_submission(struct world *w, const struct party *who, const char *sender,
                      const struct letter *l, size_t count, struct buf *items,
                      struct ask_submit *ask);
struct filed world_filed(struct world *w, size_t index);
/* Submit one letter and give its own code. */
uint64_t world_send(struct world *w, const struct letter *l);
/* Send one that must be filed. */
void world_file(struct world *w, struct letter *l, size_t size);

/* ---- statements: write what is in w->enlisted and so on, and send it ---- */
uint64_t world_enlist(struct world *w);
uint64_t world_register(struct world *w, bool with_enrolment);
uint64_t world_publish(struct world *w);
void world_next_enlisted(struct world *w); /* epoch and previous of the next one */
void world_next_registered(struct world *w);
void world_next_published(struct world *w);
/* Compose without sending. */
void world_write_sender(struct world *w);
void world_write_mailbox(struct world *w);
void world_write_enrolment(struct world *w, unsigned level, instant from, instant until);
void world_write_address(struct world *w);
/* Send the note as it stands. */
uint64_t world_ask_enlist(struct world *w);
uint64_t world_ask_register(struct world *w, bool with_enrolment);
uint64_t world_ask_publish(struct world *w);

/* ---- acknowledging and reading ---- */
uint64_t world_ack(struct world *w, const uint64_t *seqs, const struct letter *const *letters,
                   size_t count);
struct acked world_acked(struct world *w, size_t index);

/* ---- what is there ---- */
void world_remember(struct world *w);  /* every record of every table */
void check_unchanged(struct world *w); /* since world_remember */
/* Is @checkpoint signed by the log, and its root that of the log's own tiles? Gives its size. */
uint64_t check_checkpoint(struct world *w, struct slice checkpoint);
/* Does the leaf at that index commit to the filing of @l at that time? */
void check_filed_leaf(struct world *w, const struct letter *l, const struct filed *f);
uint64_t world_tree_size(struct world *w);
