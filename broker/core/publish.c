/* publish.c - P4.8: an address statement takes force, bound to a mailbox (E5.1, E5.2)
 *
 * Two signatures: the address key says what holds for the address, the mailbox key says that the
 * address is its own. The broker adds its attestation of the level at which the holder is enrolled.
 */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

static bool bound_by(const struct ask_publish *ask, const struct hash *statement,
                     const struct sign_pub *key, int *fault_)
{
        BUF_OWNED message = { 0 };
        struct signature sig;

        statement_bind_message(&message, ask->mailbox, statement);
        *fault_ = buf_fault(&message);
        memcpy(sig.b, ask->signature, sizeof(sig.b));
        return !*fault_ && sign_verify(&sig, buf_slice(&message), key);
}

int publish_check(struct core *c, struct core_request *r, struct rows *look, instant now)
{
        const struct ask_publish *ask = &r->ask.publish;
        struct address_statement *s;
        struct row_mailbox mailbox;
        struct sign_pub key;
        int res = request_find(r, sizeof(*s), &s);

        if (res)
                return res;
        res = statement_read_address(s, ask->statement);
        if (res < 0)
                return res;
        if (res)
                return request_refuse(r, statement_row_code(res), "statement");
        if (!name_mailbox_get(ask->mailbox, NULL))
                return request_refuse(r, OUTCOME_UNKNOWN_MAILBOX, "mailbox");
        res = row_get_mailbox(look, ask->mailbox, &mailbox);
        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_UNKNOWN_MAILBOX, "mailbox");
        if (res)
                return res;
        memcpy(key.b, mailbox.key, sizeof(key.b));
        if (!bound_by(ask, &s->hash, &key, &res) && !res)
                return request_refuse(r, OUTCOME_BAD_SIGNATURE, "signature");
        return res;
}

/* ---- the step ---- */

struct stepping {
        struct core_request *r;
        const struct address_statement *s;
        bool known; /* the address has a row: box, epoch and the rest of it */
        bool same;  /* and this very statement is in force */
        uint64_t epoch;
        uint64_t box;
        struct hash before;
        uint64_t level, level_until; /* of the mailbox */
};

/* E5.6 */
static int attest(struct core_batch *b, struct stepping *st)
{
        const struct attestation a = {
                .address = st->s->address,
                .statement = st->s->hash,
                .level = (unsigned)admit_level(st->level, st->level_until, b->now),
                .time = b->now,
        };

        statement_write_attestation(&st->r->note, &a, b->core->cfg.name, b->core->cfg.broker_key);
        return buf_fault(&st->r->note);
}

static int put_address(struct core_batch *b, const struct stepping *st)
{
        const struct address_statement *s = st->s;
        BUF_OWNED accepts = { 0 };
        struct row_address row = {
                .box = st->box,
                .epoch = s->epoch,
                .statement = s->hash,
                .valid_from = (uint64_t)s->from,
                .valid_until = (uint64_t)s->until,
                .closed = s->closed != 0,
                .level = st->level,
                .level_until = st->level_until,
                .mailbox = st->r->ask.publish.mailbox,
        };

        for (size_t i = 0; i < s->accepts; i++) {
                const struct accept one = { .sender = s->accept[i].sender,
                                            .classes = s->accept[i].classes };

                field_write(&accept_table, &accepts, &one);
        }
        if (buf_fault(&accepts))
                return fault(buf_fault(&accepts));
        row.accepts = (struct field_list){ buf_slice(&accepts), (uint32_t)s->accepts };
        admit_forget(b, slice_str(s->address.s));
        return row_put_address(&b->rows, slice_str(s->address.s), &row);
}

static int take(struct core_batch *b, struct stepping *st)
{
        struct row_statement row = { .note = st->r->ask.publish.statement,
                                     .has_attestation = true };
        uint64_t level = admit_level(st->level, st->level_until, b->now);
        int r = attest(b, st);

        if (r)
                return r;
        row.attestation = buf_slice(&st->r->note);
        r = statement_row_take(b, EVENT_ADDRESS_STATEMENT, slice_str(st->s->address.s),
                               &st->s->hash, (int)level, &row);
        if (!r && st->known && !st->same)
                r = row_del_statement(&b->rows, &st->before);
        return r ? r : put_address(b, st);
}

/* The same again: the attestation of then. */
static int repeat(struct core_batch *b, struct stepping *st)
{
        struct row_statement row;
        int r = row_get_statement(&b->rows, &st->s->hash, &row);

        if (r)
                return r == STORE_ABSENT ? fault(-EBADMSG) : r;
        buf_put(&st->r->note, row.attestation);
        return buf_fault(&st->r->note);
}

static int step(struct core_batch *b, struct stepping *st, const struct row_address *before)
{
        struct core_request *r = st->r;

        if (before) {
                if (!slice_eq(before->mailbox, r->ask.publish.mailbox))
                        return request_refuse(r, OUTCOME_NOT_YOURS, "mailbox");
                st->known = true;
                st->same = hash_eq(&before->statement, &st->s->hash);
                st->before = before->statement;
                st->epoch = before->epoch;
                if (st->same && before->level == st->level &&
                    before->level_until == st->level_until)
                        return repeat(b, st);
        }
        if (!st->same && !statement_row_follows(st->epoch, before ? &st->before : NULL,
                                                st->s->epoch, &st->s->previous))
                return request_refuse(r, OUTCOME_EPOCH_CONFLICT, "statement");
        if (st->s->until <= b->now)
                return request_refuse(r, OUTCOME_STATEMENT_EXPIRED, "statement");

        /* ---- decided: from here on only a fault can stop us ---- */
        return take(b, st);
}

int publish_step(struct core_batch *b, struct core_request *r)
{
        struct stepping st = { .r = r, .s = r->found };
        struct row_mailbox mailbox;
        struct row_address row, *before = &row;
        int res = row_get_mailbox(&b->rows, r->ask.publish.mailbox, &mailbox);

        assert(st.s && res != STORE_ABSENT);
        if (res)
                return res;
        st.box = mailbox.box;
        st.level = mailbox.level;
        st.level_until = mailbox.level_until;
        res = row_get_address(&b->rows, slice_str(st.s->address.s), &row, NULL);
        if (res == STORE_ABSENT)
                before = NULL;
        else if (res)
                return res;
        return step(b, &st, before);
}

void publish_answer(struct core_request *r, struct buf *out)
{
        const struct answer_publish answer = { .has_attestation = true,
                                               .attestation = buf_slice(&r->note) };

        request_answer(r, out, &answer);
}
