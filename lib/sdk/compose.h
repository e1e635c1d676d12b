/* compose.h - a letter in three steps, so that the middle one can run in several threads
 *
 *      compose_plan    what the caller wants, the statement, the parts     the sender's thread
 *      compose_seal    note, age file, header                              any thread
 *      compose_keep    into the spool                                      the sender's thread */
#pragma once

#include "sdk/part.h"
#include "sdk/sender.h"

enum { COMPOSE_KEY_MOST = 200 };

struct composing {
        struct address_book_entry to;
        struct seal_letter seal; /* points into this struct */
        struct part *part;       /* seal.parts of them */
        struct seal_part *seal_part;
        char *key, *type, *title, *issued;
        uint8_t nonce[NONCE_BYTES];
        struct hash reply_to;
        struct buf header;
        struct spool_body body;
        struct hash content; /* when there is a key */
        char where[96];      /* what compose_seal() refuses */
};

/* compose_check.c: MALFORMED or TOO_LARGE, with the field named. Type, title and names are judged
 * when they are sealed. */
int compose_check(struct fumi_sender *s, const struct fumi_letter *l);
/* Outcomes as fumi_compose(), said to the sender. */
int compose_plan(struct composing *c, struct fumi_sender *s, const struct fumi_letter *l);
int compose_seal(struct composing *c); /* says nothing: its result goes to compose_keep() */
int compose_keep(struct composing *c, struct fumi_sender *s, int sealed, fumi_id *id);
void compose_free(struct composing *c);
