/* sdk_box_world.h - a mailbox folder whose letters are made by letter_world's composer, without a
 * broker */
#pragma once

#include "letter_world.h"
#include "sdk/box.h"

struct box_world {
        char root[64]; /* holds box/ and whatever a test exports beside it */
        char folder[80];
        struct letter_world letters;
        struct sign_sec *log; /* signs checkpoints */
        fumi_box *b;
};
/* The folder's first address is that of the letter world. */
int box_world_new(struct box_world *w);
void box_world_free(struct box_world *w);
/* Finish a letter and put it into the folder as fumi_get would; its id. */
void box_world_put(struct box_world *w, struct craft *c, uint64_t seq, fumi_id *id);
