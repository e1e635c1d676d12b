/* seal.c - a letter on its way into the seal
 *
 *      note lines <- first pass over the parts (size, SHA-256)
 *      note, parts (second pass), zero bytes -> age -> the caller's sink
 *                                                 '-> SHA-256 and size -> header
 *
 * The lengths of all these follow from the note, so that a letter that would be too large is
 * refused before a byte is sealed. */
#include "letter/seal.h"

#include "base/fault.h"
#include "base/secret.h"
#include "crypt/age.h"
#include "crypt/hash.h"
#include "letter/content.h"
#include "letter/letter_note.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { VERSION = 1, SUITE_AGE = 1, GRADE_MOST = 3, ASSURANCE_MOST = 3, IO = AGE_CHUNK };

#define INSTANT_MOST INT64_C(253402300799999)

struct job {
        const struct seal_letter *l;
        char *where;
        struct seal_pub to[STATEMENT_SEALS_MOST];
        size_t recipients;
        struct open_part part[SEAL_PARTS_MOST]; /* as the note lists them */
        struct open_note plan;                  /* the same, not yet signed */
        struct buf note;                        /* signed */
        uint64_t padding;
        uint8_t *io; /* IO bytes of plaintext on their way */
        struct age_writer *age;
        struct buf out;
        seal_sink sink;
        void *ctx;
        struct hash_state digest;
        uint64_t size;
};

uint64_t seal_padded(uint64_t len)
{
        unsigned e, s;
        uint64_t mask;

        assert(len <= UINT64_MAX / 2);
        if (len < 2)
                return len;
        e = 63 - (unsigned)__builtin_clzll(len);
        s = 32 - (unsigned)__builtin_clz(e);
        mask = (UINT64_C(1) << (e - s)) - 1;
        return (len + mask) & ~mask;
}

static int64_t read_slice(void *ctx, uint64_t offset, uint8_t *to, size_t room)
{
        const struct slice *s = ctx;
        struct slice piece = slice_upto(slice_from(*s, offset), room);

        if (piece.len)
                memcpy(to, piece.at, piece.len);
        return (int64_t)piece.len;
}

struct seal_part seal_part_of_bytes(const char *name, const char *media, const struct slice *bytes)
{
        return (struct seal_part){
                .name = name,
                .media = media,
                .size = bytes->len,
                .read = read_slice,
                .ctx = (void *)(uintptr_t)bytes, /* read_slice keeps it const */
        };
}

static int say(struct job *j, int outcome, const char *what)
{
        if (j->where)
                snprintf(j->where, 96, "%s", what);
        return outcome;
}

static int say_part(struct job *j, int outcome, size_t index)
{
        char what[32];

        snprintf(what, sizeof(what), "part %zu", index + 1);
        return say(j, outcome, what);
}

static bool instant_ok(instant t)
{
        return t >= 0 && t <= INSTANT_MOST;
}

/* What the note does not say. */
static int check_header(struct job *j)
{
        const struct seal_letter *l = j->l;

        if (!instant_ok(l->created))
                return say(j, SEAL_BAD_TEXT, "created");
        if (!instant_ok(l->not_before))
                return say(j, SEAL_BAD_TEXT, "not_before");
        if (!instant_ok(l->expires))
                return say(j, SEAL_BAD_TEXT, "expires");
        if (l->grade == 0 || l->grade > GRADE_MOST)
                return say(j, SEAL_BAD_TEXT, "grade");
        if (l->assurance > ASSURANCE_MOST)
                return say(j, SEAL_BAD_TEXT, "assurance");
        return 0;
}

/* One pass over a part, in pieces to @take. SEAL_CHANGED when it ends before its size. */
static int read_part(struct job *j, size_t index, int (*take)(struct job *, struct slice),
                     struct hash *digest)
{
        const struct seal_part *p = &j->l->part[index];
        struct hash_state st;

        hash_begin(&st);
        for (uint64_t at = 0; at < p->size;) {
                size_t room = p->size - at < IO ? (size_t)(p->size - at) : IO;
                int64_t n = p->read(p->ctx, at, j->io, room);
                int r = 0;

                if (n < 0)
                        return (int)n;
                if (n == 0)
                        return say_part(j, SEAL_CHANGED, index);
                assert((uint64_t)n <= room);
                hash_more(&st, slice_of(j->io, (size_t)n));
                if (take)
                        r = take(j, slice_of(j->io, (size_t)n));
                if (r)
                        return r;
                at += (uint64_t)n;
        }
        hash_end(&st, digest);
        return 0;
}

/* The note as it will be, but for the digests: all that can be wrong with it shows already. */
static int plan_note(struct job *j)
{
        const struct seal_letter *l = j->l;
        char where[LETTER_NOTE_WHERE];
        const char *wrong;

        if (l->parts > SEAL_PARTS_MOST)
                return say(j, SEAL_BAD_TEXT, "parts");
        for (size_t i = 0; i < l->parts; i++) {
                if (l->part[i].size > SEAL_BODY_MOST)
                        return say_part(j, SEAL_TOO_LARGE, i);
                j->part[i].size = l->part[i].size;
                j->part[i].media = slice_str(l->part[i].media);
                j->part[i].name = slice_str(l->part[i].name);
        }
        j->plan = (struct open_note){
                .from = l->from,
                .to = slice_str(l->to->address.s),
                .class = l->class,
                .type = slice_str(l->type),
                .title = slice_str(l->title),
                .issued = slice_str(l->issued),
                .part = j->part,
                .parts = l->parts,
        };
        wrong = letter_note_fault(&j->plan, where);
        return wrong ? say(j, SEAL_BAD_TEXT, wrong) : 0;
}

/* The first pass over the parts, for their lines. */
static int write_note(struct job *j)
{
        char name[NAME_PARTY_MOST + 1] = { 0 };
        BUF_OWNED text = { 0 };

        for (size_t i = 0; i < j->l->parts; i++) {
                int r = read_part(j, i, NULL, &j->part[i].digest);

                if (r)
                        return r;
        }
        letter_note_write(&text, &j->plan);
        memcpy(name, j->l->from.at, j->l->from.len);
        note_sign(&j->note, buf_slice(&text), name, j->l->sign);
        if (buf_fault(&text) || buf_fault(&j->note))
                return fault(-ENOMEM);
        return 0;
}

/* Every length is known now. */
static int measure(struct job *j)
{
        BUF_OWNED heads = { 0 };
        uint64_t len;

        content_put_begin(&heads, buf_slice(&j->note), (uint32_t)j->l->parts);
        len = 0;
        for (size_t i = 0; i < j->l->parts; i++) {
                content_put_part(&heads, (uint32_t)j->part[i].size);
                len += j->part[i].size;
        }
        if (buf_fault(&heads))
                return fault(buf_fault(&heads));
        len += heads.len;
        j->padding = seal_padded(len) - len;
        if (age_sealed_size(seal_padded(len), j->recipients) > SEAL_BODY_MOST)
                return say(j, SEAL_TOO_LARGE, "parts");
        return 0;
}

/* Whatever age has ready goes to the header's digest and to the caller. */
static int drain(struct job *j)
{
        struct slice s = buf_slice(&j->out);
        int r;

        if (s.len == 0)
                return 0;
        hash_more(&j->digest, s);
        j->size += s.len;
        r = j->sink(j->ctx, s);
        buf_clear(&j->out);
        return r;
}

static int put(struct job *j, struct slice plain)
{
        int r = age_write(j->age, plain, &j->out);

        return r ? r : drain(j);
}

/* The second pass. */
static int put_part(struct job *j, size_t index)
{
        BUF_OWNED head = { 0 };
        struct hash digest;
        int r;

        content_put_part(&head, (uint32_t)j->part[index].size);
        r = buf_fault(&head);
        if (r == 0)
                r = put(j, buf_slice(&head));
        if (r == 0)
                r = read_part(j, index, put, &digest);
        if (r)
                return r;
        if (!hash_eq(&digest, &j->part[index].digest))
                return say_part(j, SEAL_CHANGED, index);
        return 0;
}

static int put_padding(struct job *j)
{
        int r = 0;

        memset(j->io, 0, IO);
        while (j->padding && r == 0) {
                struct slice zeros = slice_of(j->io, j->padding < IO ? (size_t)j->padding : IO);

                j->padding -= zeros.len;
                r = put(j, zeros);
        }
        return r;
}

static int seal_content(struct job *j)
{
        BUF_OWNED begin = { 0 };
        int r;

        content_put_begin(&begin, buf_slice(&j->note), (uint32_t)j->l->parts);
        if (buf_fault(&begin))
                return fault(buf_fault(&begin));
        hash_begin(&j->digest);
        r = age_write_x25519(&j->age, &j->out, j->to, j->recipients);
        if (r == 0)
                r = put(j, buf_slice(&begin));
        for (size_t i = 0; i < j->l->parts && r == 0; i++)
                r = put_part(j, i);
        if (r == 0)
                r = put_padding(j);
        if (r == 0)
                r = age_write_end(j->age, &j->out);
        secret_wipe(begin.at, begin.cap);
        return r ? r : drain(j);
}

static int put_header(struct job *j, struct buf *header)
{
        const struct seal_letter *l = j->l;
        struct header h = {
                .version = VERSION,
                .suite = SUITE_AGE,
                .from = l->from,
                .to = slice_str(l->to->address.s),
                .class = l->class,
                .created = (uint64_t)l->created,
                .not_before = (uint64_t)l->not_before,
                .has_not_before = l->not_before != 0,
                .expires = (uint64_t)l->expires,
                .has_expires = l->expires != 0,
                .assurance = l->assurance,
                .grade = l->grade,
                .has_reply_to = l->reply_to != NULL,
                .size = j->size,
                .statement = l->to->hash,
        };
        size_t before = header->len;

        if (l->reply_to)
                h.reply_to = *l->reply_to;
        memcpy(h.nonce, l->nonce, sizeof(h.nonce));
        hash_end(&j->digest, &h.digest);
        field_write(&header_table, header, &h);
        if (buf_fault(header) == 0)
                return 0;
        header->len = before;
        return fault(buf_fault(header));
}

static int compose(struct job *j, struct buf *header)
{
        const struct seal_letter *l = j->l;
        int r = check_header(j);

        if (r == 0)
                r = plan_note(j);
        if (r)
                return r;
        j->recipients = statement_recipients(l->to, l->class, l->created, j->to);
        if (j->recipients == 0)
                return say(j, SEAL_NO_RECIPIENT, "to");
        j->io = malloc(IO);
        if (!j->io)
                return fault(-ENOMEM);
        r = write_note(j);
        if (r == 0)
                r = measure(j);
        if (r == 0)
                r = seal_content(j);
        return r ? r : put_header(j, header);
}

int seal_compose(struct buf *header, const struct seal_letter *l, seal_sink sink, void *ctx,
                 char where[96])
{
        struct job j = { .l = l, .where = where, .sink = sink, .ctx = ctx };
        int r = compose(&j, header);

        age_writer_free(j.age);
        if (j.io)
                secret_wipe(j.io, IO);
        if (j.note.at)
                secret_wipe(j.note.at, j.note.cap);
        free(j.io);
        buf_free(&j.note);
        buf_free(&j.out);
        return r;
}
