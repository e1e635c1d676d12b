/* note.c - C2SP signed notes, read, verified and signed
 *
 *      text, ending with a newline                      signed, and the only thing that is signed
 *      (an empty line: the last one of the note)
 *      em dash, space, name, space, base64              one line a signature
 *
 * and the base64 holds four bytes of key id and then the signature. A note_line keeps the base64 as
 * it stands: lines of strangers may have any length and are only looked at, so that reading needs
 * no memory; what we verify is 64 bytes and decoded then. Base64 is canonical or refused, so no two
 * spellings of a note say the same.
 *
 * Stricter than the specification in three places: base64 as said, names of at most NOTE_NAME_MOST
 * bytes, and no control characters beyond ASCII in names, because names are shown to people. */
#include "evidence/note.h"

#include "base/text.h"
#include "crypt/hash.h"

#include <errno.h>

enum { KEY_ID = 4, SIGNED = KEY_ID + sizeof(struct signature) };

static const char dash[] = "\xe2\x80\x94 ";

/* The first character of well-formed UTF-8; @s steps behind it. */
static uint32_t next_char(struct slice *s)
{
        uint32_t c = s->at[0];
        size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

        if (n > 1)
                c &= 0x7fu >> n;
        for (size_t i = 1; i < n; i++)
                c = c << 6 | (s->at[i] & 0x3fu);
        *s = slice_from(*s, n);
        return c;
}

/* Unicode's White_Space beyond the controls, and the controls themselves. */
static bool is_space_or_control(uint32_t c)
{
        static const struct {
                uint32_t first, last;
        } spaces[] = {
                { 0x00, 0x20 },     { 0x7f, 0xa0 },     { 0x1680, 0x1680 }, { 0x2000, 0x200a },
                { 0x2028, 0x2029 }, { 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x3000, 0x3000 },
        };

        for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
                if (c >= spaces[i].first && c <= spaces[i].last)
                        return true;
        return false;
}

bool note_name_ok(struct slice name)
{
        if (name.len == 0 || name.len > NOTE_NAME_MOST || !text_is_utf8(name))
                return false;
        while (name.len) {
                uint32_t c = next_char(&name);

                if (c == '+' || is_space_or_control(c))
                        return false;
        }
        return true;
}

static uint32_t key_id(struct slice name, uint8_t type, const struct sign_pub *pub)
{
        const uint8_t mark[] = { '\n', type };
        const struct slice parts[] = {
                name,
                slice_of(mark, sizeof(mark)),
                slice_of(pub->b, sizeof(pub->b)),
        };
        struct hash h;

        hash_sha256_parts(&h, parts, 3);
        return get_be32(h.b);
}

uint32_t note_key_id(const struct note_key *key, uint8_t type)
{
        return key_id(slice_str(key->name), type, &key->pub);
}

bool note_vkey_get_as(struct slice text, enum note_type type, struct note_key *out)
{
        struct note_key key = { 0 };
        struct slice name, hex;
        uint8_t id[KEY_ID], typed[1 + sizeof(key.pub.b)];

        /* Base64 may hold a plus, names and hexadecimal cannot: the first two are the marks. */
        if (!slice_split(&text, '+', &name) || !slice_split(&text, '+', &hex))
                return false;
        if (!note_name_ok(name) || !text_get_hex(hex, id, sizeof(id)) ||
            !text_get_base64(text, typed, sizeof(typed)) || typed[0] != type)
                return false;
        memcpy(key.name, name.at, name.len);
        memcpy(key.pub.b, typed + 1, sizeof(key.pub.b));
        if (get_be32(id) != note_key_id(&key, (uint8_t)type))
                return false;
        *out = key;
        return true;
}

void note_vkey_put_as(struct buf *out, enum note_type type, const struct note_key *key)
{
        uint8_t typed[1 + sizeof(key->pub.b)] = { (uint8_t)type };

        memcpy(typed + 1, key->pub.b, sizeof(key->pub.b));
        buf_printf(out, "%s+%08x+", key->name, note_key_id(key, (uint8_t)type));
        text_put_base64(out, slice_of(typed, sizeof(typed)));
}

bool note_vkey_get(struct slice text, struct note_key *out)
{
        return note_vkey_get_as(text, NOTE_ED25519, out);
}

void note_vkey_put(struct buf *out, const struct note_key *key)
{
        note_vkey_put_as(out, NOTE_ED25519, key);
}

/* Canonical base64 of a key id and at least one byte more, decoded piece by piece because nothing
 * but the id is wanted yet. */
static bool signature_ok(struct slice text, uint32_t *id)
{
        enum { PIECE = 1024 };
        uint8_t bytes[PIECE / 4 * 3];

        if (text.len < 8)
                return false;
        for (bool first = true; text.len; first = false) {
                struct slice piece = slice_upto(text, PIECE);
                size_t len = piece.len / 4 * 3;

                text = slice_from(text, piece.len);
                if (text.len == 0)
                        len -= (piece.at[piece.len - 1] == '=') + (piece.at[piece.len - 2] == '=');
                if (!text_get_base64(piece, bytes, len))
                        return false;
                if (first && len <= KEY_ID)
                        return false;
                if (first)
                        *id = get_be32(bytes);
        }
        return true;
}

static bool line_read(struct note_line *out, struct slice line)
{
        if (!slice_eq(slice_upto(line, strlen(dash)), slice_str(dash)))
                return false;
        line = slice_from(line, strlen(dash));
        if (!slice_split(&line, ' ', &out->name) || !note_name_ok(out->name))
                return false;
        out->signature = line;
        return signature_ok(line, &out->id);
}

/* Where the last empty line begins, or 0: no text is before it then. */
static size_t last_empty_line(struct slice s)
{
        for (size_t i = s.len; i > 1; i--)
                if (s.at[i - 1] == '\n' && s.at[i - 2] == '\n')
                        return i - 1;
        return 0;
}

int note_read(struct note *out, struct slice bytes)
{
        struct note n = { .whole = bytes };
        struct slice lines, line;
        size_t blank;

        if (bytes.len > NOTE_MOST || !note_text_ok(bytes))
                return NOTE_MALFORMED;
        blank = last_empty_line(bytes);
        if (blank == 0)
                return NOTE_MALFORMED;
        n.text = slice_upto(bytes, blank);
        lines = slice_from(bytes, blank + 1);
        while (slice_split(&lines, '\n', &line)) {
                if (n.lines == NOTE_SIGNATURES_MOST || !line_read(&n.line[n.lines], line))
                        return NOTE_MALFORMED;
                n.lines++;
        }
        if (n.lines == 0)
                return NOTE_MALFORMED;
        *out = n;
        return 0;
}

/* Every line of the key has to verify, not only one: a note with a false line of a key we know was
 * tampered with, and the specification would have it refused. */
int note_verify(const struct note *n, const struct note_key *key)
{
        uint32_t id = note_key_id(key, NOTE_ED25519);
        int r = NOTE_UNSIGNED;

        for (size_t i = 0; i < n->lines; i++) {
                const struct note_line *l = &n->line[i];
                struct signature sig;
                uint8_t bytes[SIGNED];

                if (l->id != id || !slice_is(l->name, key->name))
                        continue;
                if (!text_get_base64(l->signature, bytes, sizeof(bytes)))
                        return NOTE_FORGED;
                memcpy(sig.b, bytes + KEY_ID, sizeof(sig.b));
                if (!sign_verify(&sig, n->text, &key->pub))
                        return NOTE_FORGED;
                r = 0;
        }
        return r;
}

void note_line_put(struct buf *out, const char *name, uint32_t id, struct slice signature)
{
        BUF_OWNED bytes = { 0 };
        uint8_t *at = buf_extend(&bytes, KEY_ID);

        if (!note_name_ok(slice_str(name))) {
                if (!out->fault)
                        out->fault = -EINVAL;
                return;
        }
        if (at)
                put_be32(at, id);
        buf_put(&bytes, signature);
        if (buf_fault(&bytes)) {
                out->fault = buf_fault(&bytes);
                return;
        }
        buf_puts(out, dash);
        buf_puts(out, name);
        buf_putc(out, ' ');
        text_put_base64(out, buf_slice(&bytes));
        buf_putc(out, '\n');
}

void note_cosign(struct buf *out, struct slice text, const char *name, const struct sign_sec *sec)
{
        struct sign_pub pub;
        struct signature sig;

        /* Nobody may put a signature under what no reader would take. */
        if (!note_text_ok(text)) {
                if (!out->fault)
                        out->fault = -EINVAL;
                return;
        }
        keys_sign_pub(&pub, sec);
        sign_make(&sig, text, sec);
        note_line_put(out, name, key_id(slice_str(name), NOTE_ED25519, &pub),
                      slice_of(sig.b, sizeof(sig.b)));
}

void note_sign(struct buf *out, struct slice text, const char *name, const struct sign_sec *sec)
{
        size_t before = out->len;

        buf_put(out, text);
        buf_putc(out, '\n');
        note_cosign(out, text, name, sec);
        if (!out->fault && out->len - before > NOTE_MOST)
                out->fault = -EINVAL;
}
