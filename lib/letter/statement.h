/* statement.h - the statements of E5, between text and structs
 *
 * Reading parses the strict grammar and verifies the signature in one go, so nobody holds an unverified
 * statement. Writing composes the text, signs it and reads it back: what no reader would take leaves -EINVAL
 * in the buffer. All slices borrow from the note that was read. */
#pragma once

#include "base/clock.h"
#include "evidence/note.h"
#include "letter/name.h"

enum {
        STATEMENT_MOST = 16384,
        STATEMENT_ACCEPTS_MOST = 64,
        STATEMENT_SEALS_MOST = 16,
        STATEMENT_DEVICES_MOST = 32,
};

enum statement_outcome {
        STATEMENT_BAD = 1,              /* the text breaks its grammar */
        STATEMENT_FORGED = 2,           /* the signature is missing or does not verify */
        STATEMENT_MISMATCH = 3,         /* the key is not the one that the name certifies */
};

struct statement_accept { struct slice sender; uint32_t classes; };
struct statement_seal {
        struct seal_pub to;
        uint32_t classes;               /* 0 = every class */
        instant until;                  /* 0 = no end */
};
struct address_statement {
        struct address address;
        struct sign_pub key;
        uint64_t epoch;
        struct hash previous;           /* zero when epoch is 1 */
        struct statement_accept accept[STATEMENT_ACCEPTS_MOST];
        size_t accepts;
        struct statement_seal seal[STATEMENT_SEALS_MOST];
        size_t seals;
        instant from, until;
        instant closed;                 /* 0 = open */
        struct hash hash;               /* of the whole note; filled by reading and writing */
};
int statement_read_address(struct address_statement *out, struct slice note);
/* Appends the signed note to @out and fills s->hash. s->address and s->key are taken from @sec. */
void statement_write_address(struct buf *out, struct address_statement *s, const struct sign_sec *sec);
bool statement_accepts(const struct address_statement *s, struct slice sender, unsigned class);
/* The recipients in force for a letter of @class at @now; at most STATEMENT_SEALS_MOST into @to. */
size_t statement_recipients(const struct address_statement *s, unsigned class, instant now, struct seal_pub *to);

struct statement_device { struct curve_pub key; struct slice name; };
struct mailbox_statement {
        struct mailbox mailbox;
        struct sign_pub key;
        uint64_t epoch;
        struct hash previous;
        struct statement_device device[STATEMENT_DEVICES_MOST];
        size_t devices;
        instant from, until;
        struct hash hash;
};
int statement_read_mailbox(struct mailbox_statement *out, struct slice note);
void statement_write_mailbox(struct buf *out, struct mailbox_statement *s, const struct sign_sec *sec);

enum statement_number { NUMBER_NONE, NUMBER_HOUJIN, NUMBER_DANTAI };
struct sender_statement {
        struct slice sender;
        struct slice name;
        enum statement_number number_kind;
        struct slice number;
        uint32_t classes;
        struct sign_pub key;
        struct curve_pub transport;
        uint64_t epoch;
        struct hash previous;
        instant from, until;
        struct hash hash;
};
/* Signed by one of @count registrars; tells which through @by (may be NULL). */
int statement_read_sender(struct sender_statement *out, struct slice note, const struct note_key *registrars,
                          size_t count, const struct note_key **by);
void statement_write_sender(struct buf *out, struct sender_statement *s, const struct note_key *registrar,
                            const struct sign_sec *sec);

struct enrolment {
        struct mailbox mailbox;
        struct sign_pub key;
        unsigned level;
        instant from, until;
};
int statement_read_enrolment(struct enrolment *out, struct slice note, const struct note_key *registrars,
                             size_t count, const struct note_key **by);
void statement_write_enrolment(struct buf *out, const struct enrolment *e, const struct note_key *registrar,
                               const struct sign_sec *sec);

struct attestation {
        struct address address;
        struct hash statement;
        unsigned level;
        instant time;
};
int statement_read_attestation(struct attestation *out, struct slice note, const struct note_key *broker);
void statement_write_attestation(struct buf *out, const struct attestation *a, const char *broker_name,
                                 const struct sign_sec *sec);

/* What the mailbox key signs to bind an address (E5.2) and to acknowledge letters (E5.8). @ids are
 * 32 bytes each, one after the other. */
void statement_bind_message(struct buf *out, struct slice mailbox, const struct hash *statement);
void statement_ack_message(struct buf *out, struct slice mailbox, instant time, struct slice ids);
