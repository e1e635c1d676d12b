/* statement_sender.c - a sender's registration (E5.5): a registrar says whose key this is, and what
 * it may be used for */
#include "letter/statement_text.h"

enum { ORGANISATION_MOST = 256 };

static const char title[] = "fumibako sender v1";

static const struct {
        const char *word;
        size_t digits;
} number_kinds[] = {
        [NUMBER_HOUJIN] = { "houjin ", 13 },
        [NUMBER_DANTAI] = { "dantai ", 6 },
};

static bool all_digits(struct slice s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < '0' || s.at[i] > '9')
                        return false;
        return true;
}

static bool read_number(struct sender_statement *s, struct slice line)
{
        if (slice_is(line, "none")) {
                s->number_kind = NUMBER_NONE;
                return true;
        }
        for (unsigned kind = NUMBER_HOUJIN; kind <= NUMBER_DANTAI; kind++) {
                size_t len = strlen(number_kinds[kind].word);

                if (!slice_is(slice_upto(line, len), number_kinds[kind].word))
                        continue;
                s->number_kind = kind;
                s->number = slice_from(line, len);
                return s->number.len == number_kinds[kind].digits && all_digits(s->number);
        }
        return false;
}

static bool read_lines(struct sender_statement *s, struct note_text *t)
{
        struct slice number, classes;

        s->sender = note_text_field(t, "sender");
        s->name = note_text_field(t, "name");
        number = note_text_field(t, "number");
        classes = note_text_field(t, "classes");
        if (t->trouble || !name_party_ok(s->sender) || s->name.len > ORGANISATION_MOST ||
            !read_number(s, number) || !name_classes_get(classes, &s->classes))
                return false;
        statement_text_key(t, "key", s->key.b);
        statement_text_key(t, "transport", s->transport.b);
        statement_text_epoch(t, &s->epoch, &s->previous);
        statement_text_valid(t, &s->from, &s->until);
        return note_text_end(t);
}

int statement_read_sender(struct sender_statement *out, struct slice note,
                          const struct note_key *registrars, size_t count,
                          const struct note_key **by)
{
        struct sender_statement s = { 0 };
        struct note_text t;
        struct note n;
        int r;

        if (!statement_text_begin(&n, &t, note, title) || !read_lines(&s, &t))
                return STATEMENT_BAD;
        r = statement_text_signed(&n, registrars, count, by);
        if (r)
                return r;
        statement_text_hash(&s.hash, note);
        *out = s;
        return 0;
}

static void put_number(struct buf *text, const struct sender_statement *s)
{
        BUF_OWNED line = { 0 };

        if (s->number_kind == NUMBER_NONE) {
                buf_puts(&line, "none");
        } else {
                buf_puts(&line, number_kinds[s->number_kind].word);
                buf_put(&line, s->number);
        }
        statement_text_put(text, "number", buf_slice(&line));
}

void statement_write_sender(struct buf *out, struct sender_statement *s,
                            const struct note_key *registrar, const struct sign_sec *sec)
{
        BUF_OWNED text = { 0 };
        struct sender_statement back;
        struct slice note;
        BUF_OWNED classes = { 0 };

        buf_printf(&text, "%s\n", title);
        statement_text_put(&text, "sender", s->sender);
        statement_text_put(&text, "name", s->name);
        put_number(&text, s);
        name_classes_put(&classes, s->classes);
        statement_text_put(&text, "classes", buf_slice(&classes));
        statement_text_put_coded(&text, "key", s->key.b);
        statement_text_put_coded(&text, "transport", s->transport.b);
        statement_text_put_epoch(&text, s->epoch, &s->previous);
        statement_text_put_valid(&text, s->from, s->until);
        note = statement_text_sign(out, &text, registrar->name, sec);
        if (statement_read_sender(&back, note, registrar, 1, NULL))
                statement_text_refuse(out);
        else
                s->hash = back.hash;
}
