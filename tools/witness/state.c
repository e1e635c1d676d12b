/* state.c - the memory of a witness (E7.7)
 *
 *      fumibako witness state v1
 *      log post.example/log/0
 *
 *      <the checkpoint that was cosigned last, with the log's line and the witness's own>
 *
 * The promise of a witness hangs on this file: it is on disk before the cosignature in it leaves,
 * and what leaves is the line that is in it. A file that is missing or damaged is not begun anew,
 * because a witness that forgets can be shown another history. */
#include "witness/witness.h"

#include "base/fault.h"
#include "base/file.h"
#include "evidence/cosign.h"

#include <stdio.h>

enum { STATE_MOST = 32768 };

static const char title[] = "fumibako witness state v1";

static bool read_note(struct state *s, struct slice note, const struct note_key *self)
{
        struct note n;

        if (note.len == 0 || note.at[0] != '\n')
                return note.len == 0;
        note = slice_from(note, 1);
        if (checkpoint_read(&s->c, &n, note) || strcmp(s->c.origin, s->origin) != 0 ||
            cosign_verify(&n, self) != 0)
                return false;
        buf_put(&s->note, note);
        return true;
}

static bool read_text(struct state *s, struct slice text, const struct note_key *self)
{
        struct note_text t = note_text_of(text);
        struct slice origin;

        note_text_line(&t, title);
        origin = note_text_field(&t, "log");
        if (t.trouble || !note_name_ok(origin))
                return false;
        memcpy(s->origin, origin.at, origin.len);
        return read_note(s, t.rest, self);
}

int state_read(struct state *out, const char *path, const struct note_key *self)
{
        struct state s = { .origin = "" };
        BUF_OWNED text = { 0 };
        int r = file_read(&text, path, STATE_MOST);

        if (r == FILE_ABSENT)
                return STATE_ABSENT;
        if (r)
                return r < 0 ? r : STATE_BAD;
        if (!read_text(&s, buf_slice(&text), self))
                r = STATE_BAD;
        else if (buf_fault(&s.note))
                r = fault(buf_fault(&s.note));
        if (r)
                state_free(&s);
        else
                *out = s;
        return r;
}

int state_write(const char *path, const struct state *s)
{
        BUF_OWNED text = { 0 };

        buf_printf(&text, "%s\nlog %s\n", title, s->origin);
        if (s->note.len) {
                buf_putc(&text, '\n');
                buf_put(&text, buf_slice(&s->note));
        }
        if (buf_fault(&text))
                return fault(buf_fault(&text));
        return file_replace(path, buf_slice(&text), 0600);
}

void state_free(struct state *s)
{
        buf_free(&s->note);
        *s = (struct state){ .origin = "" };
}
