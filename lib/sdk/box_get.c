/* box_get.c - a letter comes from the broker to the disk, whole or not at all
 *
 *      first piece        header and envelope: who sent it, to us, filed in a log we know
 *      ID.tlog-proof      the log holds the filing, by its own tiles
 *      ID.part            grows piece by piece and is locked; what an earlier try left is resumed
 *      digest             right: fsync, ID.part becomes ID.age, and then ID.letter is written
 *
 * A letter whose ID.letter and ID.age exist came whole; whether it still is, is looked at when it
 * is asked for by its position, and what a disk has spoiled is fetched again. Pieces are as large
 * as the broker gives them, so memory does not grow with the letter. */
#include "sdk/box.h"

#include "base/fault.h"
#include "crypt/hash.h"
#include "letter/open.h"
#include "letter/submit.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 262144 }; /* so that a slow line brings one within SESSION_TIMEOUT */

struct getting {
        struct fumi_box *b;
        uint64_t seq;
        struct hash id;
        struct header h;
        struct envelope e;
        struct buf header, envelope; /* kept from the first piece */
        char part[PATH_MAX], whole[PATH_MAX];
        bool spoiled; /* what lies here is not what came */
        int fd;       /* of the part file */
        uint64_t have;
        struct hash_state digest; /* of what is in the part file */
};

static int fetch(struct getting *g, uint64_t offset, struct buf *bytes, struct answer_fetch *answer)
{
        const struct ask_fetch ask = {
                .mailbox = slice_str(g->b->mailbox.s),
                .seq = g->seq,
                .offset = offset,
                .limit = PIECE,
        };
        int r = box_ask(g->b, VERB_FETCH, &ask, bytes, answer);

        if (!r && !answer->has_body)
                return box_say(g->b, fault(-EPROTO), "%s left out the body", g->b->trust.broker);
        return r;
}

/* ---- the first piece ---- */

/* All of E4.4 that can be said before the seal, and that the filing is in a log we know. */
static int check(struct getting *g)
{
        struct fumi_box *b = g->b;
        struct box_keys keys;
        char about[32];
        int r;

        snprintf(about, sizeof(about), "letter %llu", (unsigned long long)g->seq);
        r = open_check_envelope(buf_slice(&g->header), buf_slice(&g->envelope), b->trust.registrar,
                                b->trust.registrars);
        if (r)
                return box_say(b, r, "%s", about);
        if (field_read(&header_table, buf_slice(&g->header), &g->h, NULL) ||
            field_read(&envelope_table, buf_slice(&g->envelope), &g->e, NULL))
                return box_say(b, OUTCOME_BAD_ENVELOPE, "%s", about);
        r = box_keys_of(b, g->h.to, &keys);
        if (r)
                return r;
        box_keys_free(&keys);
        submit_letter_id(&g->id, buf_slice(&g->header));
        return box_checkpoint(b, g->e.checkpoint, g->e.leaf, about);
}

static int take_first(struct getting *g, const struct answer_fetch *answer)
{
        if (!answer->has_header || !answer->has_envelope)
                return box_say(g->b, fault(-EPROTO), "%s left out what proves the letter",
                               g->b->trust.broker);
        buf_put(&g->header, answer->header);
        buf_put(&g->envelope, answer->envelope);
        if (buf_fault(&g->header) || buf_fault(&g->envelope))
                return fault(-ENOMEM);
        return check(g);
}

/* ---- the part file ---- */

static int broken(struct getting *g, const char *path)
{
        int e = errno;

        return box_say(g->b, fault(-e), "%s: %s", path, strerror(e));
}

/* Open and lock it; another process may have finished the letter meanwhile, and then it is another
 * file or none that has the name. */
static int open_part(struct getting *g)
{
        struct stat opened, named;

        for (;;) {
                g->fd = open(g->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
                if (g->fd < 0)
                        return broken(g, g->part);
                while (flock(g->fd, LOCK_EX) < 0)
                        if (errno != EINTR)
                                return broken(g, g->part);
                if (fstat(g->fd, &opened) < 0)
                        return broken(g, g->part);
                if (lstat(g->part, &named) == 0 && named.st_ino == opened.st_ino &&
                    named.st_dev == opened.st_dev)
                        break;
                close(g->fd);
                g->fd = -1;
        }
        g->have = (uint64_t)opened.st_size;
        return 0;
}

static int start_over(struct getting *g)
{
        g->have = 0;
        hash_begin(&g->digest);
        return ftruncate(g->fd, 0) < 0 ? broken(g, g->part) : 0;
}

/* Hash what an earlier try left. */
static int resume(struct getting *g)
{
        uint8_t piece[65536];
        uint64_t at = 0;

        hash_begin(&g->digest);
        while (at < g->have) {
                ssize_t n = pread(g->fd, piece, sizeof(piece), (off_t)at);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return broken(g, g->part);
                if (n == 0)
                        return start_over(g);
                hash_more(&g->digest, slice_of(piece, (size_t)n));
                at += (uint64_t)n;
        }
        return 0;
}

static int add(struct getting *g, struct slice bytes)
{
        if (bytes.len == 0 || bytes.len > g->h.size - g->have)
                return box_say(g->b, fault(-EPROTO), "%s sent a piece of the wrong length",
                               g->b->trust.broker);
        hash_more(&g->digest, bytes);
        while (bytes.len) {
                ssize_t n = pwrite(g->fd, bytes.at, bytes.len, (off_t)g->have);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return broken(g, g->part);
                bytes = slice_from(bytes, (size_t)n);
                g->have += (uint64_t)n;
        }
        return 0;
}

static int add_rest(struct getting *g)
{
        int r = 0;

        while (!r && g->have < g->h.size) {
                struct answer_fetch answer;
                BUF_OWNED bytes = { 0 };

                r = fetch(g, g->have, &bytes, &answer);
                if (!r)
                        r = add(g, answer.body);
        }
        return r;
}

static bool digest_right(const struct getting *g)
{
        struct hash_state st = g->digest;
        struct hash digest;

        hash_end(&st, &digest);
        return hash_eq(&digest, &g->h.digest);
}

/* ---- all of it ---- */

static int take_body(struct getting *g, struct slice first)
{
        bool resumed;
        int r = resume(g);

        if (!r && g->have < first.len)
                r = start_over(g);
        resumed = g->have > 0;
        if (!r && !resumed)
                r = add(g, first);
        if (!r)
                r = add_rest(g);
        if (!r && resumed && !digest_right(g)) { /* what was left was no good */
                r = start_over(g);
                if (!r)
                        r = add_rest(g);
        }
        if (!r && !digest_right(g)) {
                unlink(g->part);
                r = box_say(g->b, OUTCOME_SEAL_BROKEN, "letter %llu", (unsigned long long)g->seq);
        }
        return r;
}

/* The link first: what has ID.letter is never fetched again, so its position must be there. */
static int finish(struct getting *g)
{
        int r;

        if (fsync(g->fd) < 0)
                return broken(g, g->part);
        if (rename(g->part, g->whole) < 0)
                return broken(g, g->whole);
        r = box_letter_put_seq(g->b, g->seq, &g->id);
        return r ? r
                 : box_letter_write(g->b, &g->id, buf_slice(&g->header), buf_slice(&g->envelope));
}

static bool hash_age(struct fumi_box *b, const struct hash *id, struct hash *out)
{
        char path[PATH_MAX], name[BOX_ID_HEX + 1];
        uint8_t piece[65536];
        struct hash_state st;
        FILE *f;
        size_t n;
        bool well;

        box_letter_name(name, id);
        box_path(b, path, "letters/%s.age", name);
        f = fopen(path, "re");
        if (!f)
                return false;
        hash_begin(&st);
        while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
                hash_more(&st, slice_of(piece, n));
        well = !ferror(f);
        fclose(f);
        hash_end(&st, out);
        return well;
}

/* Is what lies here still what came? */
static bool is_whole(struct fumi_box *b, const struct hash *id)
{
        struct box_letter l = { .bytes = { 0 } };
        struct hash now;
        bool whole;

        if (box_letter_read(b, id, &l))
                return false;
        submit_letter_id(&now, l.header);
        whole = hash_eq(&now, id) && hash_age(b, id, &now) && hash_eq(&now, &l.h.digest);
        box_letter_free(&l);
        return whole;
}

static int get(struct getting *g)
{
        char name[BOX_ID_HEX + 1];
        struct answer_fetch answer;
        BUF_OWNED bytes = { 0 };
        int r = fetch(g, 0, &bytes, &answer);

        if (!r)
                r = take_first(g, &answer);
        if (r)
                return r;
        if (g->spoiled)
                box_letter_drop(g->b, &g->id); /* now that the broker has it and proves it */
        box_letter_name(name, &g->id);
        box_path(g->b, g->part, "letters/%s.part", name);
        box_path(g->b, g->whole, "letters/%s.age", name);
        if (!box_letter_here(g->b, &g->id)) {
                r = box_receipt_make(g->b, &g->id, &g->h, &g->e);
                if (!r)
                        r = open_part(g);
                if (!r && !box_letter_here(g->b, &g->id))
                        r = take_body(g, answer.body);
                if (!r && box_letter_here(g->b, &g->id))
                        unlink(g->part); /* somebody else was faster, before or meanwhile */
                else if (!r)
                        r = finish(g);
        }
        return r ? r : box_letter_put_seq(g->b, g->seq, &g->id);
}

/* A letter that is here already: its proof may have been made before enough witnesses had cosigned.
 * What cannot be had now stays as it is. */
static void renew_proof(struct fumi_box *b, const struct hash *id)
{
        struct box_letter l = { .bytes = { 0 } };
        struct box_witnesses w;
        struct envelope e;

        if (b->trust.policy.says != POLICY_QUORUM)
                return;
        if (box_letter_read(b, id, &l) == 0 && !field_read(&envelope_table, l.envelope, &e, NULL) &&
            box_receipt_check(b, id, &l.h, &e, &w) == 0 && !w.enough)
                box_receipt_make(b, id, &l.h, &e);
        box_letter_free(&l);
        *b->error = 0;
}

int fumi_get(fumi_box *b, uint64_t seq, fumi_id *id)
{
        struct getting g = { .b = b, .seq = seq, .fd = -1 };
        struct hash here;
        int r = box_letter_of_seq(b, seq, &here);

        g.spoiled = r == 0 && box_letter_here(b, &here) && !is_whole(b, &here);
        if (r == 0 && box_letter_here(b, &here) && !g.spoiled) {
                renew_proof(b, &here);
                if (id)
                        memcpy(id->b, here.b, sizeof(here.b));
                return 0;
        }
        r = get(&g);
        if (!r && id)
                memcpy(id->b, g.id.b, sizeof(g.id.b));
        if (g.fd >= 0)
                close(g.fd);
        buf_free(&g.header);
        buf_free(&g.envelope);
        return r;
}
