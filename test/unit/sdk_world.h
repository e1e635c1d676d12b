/* sdk_world.h - a sender with a profile folder of its own, a log, and one address that accepts it;
 * no broker */
#pragma once

#include "letter_world.h"
#include "sdk/sender.h"

struct sdk_world {
        struct letter_world w;         /* w.sender is the profile's key */
        struct sign_sec *log, *attest; /* the broker's */
        struct trust trust;
        char folder[64];
        struct fumi_sender *s;
};
/* The clock stands at WORLD_NOW. The sender knows the address, at level 2. */
void sdk_world_new(struct sdk_world *sw);
void sdk_world_free(struct sdk_world *sw);
/* Close the sender and open it again, as after a restart. */
void sdk_world_reopen(struct sdk_world *sw);
/* The next statement of the address, sealed to w.seal[@key]. */
void sdk_world_next_epoch(struct sdk_world *sw, size_t key);
/* The broker's attestation for the statement in w.to_note. */
void sdk_world_attest(struct sdk_world *sw, struct buf *out, const struct hash *statement,
                      unsigned level);
/* A checkpoint over @size leaves, by the log or whoever holds @sec. */
void sdk_world_checkpoint(struct sdk_world *sw, struct buf *out, uint64_t size,
                          const struct sign_sec *sec);
/* A letter of one small part in memory; the id it is given. */
fumi_id sdk_world_compose(struct sdk_world *sw, const char *key, const char *text);

/* A folder that did not exist before; removed with all that is in it. */
void sdk_folder_new(char path[static 64]);
void sdk_folder_free(const char *path);
