/* proof.c - C2SP tlog-proof
 *
 *      c2sp.org/tlog-proof@v1
 *      extra <base64>          may be missing, never empty
 *      index 73894
 *      <base64>                the path, leaf's sibling first, one hash a line, may be none
 *
 *      the checkpoint, verbatim to the end
 *
 * Reading believes nothing: whether the checkpoint is signed and the path leads to its root is
 * asked of checkpoint_open() and tree_verify_path(). */
#include "evidence/proof.h"

#include "base/fault.h"
#include "base/text.h"

static const char title[] = "c2sp.org/tlog-proof@v1";

/* The lines of the path, up to and with the empty one. */
static bool read_path(struct proof *p, struct slice *rest)
{
        struct slice line;

        while (slice_split(rest, '\n', &line)) {
                if (line.len == 0)
                        return true;
                if (p->path_len == TREE_DEPTH_MOST ||
                    !text_get_base64(line, p->path[p->path_len].b, sizeof(struct hash)))
                        return false;
                p->path_len++;
        }
        return false;
}

static int read_extra(struct proof *p, struct slice text)
{
        if (!text_get_base64_any(text, &p->store))
                return buf_fault(&p->store) ? fault(buf_fault(&p->store)) : PROOF_MALFORMED;
        p->extra = buf_slice(&p->store);
        return 0;
}

static int read_all(struct proof *p, struct slice bytes)
{
        struct note_text t = note_text_of(bytes);
        struct slice extra, index;
        struct checkpoint c;
        struct note n;
        int r = 0;

        note_text_line(&t, title);
        if (note_text_field_if(&t, "extra", &extra))
                r = read_extra(p, extra);
        if (r)
                return r;
        index = note_text_field(&t, "index");
        if (t.trouble || !text_get_u64(index, &p->index) || !read_path(p, &t.rest))
                return PROOF_MALFORMED;
        p->checkpoint = t.rest;
        return checkpoint_read(&c, &n, p->checkpoint) ? PROOF_MALFORMED : 0;
}

int proof_read(struct proof *out, struct slice bytes)
{
        struct proof p = { 0 };
        int r = bytes.len > PROOF_MOST ? PROOF_MALFORMED : read_all(&p, bytes);

        if (r)
                buf_free(&p.store);
        else
                *out = p;
        return r;
}

void proof_write(struct buf *out, struct slice extra, uint64_t index, const struct hash *path,
                 size_t len, struct slice checkpoint)
{
        buf_printf(out, "%s\n", title);
        if (extra.len) {
                buf_puts(out, "extra ");
                text_put_base64(out, extra);
                buf_putc(out, '\n');
        }
        buf_printf(out, "index %llu\n", (unsigned long long)index);
        for (size_t i = 0; i < len; i++) {
                text_put_base64(out, slice_hash(&path[i]));
                buf_putc(out, '\n');
        }
        buf_putc(out, '\n');
        buf_put(out, checkpoint);
}

void proof_free(struct proof *p)
{
        buf_free(&p->store);
        *p = (struct proof){ 0 };
}
