/* event.h - events and their commitments: E6.1, E6.2 */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "schemas/messages.h"

enum { EVENT_SALT = 16 };

/* Append the canonical bytes of an event that files @h as letter @id. */
void event_put_filed(struct buf *out, struct slice broker, const struct header *h, const struct hash *id, instant time);
/* ContentHandover. */
void event_put_handed(struct buf *out, struct slice broker, const struct header *h, const struct hash *id, instant time);
/* A statement taken into force; @level below 0 leaves the field out. */
void event_put_statement(struct buf *out, uint64_t code, struct slice broker, struct slice subject,
                         const struct hash *statement, int level, instant time);
/* The leaf hash of an event: SHA-256(0x00 || commitment). */
void event_leaf(struct hash *leaf, const uint8_t salt[static EVENT_SALT], struct slice event);
/* E6.5: the next mailbox head. */
void event_head(struct hash *head, const struct hash *leaf);
