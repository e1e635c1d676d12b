/* open.c - a letter on its way out of the seal: everything E4.4 asks
 *
 *      open_begin   envelope.c: who sent it, and that the header is hers
 *      open_feed    SHA-256 of what comes; age -> content.c -> note, parts -> the caller's sink
 *      open_end     only now is it known that the sealed bytes are those of the header
 *
 * What is found wrong inside is kept back as the verdict until then: a bit that fell over on the
 * way must not make a sender look like a forger. */
#include "letter/open.h"

#include "base/fault.h"
#include "base/secret.h"
#include "crypt/age.h"
#include "crypt/hash.h"
#include "letter/content.h"
#include "letter/envelope.h"
#include "letter/letter_note.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct open_letter {
        struct buf kept; /* header and envelope, to which the facts point */
        struct envelope_facts facts;
        struct open_sink sink;
        struct age_reader *age;
        struct content_reader *content;
        struct buf plain; /* what age opened last */
        struct hash_state digest;
        uint64_t size;
        struct open_note note;
        struct open_part part[SEAL_PARTS_MOST];
        size_t begun; /* parts that have begun; the one in hand is the last of them */
        struct hash_state part_digest;
        int verdict; /* on what is inside */
        int result;  /* final */
        bool ended;
};

/* ---- what content.c tells ---- */

/* The caller's own word ends everything at once. */
static int told(struct open_letter *o, int r)
{
        o->result = r;
        return r;
}

static int check_note(struct open_letter *o, struct slice bytes)
{
        const struct header *h = &o->facts.header;
        struct note_key key = { .pub = o->facts.sender.key };
        struct note n;

        if (note_read(&n, bytes) != 0)
                return OUTCOME_BAD_CONTENT;
        memcpy(key.name, h->from.at, h->from.len);
        if (note_verify(&n, &key) != 0)
                return OUTCOME_LETTER_FORGED;
        if (!letter_note_read(&o->note, o->part, n.text))
                return OUTCOME_BAD_CONTENT;
        if (!slice_eq(o->note.from, h->from) || !slice_eq(o->note.to, h->to) ||
            o->note.class != h->class)
                return OUTCOME_HEADER_DISAGREES;
        o->note.whole = bytes;
        return 0;
}

static int on_note(void *ctx, struct slice bytes)
{
        struct open_letter *o = ctx;
        int r = check_note(o, bytes);

        return r ? r : told(o, o->sink.note(o->sink.ctx, &o->note));
}

static int on_parts(void *ctx, uint32_t count)
{
        struct open_letter *o = ctx;

        return count == o->note.parts ? 0 : OUTCOME_PART_DISAGREES;
}

static int on_begin(void *ctx, uint32_t size)
{
        struct open_letter *o = ctx;
        size_t index = o->begun++;

        if (size != o->part[index].size)
                return OUTCOME_PART_DISAGREES;
        hash_begin(&o->part_digest);
        if (size == 0)
                return told(o, o->sink.part(o->sink.ctx, index, slice_of(NULL, 0)));
        return 0;
}

static int on_bytes(void *ctx, struct slice bytes)
{
        struct open_letter *o = ctx;

        hash_more(&o->part_digest, bytes);
        return told(o, o->sink.part(o->sink.ctx, o->begun - 1, bytes));
}

static int on_end(void *ctx)
{
        struct open_letter *o = ctx;
        struct hash digest;

        hash_end(&o->part_digest, &digest);
        return hash_eq(&digest, &o->part[o->begun - 1].digest) ? 0 : OUTCOME_PART_DISAGREES;
}

/* ---- beginning ---- */

static int keep(struct open_letter *o, struct slice *header, struct slice *envelope)
{
        buf_put(&o->kept, *header);
        buf_put(&o->kept, *envelope);
        if (buf_fault(&o->kept))
                return fault(buf_fault(&o->kept));
        *envelope = slice_from(buf_slice(&o->kept), header->len);
        *header = slice_upto(buf_slice(&o->kept), header->len);
        return 0;
}

static int make_readers(struct open_letter *o, const struct open_keys *keys)
{
        const struct content_sink sink = {
                .note = on_note,
                .parts = on_parts,
                .begin = on_begin,
                .bytes = on_bytes,
                .end = on_end,
                .ctx = o,
        };
        int r = 0;

        o->age = age_reader_new();
        o->content = content_reader_new(&sink);
        /* Room for what one piece can bring, so that no outgrown copy stays in the heap. */
        if (!o->age || !o->content || !buf_extend(&o->plain, 2 * AGE_CHUNK))
                return fault(-ENOMEM);
        buf_clear(&o->plain);
        for (size_t i = 0; i < keys->seals && r == 0; i++)
                r = age_reader_add_identity(o->age, &keys->seal[i]);
        return r;
}

static int begin(struct open_letter *o, struct slice header, struct slice envelope,
                 const struct open_keys *keys)
{
        int r = keep(o, &header, &envelope);

        if (r == 0)
                r = envelope_check(&o->facts, header, envelope, keys->registrars,
                                   keys->registrar_count);
        if (r)
                return r;
        if (keys->address.len && !slice_eq(keys->address, o->facts.header.to))
                return OUTCOME_WRONG_ADDRESS;
        hash_begin(&o->digest);
        return make_readers(o, keys);
}

int open_begin(struct open_letter **out, struct slice header, struct slice envelope,
               const struct open_keys *keys, const struct open_sink *sink)
{
        struct open_letter *o = calloc(1, sizeof(*o));
        int r;

        if (!o)
                return fault(-ENOMEM);
        o->sink = *sink;
        r = begin(o, header, envelope, keys);
        if (r) {
                open_free(o);
                return r;
        }
        *out = o;
        return 0;
}

/* ---- the sealed bytes ---- */

static int outcome_of_age(int r)
{
        if (r <= 0)
                return r;
        return r == AGE_NO_MATCH ? OUTCOME_NOT_FOR_US : OUTCOME_SEAL_BROKEN;
}

/* What age opened goes on to the content, with what age said last. */
static void pass_on(struct open_letter *o, int age)
{
        o->verdict = outcome_of_age(age);
        if (o->verdict == 0)
                o->verdict = content_feed(o->content, buf_slice(&o->plain));
        buf_clear(&o->plain);
        if (o->verdict < 0)
                o->result = o->verdict;
}

int open_feed(struct open_letter *o, struct slice sealed)
{
        assert(!o->ended);
        if (o->result)
                return o->result;
        if (sealed.len > o->facts.header.size - o->size)
                return o->result = OUTCOME_SEAL_BROKEN;
        hash_more(&o->digest, sealed);
        o->size += sealed.len;
        while (sealed.len && o->verdict == 0) {
                struct slice piece = slice_upto(sealed, AGE_CHUNK);

                pass_on(o, age_read(o->age, piece, &o->plain));
                sealed = slice_from(sealed, piece.len);
        }
        return o->result;
}

int open_end(struct open_letter *o)
{
        struct hash digest;

        assert(!o->ended);
        o->ended = true;
        if (o->result)
                return o->result;
        hash_end(&o->digest, &digest);
        if (o->size != o->facts.header.size || !hash_eq(&digest, &o->facts.header.digest))
                return o->result = OUTCOME_SEAL_BROKEN;
        if (o->verdict == 0)
                pass_on(o, age_read_end(o->age, &o->plain));
        if (o->verdict == 0)
                o->verdict = content_end(o->content);
        return o->result = o->verdict;
}

const struct header *open_header(const struct open_letter *o)
{
        return &o->facts.header;
}

void open_free(struct open_letter *o)
{
        if (!o)
                return;
        age_reader_free(o->age);
        content_reader_free(o->content);
        if (o->plain.at)
                secret_wipe(o->plain.at, o->plain.cap);
        buf_free(&o->plain);
        buf_free(&o->kept);
        free(o);
}

int open_check_envelope(struct slice header, struct slice envelope,
                        const struct note_key *registrars, size_t count)
{
        struct envelope_facts facts;

        return envelope_check(&facts, header, envelope, registrars, count);
}
