/* address_book.c - the sender's memory of address statements */
#include "sdk/address_book.h"

#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>

void address_book_entry_free(struct address_book_entry *e)
{
        buf_free(&e->note);
        *e = (struct address_book_entry){ 0 };
}

/* Copy the note, then read it where it will stay. */
static int fill(struct address_book_entry *out, struct slice note)
{
        buf_clear(&out->note);
        buf_put(&out->note, note);
        if (buf_fault(&out->note))
                return fault(buf_fault(&out->note));
        switch (statement_read_address(&out->statement, buf_slice(&out->note))) {
        case 0:
                return 0;
        case STATEMENT_MISMATCH:
                return OUTCOME_KEY_MISMATCH;
        case STATEMENT_FORGED:
                return OUTCOME_BAD_SIGNATURE;
        default:
                return OUTCOME_BAD_STATEMENT;
        }
}

int address_book_get(struct address_book_entry *out, struct spool *s, const char *address)
{
        struct row_known_address row;
        int r = spool_address(s, address, &row);

        if (r)
                return r;
        r = fill(out, row.statement);
        if (r)
                return r < 0 ? r : fault(-EBADMSG);
        out->level = (unsigned)row.level;
        out->asked = (instant)row.asked;
        return 0;
}

/* Does @s go on from what is known? */
static bool follows(const struct row_known_address *known, const struct address_statement *s)
{
        if (s->epoch == known->epoch)
                return hash_eq(&s->hash, &known->hash);
        if (s->epoch == known->epoch + 1)
                return hash_eq(&s->previous, &known->hash);
        return s->epoch > known->epoch;
}

static int attested(unsigned *level, const struct trust *trust, const struct address_statement *s,
                    struct slice note)
{
        struct attestation a;
        int r = STATEMENT_FORGED;

        for (size_t i = 0; i < trust->attests && r; i++)
                r = statement_read_attestation(&a, note, &trust->attest[i]);
        if (r)
                return r == STATEMENT_BAD ? OUTCOME_BAD_STATEMENT : OUTCOME_NOT_TRUSTED;
        if (strcmp(a.address.s, s->address.s) != 0 || !hash_eq(&a.statement, &s->hash))
                return OUTCOME_BAD_STATEMENT;
        *level = a.level;
        return 0;
}

static int remember(struct spool *s, const struct address_book_entry *e)
{
        const struct row_known_address row = {
                .statement = buf_slice(&e->note),
                .epoch = e->statement.epoch,
                .hash = e->statement.hash,
                .level = e->level,
                .asked = (uint64_t)e->asked,
        };

        return spool_keep_address(s, e->statement.address.s, &row);
}

static int take(struct address_book_entry *e, struct spool *s, const struct trust *trust,
                const char *address, struct slice statement, struct slice attestation)
{
        struct row_known_address known;
        int r = fill(e, statement);

        if (r)
                return r;
        if (strcmp(e->statement.address.s, address) != 0)
                return OUTCOME_KEY_MISMATCH;
        r = spool_address(s, address, &known);
        if (r == 0 && !follows(&known, &e->statement))
                return OUTCOME_EPOCH_CONFLICT;
        if (r == 0 && hash_eq(&known.hash, &e->statement.hash))
                e->level = (unsigned)known.level;
        if (r < 0)
                return r;
        return attestation.len ? attested(&e->level, trust, &e->statement, attestation) : 0;
}

int address_book_take(struct address_book_entry *out, struct spool *s, const struct trust *trust,
                      const char *address, struct slice statement, struct slice attestation,
                      instant now)
{
        struct address_book_entry e = { .asked = now };
        int r = take(&e, s, trust, address, statement, attestation);

        if (!r)
                r = remember(s, &e);
        if (r || !out) {
                address_book_entry_free(&e);
                return r == SPOOL_NO_ROOM ? OUTCOME_SPOOL_FULL : r;
        }
        address_book_entry_free(out);
        *out = e;
        return 0;
}

int address_book_usable(const struct address_book_entry *e, struct slice sender, unsigned class,
                        unsigned assurance, instant now)
{
        const struct address_statement *s = &e->statement;

        if (s->closed)
                return OUTCOME_ADDRESS_CLOSED;
        if (now < s->from || now >= s->until)
                return OUTCOME_STATEMENT_EXPIRED;
        if (!statement_accepts(s, sender, class))
                return OUTCOME_NOT_ACCEPTED;
        return assurance > e->level ? OUTCOME_ASSURANCE_TOO_LOW : 0;
}
