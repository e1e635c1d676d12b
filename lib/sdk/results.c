/* results.c - what became of letters, and forgetting them */
#include "sdk/results.h"

#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdio.h>

int results_tell(struct fumi_sender *s, uint64_t place, fumi_on_result on_result, void *ctx)
{
        char key[201] = "", where[129] = "", to[sizeof(struct address)] = "";
        struct row_spool_letter row;
        struct header h;
        struct fumi_result out;
        int r = sender_spool(s, spool_letter_get(s->spool, place, &row));

        if (r)
                return r;
        if (field_read(&header_table, row.header, &h, NULL))
                return sender_tell(s, fault(-EBADMSG), spool_folder(s->spool));
        snprintf(key, sizeof(key), "%.*s", (int)row.key.len, (const char *)row.key.at);
        snprintf(where, sizeof(where), "%.*s", (int)row.where.len, (const char *)row.where.at);
        snprintf(to, sizeof(to), "%.*s", (int)h.to.len, (const char *)h.to.at);
        out = (struct fumi_result){
                .key = row.has_key ? key : NULL,
                .to = to,
                .state = (enum fumi_state)row.state,
                .code = (int)row.code,
                .where = where,
                .leaf = row.leaf,
                .time = (int64_t)row.time,
                .size = row.size,
                .duplicate = row.duplicate,
                .sha256 = row.has_part ? row.part.b : NULL,
        };
        memcpy(out.id.b, row.id.b, sizeof(out.id.b));
        memcpy(out.composed.b, row.composed.b, sizeof(out.composed.b));
        on_result(ctx, &out);
        return 0;
}

int results_find(struct fumi_sender *s, const fumi_id *id, uint64_t *place)
{
        struct hash h;
        int r;

        memcpy(h.b, id->b, sizeof(h.b));
        r = spool_letter_find(s->spool, &h, place);
        return r == SPOOL_ABSENT ? sender_tell(s, OUTCOME_NO_SUCH_LETTER, spool_folder(s->spool))
                                 : sender_spool(s, r);
}

int fumi_result(fumi_sender *s, const fumi_id *id, fumi_on_result on_result, void *ctx)
{
        uint64_t place;
        int r;

        sender_begin(s);
        r = results_find(s, id, &place);
        return r ? r : results_tell(s, place, on_result, ctx);
}

int fumi_result_by_key(fumi_sender *s, const char *key, fumi_on_result on_result, void *ctx)
{
        uint64_t place;
        int r;

        sender_begin(s);
        r = *key && strlen(key) <= 200 ? spool_letter_find_key(s->spool, key, &place)
                                       : SPOOL_ABSENT;
        if (r == SPOOL_ABSENT)
                return sender_tell(s, OUTCOME_NO_SUCH_LETTER, key);
        return r ? sender_spool(s, r) : results_tell(s, place, on_result, ctx);
}

int fumi_results(fumi_sender *s, fumi_on_result on_result, void *ctx)
{
        uint64_t place = 0;
        int r;

        sender_begin(s);
        while ((r = spool_letter_next(s->spool, place, &place)) == 0) {
                r = results_tell(s, place, on_result, ctx);
                if (r)
                        return r;
        }
        return r == SPOOL_ABSENT ? 0 : sender_spool(s, r);
}

int fumi_counts(fumi_sender *s, struct fumi_counts *out)
{
        const struct row_spool_state *st = spool_counts(s->spool);

        *out = (struct fumi_counts){ st->waiting, st->filed, st->refused, st->bytes_waiting };
        return 0;
}

/* ---- forgetting ---- */

enum { PENDING_MOST = 16 << 20 };

static int forget(struct fumi_sender *s, uint64_t place, int64_t before)
{
        struct row_spool_letter row;
        int r = spool_letter_get(s->spool, place, &row);

        if (r || row.state != SPOOL_FILED)
                return r;
        return (int64_t)row.time < before ? spool_letter_drop(s->spool, place)
                                          : spool_letter_drop_body(s->spool, place);
}

int fumi_forget(fumi_sender *s, int64_t before)
{
        uint64_t place = 0;
        int r;

        sender_begin(s);
        while ((r = spool_letter_next(s->spool, place, &place)) == 0) {
                r = forget(s, place, before);
                if (!r && spool_pending(s->spool) > PENDING_MOST)
                        r = spool_commit(s->spool);
                if (r)
                        return sender_spool(s, r);
        }
        return r == SPOOL_ABSENT ? sender_commit(s) : sender_spool(s, r);
}
