/* statement_row.c - what the three kinds of statements have in common when they are taken */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>

int statement_row_take(struct core_batch *b, uint64_t event, struct slice subject,
                       const struct hash *hash, int level, const struct row_statement *row)
{
        struct verdict v = { 0 };
        int r;

        buf_clear(&b->event);
        event_put_statement(&b->event, event, slice_str(b->core->cfg.name), subject, hash, level,
                            b->now);
        r = leaf_add(b, &v, NULL);
        b->tally.statements++;
        return r ? r : row_put_statement(&b->rows, hash, row);
}

uint64_t statement_row_code(int result)
{
        switch (result) {
        case 0:
                return 0;
        case STATEMENT_FORGED:
                return OUTCOME_BAD_SIGNATURE;
        case STATEMENT_MISMATCH:
                return OUTCOME_KEY_MISMATCH;
        default:
                return OUTCOME_BAD_STATEMENT;
        }
}

uint64_t statement_row_registrar_code(const struct core *c, int result, struct slice note)
{
        struct note n;

        if (result != STATEMENT_FORGED || note_read(&n, note))
                return statement_row_code(result);
        for (size_t i = 0; i < c->cfg.registrars; i++)
                if (note_verify(&n, &c->cfg.registrar[i]) != NOTE_UNSIGNED)
                        return OUTCOME_BAD_SIGNATURE;
        return OUTCOME_UNKNOWN_REGISTRAR;
}

bool statement_row_follows(uint64_t epoch, const struct hash *in_force, uint64_t next,
                           const struct hash *previous)
{
        if (!in_force)
                return next == 1;
        return next == epoch + 1 && hash_eq(in_force, previous);
}

int statement_row_key_free(struct rows *t, const struct curve_pub *key, enum row_device kind,
                           struct slice name, bool *free_)
{
        enum row_device whose;
        struct slice owner;
        int r = row_get_device(t, key, &whose, &owner);

        if (r == STORE_ABSENT)
                *free_ = true;
        else if (!r)
                *free_ = whose == kind && slice_eq(owner, name);
        return r == STORE_ABSENT ? 0 : r;
}
