/* witness.c - P4.15, P4.16: what witnesses write under checkpoints
 *
 * A checkpoint's row stays as it was signed; the lines of witnesses lie in a row beside it and are
 * joined to it when somebody asks. The signature is checked before the write transaction, like any
 * other, and only configured witnesses are heard, so nobody else can make anything be written. */
#include "core/core_impl.h"

#include "base/fault.h"
#include "evidence/cosign.h"

#include <errno.h>

enum { LINES_MOST = 16, LINES_BYTES = 8192 }; /* of one request, and kept */

static const struct note_key *witness_of(const struct core *c, const struct note_line *line)
{
        for (size_t i = 0; i < c->cfg.witnesses; i++)
                if (cosign_is_of(line, &c->cfg.witness[i]))
                        return &c->cfg.witness[i];
        return NULL;
}

/* The checkpoint as it would stand with @lines under it alone: its text, an empty line, the lines.
 */
static int put_under(struct buf *out, struct slice checkpoint, struct slice lines)
{
        struct note n;

        if (note_read(&n, checkpoint))
                return fault(-EBADMSG);
        buf_put(out, n.text);
        buf_putc(out, '\n');
        buf_put(out, lines);
        return buf_fault(out) ? fault(buf_fault(out)) : 0;
}

int witness_check(struct core *c, struct core_request *r, struct rows *look, instant now)
{
        const struct ask_cosign *ask = &r->ask.cosign;
        struct row_checkpoint row;
        BUF_OWNED whole = { 0 };
        struct note n;
        int res = row_get_checkpoint(look, ask->size, &row);

        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_NO_SUCH_CHECKPOINT, "size");
        if (!res)
                res = put_under(&whole, row.note, ask->lines);
        if (res)
                return res;
        /* An empty line would begin another text than the checkpoint's. */
        if (note_read(&n, buf_slice(&whole)) || n.lines > LINES_MOST ||
            n.text.len + 1 + ask->lines.len != whole.len)
                return request_refuse(r, OUTCOME_MALFORMED, "lines");
        for (size_t i = 0; i < n.lines; i++) {
                const struct note_key *witness = witness_of(c, &n.line[i]);

                if (!witness)
                        return request_refuse(r, OUTCOME_UNKNOWN_WITNESS, "lines");
                if (!cosign_line_verify(&n.line[i], n.text, witness, NULL))
                        return request_refuse(r, OUTCOME_BAD_SIGNATURE, "lines");
        }
        return 0;
}

/* Does a line before the @i-th speak for the same witness? */
static bool said_before(const struct note *n, size_t i)
{
        for (size_t j = 0; j < i; j++)
                if (n->line[j].id == n->line[i].id && slice_eq(n->line[j].name, n->line[i].name))
                        return true;
        return false;
}

/* What was kept, and of @more the lines of witnesses that had not spoken yet: the first one stays,
 * so that a receipt keeps its bytes. *@count: lines then. False when they are too many. */
static bool join(struct buf *out, struct slice kept, struct slice more, size_t *count)
{
        BUF_OWNED all = { 0 };
        struct slice rest, line;
        struct note n;

        buf_puts(&all, "x\n\n"); /* any text makes a note of them */
        buf_put(&all, kept);
        buf_put(&all, more);
        if (buf_fault(&all) || note_read(&n, buf_slice(&all)))
                return false;
        *count = 0;
        rest = slice_from(buf_slice(&all), 3);
        for (size_t i = 0; i < n.lines && slice_split(&rest, '\n', &line); i++) {
                if (said_before(&n, i))
                        continue;
                buf_put(out, line);
                buf_putc(out, '\n');
                ++*count;
        }
        return out->len <= LINES_BYTES;
}

int witness_step(struct core_batch *b, struct core_request *r)
{
        struct row_cosignatures row = { .lines = { 0 } };
        BUF_OWNED lines = { 0 };
        size_t count = 0, before = 0;
        int res = row_get_cosignatures(&b->rows, r->ask.cosign.size, &row);

        if (res && res != STORE_ABSENT)
                return res;
        for (size_t i = 0; i < row.lines.len; i++)
                before += row.lines.at[i] == '\n';
        if (!join(&lines, row.lines, r->ask.cosign.lines, &count))
                return request_refuse(r, OUTCOME_TOO_LARGE, "lines");
        if (buf_fault(&lines))
                return fault(buf_fault(&lines));
        if (count == before)
                return 0;

        /* ---- decided: from here on only a fault can stop us ---- */
        b->changed = true;
        b->tally.cosignatures += count - before;
        return row_put_cosignatures(&b->rows, r->ask.cosign.size, buf_slice(&lines));
}

void witness_answer(struct core_request *r, struct buf *out)
{
        const struct answer_cosign answer = { 0 };

        request_answer(r, out, &answer);
}

/* ---- giving them out ---- */

static int put_cosigned(struct buf *out, struct rows *look, uint64_t size)
{
        struct row_checkpoint checkpoint;
        struct row_cosignatures row;
        int r = row_get_checkpoint(look, size, &checkpoint);

        if (!r)
                buf_put(out, checkpoint.note);
        if (!r)
                r = row_get_cosignatures(look, size, &row);
        if (r)
                return r == STORE_ABSENT ? fault(-EBADMSG) : r;
        buf_put(out, row.lines);
        return buf_fault(out) ? fault(buf_fault(out)) : 0;
}

int witness_read(struct core *c, struct core_request *r, struct rows *look, instant now,
                 struct buf *out)
{
        const struct ask_checkpoint *ask = &r->ask.checkpoint;
        struct answer_checkpoint answer = { .has_checkpoint = false };
        BUF_OWNED note = { 0 };
        uint64_t size;
        int res;

        if (ask->cosignatures == 0)
                return request_refuse(r, OUTCOME_MALFORMED, "cosignatures");
        res = row_find_cosignatures(look, ask->from, ask->cosignatures, &size);
        if (res == 0) {
                res = put_cosigned(&note, look, size);
                answer.has_checkpoint = true;
                answer.checkpoint = buf_slice(&note);
        } else if (res == ROW_FURTHER) {
                answer.has_next = true;
                answer.next = size;
                res = 0;
        }
        if (res && res != STORE_ABSENT)
                return res;
        request_answer(r, out, &answer);
        return 0;
}
