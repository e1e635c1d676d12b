/* letter_world.h - a registrar, a sender and an address with keys, and letters good and bad between
 * them
 *
 * craft_* is the evil composer: it makes a letter step by step as E3 and E4 say, without asking any
 * of the code under test, and lets the test bend what lies between two steps. What a step would
 * make and the test has already put there is left as it is. */
#pragma once

#include "letter/open.h"
#include "letter/seal.h"

enum { WORLD_SEALS = 3 };
#define WORLD_NOW INT64_C(1792022400000) /* 2026-10-15T00:00:00Z */

struct letter_world {
        struct sign_sec *registrar, *stranger, *sender, *address; /* secret memory */
        struct seal_sec *seal;                                    /* WORLD_SEALS of them */
        struct note_key registrar_key, stranger_key;
        struct sender_statement registration; /* as text in registration_note */
        struct buf registration_note;
        struct address_statement to; /* one seal line for everything: seal[0] */
        struct buf to_note;
};
void letter_world_new(struct letter_world *w);
void letter_world_free(struct letter_world *w);
/* Write the two statements again after a change. */
void letter_world_publish(struct letter_world *w);

struct letter {
        struct buf header, envelope, body;
};
void letter_free(struct letter *l);
/* The envelope of the letter with the header in @l, third in a batch of five. */
void letter_envelope(struct letter *l, struct letter_world *w);
/* A seal_sink that appends to the body of the letter in @ctx. */
int letter_sink(void *ctx, struct slice sealed);

/* What came out. */
struct opened {
        struct buf note, title, part[SEAL_PARTS_MOST];
        size_t notes, calls;
        int stop_at_note; /* what the sink says */
        int stop_at_part;
};
void opened_free(struct opened *o);
/* Open with seal key @key in pieces of @piece bytes; the code of the first refusal, or 0. */
int letter_open(struct opened *o, const struct letter *l, struct letter_world *w, size_t key,
                size_t piece);
int letter_open_with(struct opened *o, const struct letter *l, const struct open_keys *keys,
                     size_t piece);
struct open_keys letter_keys(struct letter_world *w, size_t key);

struct craft {
        struct letter_world *w;
        /* before craft_note */
        struct open_note note;
        struct open_part line[SEAL_PARTS_MOST];
        const char *note_name;
        const struct sign_sec *note_sec;
        struct buf note_bytes;
        /* before craft_content */
        struct slice part[SEAL_PARTS_MOST];
        size_t parts;
        struct buf content; /* without padding */
        /* before craft_body */
        int64_t padding_more; /* more or fewer zero bytes than right */
        struct seal_pub to;
        /* before craft_header */
        struct header header;
        struct letter letter;
};
/* A right letter of two parts, nothing made yet. */
void craft_new(struct craft *c, struct letter_world *w);
void craft_note(struct craft *c);
void craft_content(struct craft *c);
void craft_body(struct craft *c);
void craft_header(struct craft *c);
void craft_all(struct craft *c); /* every step, and the envelope */
void craft_free(struct craft *c);
