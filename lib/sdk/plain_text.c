/* plain_text.c - which characters may be shown as they are
 *
 * A terminal obeys control characters; an eye is misled by what it does not see. */
#include "sdk/plain_text.h"

#include "base/text.h"

int32_t plain_text_next(struct slice s, size_t *len)
{
        uint8_t b = s.at[0];
        size_t n = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
        int32_t c = n == 1 ? b : b & (0xff >> (n + 1));

        *len = 1;
        if (s.len < n || !text_is_utf8(slice_upto(s, n)))
                return -1;
        for (size_t i = 1; i < n; i++)
                c = c << 6 | (s.at[i] & 0x3f);
        *len = n;
        return c;
}

bool plain_text_unseen(int32_t c)
{
        static const struct {
                int32_t first, last;
        } unseen[] = {
                { -1, 0x1f },         { 0x7f, 0x9f },     { 0xad, 0xad },     { 0x34f, 0x34f },
                { 0x61c, 0x61c },     { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
                { 0x200b, 0x200f },   { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
                { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x1d173, 0x1d17a },
                { 0xe0000, 0xe0fff },
        };

        for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
                if (c >= unseen[i].first && c <= unseen[i].last)
                        return !(c >= 0xe0100 && c <= 0xe01ef); /* variants of kanji in names */
        return false;
}
