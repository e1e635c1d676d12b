/* age_header.c - the lines of an age header, read one at a time
 *
 *      header     = "age-encryption.org/v1" LF 1*stanza "--- " 43base64char LF
 *      stanza     = "-> " argument *(SP argument) LF *full-line final-line
 *      full-line  = 64base64char LF
 *      final-line = *63base64char LF           canonical base64 without padding
 *
 * Grammar is settled here, before any key is touched: a malformed stanza of a type we know is a bad
 * header for everyone, whether or not it was meant for us. */
#include "crypt/age_impl.h"

#include "base/fault.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypt/hash.h"

#include <errno.h>

enum { COLUMNS = 64, ARGUMENTS_KEPT = 4 };

static const char version[] = "age-encryption.org/v1";
static const char dashes[] = "---";

static void mac_of(struct hash *mac, const struct age_file_key *key, struct slice covered)
{
        struct hash hmac_key;

        hash_hkdf(hmac_key.b, sizeof(hmac_key.b), slice_of(key->b, sizeof(key->b)),
                  slice_of(NULL, 0), slice_str("header"));
        hash_hmac(mac, slice_hash(&hmac_key), covered);
        secret_wipe(&hmac_key, sizeof(hmac_key));
}

void age_header_put_version(struct buf *out)
{
        buf_puts(out, version);
        buf_putc(out, '\n');
}

void age_header_put_mac(struct buf *out, size_t start, const struct age_file_key *key)
{
        struct hash mac;

        buf_puts(out, dashes);
        if (buf_fault(out))
                return;
        mac_of(&mac, key, slice_from(buf_slice(out), start));
        buf_putc(out, ' ');
        text_put_base64_raw(out, slice_hash(&mac));
        buf_putc(out, '\n');
}

bool age_header_mac_holds(const struct age_header *h, const struct age_file_key *key)
{
        struct hash mac;

        mac_of(&mac, key, slice_upto(buf_slice(&h->text), h->mac_covers));
        return secret_equal(slice_hash(&mac), slice_of(h->mac, sizeof(h->mac)));
}

static bool is_argument(struct slice s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < 0x21 || s.at[i] > 0x7e)
                        return false;
        return s.len > 0;
}

/* 1*DIGIT without leading zero. Too large for 64 bits is still well-formed. */
static bool get_work(struct slice s, uint64_t *out)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < '0' || s.at[i] > '9')
                        return false;
        if (s.len == 0 || s.at[0] == '0')
                return false;
        if (!text_get_u64(s, out))
                *out = UINT64_MAX;
        return true;
}

static int take_arguments(struct age_header *h, struct slice rest)
{
        struct slice arg[ARGUMENTS_KEPT] = { 0 };
        struct age_stanza *s;
        size_t count = 0;

        if (h->count == AGE_STANZAS_MOST)
                return AGE_BAD_HEADER;
        for (bool more = true; more;) {
                struct slice one = rest;

                more = slice_split(&rest, ' ', &one);
                if (!is_argument(one))
                        return AGE_BAD_HEADER;
                if (count < ARGUMENTS_KEPT)
                        arg[count] = one;
                count++;
        }
        s = &h->stanza[h->count++];
        *s = (struct age_stanza){ .type = AGE_STANZA_OTHER };
        if (slice_is(arg[0], "X25519")) {
                s->type = AGE_STANZA_X25519;
                if (count != 2 || !text_get_base64_raw(arg[1], s->share.b, sizeof(s->share.b)))
                        return AGE_BAD_HEADER;
        } else if (slice_is(arg[0], "scrypt")) {
                s->type = AGE_STANZA_SCRYPT;
                if (count != 3 || !text_get_base64_raw(arg[1], s->salt, sizeof(s->salt)) ||
                    !get_work(arg[2], &s->work))
                        return AGE_BAD_HEADER;
        }
        h->expect = AGE_EXPECT_BODY;
        return 0;
}

static int take_body(struct age_header *h, struct slice line)
{
        struct age_stanza *s = &h->stanza[h->count - 1];
        uint8_t bytes[COLUMNS / 4 * 3];
        size_t len = line.len * 3 / 4;

        if (line.len > COLUMNS || !text_get_base64_raw(line, bytes, len))
                return AGE_BAD_HEADER;
        if (len && s->body_len + len <= AGE_BODY)
                memcpy(s->body + s->body_len, bytes, len);
        s->body_len += len;
        if (line.len == COLUMNS)
                return 0;
        if (s->type != AGE_STANZA_OTHER && s->body_len != AGE_BODY)
                return AGE_BAD_HEADER;
        h->expect = AGE_EXPECT_STANZA;
        return 0;
}

static int take_mac(struct age_header *h, struct slice text)
{
        if (h->count == 0 || !text_get_base64_raw(text, h->mac, sizeof(h->mac)))
                return AGE_BAD_HEADER;
        for (size_t i = 0; i < h->count; i++)
                if (h->stanza[i].type == AGE_STANZA_SCRYPT && h->count > 1)
                        return AGE_BAD_HEADER;
        h->mac_covers = h->line + sizeof(dashes) - 1;
        h->expect = AGE_HEADER_WHOLE;
        return 0;
}

static int take_line(struct age_header *h, struct slice line)
{
        if (h->expect == AGE_EXPECT_VERSION) {
                h->expect = AGE_EXPECT_STANZA;
                return slice_is(line, version) ? 0 : AGE_BAD_HEADER;
        }
        if (h->expect == AGE_EXPECT_BODY)
                return take_body(h, line);
        if (slice_is(slice_upto(line, 3), "-> "))
                return take_arguments(h, slice_from(line, 3));
        if (slice_is(slice_upto(line, 4), "--- "))
                return take_mac(h, slice_from(line, 4));
        return AGE_BAD_HEADER;
}

int age_header_take(struct age_header *h, struct slice *in)
{
        while (in->len && h->expect != AGE_HEADER_WHOLE) {
                const uint8_t *end = memchr(in->at, '\n', in->len);
                size_t n = end ? (size_t)(end - in->at) + 1 : in->len;
                int r;

                if (n > AGE_HEADER_MOST - h->text.len)
                        return AGE_BAD_HEADER;
                buf_put(&h->text, slice_upto(*in, n));
                if (buf_fault(&h->text))
                        return fault(-ENOMEM);
                *in = slice_from(*in, n);
                if (!end)
                        break;
                r = take_line(h, slice_of(h->text.at + h->line, h->text.len - h->line - 1));
                if (r)
                        return r;
                h->line = h->text.len;
        }
        return 0;
}
