/* statement_mailbox.c - a mailbox: its devices (E5.3), and a registrar's word for who is behind it
 * (E5.4) */
#include "letter/statement_text.h"

#include "base/text.h"

#include <assert.h>

static const char mailbox_title[] = "fumibako mailbox v1";
static const char enrolment_title[] = "fumibako enrolment v1";

static void read_device(struct mailbox_statement *s, struct note_text *t, struct slice line)
{
        struct statement_device *d = &s->device[s->devices];
        struct slice key;

        if (s->devices == STATEMENT_DEVICES_MOST || !statement_text_word(&line, &key) ||
            !text_get_base64(key, d->key.b, sizeof(d->key.b)) || !name_device_ok(line)) {
                t->trouble = true;
                return;
        }
        d->name = line;
        s->devices++;
}

static bool read_name(struct mailbox *out, struct note_text *t)
{
        struct slice line = note_text_field(t, "mailbox");

        return !t->trouble && name_mailbox_get(line, out);
}

static bool read_mailbox(struct mailbox_statement *s, struct note_text *t)
{
        struct slice line;

        if (!read_name(&s->mailbox, t))
                return false;
        statement_text_key(t, "key", s->key.b);
        statement_text_epoch(t, &s->epoch, &s->previous);
        while (note_text_field_if(t, "device", &line) && !t->trouble)
                read_device(s, t, line);
        statement_text_valid(t, &s->from, &s->until);
        return note_text_end(t) && s->devices > 0;
}

int statement_read_mailbox(struct mailbox_statement *out, struct slice note)
{
        struct mailbox_statement s = { 0 };
        struct note_text t;
        struct note n;
        int r;

        if (!statement_text_begin(&n, &t, note, mailbox_title) || !read_mailbox(&s, &t))
                return STATEMENT_BAD;
        if (!name_mailbox_certifies(&s.mailbox, &s.key))
                return STATEMENT_MISMATCH;
        r = statement_text_signed_by(&n, s.mailbox.s, &s.key);
        if (r)
                return r;
        statement_text_hash(&s.hash, note);
        *out = s;
        return 0;
}

static void put_device(struct buf *text, const struct statement_device *d)
{
        BUF_OWNED line = { 0 };

        text_put_base64(&line, slice_of(d->key.b, sizeof(d->key.b)));
        buf_putc(&line, ' ');
        buf_put(&line, d->name);
        statement_text_put(text, "device", buf_slice(&line));
}

void statement_write_mailbox(struct buf *out, struct mailbox_statement *s,
                             const struct sign_sec *sec)
{
        BUF_OWNED text = { 0 };
        struct mailbox_statement back;

        assert(s->devices >= 1 && s->devices <= STATEMENT_DEVICES_MOST);
        keys_sign_pub(&s->key, sec);
        name_mailbox_of(&s->mailbox, &s->key);
        buf_printf(&text, "%s\nmailbox %s\n", mailbox_title, s->mailbox.s);
        statement_text_put_coded(&text, "key", s->key.b);
        statement_text_put_epoch(&text, s->epoch, &s->previous);
        for (size_t i = 0; i < s->devices; i++)
                put_device(&text, &s->device[i]);
        statement_text_put_valid(&text, s->from, s->until);
        if (statement_read_mailbox(&back, statement_text_sign(out, &text, s->mailbox.s, sec)))
                statement_text_refuse(out);
        else
                s->hash = back.hash;
}

static bool read_enrolment(struct enrolment *e, struct note_text *t)
{
        if (!read_name(&e->mailbox, t))
                return false;
        statement_text_key(t, "key", e->key.b);
        e->level = statement_text_level(t);
        statement_text_valid(t, &e->from, &e->until);
        return note_text_end(t);
}

int statement_read_enrolment(struct enrolment *out, struct slice note,
                             const struct note_key *registrars, size_t count,
                             const struct note_key **by)
{
        struct enrolment e = { 0 };
        struct note_text t;
        struct note n;
        int r;

        if (!statement_text_begin(&n, &t, note, enrolment_title) || !read_enrolment(&e, &t))
                return STATEMENT_BAD;
        if (!name_mailbox_certifies(&e.mailbox, &e.key))
                return STATEMENT_MISMATCH;
        r = statement_text_signed(&n, registrars, count, by);
        if (r == 0)
                *out = e;
        return r;
}

void statement_write_enrolment(struct buf *out, const struct enrolment *e,
                               const struct note_key *registrar, const struct sign_sec *sec)
{
        BUF_OWNED text = { 0 };
        struct enrolment back;
        struct slice note;

        buf_printf(&text, "%s\nmailbox %s\n", enrolment_title, e->mailbox.s);
        statement_text_put_coded(&text, "key", e->key.b);
        buf_printf(&text, "level %u\n", e->level);
        statement_text_put_valid(&text, e->from, e->until);
        note = statement_text_sign(out, &text, registrar->name, sec);
        if (statement_read_enrolment(&back, note, registrar, 1, NULL))
                statement_text_refuse(out);
}
