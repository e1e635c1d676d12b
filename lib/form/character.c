/* character.c - the characters of gen:str
 *
 * The schema writes them as Unicode blocks. Those are ranges of code points, assigned or not, so a
 * new version of Unicode changes nothing here. test/vector/nta_characters.py asks xmllint. */
#include "form/character.h"

static const struct {
        uint16_t first, last;
} fine[] = {
        { 0x0009, 0x000a },                     /* tab, line feed */
        { 0x000d, 0x000d }, { 0x0020, 0x007e }, /* BasicLatin */
        { 0x00a0, 0x00ff },                     /* Latin-1Supplement */
        { 0x0370, 0x04ff },                     /* Greek, Cyrillic */
        { 0x2000, 0x206f },                     /* GeneralPunctuation */
        { 0x2150, 0x22ff },                     /* NumberForms, Arrows, MathematicalOperators */
        { 0x2460, 0x257f },                     /* EnclosedAlphanumerics, BoxDrawing */
        { 0x25a0, 0x25ff },                     /* GeometricShapes */
        { 0x3000, 0x30ff },                     /* CJKSymbolsandPunctuation, Hiragana, Katakana */
        { 0x3200, 0x33ff },                     /* EnclosedCJKLettersandMonths, CJKCompatibility */
        { 0x4e00, 0x9fff },                     /* CJKUnifiedIdeographs */
        { 0xf900, 0xfaff },                     /* CJKCompatibilityIdeographs */
        { 0xff00, 0xff65 },                     /* HalfwidthandFullwidthForms */
        { 0xffa0, 0xffef },
};

/* ♂ ♀ ℃ ☆ ★ ⌒ Å (the unit) ♯ ♭ ♪ № ℡ */
static const uint16_t symbols[] = {
        0x2642, 0x2640, 0x2103, 0x2606, 0x2605, 0x2312,
        0x212b, 0x266f, 0x266d, 0x266a, 0x2116, 0x2121,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool character_ok(uint32_t c)
{
        for (size_t i = 0; i < COUNT(fine); i++)
                if (c <= fine[i].last)
                        return c >= fine[i].first;
        return false;
}

static bool is_symbol(uint32_t c)
{
        for (size_t i = 0; i < COUNT(symbols); i++)
                if (c == symbols[i])
                        return true;
        return false;
}

enum character_kind character_kind(uint32_t c)
{
        if (character_ok(c))
                return CHARACTER_FINE;
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
                return CHARACTER_CONTROL;
        if (c >= 0xff66 && c <= 0xff9f)
                return CHARACTER_KANA;
        if (is_symbol(c))
                return CHARACTER_SYMBOL;
        if ((c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000)
                return CHARACTER_PRIVATE;
        if ((c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef))
                return CHARACTER_VARIATION;
        return c > 0xffff ? CHARACTER_BEYOND : CHARACTER_OTHER;
}

/* A lead byte's part of the code point, and how many bytes follow. The ranges of the second byte,
 * which keep overlong forms and surrogates out, follow from what the code point comes to. */
bool character_next(struct slice *text, uint32_t *c)
{
        static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
        uint32_t v;
        size_t more;

        if (text->len == 0)
                return false;
        v = text->at[0];
        more = v < 0x80 ? 0 : v < 0xc0 ? 4 : v < 0xe0 ? 1 : v < 0xf0 ? 2 : v < 0xf8 ? 3 : 4;
        if (more > 3 || text->len <= more)
                return false;
        if (more)
                v &= 0x3fU >> more;
        for (size_t i = 1; i <= more; i++) {
                if ((text->at[i] & 0xc0) != 0x80)
                        return false;
                v = v << 6 | (text->at[i] & 0x3f);
        }
        if (v < least[more] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
                return false;
        *text = slice_from(*text, more + 1);
        *c = v;
        return true;
}

size_t character_count(struct slice text)
{
        size_t n = 0;
        uint32_t c;

        for (; text.len; n++)
                if (!character_next(&text, &c))
                        text = slice_from(text, 1);
        return n;
}

size_t character_put(uint8_t out[static CHARACTER_UTF8], uint32_t c)
{
        if (c < 0x80) {
                out[0] = (uint8_t)c;
                return 1;
        }
        if (c < 0x800) {
                out[0] = (uint8_t)(0xc0 | c >> 6);
                out[1] = (uint8_t)(0x80 | (c & 0x3f));
                return 2;
        }
        if (c < 0x10000) {
                out[0] = (uint8_t)(0xe0 | c >> 12);
                out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
                out[2] = (uint8_t)(0x80 | (c & 0x3f));
                return 3;
        }
        out[0] = (uint8_t)(0xf0 | c >> 18);
        out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        out[3] = (uint8_t)(0x80 | (c & 0x3f));
        return 4;
}
