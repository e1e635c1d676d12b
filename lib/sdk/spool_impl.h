/* spool_impl.h - the tables of a spool; included by spool*.c only */
#pragma once

#include "sdk/spool.h"

enum spool_table {
        SPOOL_STATE,
        SPOOL_LETTER,
        SPOOL_DRAFT,
        SPOOL_BODY,
        SPOOL_ID,
        SPOOL_KEY,
        SPOOL_QUEUE, /* 'waiting' */
        SPOOL_CHECKPOINT,
        SPOOL_RECEIPT,
        SPOOL_ADDRESS,
        SPOOL_TABLES,
};

enum { SPOOL_INLINE_MOST = 1 << 20 };

struct spool_place {
        uint8_t b[8]; /* big-endian: the order of keys is the order of composing */
};
static inline struct slice spool_place(struct spool_place *p, uint64_t place)
{
        put_be64(p->b, place);
        return slice_of(p->b, sizeof(p->b));
}

/* 0, SPOOL_ABSENT or a fault; a put may also say SPOOL_NO_ROOM, and then the transaction is gone.
 */
int spool_get(struct spool *s, enum spool_table t, struct slice key, struct slice *out);
int spool_put(struct spool *s, enum spool_table t, struct slice key, struct slice value);
int spool_del(struct spool *s, enum spool_table t, struct slice key);
/* The first key behind @after, copied into @key. */
int spool_after(struct spool *s, enum spool_table t, struct slice after, uint8_t *key, size_t len);

struct row_spool_state *spool_state(struct spool *s);

/* "FOLDER/bodies/ID.age"; freed by the caller. NULL without memory. */
char *spool_body_path(const char *folder, const struct hash *id);
/* Give the temporary its name. */
int spool_body_keep(struct spool_body *b, const struct hash *id);
/* Remove files that no letter names: a crash left them. */
int spool_body_sweep(struct spool *s);
