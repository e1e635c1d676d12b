/* send_answer.c - what an answer does to the letters it is about
 *
 * A letter counts as filed when the broker says so and a checkpoint signed by the log of the trust
 * file covers its leaf. Without that nothing the broker says is taken: the letter goes on waiting,
 * and sending stops with RECEIPT_FORGED, as somebody has to look at it. */
#include "sdk/send.h"

#include "base/fault.h"
#include "evidence/checkpoint.h"
#include "schemas/outcomes.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

bool send_answer_proved(const struct trust *trust, struct slice checkpoint, uint64_t leaf)
{
        struct checkpoint c;

        for (size_t i = 0; i < trust->logs; i++)
                if (checkpoint_open(&c, checkpoint, &trust->log[i]) == 0)
                        return leaf < c.size;
        return false;
}

/* One answer while it is worked through. */
struct taking {
        struct send *p;
        struct send_job *j;
        struct slice checkpoint;             /* the answer's own: of what is newly filed */
        uint64_t proved_size;                /* of its tree, once it was verified */
        uint64_t again[MESSAGES_BATCH_MOST]; /* asked for once more, after a while */
        size_t agains;
        uint64_t anew[MESSAGES_BATCH_MOST]; /* sealed again, to be sent at once */
        size_t anews;
};

/* The answer's checkpoint is the same for all its letters, so it is verified once. */
static bool proved(struct taking *t, const struct filed *f, struct slice *checkpoint)
{
        const struct trust *trust = &t->p->s->trust;

        if (f->duplicate) {
                *checkpoint = f->checkpoint;
                return f->has_checkpoint && send_answer_proved(trust, f->checkpoint, f->leaf);
        }
        *checkpoint = t->checkpoint;
        if (t->proved_size == 0) {
                struct checkpoint c;

                for (size_t i = 0; i < trust->logs && t->proved_size == 0; i++)
                        if (checkpoint_open(&c, t->checkpoint, &trust->log[i]) == 0)
                                t->proved_size = c.size;
        }
        return f->leaf < t->proved_size;
}

/* Its result is told after the commit. */
static int settle(struct taking *t, uint64_t place, const struct row_spool_letter *row)
{
        struct send *p = t->p;
        int r = sender_spool(p->s, spool_letter_settle(p->s->spool, place, row));

        if (r || row->state == SPOOL_WAITING)
                return r;
        if (p->settled_count == p->settled_cap) {
                size_t cap = p->settled_cap ? 2 * p->settled_cap : MESSAGES_BATCH_MOST;
                uint64_t *more = realloc(p->settled, cap * sizeof(*more));

                if (!more)
                        return fault(-ENOMEM);
                p->settled = more;
                p->settled_cap = cap;
        }
        p->settled[p->settled_count++] = place;
        return 0;
}

static int get_row(struct taking *t, uint64_t place, struct row_spool_letter *row)
{
        return sender_spool(t->p->s, spool_letter_get(t->p->s->spool, place, row));
}

static int take_filed(struct taking *t, uint64_t place, const struct filed *f)
{
        struct row_spool_letter row;
        struct slice checkpoint;
        struct hash hash;
        int r;

        if (!f->has_leaf || !f->has_salt || !f->has_time)
                return fault(-EPROTO);
        if (!proved(t, f, &checkpoint)) {
                t->p->stop = sender_tell(t->p->s, OUTCOME_RECEIPT_FORGED, t->p->s->trust.endpoint);
                return 0;
        }
        r = sender_spool(t->p->s, spool_keep_checkpoint(t->p->s->spool, checkpoint, &hash));
        if (!r)
                r = get_row(t, place, &row);
        if (r)
                return r;
        row.state = SPOOL_FILED;
        row.code = 0;
        row.has_where = false;
        row.leaf = f->leaf;
        row.time = f->time;
        row.duplicate = f->duplicate;
        row.checkpoint = hash;
        row.has_leaf = row.has_time = row.has_duplicate = row.has_checkpoint = row.has_salt = true;
        memcpy(row.salt, f->salt, sizeof(row.salt));
        return settle(t, place, &row);
}

/* A refusal for good, or a word about a letter that goes on waiting. */
static int take_code(struct taking *t, uint64_t place, uint64_t code, struct slice where,
                     enum spool_state state)
{
        struct row_spool_letter row;
        int r = get_row(t, place, &row);

        if (r)
                return r;
        row.state = state;
        row.code = code;
        row.where = where;
        row.has_where = where.len > 0;
        return settle(t, place, &row);
}

/* Seal it again; when that cannot be done, its refusal says why. */
static int take_superseded(struct taking *t, uint64_t place, const struct filed *f)
{
        struct fumi_sender *s = t->p->s;
        int r = compose_again(s, place, f->has_statement ? f->statement : slice_str(""));

        if (r < 0 || r == OUTCOME_SPOOL_FULL)
                return r;
        if (r == 0) {
                t->anew[t->anews++] = place;
                return 0;
        }
        if (outcomes_find((uint64_t)r)->retry) {
                t->again[t->agains++] = place;
                return take_code(t, place, (uint64_t)r, slice_str(""), SPOOL_WAITING);
        }
        return take_code(t, place, (uint64_t)r, slice_str("statement"), SPOOL_REFUSED);
}

/* Was it composed so long ago that the broker's clock window may have closed over it? */
static bool stale(struct taking *t, uint64_t place)
{
        struct row_spool_letter row;
        struct header h;

        return spool_letter_get(t->p->s->spool, place, &row) == 0 &&
               field_read(&header_table, row.header, &h, NULL) == 0 &&
               clock_now() - (instant)h.created > CLOCK_MINUTE;
}

/* Pieces are sent by a job of the letter's own. */
static int take_wanted(struct taking *t, uint64_t place, uint64_t offset)
{
        if (t->j->count > 1)
                return send_job_add(t->p, &place, 1, 0, t->j->tries + 1);
        t->j->announced = true;
        t->j->offset = offset;
        t->j->state = SEND_READY;
        return 0;
}

static int take_letter(struct taking *t, uint64_t place, const struct filed *f)
{
        const struct outcome *o = outcomes_find(f->code);

        if (f->code == OUTCOME_DONE)
                return take_filed(t, place, f);
        if (f->code == OUTCOME_STATEMENT_SUPERSEDED ||
            (f->code == OUTCOME_CLOCK_WINDOW && stale(t, place)))
                return take_superseded(t, place, f);
        if (f->code == OUTCOME_BODY_WANTED)
                return take_wanted(t, place, f->offset);
        if (!o || !o->retry)
                return take_code(t, place, f->code, f->where, SPOOL_REFUSED);
        t->again[t->agains++] = place;
        return take_code(t, place, f->code, f->where, SPOOL_WAITING);
}

/* What has to be asked once more becomes new jobs. What was sealed again goes at once the first
 * time; a broker that calls every statement superseded must not keep us busy. */
static int put_back(struct taking *t)
{
        struct send_job *j = t->j;
        int64_t delay = j->tries ? send_job_delay(j->tries) : 0;
        int r = 0;

        if (t->anews)
                r = send_job_add(t->p, t->anew, t->anews, delay, j->tries + 1);
        if (!r && t->agains)
                r = send_job_add(t->p, t->again, t->agains, send_job_delay(j->tries), j->tries + 1);
        return r;
}

/* ---- refusals of a whole question ---- */

/* Nothing in the letters is at fault, so they wait and the caller is told. */
static bool about_the_sender(uint64_t code)
{
        return code == OUTCOME_BAD_SIGNATURE || code == OUTCOME_UNKNOWN_SENDER ||
               code == OUTCOME_SENDER_NOT_VALID || code == OUTCOME_NOT_YOURS ||
               code == OUTCOME_UNKNOWN_VERB;
}

static void later(struct send_job *j)
{
        j->not_before = send_now() + send_job_delay(j->tries++);
        j->state = SEND_READY;
}

static int take_refusal(struct taking *t, const struct frame *f, const struct answer_chunk *chunk)
{
        const struct outcome *o = outcomes_find(f->code);
        struct send_job *j = t->j;
        int r = 0;

        if (o && o->retry) {
                later(j);
                return 0;
        }
        if (about_the_sender(f->code) || !o) {
                t->p->stop = sender_tell(t->p->s, o ? (int)f->code : -EPROTO, t->p->s->name);
                return 0;
        }
        if (j->announced) {
                /* Lost its place, or was swept away: the submission says where to go on. */
                j->announced = chunk && chunk->has_offset;
                if (j->announced)
                        j->offset = chunk->offset;
                later(j);
                return 0;
        }
        j->state = SEND_DONE;
        if (j->count == 1)
                return take_code(t, j->place[0], f->code, f->where, SPOOL_REFUSED);
        for (size_t i = 0; i < j->count && !r; i++) /* which of them is it? */
                r = send_job_add(t->p, &j->place[i], 1, 0, 0);
        return r;
}

/* ---- the two answers ---- */

static int take_submit(struct taking *t, const struct answer_submit *a)
{
        struct field_list l = a->letters;
        struct filed f;
        int r = 0;

        if (!a->has_letters || l.count != t->j->count)
                return fault(-EPROTO);
        if (a->has_checkpoint)
                t->checkpoint = a->checkpoint;
        t->j->state = SEND_DONE;
        for (size_t i = 0; !r && !t->p->stop && field_list_next(&l, &filed_table, &f); i++)
                r = take_letter(t, t->j->place[i], &f);
        return r ? r : put_back(t);
}

static int take_chunk(struct taking *t, const struct answer_chunk *a)
{
        struct filed f;
        int r;

        if (!a->has_letter) {
                if (!a->has_offset || a->offset <= t->j->offset)
                        return fault(-EPROTO);
                t->j->offset = a->offset;
                t->j->tries = 0;
                t->j->state = SEND_READY;
                t->p->progress = send_now();
                return 0;
        }
        if (field_read(&filed_table, a->letter, &f, NULL))
                return fault(-EPROTO);
        if (a->has_checkpoint)
                t->checkpoint = a->checkpoint;
        t->j->state = SEND_DONE;
        r = take_letter(t, t->j->place[0], &f);
        return r ? r : put_back(t);
}

int send_answer_take(struct send *p, struct send_job *j, const struct frame *f,
                     struct slice message)
{
        struct taking t = { .p = p, .j = j };
        struct answer_submit submit;
        struct answer_chunk chunk;
        bool well = false;
        int r;

        assert(j->state == SEND_FLYING);
        p->flying--;
        if (f->verb == VERB_SUBMIT && !j->announced)
                well = field_read_message(&answer_submit_table, message, &submit, NULL) == 0;
        else if (f->verb == VERB_CHUNK && j->announced)
                well = field_read_message(&answer_chunk_table, message, &chunk, NULL) == 0;
        else
                return sender_tell(p->s, fault(-EPROTO), p->s->trust.endpoint);
        if (f->code)
                r = take_refusal(&t, f, well && j->announced ? &chunk : NULL);
        else if (!well)
                r = fault(-EPROTO);
        else
                r = f->verb == VERB_SUBMIT ? take_submit(&t, &submit) : take_chunk(&t, &chunk);
        return r == -EPROTO ? sender_tell(p->s, r, p->s->trust.endpoint) : r;
}
