/* character.h - which characters a certificate may hold, and what is wrong with one that it may not
 *
 * The schemas take the characters of gen:str (General.xsd): Latin, kana, the kanji of the first
 * plane of Unicode, and signs. What they do not take is named by kind, because what a person has to
 * do about it depends on the kind. (FORMS.md N1.3) */
#pragma once

#include "base/bytes.h"

enum character_kind {
        CHARACTER_FINE,
        CHARACTER_CONTROL, /* no character to look at; tab and line ends are fine in gen:str */
        CHARACTER_KANA,    /* half-width katakana: the full-width ones are fine */
        CHARACTER_SYMBOL, /* one of twelve that CP932 has and gen:str has not: № ℡ ★ ♪ ... */
        CHARACTER_PRIVATE,   /* 外字: means something on the sender's machines only */
        CHARACTER_BEYOND,    /* outside the first plane of Unicode: 𠮷 */
        CHARACTER_VARIATION, /* a selector that asks for another shape of the kanji before it (IVS)
                              */
        CHARACTER_OTHER,
};

/* Does gen:str take the code point? */
bool character_ok(uint32_t c);
enum character_kind character_kind(uint32_t c);

/* Take the next code point of @text (UTF-8) into @c and step behind it. False at the end, and at
 * bytes that are no UTF-8; then nothing is moved. */
bool character_next(struct slice *text, uint32_t *c);
/* How many there are; what is no UTF-8 counts by the byte. */
size_t character_count(struct slice text);

enum { CHARACTER_UTF8 = 4 };
/* Write @c, below U+110000 and no surrogate. How many bytes. */
size_t character_put(uint8_t out[static CHARACTER_UTF8], uint32_t c);
