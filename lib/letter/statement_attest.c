/* statement_attest.c - the broker's word for an address (E5.6): at what level its holder was
 * enrolled */
#include "letter/statement_text.h"

static const char title[] = "fumibako attestation v1";

static bool read_lines(struct attestation *a, struct note_text *t)
{
        struct slice line = note_text_field(t, "address");

        if (t->trouble || !name_address_get(line, &a->address))
                return false;
        a->statement = note_text_hash(t, "statement");
        a->level = statement_text_level(t);
        line = note_text_field(t, "time");
        return note_text_end(t) && statement_text_instant(line, &a->time);
}

int statement_read_attestation(struct attestation *out, struct slice note,
                               const struct note_key *broker)
{
        struct attestation a = { 0 };
        struct note_text t;
        struct note n;
        int r;

        if (!statement_text_begin(&n, &t, note, title) || !read_lines(&a, &t))
                return STATEMENT_BAD;
        r = statement_text_signed(&n, broker, 1, NULL);
        if (r == 0)
                *out = a;
        return r;
}

void statement_write_attestation(struct buf *out, const struct attestation *a,
                                 const char *broker_name, const struct sign_sec *sec)
{
        BUF_OWNED text = { 0 };
        struct note_key broker = { 0 };
        struct attestation back;

        buf_printf(&text, "%s\naddress %s\n", title, a->address.s);
        statement_text_put_coded(&text, "statement", a->statement.b);
        buf_printf(&text, "level %u\ntime ", a->level);
        statement_text_put_instant(&text, a->time);
        buf_putc(&text, '\n');
        memcpy(broker.name, broker_name, strnlen(broker_name, NOTE_NAME_MOST));
        keys_sign_pub(&broker.pub, sec);
        if (statement_read_attestation(&back, statement_text_sign(out, &text, broker_name, sec),
                                       &broker))
                statement_text_refuse(out);
}
