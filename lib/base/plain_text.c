/* plain_text.c - which characters may be shown as they are, and how wide they are
 *
 * The width is that of East Asian terminals for what is wide everywhere (Unicode's classes W and
 * F); what is ambiguous (①, ※) takes one column, as most terminals have it. */
#include "base/plain_text.h"

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

struct range {
        int32_t first, last;
};

static bool within(const struct range *r, size_t count, int32_t c)
{
        for (size_t i = 0; i < count; i++)
                if (c >= r[i].first && c <= r[i].last)
                        return true;
        return false;
}

bool plain_text_unseen(int32_t c)
{
        static const struct range unseen[] = {
                { -1, 0x1f },         { 0x7f, 0x9f },     { 0xad, 0xad },     { 0x34f, 0x34f },
                { 0x61c, 0x61c },     { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
                { 0x200b, 0x200f },   { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
                { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x1d173, 0x1d17a },
                { 0xe0000, 0xe0fff },
        };

        if (c >= 0xe0100 && c <= 0xe01ef)
                return false; /* variants of kanji in names */
        return within(unseen, sizeof(unseen) / sizeof(unseen[0]), c);
}

static size_t width(int32_t c)
{
        static const struct range mark[] = {
                { 0x300, 0x36f },
                { 0x3099, 0x309a },
                { 0xfe00, 0xfe0f },
                { 0xe0100, 0xe01ef },
        };
        static const struct range wide[] = {
                { 0x1100, 0x115f }, { 0x2e80, 0xa4cf },   { 0xac00, 0xd7a3 },
                { 0xf900, 0xfaff }, { 0xfe30, 0xfe4f },   { 0xff00, 0xff60 },
                { 0xffe0, 0xffe6 }, { 0x1f300, 0x1faff }, { 0x20000, 0x3fffd },
        };

        if (within(mark, sizeof(mark) / sizeof(mark[0]), c))
                return 0;
        return within(wide, sizeof(wide) / sizeof(wide[0]), c) ? 2 : 1;
}

size_t plain_text_put(struct buf *out, struct slice text)
{
        static const char replacement[] = "\xef\xbf\xbd";
        size_t columns = 0, len;

        while (text.len) {
                int32_t c = plain_text_next(text, &len);
                bool unseen = plain_text_unseen(c);

                if (unseen)
                        buf_puts(out, replacement);
                else
                        buf_put(out, slice_upto(text, len));
                columns += unseen ? 1 : width(c);
                text = slice_from(text, len);
        }
        return columns;
}

size_t plain_text_columns(struct slice text)
{
        size_t columns = 0, len;

        while (text.len) {
                int32_t c = plain_text_next(text, &len);

                columns += plain_text_unseen(c) ? 1 : width(c);
                text = slice_from(text, len);
        }
        return columns;
}
