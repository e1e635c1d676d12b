/* submit.c - P4.2: a batch of letters under one signature
 *
 * The check finds out what the bytes alone say: header, id and digest of every letter, and the one
 * signature over the root of all ids. The step then decides letter by letter; a letter that is
 * refused does not hold up the others.
 *
 * A letter that was filed before gets its receipt again before anything else is asked of it: its
 * sender may have expired or changed keys since. For the latter a batch whose signature no longer
 * verifies is compared with the batch as it was taken then. */
#include "core/core_impl.h"

#include <assert.h>
#include <stdio.h>

enum { SUBMIT_WEIGHT = 1024 }; /* bytes of rows that a letter writes besides its own */

/* A letter as the check found it. */
struct submitted {
        struct slice bytes; /* of the header */
        struct slice body;
        bool has_body;
        struct header h;
        uint64_t code; /* refused already */
        char where[CORE_WHERE];
};

struct found {
        struct hash statement; /* the registration under which the signature verified */
        bool old_key;          /* it did not; the same batch was taken under an earlier one */
        size_t count;
        struct hash *id; /* of each, behind the letters */
        struct submitted letter[];
};

static void blame(struct submitted *l, uint64_t code, const char *where)
{
        l->code = code;
        snprintf(l->where, sizeof(l->where), "%.*s", CORE_WHERE - 1, where);
}

/* E3.1, E3.2, P4.2.4 to P4.2.7: what a header must be, whoever sends it. */
static void judge_header(struct submitted *l, struct slice sender)
{
        struct field_trouble why;
        const struct header *h = &l->h;

        if (field_read(&header_table, l->bytes, &l->h, &why))
                blame(l, OUTCOME_MALFORMED, why.where);
        else if (h->version != 1)
                blame(l, OUTCOME_MALFORMED, "version");
        else if (h->suite != 1)
                blame(l, OUTCOME_UNKNOWN_SUITE, "suite");
        else if (!slice_eq(h->from, sender))
                blame(l, OUTCOME_MALFORMED, "from");
        else if (!name_address_get(h->to, NULL))
                blame(l, OUTCOME_NO_SUCH_ADDRESS, "to");
        else if (!name_class((unsigned)h->class))
                blame(l, OUTCOME_MALFORMED, "class");
        else if (h->grade == 0)
                blame(l, OUTCOME_MALFORMED, "grade");
        else if (h->size == 0)
                blame(l, OUTCOME_MALFORMED, "size");
        else if (h->has_not_before && h->has_expires && h->not_before >= h->expires)
                blame(l, OUTCOME_MALFORMED, "not_before");
}

/* P4.2.8 */
static void judge_body(struct submitted *l)
{
        struct hash digest;

        if (l->code || !l->has_body)
                return;
        if (l->body.len != l->h.size) {
                blame(l, OUTCOME_DIGEST_MISMATCH, "size");
                return;
        }
        hash_sha256(&digest, l->body);
        if (!hash_eq(&digest, &l->h.digest))
                blame(l, OUTCOME_DIGEST_MISMATCH, "digest"); /* E3.3 */
}

/* Was this very batch taken before? One letter that was filed from it says so. */
static int was_taken(struct rows *look, const struct ask_submit *ask, const struct found *f,
                     uint64_t sender, bool *taken)
{
        struct row_nonce nonce;
        struct row_letter letter;
        struct row_batch batch;
        int r = STORE_ABSENT;

        *taken = false;
        for (size_t i = 0; i < f->count && r == STORE_ABSENT; i++) {
                if (f->letter[i].code)
                        continue;
                r = row_get_nonce(look, sender, f->letter[i].h.nonce, &nonce);
                if (!r && (!nonce.has_arrival || !hash_eq(&nonce.letter, &f->id[i])))
                        r = STORE_ABSENT;
        }
        if (!r)
                r = row_get_letter(look, nonce.arrival, &letter);
        if (!r)
                r = row_get_batch(look, letter.batch, &batch);
        if (!r)
                *taken = memcmp(batch.signature, ask->signature, sizeof(batch.signature)) == 0 &&
                         slice_eq(batch.letters, slice_of(f->id, f->count * sizeof(struct hash)));
        return r == STORE_ABSENT ? 0 : r;
}

static bool signed_by(const struct ask_submit *ask, const struct found *f,
                      const struct row_sender *s)
{
        struct signature sig;
        struct sign_pub key;
        struct hash root;

        submit_root(&root, f->id, f->count);
        memcpy(sig.b, ask->signature, sizeof(sig.b));
        memcpy(key.b, s->key, sizeof(key.b));
        return submit_verify(&sig, ask->sender, &root, &key); /* E3.4 */
}

static int check_signature(struct core_request *r, struct rows *look, struct found *f)
{
        const struct ask_submit *ask = &r->ask.submit;
        struct row_sender s;
        bool taken;
        int res;

        if (!name_party_ok(ask->sender))
                return request_refuse(r, OUTCOME_UNKNOWN_SENDER, "sender");
        res = row_get_sender(look, ask->sender, &s);
        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_UNKNOWN_SENDER, "sender");
        if (res)
                return res;
        f->statement = s.statement;
        if (signed_by(ask, f, &s))
                return 0;
        res = was_taken(look, ask, f, s.number, &taken);
        if (res)
                return res;
        if (!taken)
                return request_refuse(r, OUTCOME_BAD_SIGNATURE, "signature");
        f->old_key = true;
        return 0;
}

int submit_check(struct core *c, struct core_request *r, struct rows *look, instant now)
{
        const struct ask_submit *ask = &r->ask.submit;
        struct field_list l = ask->letters;
        struct letter_in in;
        struct found *f;
        size_t inlined = 0;
        int res;

        res = request_find(r, sizeof(*f) + l.count * (sizeof(f->letter[0]) + sizeof(f->id[0])), &f);
        if (!res)
                res = request_verdicts(r, l.count);
        if (res)
                return res;
        f->id = (struct hash *)&f->letter[l.count];
        while (field_list_next(&l, &letter_in_table, &in)) {
                struct submitted *one = &f->letter[f->count];

                one->bytes = in.header;
                one->body = in.body;
                one->has_body = in.has_body;
                inlined += in.body.len;
                submit_letter_id(&f->id[f->count], in.header);
                judge_header(one, ask->sender);
                f->count++;
        }
        r->weight += f->count * SUBMIT_WEIGHT;
        if (inlined > MESSAGES_INLINE_MOST)
                return request_refuse(r, OUTCOME_TOO_LARGE, "letters");
        res = check_signature(r, look, f);
        /* Only now, so that a stranger cannot make us hash megabytes. */
        for (size_t i = 0; !res && !r->code && i < f->count; i++)
                judge_body(&f->letter[i]);
        return res;
}

/* ---- the step ---- */

struct stepping {
        struct core_request *r;
        struct found *f;
        struct row_sender sender;
        bool old_key;
        bool taken; /* at least one letter: the batch row is wanted */
};

static int file_letter(struct core_batch *b, struct stepping *st, size_t i, struct box *box,
                       bool replaces)
{
        const struct submitted *l = &st->f->letter[i];
        const struct hash *id = &st->f->id[i];
        struct verdict *v = &st->r->verdict[i];
        struct filing filing = {
                .h = &l->h,
                .header = l->bytes,
                .id = id,
                .sender = st->sender.number,
                .arrival = b->counters.arrival++,
                .batch = b->counters.batch,
                .index = i,
        };
        int r;

        st->taken = true;
        b->changed = true;
        if (!l->has_body)
                return upload_open(b, &filing, v);
        r = replaces ? upload_close(b, id) : 0;
        if (!r)
                r = filing_put_body(b, filing.arrival, l->body);
        if (!r)
                r = filing_put(b, &filing, box, v);
        if (!r)
                batch_await(b, st->r);
        return r;
}

/* E3.6, P4.2.10: the same letter was filed before. The same receipt, for ever. */
static int repeat(struct core_batch *b, struct stepping *st, size_t i, uint64_t arrival)
{
        struct verdict *v = &st->r->verdict[i];
        struct row_letter letter;
        int r = row_get_letter(&b->rows, arrival, &letter);

        assert(r != STORE_ABSENT);
        if (!r)
                r = verdict_repeat(v, &b->rows, letter.leaf, (instant)letter.time, b->first,
                                   &st->r->texts);
        if (!r && v->fresh)
                batch_await(b, st->r);
        b->tally.duplicates++;
        return r;
}

static int step_new_letter(struct core_batch *b, struct stepping *st, size_t i, bool replaces)
{
        const struct submitted *l = &st->f->letter[i];
        struct verdict *v = &st->r->verdict[i];
        struct box *box = NULL;
        bool room = true;
        int r;

        if (st->old_key)
                return verdict_refuse(v, OUTCOME_BAD_SIGNATURE, ""); /* P4.2.11 */
        r = admit_letter(b, &st->sender, &l->h, false, v, &st->r->texts, &box);
        if (r || v->code)
                return r;
        if (!l->has_body)
                r = upload_room(b, st->sender.number, &room);
        if (r)
                return r;
        if (!room)
                return verdict_refuse(v, OUTCOME_BUSY, ""); /* P4.2.18 */

        /* ---- decided: from here on only a fault can stop us ---- */
        return file_letter(b, st, i, box, replaces);
}

static int step_letter(struct core_batch *b, struct stepping *st, size_t i)
{
        const struct submitted *l = &st->f->letter[i];
        struct verdict *v = &st->r->verdict[i];
        struct row_nonce nonce;
        int r;

        if (l->code)
                return verdict_refuse(v, l->code, l->where);
        r = row_get_nonce(&b->rows, st->sender.number, l->h.nonce, &nonce);
        if (r == STORE_ABSENT)
                return step_new_letter(b, st, i, false);
        if (r)
                return r;
        if (!hash_eq(&nonce.letter, &st->f->id[i]))
                return verdict_refuse(v, OUTCOME_NONCE_CONFLICT, "nonce"); /* P4.2.9 */
        if (nonce.has_arrival)
                return repeat(b, st, i, nonce.arrival);
        if (l->has_body)
                return step_new_letter(b, st, i, true);
        return upload_ask(b, &st->f->id[i], v);
}

static int put_batch(struct core_batch *b, struct stepping *st)
{
        const struct ask_submit *ask = &st->r->ask.submit;
        struct row_batch row = {
                .sender = st->sender.statement,
                .letters = slice_of(st->f->id, st->f->count * sizeof(struct hash)),
        };

        memcpy(row.signature, ask->signature, sizeof(row.signature));
        return row_append_batch(&b->rows, b->counters.batch++, &row);
}

int submit_step(struct core_batch *b, struct core_request *r)
{
        struct stepping st = { .r = r, .f = r->found };
        int res = row_get_sender(&b->rows, r->ask.submit.sender, &st.sender);

        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_UNKNOWN_SENDER, "sender");
        if (res)
                return res;
        /* The sender may have a new key since the check. */
        st.old_key = st.f->old_key || (!hash_eq(&st.f->statement, &st.sender.statement) &&
                                       !signed_by(&r->ask.submit, st.f, &st.sender));
        leaf_salts(b, st.f->count);
        for (size_t i = 0; i < st.f->count; i++) {
                res = step_letter(b, &st, i);
                if (res)
                        return res;
                if (r->verdict[i].code && r->verdict[i].code != OUTCOME_BODY_WANTED)
                        b->tally.refused++;
        }
        return st.taken ? put_batch(b, &st) : 0;
}

void submit_answer(struct core_request *r, struct buf *out)
{
        BUF_OWNED items = { 0 };
        struct answer_submit answer = { .has_letters = true };

        for (size_t i = 0; i < r->verdicts; i++) {
                const struct verdict *v = &r->verdict[i];

                verdict_write_filed(v, &items, &r->texts, buf_slice(&r->checkpoint));
                if (v->fresh && !v->duplicate)
                        answer.has_checkpoint = true;
        }
        answer.letters = (struct field_list){ buf_slice(&items), (uint32_t)r->verdicts };
        answer.checkpoint = buf_slice(&r->checkpoint);
        request_answer(r, out, &answer);
}
