/* register.c - P4.7: a mailbox and its devices (E5.3), and at which level its holder is known
 * (E5.4)
 *
 * The statement says which devices may read; the enrolment, by a registrar, says the level. They
 * change independently: the same statement may come again with a newer enrolment. Of two enrolments
 * that with the later beginning counts, so that an old one sent again by anybody changes nothing.
 */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>

struct found {
        struct mailbox_statement s;
        struct enrolment e; /* when the request has one */
};

static int check_enrolment(struct core *c, struct core_request *r, struct found *f, instant now)
{
        struct slice note = r->ask.register_.enrolment;
        uint64_t code;
        int res = statement_read_enrolment(&f->e, note, c->cfg.registrar, c->cfg.registrars, NULL);

        if (res < 0)
                return res;
        code = statement_row_registrar_code(c, res, note);
        if (code)
                return request_refuse(r, code, "enrolment");
        if (memcmp(f->e.key.b, f->s.key.b, sizeof(f->s.key.b)) != 0 ||
            !slice_is(slice_str(f->e.mailbox.s), f->s.mailbox.s))
                return request_refuse(r, OUTCOME_KEY_MISMATCH, "enrolment");
        return 0;
}

int register_check(struct core *c, struct core_request *r, struct rows *look, instant now)
{
        struct found *f;
        int res = request_find(r, sizeof(*f), &f);

        if (res)
                return res;
        res = statement_read_mailbox(&f->s, r->ask.register_.statement);
        if (res < 0)
                return res;
        if (res)
                return request_refuse(r, statement_row_code(res), "statement");
        return r->ask.register_.has_enrolment ? check_enrolment(c, r, f, now) : 0;
}

struct level {
        uint64_t level, from, until;
        bool newer; /* it is that of the request's enrolment */
};

/* The level that is to hold from now on. False when the mailbox may not be registered at all. */
static bool level_of(const struct core_batch *b, const struct enrolment *e,
                     const struct row_mailbox *before, struct level *out)
{
        if (e && (!before || (uint64_t)e->from > before->level_from))
                *out = (struct level){ e->level, (uint64_t)e->from, (uint64_t)e->until, true };
        else if (before)
                *out = (struct level){ before->level, before->level_from, before->level_until,
                                       false };
        else
                *out = (struct level){ 1, 0, CORE_FOREVER, false };
        return e || before || b->core->cfg.self_enrol;
}

static int devices_free(struct core_batch *b, const struct mailbox_statement *s, bool *all)
{
        *all = true;
        for (size_t i = 0; i < s->devices && *all; i++) {
                int r = statement_row_key_free(&b->rows, &s->device[i].key, ROW_DEVICE_MAILBOX,
                                               slice_str(s->mailbox.s), all);

                if (r)
                        return r;
        }
        return 0;
}

/* The devices of the statement before give way to those of @s. */
static int put_devices(struct core_batch *b, const struct mailbox_statement *s, struct slice before)
{
        struct curve_pub key;
        int r;

        for (; before.len; before = slice_from(before, sizeof(key.b))) {
                memcpy(key.b, before.at, sizeof(key.b));
                r = row_del_device(&b->rows, &key);
                if (r && r != STORE_ABSENT) /* a statement may name a key twice */
                        return r;
        }
        for (size_t i = 0; i < s->devices; i++) {
                r = row_put_device(&b->rows, &s->device[i].key, ROW_DEVICE_MAILBOX,
                                   slice_str(s->mailbox.s));
                if (r)
                        return r;
        }
        return 0;
}

static int open_box(struct core_batch *b, uint64_t *box)
{
        const struct row_box empty = { 0 };

        *box = b->counters.box++;
        return row_put_box(&b->rows, *box, &empty);
}

static int take(struct core_batch *b, const struct mailbox_statement *s, struct slice note,
                const struct level *level, struct row_mailbox *before)
{
        const struct row_statement statement = { .note = note };
        uint8_t keys[STATEMENT_DEVICES_MOST * sizeof(struct curve_pub)];
        uint8_t old[sizeof(keys)];
        struct slice devices = { old, 0 };
        struct row_mailbox row = {
                .epoch = s->epoch,
                .level = level->level,
                .statement = s->hash,
                .devices = slice_of(keys, s->devices * sizeof(struct curve_pub)),
                .valid_from = (uint64_t)s->from,
                .valid_until = (uint64_t)s->until,
                .level_from = level->from,
                .level_until = level->until,
        };
        int r;

        memcpy(row.key, s->key.b, sizeof(row.key));
        for (size_t i = 0; i < s->devices; i++)
                memcpy(keys + i * sizeof(struct curve_pub), s->device[i].key.b,
                       sizeof(struct curve_pub));
        if (before) {
                devices.len = before->devices.len;
                memcpy(old, before->devices.at, before->devices.len);
                row.box = before->box;
        }
        r = statement_row_take(b, EVENT_MAILBOX_STATEMENT, slice_str(s->mailbox.s), &s->hash,
                               (int)level->level, &statement);
        if (!r && before && !hash_eq(&before->statement, &s->hash))
                r = row_del_statement(&b->rows, &before->statement);
        if (!r && !before)
                r = open_box(b, &row.box);
        if (!r)
                r = put_devices(b, s, devices);
        return r ? r : row_put_mailbox(&b->rows, slice_str(s->mailbox.s), &row);
}

/* Whoever asks with the key of a device that the mailbox's own key has just named may see what is
 * in force, to build on it: a device that lost everything but the seed has no other way (P4.7). */
static int tell_conflict(struct core_batch *b, struct core_request *r,
                         const struct mailbox_statement *s, const struct hash *in_force)
{
        struct row_statement row;
        bool named = false;
        int res;

        for (size_t i = 0; i < s->devices && !named; i++)
                named = memcmp(s->device[i].key.b, r->peer.b, sizeof(r->peer.b)) == 0;
        if (!named)
                return request_refuse(r, OUTCOME_EPOCH_CONFLICT, "statement");
        res = row_get_statement(&b->rows, in_force, &row);
        if (res)
                return res > 0 ? fault(-EIO) : res;
        buf_put(&r->note, row.note);
        if (buf_fault(&r->note))
                return fault(buf_fault(&r->note));
        r->tells = true;
        return request_refuse(r, OUTCOME_EPOCH_CONFLICT, "statement");
}

int register_step(struct core_batch *b, struct core_request *r)
{
        const struct found *f = r->found;
        const struct enrolment *e = r->ask.register_.has_enrolment ? &f->e : NULL;
        struct row_mailbox row, *before = &row;
        struct level level;
        bool same, all;
        int res = row_get_mailbox(&b->rows, slice_str(f->s.mailbox.s), &row);

        assert(f);
        if (res == STORE_ABSENT)
                before = NULL;
        else if (res)
                return res;
        if (!level_of(b, e, before, &level))
                return request_refuse(r, OUTCOME_ENROLMENT_REQUIRED, "enrolment");
        r->number = admit_level(level.level, level.until, b->now);
        same = before && hash_eq(&before->statement, &f->s.hash);
        if (same && !level.newer)
                return 0; /* in force already */
        if (!same &&
            !statement_row_follows(before ? before->epoch : 0, before ? &before->statement : NULL,
                                   f->s.epoch, &f->s.previous))
                return before ? tell_conflict(b, r, &f->s, &before->statement)
                              : request_refuse(r, OUTCOME_EPOCH_CONFLICT, "statement");
        if (f->s.until <= b->now)
                return request_refuse(r, OUTCOME_STATEMENT_EXPIRED, "statement");
        if (level.newer && !admit_valid(level.from, level.until, b->now))
                return request_refuse(r, OUTCOME_STATEMENT_EXPIRED, "enrolment");
        res = devices_free(b, &f->s, &all);
        if (res)
                return res;
        if (!all)
                return request_refuse(r, OUTCOME_NOT_YOURS, "statement");

        /* ---- decided: from here on only a fault can stop us ---- */
        return take(b, &f->s, r->ask.register_.statement, &level, before);
}

void register_answer(struct core_request *r, struct buf *out)
{
        const struct answer_register answer = {
                .has_level = r->code == 0,
                .level = r->number,
                .has_statement = r->code != 0,
                .statement = buf_slice(&r->note),
        };

        request_answer(r, out, &answer);
}
