/* verdict.c - what became of one letter or acknowledgement, and how the answer says it
 *
 * The rows keep leaf and time, the event row the salt, and the checkpoint is the first one behind
 * the leaf: so the same question gets the same bytes for ever (E6.4), whatever has changed
 * meanwhile. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

int verdict_refuse(struct verdict *v, uint64_t code, const char *where)
{
        v->code = code;
        snprintf(v->where, sizeof(v->where), "%s", where);
        return 0;
}

static int salt_of(struct verdict *v, struct rows *t, uint64_t leaf)
{
        struct row_event event;
        int r = row_get_event(t, leaf, &event);

        if (r)
                return r == STORE_ABSENT ? 0 : r;
        memcpy(v->salt, event.salt, EVENT_SALT);
        v->has_salt = true;
        return 0;
}

int verdict_repeat(struct verdict *v, struct rows *t, uint64_t leaf, instant time, uint64_t first,
                   struct buf *texts)
{
        struct row_checkpoint row;
        int r = salt_of(v, t, leaf);

        if (r)
                return r;
        v->done = true;
        v->duplicate = true;
        v->leaf = leaf;
        v->time = time;
        v->fresh = leaf >= first;
        if (v->fresh)
                return 0; /* there is no checkpoint yet; the request awaits it */
        r = row_get_checkpoint_of(t, leaf, &row);
        if (r)
                return r == STORE_ABSENT ? fault(-EBADMSG) : r;
        v->text = texts->len;
        v->text_len = row.note.len;
        buf_put(texts, row.note);
        return buf_fault(texts);
}

static struct slice text_of(const struct verdict *v, const struct buf *texts)
{
        return slice_of(texts->at + v->text, v->text_len);
}

void verdict_write_filed(const struct verdict *v, struct buf *out, const struct buf *texts,
                         struct slice checkpoint)
{
        struct filed f = {
                .code = v->code,
                .has_where = v->where[0] != 0,
                .where = slice_str(v->where),
                .has_leaf = v->done,
                .leaf = v->leaf,
                .has_salt = v->has_salt,
                .has_time = v->done,
                .time = (uint64_t)v->time,
                .has_duplicate = v->duplicate,
                .duplicate = v->duplicate,
                .has_checkpoint = v->duplicate,
                .has_offset = v->code == OUTCOME_BODY_WANTED,
                .offset = v->offset,
                .has_statement = v->code == OUTCOME_STATEMENT_SUPERSEDED && v->text_len,
        };

        memcpy(f.salt, v->salt, EVENT_SALT);
        if (f.has_checkpoint)
                f.checkpoint = v->fresh ? checkpoint : text_of(v, texts);
        if (f.has_statement)
                f.statement = text_of(v, texts);
        field_write(&filed_table, out, &f);
}

void verdict_write_acked(const struct verdict *v, struct buf *out, const struct buf *texts,
                         struct slice checkpoint)
{
        struct acked a = {
                .code = v->code,
                .has_leaf = v->done,
                .leaf = v->leaf,
                .has_salt = v->has_salt,
                .has_time = v->done,
                .time = (uint64_t)v->time,
                .has_duplicate = v->duplicate,
                .duplicate = v->duplicate,
                .has_checkpoint = v->duplicate,
        };

        memcpy(a.salt, v->salt, EVENT_SALT);
        if (a.has_checkpoint)
                a.checkpoint = v->fresh ? checkpoint : text_of(v, texts);
        field_write(&acked_table, out, &a);
}
