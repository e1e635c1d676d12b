/* box.h - a holder's mailbox folder, for the files of the recipient half and the client's commands
 *
 *      FOLDER/identity.age     the root seed under a pass-phrase (E2.9)
 *             trust            whom this mailbox believes (E7.1)
 *             device           this device's name (E2.8)
 *             mailbox          the newest mailbox statement (E5.3)
 *             addresses        number, address, epoch, for whom: one line an address
 *             statements/      the newest statement of each address
 *             letters/         ID.age, ID.letter (E7.2), ID.tlog-proof (E7.3), and SEQ -> ID.letter
 *             cursor           how far this device has come
 *             lock             held while one of the above is read, changed and written back
 *
 * Every file is written whole. Nothing is held between calls but the identity, so several processes
 * may have one folder open. Functions that fail leave a sentence in b->error. */
#pragma once

#include "letter/identity.h"
#include "letter/statement.h"
#include "letter/trust.h"
#include "schemas/messages.h"
#include "sdk/fumibako.h"
#include "sdk/session.h"

#include <limits.h>

enum { BOX_WHY = 512, BOX_FOLDER_MOST = PATH_MAX - 256, BOX_REMARK_MOST = 256, BOX_ID_HEX = 64 };

struct fumi_box {
        char folder[PATH_MAX];
        char device[NAME_DEVICE_MOST + 1];
        struct trust trust;
        struct identity *identity;
        struct mailbox mailbox;
        struct session *session; /* from the first question on */
        char error[BOX_WHY];
};

/* ---- box.c ---- */

/* Leave a sentence in b->error; gives @r back. */
int box_say(struct fumi_box *b, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#ifdef __clang_analyzer__
#include "base/fault.h"
#define box_say(...) never_zero(box_say(__VA_ARGS__))
#endif
/* FOLDER/NAME */
void box_path(const struct fumi_box *b, char out[static PATH_MAX], const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* Ask the broker, as this device. Outcomes and faults have their sentence in b->error. */
int box_ask(struct fumi_box *b, uint64_t verb, const void *ask, struct buf *bytes, void *answer);
/* OUTCOME_NO_ANSWER, with its sentence. */
int box_silent(struct fumi_box *b);
/* The connection, made if there is none yet. */
int box_session(struct fumi_box *b, struct session **out);
/* One process at a time reads, changes and writes state. Waits. */
int box_lock(struct fumi_box *b, int *fd);
void box_unlock(const int *fd);
#define BOX_LOCKED __attribute__((cleanup(box_unlock))) int

/* ---- box_create.c ---- */

struct box_new {
        const char *folder;
        struct slice trust; /* text of the trust file that was at @trust_path */
        const char *trust_path;
        const char *device;
        struct slice passphrase;
        unsigned work;           /* scrypt's log2 N */
        const struct seed *seed; /* of a mailbox that exists; NULL: a new one */
};
/* Make the folder, its identity and its first mailbox statement. -EEXIST when there is one. */
int box_create(struct fumi_box **out, const struct box_new *n, char why[static BOX_WHY]);

/* ---- box_book.c: the file `addresses` ---- */

struct box_address {
        uint32_t number; /* E2.2: N */
        uint32_t epoch;  /* the highest for which a seal key was given out */
        struct address name;
        char remark[BOX_REMARK_MOST]; /* the senders it was made for */
};
struct box_book {
        struct box_address *at;
        size_t count;
};
int box_book_read(struct fumi_box *b, struct box_book *out);
int box_book_write(struct fumi_box *b, const struct box_book *book);
int box_book_add(struct box_book *book, const struct box_address *a);
struct box_address *box_book_find(const struct box_book *book, struct slice address);
void box_book_free(struct box_book *book);
#define BOX_BOOK_OWNED __attribute__((cleanup(box_book_free))) struct box_book

/* ---- box_address.c: statements of addresses, composed and published ---- */

enum { BOX_ABSENT = 1 };

struct box_level {
        unsigned level; /* at which the broker knows the holder (E5.7), by its attestation */
};
/* A new address that accepts what @s->accept says, in force as @s says; the rest is filled in.
 * Other devices' addresses that the broker knows are taken up on the way. */
int box_address_new(struct fumi_box *b, struct address_statement *s, const char *remark,
                    struct box_address *out, struct box_level *level);

/* Does the broker know a sender of this name? 0, OUTCOME_UNKNOWN_SENDER, or why it did not say. */
int box_address_sender(struct fumi_box *b, struct slice name);

struct box_change {
        instant from, until; /* of the statement that follows */
        instant closed;      /* 0: stays open, with a new seal key */
};
/* The next epoch of an address of ours; what it accepts and proxies' seal lines stay. @s borrows
 * from @note. */
int box_address_follow(struct fumi_box *b, const struct box_address *a,
                       const struct box_change *change, struct box_level *level);

/* ---- box_statement.c: statements of addresses, looked up and kept ---- */

/* The statement in force at the broker, checked to be the address's own, and kept in statements/.
 * OUTCOME_NO_SUCH_ADDRESS when there is none. @s borrows from @note. */
int box_lookup(struct fumi_box *b, const struct box_address *a, struct buf *note,
               struct address_statement *s);
/* The newest one kept here; BOX_ABSENT. */
int box_statement(struct fumi_box *b, const struct box_address *a, struct buf *note,
                  struct address_statement *s);
int box_statement_keep(struct fumi_box *b, const struct box_address *a, struct slice note);
/* Take up addresses that other devices of this holder made, and drop those that never reached the
 * broker; *@found is how many there were. The
 * book is written when there were any. */
int box_sync(struct fumi_box *b, struct box_book *book, size_t *found);

/* ---- box_register.c: the mailbox statement ---- */

/* A first statement with this device, for a folder that has none yet. */
int box_mailbox_first(struct fumi_box *b, instant now);
/* Name this folder's device @name and write the statement that follows, with it. */
int box_device_add(struct fumi_box *b, const char *name, instant now);
int box_mailbox_read(struct fumi_box *b, struct buf *note, struct mailbox_statement *s);
/* Hand in the statement. Was another device faster, what is in force is taken up and this device
 * put into it. */
int box_register(struct fumi_box *b, struct slice enrolment, unsigned *level);
/* Shut the device @name out: a statement without it, handed in. BOX_ABSENT: it is none of the
 * devices in force. OUTCOME_NOT_YOURS: this one is none itself, and is not registered by it. */
int box_device_remove(struct fumi_box *b, const char *name);

/* ---- box_recover.c: a folder made from the seed alone gets back what the broker knows ---- */

struct box_recovered {
        unsigned level;
        size_t addresses; /* found, of which */
        size_t renewed;   /* have a new key, */
        size_t shut; /* are closed, or their time is over: nothing is sealed to them any more */
        uint64_t letters;                            /* that the broker holds */
        const char *unknown[STATEMENT_DEVICES_MOST]; /* of @lost: no devices in force */
        size_t unknowns;
};
/* Register this device, shut out the @count devices @lost, find the addresses and step the epoch of
 * those in use, so that keys that were exported on a lost device open nothing new. May be repeated.
 */
int box_recover(struct fumi_box *b, const char *const *lost, size_t count,
                struct box_recovered *out);

/* ---- box_letter.c: letters on disk ---- */

struct box_letter {
        struct buf bytes; /* of ID.letter */
        struct slice header, envelope;
        struct header h;
};
void box_letter_name(char out[static BOX_ID_HEX + 1], const struct hash *id);
/* Read ID.letter; OUTCOME_NO_SUCH_LETTER when it is not here. Free on any result. */
int box_letter_read(struct fumi_box *b, const struct hash *id, struct box_letter *out);
int box_letter_write(struct fumi_box *b, const struct hash *id, struct slice header,
                     struct slice envelope);
void box_letter_free(struct box_letter *l);
#define BOX_LETTER_OWNED __attribute__((cleanup(box_letter_free))) struct box_letter
bool box_letter_here(struct fumi_box *b, const struct hash *id);
/* Not here any more: it will be fetched again. What else lies of it stays. */
void box_letter_drop(struct fumi_box *b, const struct hash *id);
/* Position and letter, as this device learnt them. BOX_ABSENT when it has not. */
int box_letter_of_seq(struct fumi_box *b, uint64_t seq, struct hash *id);
int box_letter_put_seq(struct fumi_box *b, uint64_t seq, const struct hash *id);
/* Calls @on for each letter on disk that has a position, in order of position. */
int box_letter_each(struct fumi_box *b, int (*on)(void *ctx, uint64_t seq, const struct hash *id),
                    void *ctx);
/* The letter on disk whose id begins with the hexadecimal @prefix; @seq 0 when its position is not
 * known. BOX_ABSENT for none, BOX_MANY for several. */
enum { BOX_MANY = 2 };
int box_letter_find(struct fumi_box *b, const char *prefix, struct hash *id, uint64_t *seq);

/* ---- box_keys.c: which keys may open a letter ---- */

struct box_keys {
        struct seal_sec *sec; /* secret memory */
        size_t count;
        uint32_t number; /* of the address */
};
/* All seal keys of the address @to; OUTCOME_WRONG_ADDRESS when it is none of ours. */
int box_keys_of(struct fumi_box *b, struct slice to, struct box_keys *out);
void box_keys_free(struct box_keys *k);

/* ---- box_cursor.c: the file `cursor` ---- */

struct box_cursor {
        uint64_t count;   /* letters the broker has shown, and */
        struct hash head; /* the box's head then (E6.5) */
        uint64_t got;     /* every letter up to here is on disk, or never will be */
        uint64_t told;    /* watch has told of letters up to here */
};
int box_cursor_read(struct fumi_box *b, struct box_cursor *out); /* zeroes when there is none */
int box_cursor_write(struct fumi_box *b, const struct box_cursor *c);
/* Hold what the broker shows now against what it showed before: OUTCOME_RECEIPT_FORGED when letters
 * have vanished. */
int box_cursor_check(struct fumi_box *b, uint64_t count, const struct hash *head);

/* ---- box_evidence.c ---- */

/* The checkpoint verifies under a log key of the trust file and covers @leaf, or
 * OUTCOME_RECEIPT_FORGED.
 * @about names what it came with. */
int box_checkpoint(struct fumi_box *b, struct slice note, uint64_t leaf, const char *about);

/* ---- box_receipt.c ---- */

/* Who cosigned the checkpoint of a proof, of the witnesses that the trust file names. */
struct box_witnesses {
        unsigned count;
        bool enough; /* for the trust file's policy; also when it has none */
};

/* Prove by the log's tiles that the letter's filing is in it, and keep the proof: over a checkpoint
 * that enough witnesses have cosigned, if there is one. OUTCOME_RECEIPT_FORGED when it is not. */
int box_receipt_make(struct fumi_box *b, const struct hash *id, const struct header *h,
                     const struct envelope *e);
/* Judge the proof that is kept, offline. BOX_ABSENT when there is none. Too few witnesses are no
 * trouble but said in @w. */
int box_receipt_check(struct fumi_box *b, const struct hash *id, const struct header *h,
                      const struct envelope *e, struct box_witnesses *w);
