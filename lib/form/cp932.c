/* cp932.c - reading code page 932 */
#include "form/cp932.h"

#include <assert.h>

enum { USER_FIRST = 0xf0, USER_LAST = 0xf9, USER_CODE_POINTS = 0xe000, KANA_CODE_POINTS = 0xff61 };

/* 40-7E and 80-FC, counted through; CP932_TRAILS for any other byte. */
static unsigned trail(uint8_t b)
{
        if (b < 0x40 || b == 0x7f || b > 0xfc)
                return CP932_TRAILS;
        return b < 0x7f ? b - 0x40U : b - 0x41U;
}

uint32_t cp932_next(struct slice *text)
{
        uint8_t lead;
        unsigned at;

        assert(text->len > 0);
        lead = text->at[0];
        if (lead < 0x80) {
                *text = slice_from(*text, 1);
                return lead;
        }
        if (lead >= 0xa1 && lead <= 0xdf) {
                *text = slice_from(*text, 1);
                return lead - 0xa1U + KANA_CODE_POINTS;
        }
        at = text->len > 1 ? trail(text->at[1]) : CP932_TRAILS;
        if (at == CP932_TRAILS || lead == 0x80 || lead == 0xa0 || lead > 0xfc) {
                *text = slice_from(*text, 1);
                return CP932_NONE;
        }
        *text = slice_from(*text, 2);
        if (lead >= USER_FIRST && lead <= USER_LAST)
                return USER_CODE_POINTS + (lead - (uint32_t)USER_FIRST) * CP932_TRAILS + at;
        return cp932_table[cp932_row[lead]][at];
}

bool cp932_has(uint32_t c)
{
        return c < 0x10000 && (cp932_known[c >> 3] >> (c & 7) & 1);
}
