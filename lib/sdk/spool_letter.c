/* spool_letter.c - letters in the spool: their row, and what leads to it
 *
 *      place -> letter, draft, body        place -> nothing, while it waits
 *      id, composed id, key -> place
 *
 * The counts of the state row follow every change of a letter's row, in the same transaction. */
#include "sdk/spool_impl.h"

#include "base/fault.h"
#include "schemas/messages.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* @way is +1 when the letter comes into the counts, -1 when it leaves them. */
static void count(struct spool *s, const struct row_spool_letter *row, int way)
{
        struct row_spool_state *st = spool_state(s);
        uint64_t step = (uint64_t)(int64_t)way;

        switch ((enum spool_state)row->state) {
        case SPOOL_WAITING:
                st->waiting += step;
                st->bytes_waiting += step * row->size;
                break;
        case SPOOL_FILED:
                st->filed += step;
                break;
        case SPOOL_REFUSED:
                st->refused += step;
                break;
        case SPOOL_STATES:
                break;
        }
}

static int put_row(struct spool *s, uint64_t place, const struct row_spool_letter *row)
{
        struct spool_place p;
        BUF_OWNED b = { 0 };

        field_write(&row_spool_letter_table, &b, row);
        if (buf_fault(&b))
                return fault(buf_fault(&b));
        return spool_put(s, SPOOL_LETTER, spool_place(&p, place), buf_slice(&b));
}

static int put_place(struct spool *s, enum spool_table t, struct slice key, uint64_t place)
{
        struct spool_place p;

        return spool_put(s, t, key, spool_place(&p, place));
}

static int get_place(struct spool *s, enum spool_table t, struct slice key, uint64_t *place)
{
        struct slice v;
        int r = spool_get(s, t, key, &v);

        if (r)
                return r;
        if (v.len != 8)
                return fault(-EBADMSG);
        *place = get_be64(v.at);
        return 0;
}

/* Gone already is fine. */
static int del(struct spool *s, enum spool_table t, struct slice key)
{
        int r = spool_del(s, t, key);

        return r == SPOOL_ABSENT ? 0 : r;
}

static int put_body(struct spool *s, uint64_t place, const struct hash *id, struct spool_body *body)
{
        struct spool_place p;

        if (body->file)
                return spool_body_keep(body, id);
        return spool_put(s, SPOOL_BODY, spool_place(&p, place), buf_slice(&body->bytes));
}

static int put_draft(struct spool *s, uint64_t place, const struct row_spool_draft *draft)
{
        struct spool_place p;
        BUF_OWNED b = { 0 };

        field_write(&row_spool_draft_table, &b, draft);
        if (buf_fault(&b))
                return fault(buf_fault(&b));
        return spool_put(s, SPOOL_DRAFT, spool_place(&p, place), buf_slice(&b));
}

int spool_letter_add(struct spool *s, const struct row_spool_letter *row, struct spool_body *body,
                     const struct row_spool_draft *draft, uint64_t *place)
{
        uint64_t at = spool_state(s)->last + 1;
        struct spool_place p;
        int r = put_body(s, at, &row->id, body);

        assert(row->state == SPOOL_WAITING);
        if (!r)
                r = put_row(s, at, row);
        if (!r)
                r = put_draft(s, at, draft);
        if (!r)
                r = put_place(s, SPOOL_ID, slice_hash(&row->id), at);
        if (!r && row->has_key)
                r = put_place(s, SPOOL_KEY, row->key, at);
        if (!r)
                r = spool_put(s, SPOOL_QUEUE, spool_place(&p, at), slice_str(""));
        if (r)
                return r;
        spool_state(s)->last = at;
        count(s, row, +1);
        *place = at;
        return 0;
}

int spool_letter_get(struct spool *s, uint64_t place, struct row_spool_letter *out)
{
        struct spool_place p;
        struct slice v;
        int r = spool_get(s, SPOOL_LETTER, spool_place(&p, place), &v);

        if (r)
                return r;
        return field_read(&row_spool_letter_table, v, out, NULL) ? fault(-EBADMSG) : 0;
}

int spool_letter_draft(struct spool *s, uint64_t place, struct row_spool_draft *out)
{
        struct spool_place p;
        struct slice v;
        int r = spool_get(s, SPOOL_DRAFT, spool_place(&p, place), &v);

        if (r)
                return r;
        return field_read(&row_spool_draft_table, v, out, NULL) ? fault(-EBADMSG) : 0;
}

/* A large body's file, gone only after the commit would be right; but a file that is missing for a
 * letter that is filed or sealed again is missed by nobody, and sweeping removes one that stayed.
 */
static int drop_body(struct spool *s, uint64_t place, const struct row_spool_letter *row)
{
        struct spool_place p;
        char *path;

        if (row->size <= SPOOL_INLINE_MOST)
                return del(s, SPOOL_BODY, spool_place(&p, place));
        path = spool_body_path(spool_folder(s), &row->id);
        if (!path)
                return fault(-ENOMEM);
        unlink(path);
        free(path);
        return 0;
}

int spool_letter_drop_body(struct spool *s, uint64_t place)
{
        struct row_spool_letter row;
        int r = spool_letter_get(s, place, &row);

        return r ? r : drop_body(s, place, &row);
}

int spool_letter_reseal(struct spool *s, uint64_t place, const struct row_spool_letter *row,
                        struct spool_body *body)
{
        struct row_spool_letter old;
        struct spool_place p;
        struct hash id;
        bool composed;
        int r = spool_letter_get(s, place, &old);

        if (r)
                return r;
        id = old.id;
        composed = hash_eq(&old.id, &old.composed);
        count(s, &old, -1);
        if (old.size <= SPOOL_INLINE_MOST)
                r = del(s, SPOOL_BODY, spool_place(&p, place));
        if (!r)
                r = put_body(s, place, &row->id, body);
        if (!r)
                r = put_row(s, place, row);
        if (!r && !composed)
                r = del(s, SPOOL_ID, slice_hash(&id));
        if (!r)
                r = put_place(s, SPOOL_ID, slice_hash(&row->id), place);
        if (!r)
                count(s, row, +1);
        return r;
}

int spool_letter_settle(struct spool *s, uint64_t place, const struct row_spool_letter *row)
{
        struct row_spool_letter old;
        struct spool_place p;
        int r = spool_letter_get(s, place, &old);

        if (r)
                return r;
        count(s, &old, -1);
        count(s, row, +1);
        r = put_row(s, place, row);
        if (r || row->state == SPOOL_WAITING)
                return r;
        r = del(s, SPOOL_QUEUE, spool_place(&p, place));
        return r ? r : del(s, SPOOL_DRAFT, spool_place(&p, place));
}

int spool_letter_find(struct spool *s, const struct hash *id, uint64_t *place)
{
        return get_place(s, SPOOL_ID, slice_hash(id), place);
}

int spool_letter_find_key(struct spool *s, const char *key, uint64_t *place)
{
        return get_place(s, SPOOL_KEY, slice_str(key), place);
}

static int next(struct spool *s, enum spool_table t, uint64_t after, uint64_t *place)
{
        struct spool_place p, found;
        int r = spool_after(s, t, spool_place(&p, after), found.b, sizeof(found.b));

        if (!r)
                *place = get_be64(found.b);
        return r;
}

int spool_letter_next(struct spool *s, uint64_t after, uint64_t *place)
{
        return next(s, SPOOL_LETTER, after, place);
}

int spool_letter_next_waiting(struct spool *s, uint64_t after, uint64_t *place)
{
        return next(s, SPOOL_QUEUE, after, place);
}

int spool_letter_drop(struct spool *s, uint64_t place)
{
        static const enum spool_table tables[] = { SPOOL_LETTER, SPOOL_DRAFT, SPOOL_QUEUE,
                                                   SPOOL_RECEIPT };
        struct row_spool_letter row;
        struct spool_place p;
        struct hash composed;
        int r = spool_letter_get(s, place, &row);

        if (r)
                return r;
        count(s, &row, -1);
        composed = row.composed;
        if (row.has_key)
                r = del(s, SPOOL_KEY, row.key);
        if (!r)
                r = drop_body(s, place, &row);
        if (!r)
                r = del(s, SPOOL_ID, slice_hash(&row.id));
        if (!r)
                r = del(s, SPOOL_ID, slice_hash(&composed));
        for (size_t i = 0; !r && i < sizeof(tables) / sizeof(*tables); i++)
                r = del(s, tables[i], spool_place(&p, place));
        return r;
}
