/* box_open.c - a letter on disk is opened: the sealed bytes go through letter/open.h, which checks
 * all of E4.4, and what is known to be right is told at the end */
#include "sdk/box.h"

#include "base/fault.h"
#include "letter/envelope.h"
#include "letter/open.h"
#include "letter/seal.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STRINGS_MOST = 196608 }; /* note, registration and parts' texts with their terminators */

struct opening {
        struct fumi_box *b;
        struct box_letter letter;
        struct envelope_facts facts;
        struct box_keys keys;
        struct open_letter *open;
        bool logged;
        struct box_witnesses witnesses;
        const struct open_note *note; /* once it is verified */
        struct open_note kept;
        int (*on_part)(void *ctx, size_t index, const void *bytes, size_t size);
        void *ctx;
};

/* ---- what letter/open.h tells ---- */

static int on_note(void *ctx, const struct open_note *n)
{
        struct opening *o = ctx;

        o->kept = *n; /* what it points to lives as long as o->open */
        o->note = &o->kept;
        return 0;
}

static int on_part(void *ctx, size_t index, struct slice bytes)
{
        struct opening *o = ctx;

        return o->on_part ? o->on_part(o->ctx, index, bytes.at, bytes.len) : 0;
}

/* ---- telling what was found ---- */

/* Terminated copies, one after the other; never grows, so that the pointers stay. */
struct strings {
        char *at;
        size_t len;
};

static const char *string(struct strings *s, struct slice text)
{
        char *at = s->at + s->len;

        if (text.len >= STRINGS_MOST - s->len)
                return "";
        if (text.len)
                memcpy(at, text.at, text.len);
        at[text.len] = 0;
        s->len += text.len + 1;
        return at;
}

static const char *number_of(struct strings *s, const struct sender_statement *from)
{
        char text[64];

        if (from->number_kind == NUMBER_NONE)
                return "";
        snprintf(text, sizeof(text), "%s %.*s",
                 from->number_kind == NUMBER_HOUJIN ? "houjin" : "dantai", (int)from->number.len,
                 (const char *)from->number.at);
        return string(s, slice_str(text));
}

static int tell(struct opening *o, void (*on_opened)(void *ctx, const struct fumi_opened *f))
{
        struct fumi_opened_part part[SEAL_PARTS_MOST];
        const struct open_note *n = o->note;
        struct strings s = { .at = malloc(STRINGS_MOST) };
        struct fumi_opened f = { .parts = n->parts, .part = part };

        if (!s.at)
                return fault(-ENOMEM);
        memcpy(f.id.b, o->facts.id.b, sizeof(f.id.b));
        f.from = string(&s, n->from);
        f.from_name = string(&s, o->facts.sender.name);
        f.from_number = number_of(&s, &o->facts.sender);
        f.to = string(&s, n->to);
        f.letter_class = name_class(n->class);
        f.type = string(&s, n->type);
        f.title = string(&s, n->title);
        f.issued = string(&s, n->issued);
        f.note = string(&s, n->whole);
        f.filed = (int64_t)o->facts.envelope.time;
        f.logged = o->logged;
        f.witnesses = o->witnesses.count;
        f.witnessed = o->witnesses.enough;
        for (size_t i = 0; i < n->parts; i++) {
                part[i].name = string(&s, n->part[i].name);
                part[i].media = string(&s, n->part[i].media);
                part[i].size = n->part[i].size;
                memcpy(part[i].sha256, n->part[i].digest.b, sizeof(part[i].sha256));
        }
        on_opened(o->ctx, &f);
        free(s.at);
        return 0;
}

/* ---- the sealed bytes ---- */

static int feed(struct opening *o, int fd, const char *path)
{
        uint8_t piece[65536];
        int r = 0;

        while (!r) {
                ssize_t n = read(fd, piece, sizeof(piece));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return box_say(o->b, fault(-errno), "%s: %s", path, strerror(errno));
                if (n == 0)
                        return open_end(o->open);
                r = open_feed(o->open, slice_of(piece, (size_t)n));
        }
        return r;
}

static int feed_file(struct opening *o)
{
        char name[BOX_ID_HEX + 1], path[PATH_MAX];
        int fd, r;

        box_letter_name(name, &o->facts.id);
        box_path(o->b, path, "letters/%s.age", name);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return box_say(o->b, fault(-errno), "%s: %s", path, strerror(errno));
        *o->b->error = 0;
        r = feed(o, fd, path);
        if (r > 0 && !*o->b->error)
                box_say(o->b, r, "%s", path);
        close(fd);
        return r;
}

/* By the proof beside the letter, or at least by the checkpoint that came with it. */
static int check_filing(struct opening *o)
{
        const struct envelope *e = &o->facts.envelope;
        int r = box_receipt_check(o->b, &o->facts.id, &o->facts.header, e, &o->witnesses);

        if (r == BOX_ABSENT)
                return box_checkpoint(o->b, e->checkpoint, e->leaf, "the filing");
        o->logged = r == 0;
        return r;
}

static int begin(struct opening *o, const struct hash *id)
{
        const struct open_sink sink = { .note = on_note, .part = on_part, .ctx = o };
        const struct trust *trust = &o->b->trust;
        struct open_keys keys = { .registrars = trust->registrar,
                                  .registrar_count = trust->registrars };
        int r = box_letter_read(o->b, id, &o->letter);

        if (!r)
                r = envelope_check(&o->facts, o->letter.header, o->letter.envelope,
                                   trust->registrar, trust->registrars);
        if (!r && !hash_eq(&o->facts.id, id))
                return box_say(o->b, OUTCOME_BAD_ENVELOPE,
                               "the file's name is that of another letter");
        if (r)
                return r;
        r = check_filing(o);
        if (!r)
                r = box_keys_of(o->b, o->facts.header.to, &o->keys);
        if (r)
                return r;
        keys.address = o->facts.header.to;
        keys.seal = o->keys.sec;
        keys.seals = o->keys.count;
        return open_begin(&o->open, o->letter.header, o->letter.envelope, &keys, &sink);
}

int fumi_open(fumi_box *b, const fumi_id *id,
              void (*on_opened)(void *ctx, const struct fumi_opened *o),
              int (*on_bytes)(void *ctx, size_t index, const void *bytes, size_t size), void *ctx)
{
        struct opening o = { .b = b, .on_part = on_bytes, .ctx = ctx };
        struct hash h;
        int r;

        *b->error = 0;
        memcpy(h.b, id->b, sizeof(h.b));
        r = begin(&o, &h);
        if (!r)
                r = feed_file(&o);
        if (!r && on_opened)
                r = tell(&o, on_opened);
        open_free(o.open);
        box_keys_free(&o.keys);
        box_letter_free(&o.letter);
        return r;
}
