/* enlist.c - P4.6: a registrar registers a sender, or a newer state of one (E5.5) */
#include "core/core_impl.h"

#include <assert.h>

int enlist_check(struct core *c, struct core_request *r, struct rows *look, instant now)
{
        struct slice note = r->ask.enlist.statement;
        struct sender_statement *s;
        int res = request_find(r, sizeof(*s), &s);
        uint64_t code;

        if (res)
                return res;
        res = statement_read_sender(s, note, c->cfg.registrar, c->cfg.registrars, NULL);
        if (res < 0)
                return res;
        code = statement_row_registrar_code(c, res, note);
        return code ? request_refuse(r, code, "statement") : 0;
}

static int take(struct core_batch *b, const struct sender_statement *s, struct slice note,
                const struct row_sender *before)
{
        const struct row_statement statement = { .note = note };
        struct row_sender row = {
                .number = before ? before->number : b->counters.sender++,
                .classes = s->classes,
                .epoch = s->epoch,
                .valid_from = (uint64_t)s->from,
                .valid_until = (uint64_t)s->until,
                .statement = s->hash,
        };
        struct curve_pub old;
        int r;

        memcpy(row.key, s->key.b, sizeof(row.key));
        memcpy(row.transport, s->transport.b, sizeof(row.transport));
        r = statement_row_take(b, EVENT_SENDER_STATEMENT, s->sender, &s->hash, -1, &statement);
        if (!r && before) {
                memcpy(old.b, before->transport, sizeof(old.b));
                r = row_del_device(&b->rows, &old);
        }
        if (!r)
                r = row_put_device(&b->rows, &s->transport, ROW_DEVICE_SENDER, s->sender);
        return r ? r : row_put_sender(&b->rows, s->sender, &row);
}

int enlist_step(struct core_batch *b, struct core_request *r)
{
        const struct sender_statement *s = r->found;
        struct row_sender row, *before = &row;
        bool key_free;
        int res = row_get_sender(&b->rows, s->sender, &row);

        if (res == STORE_ABSENT)
                before = NULL;
        else if (res)
                return res;
        if (before && hash_eq(&before->statement, &s->hash))
                return 0; /* in force already */
        if (!statement_row_follows(before ? before->epoch : 0, before ? &before->statement : NULL,
                                   s->epoch, &s->previous))
                return request_refuse(r, OUTCOME_EPOCH_CONFLICT, "statement");
        if (s->until <= b->now)
                return request_refuse(r, OUTCOME_STATEMENT_EXPIRED, "statement");
        res = statement_row_key_free(&b->rows, &s->transport, ROW_DEVICE_SENDER, s->sender,
                                     &key_free);
        if (res)
                return res;
        if (!key_free)
                return request_refuse(r, OUTCOME_NOT_YOURS, "statement");

        /* ---- decided: from here on only a fault can stop us ---- */
        return take(b, s, r->ask.enlist.statement, before);
}

void enlist_answer(struct core_request *r, struct buf *out)
{
        const struct answer_enlist answer = { 0 };

        request_answer(r, out, &answer);
}
