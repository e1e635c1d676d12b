/* fork.c - two histories of one log, proved
 *
 *      fumibako fork v1
 *      one <base64 of a checkpoint>
 *      other <base64 of a checkpoint>
 *      node <base64>                   none when the sizes are the same
 *
 * The nodes are those of an RFC 6962 consistency proof from the smaller to the larger size, made
 * from the larger tree alone, and with the first one always there. They lead to the larger tree's
 * root, which the log signed, so nobody can have chosen them freely: what they say of the smaller
 * size is what the larger history says of it. If the log signed another root for that size, it has
 * two histories. */
#include "evidence/fork.h"

#include "base/fault.h"
#include "base/text.h"

#include <errno.h>

static const char title[] = "fumibako fork v1";

/* ---- reading and writing ---- */

static bool put_decoded(struct buf *store, struct slice text, size_t *from, size_t *len)
{
        *from = store->len;
        if (!text_get_base64_any(text, store))
                return false;
        *len = store->len - *from;
        return true;
}

static int read_all(struct fork *f, struct slice bytes)
{
        struct note_text t = note_text_of(bytes);
        size_t from[2], len[2];
        struct slice one, other, node;

        note_text_line(&t, title);
        one = note_text_field(&t, "one");
        other = note_text_field(&t, "other");
        if (t.trouble || !put_decoded(&f->store, one, &from[0], &len[0]) ||
            !put_decoded(&f->store, other, &from[1], &len[1]))
                return buf_fault(&f->store) ? fault(buf_fault(&f->store)) : FORK_MALFORMED;
        f->one = slice_of(f->store.at + from[0], len[0]);
        f->other = slice_of(f->store.at + from[1], len[1]);
        while (note_text_field_if(&t, "node", &node)) {
                if (f->nodes == FORK_NODES_MOST ||
                    !text_get_base64(node, f->node[f->nodes].b, sizeof(struct hash)))
                        return FORK_MALFORMED;
                f->nodes++;
        }
        return note_text_end(&t) ? 0 : FORK_MALFORMED;
}

int fork_read(struct fork *out, struct slice bytes)
{
        struct fork f = { .nodes = 0 };
        int r = bytes.len > FORK_MOST ? FORK_MALFORMED : read_all(&f, bytes);

        if (r)
                buf_free(&f.store);
        else
                *out = f;
        return r;
}

static void put_line(struct buf *out, const char *word, struct slice bytes)
{
        buf_printf(out, "%s ", word);
        text_put_base64(out, bytes);
        buf_putc(out, '\n');
}

void fork_write(struct buf *out, const struct fork *f)
{
        buf_printf(out, "%s\n", title);
        put_line(out, "one", f->one);
        put_line(out, "other", f->other);
        for (size_t i = 0; i < f->nodes; i++)
                put_line(out, "node", slice_hash(&f->node[i]));
}

void fork_free(struct fork *f)
{
        buf_free(&f->store);
        *f = (struct fork){ .nodes = 0 };
}

/* ---- nodes ---- */

int fork_nodes(struct fork *f, uint64_t old, uint64_t size, const struct tree_source *src)
{
        struct hash proof[TREE_DEPTH_MOST];
        size_t len, whole;
        unsigned level = 0;
        int r;

        if (old == 0 || old >= size)
                return fault(-ERANGE);
        whole = (old & (old - 1)) == 0; /* the proof leaves the first hash to whom it convinces */
        r = tree_consistency(proof, &len, old, size, src);
        if (!r && whole) {
                while (old >> level != 1)
                        level++;
                r = src->node(src->ctx, level, 0, &f->node[0]);
        }
        if (r)
                return r;
        memcpy(f->node + whole, proof, len * sizeof(proof[0]));
        f->nodes = len + whole;
        return 0;
}

/* ---- judging ---- */

/* The checkpoint, signed by one of the keys that the log is known to have. */
static int open_signed(struct checkpoint *out, struct slice note, const struct note_key *log,
                       size_t logs)
{
        struct note n;
        int r = checkpoint_read(out, &n, note), found = FORK_UNSIGNED;

        if (r)
                return FORK_MALFORMED;
        for (size_t i = 0; i < logs; i++) {
                if (strcmp(out->origin, log[i].name) != 0)
                        continue;
                r = note_verify(&n, &log[i]);
                if (r == NOTE_FORGED)
                        return FORK_NONE;
                if (r == 0)
                        found = 0;
        }
        return found;
}

static int compare(const struct fork *f, const struct checkpoint *small,
                   const struct checkpoint *large)
{
        struct hash was, is;

        if (small->size == large->size)
                return hash_eq(&small->root, &large->root) ? FORK_NONE : 0;
        if (small->size == 0) { /* grows into anything, if it is what an empty tree is */
                tree_empty(&was);
                return hash_eq(&small->root, &was) ? FORK_NONE : 0;
        }
        if (f->nodes == 0 || !tree_roots_by_proof(&was, &is, small->size, large->size, &f->node[0],
                                                  f->node + 1, f->nodes - 1))
                return FORK_UNPROVEN;
        if (!hash_eq(&is, &large->root))
                return FORK_UNPROVEN;
        return hash_eq(&was, &small->root) ? FORK_NONE : 0;
}

int fork_judge(const struct fork *f, const struct note_key *log, size_t logs,
               struct checkpoint *one, struct checkpoint *other)
{
        int r = open_signed(one, f->one, log, logs), s = open_signed(other, f->other, log, logs);

        if (r == FORK_MALFORMED || s == FORK_MALFORMED)
                return FORK_MALFORMED;
        if (r == FORK_NONE || s == FORK_NONE || strcmp(one->origin, other->origin) != 0)
                return FORK_NONE;
        if (r || s)
                return FORK_UNSIGNED;
        return one->size <= other->size ? compare(f, one, other) : compare(f, other, one);
}
