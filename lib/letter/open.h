/* open.h - open a letter: everything E4.4 asks, in one place
 *
 * Streams: feed sealed bytes in pieces of any size; parts come out through a sink as they are authenticated
 * by the seal, and are to be believed only when open_end() has said 0. The result codes are those of
 * schemas/outcomes.h, so that they can be shown as they are:
 *
 *      before the seal  BAD_ENVELOPE UNKNOWN_SUITE NOT_TRUSTED SENDER_UNPROVEN SENDER_LAPSED
 *                       CLASS_NOT_GRANTED BATCH_FORGED WRONG_ADDRESS
 *      the seal         SEAL_BROKEN NOT_FOR_US
 *      inside           BAD_CONTENT LETTER_FORGED HEADER_DISAGREES PART_DISAGREES BAD_PADDING */
#pragma once

#include "base/clock.h"
#include "letter/statement.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

struct open_part {
        struct hash digest;
        uint64_t size;
        struct slice media;
        struct slice name;              /* a stranger's text: E4.5 */
};

/* What the signed note says; valid until open_free(). */
struct open_note {
        struct slice whole;             /* the note itself, for keeping */
        struct slice from, to, type, title, issued;
        unsigned class;
        const struct open_part *part;
        size_t parts;
};

struct open_keys {
        const struct note_key *registrars;
        size_t registrar_count;
        struct slice address;           /* the one it should be to; empty: header's */
        const struct seal_sec *seal;    /* all that may open it, in secret memory */
        size_t seals;
};

struct open_sink {
        /* The note has been verified; parts follow. Not 0: stop. */
        int (*note)(void *ctx, const struct open_note *n);
        /* Bytes of part @index, in order. An empty part is told of once, with no bytes. */
        int (*part)(void *ctx, size_t index, struct slice bytes);
        void *ctx;
};

struct open_letter;

/* Checks header and envelope (signatures, path, registration at the filing time) before any sealed
 * byte is looked at. Bytes of @header and @envelope are copied. */
int open_begin(struct open_letter **out, struct slice header, struct slice envelope, const struct open_keys *keys,
               const struct open_sink *sink);
/* 0, a fault, what the sink said, or SEAL_BROKEN for more bytes than the header says. What is wrong
 * inside waits for open_end(): bytes that are not the sender's are to be called that and nothing else. */
int open_feed(struct open_letter *o, struct slice sealed);
int open_end(struct open_letter *o);            /* 0: everything of E4.4 holds */
const struct header *open_header(const struct open_letter *o);
void open_free(struct open_letter *o);

/* E4.4 without the seal: is the envelope right for this header? For lists and receipts. */
int open_check_envelope(struct slice header, struct slice envelope, const struct note_key *registrars, size_t count);
