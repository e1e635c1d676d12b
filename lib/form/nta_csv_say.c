/* nta_csv_say.c - findings in words and signs that both languages share
 *
 * A finding's sentence is its outcome's (schemas/outcome.toml). Beside it stands only what reads
 * the same in Japanese and in English: numbers, codes, characters. "#3" is the third character. */
#include "form/nta_csv_inside.h"

#include "form/character.h"
#include "form/cp932.h"
#include "schemas/outcomes.h"

#include <stdarg.h>
#include <stdio.h>

static const char more[] = "…";

/* Invisible, or able to turn the text around it in a terminal. */
static bool hidden(uint32_t c)
{
        enum character_kind kind = character_kind(c);

        return c < 0x20 || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
               (c >= 0x2060 && c <= 0x206f) || kind == CHARACTER_CONTROL ||
               kind == CHARACTER_PRIVATE || kind == CHARACTER_VARIATION;
}

/* One character, or what stands in its place, as text that ends with a zero. */
static void show_character(char out[static 16], uint32_t c, struct slice raw)
{
        if (c == CP932_NONE)
                snprintf(out, 16, "\\x%02X", raw.at[0]);
        else if (hidden(c))
                snprintf(out, 16, "\\u%04X", c);
        else
                out[character_put((uint8_t *)out, c)] = 0;
}

static void show_text(char out[static NTA_CSV_VALUE], struct nta_field f, bool utf8)
{
        size_t len = 0;

        out[0] = 0;
        while (f.raw.len) {
                struct slice raw = f.raw;
                uint32_t c = nta_csv_text_next(&f, utf8);
                char text[16] = "";

                show_character(text, c, raw);
                if (len + strlen(text) + sizeof(more) > NTA_CSV_VALUE) {
                        memcpy(out + len, more, sizeof(more));
                        return;
                }
                memcpy(out + len, text, strlen(text) + 1);
                len += strlen(text);
        }
}

void nta_csv_say(struct nta_hearing *h, int code, const struct nta_place *at, const char *fmt, ...)
{
        struct nta_finding f = { .code = code,
                                 .record = at->record,
                                 .line = at->line,
                                 .column = at->column,
                                 .name = at->name ? at->name : "" };
        char detail[4 * NTA_CSV_VALUE] = "";
        va_list ap;

        show_text(f.value, at->value, at->utf8);
        if (fmt) {
                va_start(ap, fmt);
                vsnprintf(detail, sizeof(detail), fmt, ap);
                va_end(ap);
                /* Another column's value may be in it. */
                show_text(f.detail, (struct nta_field){ slice_str(detail), false }, true);
        }
        if (!h->first)
                h->first = code;
        if (h->say)
                h->say(h->ctx, &f);
}

/* 0: it may stand. In a file that is UTF-8 by mistake, also when it is saved as it should be. */
static int outcome_of(uint32_t c, bool utf8)
{
        if (c == CP932_NONE)
                return OUTCOME_CSV_NO_CHARACTER;
        if (c < 0x20)
                return OUTCOME_CSV_CONTROL;
        switch (character_kind(c)) {
        case CHARACTER_FINE:
                return utf8 && !cp932_has(c) ? OUTCOME_CSV_NOT_SHIFT_JIS : 0;
        case CHARACTER_CONTROL:
                return OUTCOME_CSV_CONTROL;
        case CHARACTER_KANA:
                return OUTCOME_CSV_HALF_WIDTH_KANA;
        case CHARACTER_SYMBOL:
                return OUTCOME_CSV_SYMBOL;
        case CHARACTER_PRIVATE:
                return OUTCOME_CSV_GAIJI;
        case CHARACTER_BEYOND:
                return OUTCOME_CSV_BEYOND_BMP;
        case CHARACTER_VARIATION:
                return OUTCOME_CSV_VARIATION;
        case CHARACTER_OTHER:
                break;
        }
        return OUTCOME_CSV_UNUSABLE_CHARACTER;
}

void nta_csv_say_characters(struct nta_hearing *h, const struct nta_place *at)
{
        struct nta_field f = at->value;
        char before[16] = "";

        for (unsigned n = 1; f.raw.len; n++) {
                struct slice raw = f.raw;
                uint32_t c = nta_csv_text_next(&f, at->utf8);
                int code = outcome_of(c, at->utf8);
                char text[16] = "";

                show_character(text, c, raw);
                if (code == OUTCOME_CSV_GAIJI && !at->utf8)
                        nta_csv_say(h, code, at, "%02X%02X #%u", raw.at[0], raw.at[1], n);
                else if (code == OUTCOME_CSV_VARIATION)
                        nta_csv_say(h, code, at, "%s U+%04X #%u", before, c, n);
                else if (code == OUTCOME_CSV_NO_CHARACTER && raw.len - f.raw.len == 2)
                        nta_csv_say(h, code, at, "%02X%02X #%u", raw.at[0], raw.at[1], n);
                else if (code == OUTCOME_CSV_NO_CHARACTER)
                        nta_csv_say(h, code, at, "%02X #%u", raw.at[0], n);
                else if (code && hidden(c))
                        nta_csv_say(h, code, at, "U+%04X #%u", c, n);
                else if (code)
                        nta_csv_say(h, code, at, "U+%04X %s #%u", c, text, n);
                memcpy(before, text, sizeof(before));
        }
}
