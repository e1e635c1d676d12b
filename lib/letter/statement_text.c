/* statement_text.c - the lines that several statements have, read and written
 *
 * Every statement has one spelling (E1.2): whatever a reader takes, a writer would have written the
 * same way, so that the hash of a statement is the hash of what it says. */
#include "letter/statement_text.h"

#include "base/text.h"
#include "crypt/hash.h"

#include <errno.h>

enum { LEVEL_MOST = 3 };

bool statement_text_begin(struct note *n, struct note_text *t, struct slice note, const char *title)
{
        if (note.len > STATEMENT_MOST || note_read(n, note))
                return false;
        *t = note_text_of(n->text);
        note_text_line(t, title);
        return !t->trouble;
}

bool statement_text_word(struct slice *rest, struct slice *word)
{
        if (slice_split(rest, ' ', word))
                return word->len > 0 && rest->len > 0;
        *word = *rest;
        *rest = slice_from(*rest, rest->len);
        return word->len > 0;
}

void statement_text_key(struct note_text *t, const char *word, uint8_t out[static 32])
{
        struct hash h = note_text_hash(t, word);

        memcpy(out, h.b, sizeof(h.b));
}

void statement_text_epoch(struct note_text *t, uint64_t *epoch, struct hash *previous)
{
        struct slice s = note_text_field(t, "epoch");

        if (t->trouble || !text_get_u64(s, epoch) || *epoch == 0) {
                t->trouble = true;
                return;
        }
        if (*epoch > 1)
                *previous = note_text_hash(t, "previous");
}

/* E5.7 */
unsigned statement_text_level(struct note_text *t)
{
        struct slice s = note_text_field(t, "level");

        if (!t->trouble && s.len == 1 && s.at[0] >= '0' && s.at[0] <= '0' + LEVEL_MOST)
                return s.at[0] - (unsigned)'0';
        t->trouble = true;
        return 0;
}

/* E1.3 */
bool statement_text_instant(struct slice s, instant *out)
{
        const size_t len = sizeof("2026-11-23T00:00:00Z") - 1;
        instant t;

        /* So long, and there is room for neither a fraction nor an offset. */
        if (s.len != len || !clock_parse(s, &t) || t < 0)
                return false;
        *out = t;
        return true;
}

void statement_text_valid(struct note_text *t, instant *from, instant *until)
{
        struct slice rest = note_text_field(t, "valid"), first;

        if (t->trouble || !statement_text_word(&rest, &first) ||
            !statement_text_instant(first, from) || !statement_text_instant(rest, until))
                t->trouble = true;
}

int statement_text_signed(const struct note *n, const struct note_key *keys, size_t count,
                          const struct note_key **by)
{
        for (size_t i = 0; i < count; i++) {
                int r = note_verify(n, &keys[i]);

                if (r == NOTE_UNSIGNED)
                        continue;
                if (r)
                        return STATEMENT_FORGED;
                if (by)
                        *by = &keys[i];
                return 0;
        }
        return STATEMENT_FORGED;
}

int statement_text_signed_by(const struct note *n, const char *name, const struct sign_pub *key)
{
        struct note_key k = { .pub = *key };

        memcpy(k.name, name, strlen(name));
        return statement_text_signed(n, &k, 1, NULL);
}

void statement_text_hash(struct hash *out, struct slice note)
{
        hash_sha256(out, note);
}

void statement_text_refuse(struct buf *out)
{
        if (!out->fault)
                out->fault = -EINVAL;
}

void statement_text_put(struct buf *out, const char *word, struct slice value)
{
        if (value.len == 0 || memchr(value.at, '\n', value.len)) {
                statement_text_refuse(out);
                return;
        }
        buf_puts(out, word);
        buf_putc(out, ' ');
        buf_put(out, value);
        buf_putc(out, '\n');
}

void statement_text_put_coded(struct buf *out, const char *word, const uint8_t bytes[static 32])
{
        buf_puts(out, word);
        buf_putc(out, ' ');
        text_put_base64(out, slice_of(bytes, 32));
        buf_putc(out, '\n');
}

void statement_text_put_epoch(struct buf *out, uint64_t epoch, const struct hash *previous)
{
        buf_printf(out, "epoch %llu\n", (unsigned long long)epoch);
        if (epoch > 1)
                statement_text_put_coded(out, "previous", previous->b);
}

void statement_text_put_instant(struct buf *out, instant t)
{
        const instant last = INT64_C(253402300799999); /* year 9999 */
        char text[CLOCK_RFC3339];

        if (t < 0 || t > last) {
                statement_text_refuse(out);
                return;
        }
        clock_rfc3339(text, t);
        buf_puts(out, text);
}

void statement_text_put_valid(struct buf *out, instant from, instant until)
{
        buf_puts(out, "valid ");
        statement_text_put_instant(out, from);
        buf_putc(out, ' ');
        statement_text_put_instant(out, until);
        buf_putc(out, '\n');
}

struct slice statement_text_sign(struct buf *out, const struct buf *text, const char *name,
                                 const struct sign_sec *sec)
{
        size_t before = out->len;

        if (!buf_fault(text))
                note_sign(out, buf_slice(text), name, sec);
        else if (!out->fault)
                out->fault = buf_fault(text);
        return buf_fault(out) ? (struct slice){ 0 } : slice_from(buf_slice(out), before);
}
