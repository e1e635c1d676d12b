/* checkpoint.c - C2SP tlog-checkpoint
 *
 *      origin                  who keeps the log; here always the name of the key as well
 *      20852163                leaves
 *      CsUYapGGPo4dkMgI...     root hash, base64
 *      (extension lines)       read over: nothing of ours writes any
 */
#include "evidence/checkpoint.h"

#include "base/text.h"

#include <assert.h>

static_assert((int)CHECKPOINT_MALFORMED == (int)NOTE_MALFORMED &&
                      (int)CHECKPOINT_UNSIGNED == (int)NOTE_UNSIGNED &&
                      (int)CHECKPOINT_FORGED == (int)NOTE_FORGED,
              "the outcomes of the note are passed on as they are");

void checkpoint_write(struct buf *out, const struct checkpoint *c, const struct sign_sec *sec)
{
        BUF_OWNED text = { 0 };

        buf_printf(&text, "%s\n%llu\n", c->origin, (unsigned long long)c->size);
        text_put_base64(&text, slice_hash(&c->root));
        buf_putc(&text, '\n');
        if (buf_fault(&text))
                out->fault = buf_fault(&text);
        else
                note_sign(out, buf_slice(&text), c->origin, sec);
}

/* The text ends with a newline, so what is left of it is whole lines. */
static bool no_empty_line(struct slice text)
{
        struct slice line;

        while (slice_split(&text, '\n', &line))
                if (line.len == 0)
                        return false;
        return true;
}

int checkpoint_read(struct checkpoint *out, struct note *n, struct slice bytes)
{
        struct checkpoint c = { 0 };
        struct slice rest, origin, size, root;
        struct note note;
        int r = note_read(&note, bytes);

        if (r)
                return r;
        rest = note.text;
        if (!slice_split(&rest, '\n', &origin) || !slice_split(&rest, '\n', &size) ||
            !slice_split(&rest, '\n', &root) || !no_empty_line(rest))
                return CHECKPOINT_MALFORMED;
        if (origin.len == 0 || origin.len > NOTE_NAME_MOST || !text_get_u64(size, &c.size) ||
            c.size > TREE_SIZE_MOST || !text_get_base64(root, c.root.b, sizeof(c.root.b)))
                return CHECKPOINT_MALFORMED;
        memcpy(c.origin, origin.at, origin.len);
        *out = c;
        *n = note;
        return 0;
}

int checkpoint_open(struct checkpoint *out, struct slice bytes, const struct note_key *log)
{
        struct checkpoint c;
        struct note n;
        int r = checkpoint_read(&c, &n, bytes);

        if (r)
                return r;
        if (strcmp(c.origin, log->name) != 0)
                return CHECKPOINT_OTHER_LOG;
        r = note_verify(&n, log);
        if (r)
                return r;
        *out = c;
        return 0;
}
