/* text.c - base64, hexadecimal and UTF-8
 *
 * Base64 is written here and not by libsodium because the decoder must refuse every encoding that
 * is not canonical, with the exact length known beforehand; nothing here is secret, so tables and
 * branches are fine. */
#include "base/text.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_base64(struct buf *out, struct slice s, bool pad)
{
        while (s.len) {
                uint8_t four[4] = { '=', '=', '=', '=' };
                uint32_t v = (uint32_t)s.at[0] << 16;
                size_t n = s.len < 3 ? s.len : 3;

                if (n > 1)
                        v |= (uint32_t)s.at[1] << 8;
                if (n > 2)
                        v |= s.at[2];
                for (size_t i = 0; i <= n; i++)
                        four[i] = (uint8_t)alphabet[v >> (18 - 6 * i) & 63];
                buf_put(out, slice_of(four, pad ? 4 : n + 1));
                s = slice_from(s, n);
        }
}

void text_put_base64(struct buf *out, struct slice bytes)
{
        put_base64(out, bytes, true);
}

void text_put_base64_raw(struct buf *out, struct slice bytes)
{
        put_base64(out, bytes, false);
}

static int value_of(uint8_t c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool text_get_base64_raw(struct slice text, uint8_t *out, size_t len)
{
        uint32_t v = 0;
        unsigned bits = 0;
        size_t n = 0;

        if (len > SIZE_MAX / 8 || text.len != (len * 8 + 5) / 6)
                return false;
        for (size_t i = 0; i < text.len; i++) {
                int d = value_of(text.at[i]);

                if (d < 0)
                        return false;
                v = v << 6 | (uint32_t)d;
                bits += 6;
                if (bits >= 8) {
                        bits -= 8;
                        out[n++] = (uint8_t)(v >> bits);
                        v &= (1u << bits) - 1;
                }
        }
        return v == 0; /* bits left over must be zero, or two texts would mean one value */
}

bool text_get_base64(struct slice text, uint8_t *out, size_t len)
{
        size_t pads = (3 - len % 3) % 3;

        if (text.len < pads || text.len % 4 != 0)
                return false;
        for (size_t i = 0; i < pads; i++)
                if (text.at[text.len - 1 - i] != '=')
                        return false;
        return text_get_base64_raw(slice_upto(text, text.len - pads), out, len);
}

bool text_get_base64_any(struct slice text, struct buf *out)
{
        size_t before = out->len, pads = 0, len;
        uint8_t *at;

        if (text.len % 4 != 0)
                return false;
        while (pads < 2 && pads < text.len && text.at[text.len - 1 - pads] == '=')
                pads++;
        len = text.len / 4 * 3 - pads;
        at = buf_extend(out, len);
        if (len && !at)
                return false;
        if (text_get_base64(text, at, len))
                return true;
        out->len = before;
        return false;
}

void text_put_hex(struct buf *out, struct slice bytes)
{
        static const char hex[] = "0123456789abcdef";

        for (size_t i = 0; i < bytes.len; i++) {
                buf_putc(out, (uint8_t)hex[bytes.at[i] >> 4]);
                buf_putc(out, (uint8_t)hex[bytes.at[i] & 15]);
        }
}

static int nibble(uint8_t c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_get_hex(struct slice text, uint8_t *out, size_t len)
{
        if (text.len % 2 || text.len / 2 != len)
                return false;
        for (size_t i = 0; i < len; i++) {
                int hi = nibble(text.at[2 * i]), lo = nibble(text.at[2 * i + 1]);

                if (hi < 0 || lo < 0)
                        return false;
                out[i] = (uint8_t)(hi << 4 | lo);
        }
        return true;
}

/* Length of the well-formed character that @s begins with, or 0. Unicode 15, table 3-7. */
static size_t utf8_len(struct slice s)
{
        uint8_t a = s.at[0], lo = 0x80, hi = 0xbf;
        size_t n;

        if (a < 0x80)
                return 1;
        if (a >= 0xc2 && a <= 0xdf)
                n = 2;
        else if (a >= 0xe0 && a <= 0xef)
                n = 3;
        else if (a >= 0xf0 && a <= 0xf4)
                n = 4;
        else
                return 0;
        if (a == 0xe0)
                lo = 0xa0;
        if (a == 0xed)
                hi = 0x9f;
        if (a == 0xf0)
                lo = 0x90;
        if (a == 0xf4)
                hi = 0x8f;
        if (s.len < n || s.at[1] < lo || s.at[1] > hi)
                return 0;
        for (size_t i = 2; i < n; i++)
                if (s.at[i] < 0x80 || s.at[i] > 0xbf)
                        return 0;
        return n;
}

bool text_is_utf8(struct slice s)
{
        while (s.len) {
                size_t n = utf8_len(s);

                if (!n)
                        return false;
                s = slice_from(s, n);
        }
        return true;
}

bool text_get_u64(struct slice s, uint64_t *out)
{
        uint64_t v = 0;

        if (s.len == 0 || s.len > 20 || (s.len > 1 && s.at[0] == '0'))
                return false;
        for (size_t i = 0; i < s.len; i++) {
                unsigned d = s.at[i] - (unsigned)'0';

                if (d > 9 || v > (UINT64_MAX - d) / 10)
                        return false;
                v = v * 10 + d;
        }
        *out = v;
        return true;
}

void text_put_json(struct buf *out, struct slice s)
{
        buf_putc(out, '"');
        while (s.len) {
                size_t n = utf8_len(s);

                if (n == 0) {
                        buf_puts(out, "\xef\xbf\xbd");
                        n = 1;
                } else if (s.at[0] == '"' || s.at[0] == '\\') {
                        buf_putc(out, '\\');
                        buf_putc(out, s.at[0]);
                } else if (s.at[0] < 0x20 || s.at[0] == 0x7f) {
                        buf_printf(out, "\\u%04x", s.at[0]);
                } else {
                        buf_put(out, slice_upto(s, n));
                }
                s = slice_from(s, n);
        }
        buf_putc(out, '"');
}
