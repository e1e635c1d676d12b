/* envelope.c - what proves a letter alone
 *
 *      registrar's key -> registration -> sender's key -> batch root -> path -> letter id = header
 *
 * Followed from left to right. The filing time is the broker's word; what proves it is the receipt.
 */
#include "letter/envelope.h"

#include "letter/submit.h"
#include "schemas/outcomes.h"

enum { VERSION = 1, SUITE_AGE = 1, HEADER_MOST = 2048, HASH = sizeof(struct hash) };

static int read_header(struct header *h, struct slice bytes)
{
        if (bytes.len > HEADER_MOST || field_read(&header_table, bytes, h, NULL) != 0)
                return OUTCOME_BAD_ENVELOPE;
        if (h->version != VERSION || !name_class((unsigned)h->class) || h->grade == 0)
                return OUTCOME_BAD_ENVELOPE;
        return h->suite == SUITE_AGE ? 0 : OUTCOME_UNKNOWN_SUITE;
}

/* Why a registration cannot be believed: nobody we know signed it, or somebody changed it. */
static int unproven(struct slice registration, const struct note_key *registrars, size_t count)
{
        struct note n;

        if (note_read(&n, registration) != 0)
                return OUTCOME_SENDER_UNPROVEN;
        for (size_t i = 0; i < count; i++)
                if (note_verify(&n, &registrars[i]) != NOTE_UNSIGNED)
                        return OUTCOME_SENDER_UNPROVEN;
        return OUTCOME_NOT_TRUSTED;
}

static int check_sender(struct envelope_facts *f, const struct note_key *registrars, size_t count)
{
        const struct sender_statement *s = &f->sender;
        instant filed = (instant)f->envelope.time;
        int r = statement_read_sender(&f->sender, f->envelope.sender, registrars, count, NULL);

        if (r < 0)
                return r;
        if (r == STATEMENT_FORGED)
                return unproven(f->envelope.sender, registrars, count);
        if (r || !slice_eq(s->sender, f->header.from))
                return OUTCOME_SENDER_UNPROVEN;
        if (filed < s->from || filed >= s->until)
                return OUTCOME_SENDER_LAPSED;
        if (!(s->classes >> f->header.class & 1))
                return OUTCOME_CLASS_NOT_GRANTED;
        return 0;
}

static int check_batch(const struct envelope_facts *f)
{
        const struct envelope *e = &f->envelope;
        struct hash path[SUBMIT_PATH_MOST];
        struct signature sig;

        if (e->path.len > sizeof(path) || e->path.len % HASH)
                return OUTCOME_BAD_ENVELOPE;
        if (e->path.len)
                memcpy(path, e->path.at, e->path.len);
        memcpy(sig.b, e->signature, sizeof(sig.b));
        if (!submit_verify_letter(&f->id, e->index, e->count, path, e->path.len / HASH,
                                  f->header.from, &sig, &f->sender.key))
                return OUTCOME_BATCH_FORGED;
        return 0;
}

int envelope_check(struct envelope_facts *out, struct slice header, struct slice envelope,
                   const struct note_key *registrars, size_t count)
{
        int r = read_header(&out->header, header);

        if (r)
                return r;
        if (field_read(&envelope_table, envelope, &out->envelope, NULL) != 0)
                return OUTCOME_BAD_ENVELOPE;
        r = check_sender(out, registrars, count);
        if (r)
                return r;
        submit_letter_id(&out->id, header);
        return check_batch(out);
}
