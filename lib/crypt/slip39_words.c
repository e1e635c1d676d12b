/* slip39_words.c - the word list, looked up by number, by beginning, and by likeness
 *
 * The list is the standard's own (slip39_words.txt). Looking up shows in the cache which words a
 * share has; whoever can watch that closely can watch the screen on which they are printed. */
#include "crypt/slip39_words.h"

#include <assert.h>

static const char words[][SLIP39_WORDS_LONGEST + 1] = {
#include "slip39_words.inc"
};
static_assert(sizeof(words) / sizeof(words[0]) == SLIP39_WORDS, "ten bits a word");

enum { FAR = 3, TYPED_MOST = 2 * SLIP39_WORDS_LONGEST };

const char *slip39_words_at(unsigned number)
{
        assert(number < SLIP39_WORDS);
        return words[number];
}

static char lower(uint8_t c)
{
        return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Order of @text against the beginning of @word that is as long; a word that is shorter is before
 * it. */
static int compare(struct slice text, const char *word)
{
        for (size_t i = 0; i < text.len; i++) {
                char c = lower(text.at[i]);

                if (c != word[i])
                        return (unsigned char)c < (unsigned char)word[i] ? -1 : 1;
        }
        return 0;
}

int slip39_words_find(struct slice text)
{
        int from = 0, to = SLIP39_WORDS;

        if (text.len < SLIP39_WORDS_SHORTEST || text.len > SLIP39_WORDS_LONGEST)
                return -1;
        while (from < to) {
                int middle = (from + to) / 2, c = compare(text, words[middle]);

                if (c == 0)
                        return middle;
                if (c < 0)
                        to = middle;
                else
                        from = middle + 1;
        }
        return -1;
}

static unsigned least(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

/* Slips between what was typed and a word, by rows of the usual table; FAR or more is all the same.
 */
static unsigned slips(struct slice text, const char *word)
{
        unsigned row[3][TYPED_MOST + 1], len = (unsigned)strlen(word);

        if (text.len > TYPED_MOST || text.len + 2 < len || len + 2 < text.len)
                return FAR;
        for (unsigned j = 0; j <= len; j++)
                row[0][j] = j;
        for (unsigned i = 1; i <= text.len; i++) {
                unsigned *now = row[i % 3];
                const unsigned *last = row[(i - 1) % 3], *before = row[(i + 1) % 3];
                char c = lower(text.at[i - 1]);

                now[0] = i;
                for (unsigned j = 1; j <= len; j++) {
                        now[j] = least(least(last[j], now[j - 1]) + 1,
                                       last[j - 1] + (c != word[j - 1]));
                        if (i > 1 && j > 1 && c == word[j - 2] &&
                            lower(text.at[i - 2]) == word[j - 1])
                                now[j] = least(now[j], before[j - 2] + 1);
                }
        }
        return row[text.len % 3][len];
}

size_t slip39_words_near(struct slice text, uint16_t *out, size_t most)
{
        size_t count = 0;

        for (unsigned d = 0; d < FAR; d++)
                for (unsigned i = 0; i < SLIP39_WORDS && count < most; i++)
                        if (slips(text, words[i]) == d)
                                out[count++] = (uint16_t)i;
        return count;
}
