/* box_letter.c - letters on disk: E7.2, and under which position they lie
 *
 *      letters/ID.age       the sealed bytes
 *              ID.letter    map(2) { 1: bin header, 2: bin envelope }, written last: it is what
 * says that the letter is whole 12           a symbolic link to ID.letter: position 12 of the box
 *
 * A link is made in one step and says in a listing of the folder what a person wants to know. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "schemas/outcomes.h"
#include "wire/mp.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LETTER_MOST = 65536, SEQ_MOST = 24 };

static const char ending[] = ".letter";

void box_letter_name(char out[static BOX_ID_HEX + 1], const struct hash *id)
{
        BUF_OWNED hex = { 0 };

        text_put_hex(&hex, slice_hash(id));
        snprintf(out, BOX_ID_HEX + 1, "%s", buf_fault(&hex) ? "" : buf_cstr(&hex));
}

static void letter_path(struct fumi_box *b, char path[static PATH_MAX], const struct hash *id)
{
        char name[BOX_ID_HEX + 1];

        box_letter_name(name, id);
        box_path(b, path, "letters/%s%s", name, ending);
}

/* ---- ID.letter ---- */

int box_letter_write(struct fumi_box *b, const struct hash *id, struct slice header,
                     struct slice envelope)
{
        char path[PATH_MAX];
        BUF_OWNED text = { 0 };
        int r;

        mp_put_map(&text, 2);
        mp_put_u64(&text, 1);
        mp_put_bin(&text, header);
        mp_put_u64(&text, 2);
        mp_put_bin(&text, envelope);
        letter_path(b, path, id);
        r = buf_fault(&text) ? fault(buf_fault(&text)) : file_replace(path, buf_slice(&text), 0600);
        return r ? box_say(b, r, "%s: %s", path, strerror(-r)) : 0;
}

static bool parse(struct box_letter *l)
{
        struct mp c = mp_of(buf_slice(&l->bytes));

        if (mp_map(&c, 2) != 2 || mp_u64(&c, 1) != 1)
                return false;
        l->header = mp_bin(&c, 1, MESSAGES_HEADER_MOST);
        if (mp_u64(&c, 2) != 2)
                return false;
        l->envelope = mp_bin(&c, 1, LETTER_MOST);
        return mp_end(&c) && field_read(&header_table, l->header, &l->h, NULL) == 0;
}

int box_letter_read(struct fumi_box *b, const struct hash *id, struct box_letter *out)
{
        char path[PATH_MAX];
        int r;

        *out = (struct box_letter){ 0 };
        letter_path(b, path, id);
        r = file_read(&out->bytes, path, LETTER_MOST);
        if (r == FILE_ABSENT)
                return box_say(b, OUTCOME_NO_SUCH_LETTER,
                               "it has not been fetched to this device; 'fumibako get' does that");
        if (r < 0)
                return box_say(b, r, "%s: %s", path, strerror(-r));
        if (r || !parse(out)) {
                box_letter_free(out);
                return box_say(b, OUTCOME_BAD_ENVELOPE, "%s", path);
        }
        return 0;
}

void box_letter_free(struct box_letter *l)
{
        buf_free(&l->bytes);
}

bool box_letter_here(struct fumi_box *b, const struct hash *id)
{
        char path[PATH_MAX], name[BOX_ID_HEX + 1];

        letter_path(b, path, id);
        if (access(path, F_OK) < 0)
                return false;
        box_letter_name(name, id);
        box_path(b, path, "letters/%s.age", name);
        return access(path, F_OK) == 0;
}

void box_letter_drop(struct fumi_box *b, const struct hash *id)
{
        char path[PATH_MAX];

        letter_path(b, path, id);
        unlink(path);
}

/* ---- positions ---- */

static bool id_of_name(const char *name, struct hash *id)
{
        size_t len = strlen(name);

        return len == BOX_ID_HEX + sizeof(ending) - 1 && strcmp(name + BOX_ID_HEX, ending) == 0 &&
               text_get_hex(slice_of(name, BOX_ID_HEX), id->b, sizeof(id->b));
}

int box_letter_of_seq(struct fumi_box *b, uint64_t seq, struct hash *id)
{
        char path[PATH_MAX], target[128];
        ssize_t n;

        box_path(b, path, "letters/%llu", (unsigned long long)seq);
        n = readlink(path, target, sizeof(target) - 1);
        if (n < 0)
                return errno == ENOENT ? BOX_ABSENT
                                       : box_say(b, fault(-errno), "%s: %s", path, strerror(errno));
        target[n] = 0;
        return id_of_name(target, id) ? 0 : box_say(b, -EBADMSG, "%s: points to no letter", path);
}

int box_letter_put_seq(struct fumi_box *b, uint64_t seq, const struct hash *id)
{
        char path[PATH_MAX], target[BOX_ID_HEX + sizeof(ending)];
        struct hash there;

        if (box_letter_of_seq(b, seq, &there) == 0 && hash_eq(&there, id))
                return 0;
        box_letter_name(target, id);
        memcpy(target + BOX_ID_HEX, ending, sizeof(ending));
        box_path(b, path, "letters/%llu", (unsigned long long)seq);
        unlink(path); /* one that points to no letter */
        if (symlink(target, path) < 0 && errno != EEXIST)
                return box_say(b, fault(-errno), "%s: %s", path, strerror(errno));
        return 0;
}

static int by_number(const void *a, const void *b)
{
        const uint64_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* The positions that have links, in order; free() them. */
static int positions(struct fumi_box *b, uint64_t **out, size_t *count)
{
        char path[PATH_MAX];
        uint64_t *seq = NULL, *more, v;
        size_t n = 0;
        struct dirent *e;
        DIR *d;

        box_path(b, path, "letters");
        d = opendir(path);
        if (!d)
                return box_say(b, fault(-errno), "%s: %s", path, strerror(errno));
        while ((e = readdir(d))) {
                if (strlen(e->d_name) >= SEQ_MOST || !text_get_u64(slice_str(e->d_name), &v))
                        continue;
                more = realloc(seq, (n + 1) * sizeof(*seq));
                if (!more) {
                        free(seq);
                        closedir(d);
                        return fault(-ENOMEM);
                }
                seq = more;
                seq[n++] = v;
        }
        closedir(d);
        if (n)
                qsort(seq, n, sizeof(*seq), by_number);
        *out = seq;
        *count = n;
        return 0;
}

int box_letter_each(struct fumi_box *b, int (*on)(void *ctx, uint64_t seq, const struct hash *id),
                    void *ctx)
{
        uint64_t *seq;
        size_t count;
        int r = positions(b, &seq, &count);

        if (r)
                return r;
        for (size_t i = 0; i < count && !r; i++) {
                struct hash id;

                if (box_letter_of_seq(b, seq[i], &id) == 0 && box_letter_here(b, &id))
                        r = on(ctx, seq[i], &id);
        }
        free(seq);
        return r;
}

struct wanted {
        const struct hash *id;
        uint64_t seq;
};

static int match(void *ctx, uint64_t seq, const struct hash *id)
{
        struct wanted *w = ctx;

        if (hash_eq(id, w->id))
                w->seq = seq;
        return 0;
}

int box_letter_find(struct fumi_box *b, const char *prefix, struct hash *id, uint64_t *seq)
{
        char path[PATH_MAX];
        struct wanted w = { .id = id };
        struct hash one;
        struct dirent *e;
        size_t found = 0;
        DIR *d;
        int r;

        box_path(b, path, "letters");
        d = opendir(path);
        if (!d)
                return box_say(b, fault(-errno), "%s: %s", path, strerror(errno));
        while ((e = readdir(d)))
                if (strncmp(e->d_name, prefix, strlen(prefix)) == 0 &&
                    id_of_name(e->d_name, &one)) {
                        *id = one;
                        found++;
                }
        closedir(d);
        if (found != 1)
                return found ? BOX_MANY : BOX_ABSENT;
        r = box_letter_each(b, match, &w);
        *seq = w.seq;
        return r;
}

struct telling {
        int (*on_letter)(void *ctx, const fumi_id *id);
        void *ctx;
};

static int tell(void *ctx, uint64_t seq, const struct hash *id)
{
        const struct telling *on = ctx;
        fumi_id letter;

        memcpy(letter.b, id->b, sizeof(letter.b));
        return on->on_letter(on->ctx, &letter);
}

int fumi_letters(fumi_box *b, int (*on_letter)(void *ctx, const fumi_id *id), void *ctx)
{
        struct telling on = { on_letter, ctx };

        *b->error = 0;
        return box_letter_each(b, tell, &on);
}
