/* row.h - a store's transaction seen through schemas/rows.toml: typed rows instead of bytes
 *
 * get: STORE_ABSENT, 0, or a fault (-EBADMSG for a row that breaks its own schema). Slices in the
 * row that was read borrow from the store and live until the next put, append or del. put and del:
 * what store.h says of them. Keys are built here and nowhere else. */
#pragma once

#include "letter/name.h"
#include "schemas/rows.h"
#include "store/store.h"

enum { ROW_PIECE = 65536 }; /* bytes of a full body piece */

struct rows {
        struct store_txn *txn;
        struct buf scratch; /* what a put is written into; memory kept from put to put */
};

int row_get_founding(struct rows *t, struct row_founding *out);
int row_put_founding(struct rows *t, const struct row_founding *in);
int row_get_log(struct rows *t, struct row_log *out);
int row_put_log(struct rows *t, const struct row_log *in);
int row_get_counters(struct rows *t, struct row_counters *out);
int row_put_counters(struct rows *t, const struct row_counters *in);

/* ---- the log ---- */
int row_put_checkpoint(struct rows *t, uint64_t size, struct slice note);
int row_get_checkpoint(struct rows *t, uint64_t size, struct row_checkpoint *out);
/* The one signed for the commit that holds @leaf. */
int row_get_checkpoint_of(struct rows *t, uint64_t leaf, struct row_checkpoint *out);
/* What witnesses wrote under the checkpoint of that size. */
int row_get_cosignatures(struct rows *t, uint64_t size, struct row_cosignatures *out);
int row_put_cosignatures(struct rows *t, uint64_t size, struct slice lines);
/* The first of at least @from with @least lines or more: *@size. STORE_ABSENT when there is none, and ROW_FURTHER, with
 * *@size where to go on, when there was none among those that are looked at in one go. */
enum { ROW_FURTHER = 101, ROW_LOOK_MOST = 1024 };
int row_find_cosignatures(struct rows *t, uint64_t from, uint64_t least, uint64_t *size);
int row_append_event(struct rows *t, uint64_t leaf, const struct row_event *in);
int row_get_event(struct rows *t, uint64_t leaf, struct row_event *out);
/* Hashes as they lie in a tile, 32 bytes each. */
int row_get_tile(struct rows *t, unsigned level, uint64_t n, struct slice *hashes);
int row_put_tile(struct rows *t, unsigned level, uint64_t n, struct slice hashes);

/* ---- who ---- */
int row_get_sender(struct rows *t, struct slice name, struct row_sender *out);
int row_put_sender(struct rows *t, struct slice name, const struct row_sender *in);
int row_get_mailbox(struct rows *t, struct slice name, struct row_mailbox *out);
int row_put_mailbox(struct rows *t, struct slice name, const struct row_mailbox *in);
/* @bytes: the row as it lies in the store, for callers that keep a copy. May be NULL. */
int row_get_address(struct rows *t, struct slice name, struct row_address *out,
                    struct slice *bytes);
int row_put_address(struct rows *t, struct slice name, const struct row_address *in);
int row_get_statement(struct rows *t, const struct hash *hash, struct row_statement *out);
int row_put_statement(struct rows *t, const struct hash *hash, const struct row_statement *in);
int row_del_statement(struct rows *t, const struct hash *hash);

/* Whom a transport key belongs to. */
enum row_device { ROW_DEVICE_MAILBOX = 'm', ROW_DEVICE_SENDER = 's' };
int row_get_device(struct rows *t, const struct curve_pub *key, enum row_device *kind,
                   struct slice *name);
int row_put_device(struct rows *t, const struct curve_pub *key, enum row_device kind,
                   struct slice name);
int row_del_device(struct rows *t, const struct curve_pub *key);

/* ---- letters ---- */
int row_get_box(struct rows *t, uint64_t box, struct row_box *out);
int row_put_box(struct rows *t, uint64_t box, const struct row_box *in);
int row_get_slot(struct rows *t, uint64_t box, uint64_t seq, struct row_slot *out);
int row_put_slot(struct rows *t, uint64_t box, uint64_t seq, const struct row_slot *in);
/* The slots behind @after, rising, at most @most into @seq and @slot; *@count of them. */
int row_list_slots(struct rows *t, uint64_t box, uint64_t after, size_t most, uint64_t *seq,
                   struct row_slot *slot, size_t *count);
int row_get_letter(struct rows *t, uint64_t arrival, struct row_letter *out);
int row_put_letter(struct rows *t, uint64_t arrival, const struct row_letter *in);
int row_get_nonce(struct rows *t, uint64_t sender, const uint8_t nonce[static 16],
                  struct row_nonce *out);
int row_put_nonce(struct rows *t, uint64_t sender, const uint8_t nonce[static 16],
                  const struct row_nonce *in);
int row_del_nonce(struct rows *t, uint64_t sender, const uint8_t nonce[static 16]);
int row_get_batch(struct rows *t, uint64_t batch, struct row_batch *out);
int row_append_batch(struct rows *t, uint64_t batch, const struct row_batch *in);

/* Pieces of a body. @last: no arrival number in the store is greater, the quick way. */
int row_put_body(struct rows *t, uint64_t arrival, uint64_t piece, struct slice bytes, bool last);
int row_get_body(struct rows *t, uint64_t arrival, uint64_t piece, struct slice *bytes);
int row_del_body(struct rows *t, uint64_t arrival, uint64_t piece);

/* ---- uploads ---- */
int row_get_upload(struct rows *t, const struct hash *letter, struct row_upload *out);
int row_put_upload(struct rows *t, const struct hash *letter, const struct row_upload *in);
int row_del_upload(struct rows *t, const struct hash *letter);
int row_put_age(struct rows *t, uint64_t arrival, const struct hash *letter);
int row_del_age(struct rows *t, uint64_t arrival);
/* The oldest upload; STORE_ABSENT when there is none. */
int row_get_oldest(struct rows *t, struct hash *letter);
int row_get_pending(struct rows *t, uint64_t sender, struct row_pending *out);
int row_put_pending(struct rows *t, uint64_t sender, const struct row_pending *in);
