/* statement_address.c - the address statement (E5.1): who may write to an address, and sealed to
 * whom
 *
 * It proves itself: the key it names hashes to the address, and signs it. So a broker that hands it
 * out can withhold it or give an older one, but cannot put a seal line of its own into it. */
#include "letter/statement_text.h"

#include "crypt/bech32.h"

#include <assert.h>

static const char title[] = "fumibako address v1";

static void read_accept(struct address_statement *s, struct note_text *t, struct slice line)
{
        struct statement_accept *a = &s->accept[s->accepts];

        if (s->accepts == STATEMENT_ACCEPTS_MOST || !statement_text_word(&line, &a->sender) ||
            !name_party_ok(a->sender) || !name_classes_get(line, &a->classes))
                t->trouble = true;
        else
                s->accepts++;
}

/* Take what follows "key=" from the next word; false, and nothing moved, when it is another word.
 */
static bool option(struct slice *rest, const char *key, struct slice *value)
{
        struct slice after = *rest, word;
        size_t len = strlen(key);

        if (!statement_text_word(&after, &word) || !slice_is(slice_upto(word, len), key))
                return false;
        *value = slice_from(word, len);
        *rest = after;
        return true;
}

/* Zero means "every class" and "no end" in the struct, so that no text may say zero. */
static bool read_seal_options(struct statement_seal *seal, struct slice rest)
{
        struct slice value;

        if (option(&rest, "classes=", &value) && !name_classes_get(value, &seal->classes))
                return false;
        if (option(&rest, "until=", &value) &&
            (!statement_text_instant(value, &seal->until) || seal->until == 0))
                return false;
        return rest.len == 0;
}

static void read_seal(struct address_statement *s, struct note_text *t, struct slice line)
{
        struct statement_seal *seal = &s->seal[s->seals];
        struct slice to;

        if (s->seals == STATEMENT_SEALS_MOST || !statement_text_word(&line, &to) ||
            !bech32_get_recipient(to, &seal->to) || !read_seal_options(seal, line))
                t->trouble = true;
        else
                s->seals++;
}

static void read_closed(struct address_statement *s, struct note_text *t)
{
        struct slice line;

        if (note_text_field_if(t, "closed", &line) &&
            (!statement_text_instant(line, &s->closed) || s->closed == 0))
                t->trouble = true;
        if ((s->closed != 0) != (s->seals == 0))
                t->trouble = true;
}

static bool read_lines(struct address_statement *s, struct note_text *t)
{
        struct slice line = note_text_field(t, "address");

        if (t->trouble || !name_address_get(line, &s->address))
                return false;
        statement_text_key(t, "key", s->key.b);
        statement_text_epoch(t, &s->epoch, &s->previous);
        while (note_text_field_if(t, "accepts", &line) && !t->trouble)
                read_accept(s, t, line);
        while (note_text_field_if(t, "seal", &line) && !t->trouble)
                read_seal(s, t, line);
        statement_text_valid(t, &s->from, &s->until);
        read_closed(s, t);
        return note_text_end(t);
}

int statement_read_address(struct address_statement *out, struct slice note)
{
        struct address_statement s = { 0 };
        struct note_text t;
        struct note n;
        int r;

        if (!statement_text_begin(&n, &t, note, title) || !read_lines(&s, &t))
                return STATEMENT_BAD;
        if (!name_address_certifies(&s.address, &s.key))
                return STATEMENT_MISMATCH;
        r = statement_text_signed_by(&n, s.address.s, &s.key);
        if (r)
                return r;
        statement_text_hash(&s.hash, note);
        *out = s;
        return 0;
}

static void put_accept(struct buf *text, const struct statement_accept *a)
{
        BUF_OWNED line = { 0 };

        buf_put(&line, a->sender);
        buf_putc(&line, ' ');
        name_classes_put(&line, a->classes);
        statement_text_put(text, "accepts", buf_slice(&line));
}

static void put_seal(struct buf *text, const struct statement_seal *seal)
{
        buf_puts(text, "seal ");
        bech32_put_recipient(text, &seal->to);
        if (seal->classes) {
                buf_puts(text, " classes=");
                name_classes_put(text, seal->classes);
        }
        if (seal->until) {
                buf_puts(text, " until=");
                statement_text_put_instant(text, seal->until);
        }
        buf_putc(text, '\n');
}

void statement_write_address(struct buf *out, struct address_statement *s,
                             const struct sign_sec *sec)
{
        BUF_OWNED text = { 0 };
        struct address_statement back;

        assert(s->accepts <= STATEMENT_ACCEPTS_MOST && s->seals <= STATEMENT_SEALS_MOST);
        keys_sign_pub(&s->key, sec);
        name_address_of(&s->address, &s->key);
        buf_printf(&text, "%s\naddress %s\n", title, s->address.s);
        statement_text_put_coded(&text, "key", s->key.b);
        statement_text_put_epoch(&text, s->epoch, &s->previous);
        for (size_t i = 0; i < s->accepts; i++)
                put_accept(&text, &s->accept[i]);
        for (size_t i = 0; i < s->seals; i++)
                put_seal(&text, &s->seal[i]);
        statement_text_put_valid(&text, s->from, s->until);
        if (s->closed) {
                buf_puts(&text, "closed ");
                statement_text_put_instant(&text, s->closed);
                buf_putc(&text, '\n');
        }
        if (statement_read_address(&back, statement_text_sign(out, &text, s->address.s, sec)))
                statement_text_refuse(out);
        else
                s->hash = back.hash;
}

bool statement_accepts(const struct address_statement *s, struct slice sender, unsigned class)
{
        if (class == 0 || class > CLASS_LAST)
                return false;
        for (size_t i = 0; i < s->accepts; i++)
                if (slice_eq(s->accept[i].sender, sender) && s->accept[i].classes >> class & 1)
                        return true;
        return false;
}

size_t statement_recipients(const struct address_statement *s, unsigned class, instant now,
                            struct seal_pub *to)
{
        size_t n = 0;

        if (class == 0 || class > CLASS_LAST)
                return 0;
        for (size_t i = 0; i < s->seals; i++) {
                const struct statement_seal *seal = &s->seal[i];

                if (seal->classes && !(seal->classes >> class & 1))
                        continue;
                if (seal->until == 0 || seal->until > now)
                        to[n++] = seal->to;
        }
        return n;
}
