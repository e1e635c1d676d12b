/* recovery.c - words on paper: printed from the seed, and read back from whatever is handed in
 *
 * A share of ours has always 33 words, so what is missing can be said by its number. */
#include "letter/recovery.h"

#include "base/fault.h"
#include "base/secret.h"
#include "crypt/slip39_words.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

static_assert(sizeof(struct seed) == SHAMIR_MOST, "a seed is the longest secret that is shared");

/* E8.3 */
void recovery_fingerprint(char out[static RECOVERY_FINGERPRINT + 1], const struct mailbox *name)
{
        const char *end = name->s + strlen(name->s);

        assert(strlen(name->s) > RECOVERY_FINGERPRINT);
        snprintf(out, RECOVERY_FINGERPRINT + 1, "%.4s-%.4s", end - 8, end - 4);
}

/* E8.1 */
int recovery_split(struct slip39_share *out, unsigned threshold, unsigned count,
                   const struct identity *id)
{
        SECRET_OWNED struct seed *seed = secret_new(sizeof(*seed));

        if (!seed)
                return fault(-ENOMEM);
        identity_seed(id, seed);
        return slip39_split(out, threshold, count, slice_of(seed->b, sizeof(seed->b)),
                            slice_str(""), RECOVERY_EXPONENT);
}

int recovery_join(struct seed *out, const struct slip39_share *shares, size_t count)
{
        SECRET_OWNED struct shamir_value *v = secret_new(sizeof(*v));
        size_t len;
        int r;

        if (!v)
                return fault(-ENOMEM);
        r = slip39_join(v, &len, shares, count, slice_str(""));
        if (r)
                return r;
        assert(len == sizeof(out->b)); /* recovery_read let no other pass */
        memcpy(out->b, v->b, len);
        return 0;
}

void recovery_spell(char out[static RECOVERY_SPELT], const struct slip39_share *share)
{
        uint16_t words[SLIP39_MNEMONIC_MOST];
        size_t count = slip39_mnemonic_write(words, share);
        char *at = out;

        for (size_t i = 0; i < count; i++)
                at += sprintf(at, "%s%s", i ? " " : "", slip39_words_at(words[i]));
        secret_wipe(words, sizeof(words));
}

/* ---- words out of a text ---- */

/* How many bytes of space @s begins with: blanks, control characters, commas, and the wide space
 * that a Japanese keyboard gives. */
static size_t space(struct slice s)
{
        if (s.len && (s.at[0] <= ' ' || s.at[0] == ','))
                return 1;
        return slice_is(slice_upto(s, 3), "\u3000") ? 3 : 0;
}

static bool digit(uint8_t c)
{
        return c >= '0' && c <= '9';
}

static bool take_word(struct slice *line, struct slice *word)
{
        for (size_t n = space(*line); n; n = space(*line))
                *line = slice_from(*line, n);
        *word = slice_upto(*line, 0);
        while (line->len && !space(*line)) {
                word->len++;
                *line = slice_from(*line, 1);
        }
        return word->len > 0;
}

/* "7", "7." or "7)": the number, else 0. */
static unsigned number_of(struct slice word)
{
        unsigned n = 0;

        if (word.len > 1 && (word.at[word.len - 1] == '.' || word.at[word.len - 1] == ')'))
                word.len--;
        if (word.len == 0 || word.len > 3)
                return 0;
        for (size_t i = 0; i < word.len; i++) {
                if (!digit(word.at[i]))
                        return 0;
                n = n * 10 + (word.at[i] - '0');
        }
        return n;
}

/* E8.2: a line, its end taken off; a page's end counts as one. */
static bool take_line(struct slice *rest, struct slice *line)
{
        size_t n = 0;

        if (rest->len == 0)
                return false;
        while (n < rest->len && rest->at[n] != '\n' && rest->at[n] != '\f')
                n++;
        *line = slice_upto(*rest, n);
        *rest = slice_from(*rest, n + 1);
        return true;
}

static unsigned first_number(struct slice line)
{
        struct slice word, next;

        return take_word(&line, &word) && take_word(&line, &next) ? number_of(word) : 0;
}

static bool is_numbered(struct slice text)
{
        struct slice line;

        while (take_line(&text, &line))
                if (first_number(line))
                        return true;
        return false;
}

static void put_word(struct recovery_text *t, size_t place, struct slice word)
{
        struct recovery_word w = { .number = (int16_t)slip39_words_find(word) };

        if (place >= RECOVERY_WORDS) {
                t->too_many++;
                return;
        }
        if (w.number < 0)
                w.number = RECOVERY_WORD_UNKNOWN;
        memcpy(w.typed, word.at, word.len < RECOVERY_TYPED ? word.len : RECOVERY_TYPED);
        if (t->word[place].number != RECOVERY_WORD_MISSING &&
            strcmp(t->word[place].typed, w.typed) != 0)
                w.twice = true;
        t->word[place] = w;
        if (place >= t->count)
                t->count = place + 1;
        secret_wipe(&w, sizeof(w));
}

/* The words of a line; numbers say where the next one belongs. */
static void take_words(struct recovery_text *t, struct slice line, size_t *place)
{
        struct slice word;

        while (take_word(&line, &word)) {
                unsigned n = number_of(word);

                if (n)
                        *place = n - 1;
                else
                        put_word(t, (*place)++, word);
        }
}

struct recovery_source recovery_of(struct slice text)
{
        return (struct recovery_source){ .rest = text, .numbered = is_numbered(text) };
}

bool recovery_next(struct recovery_text *out, struct recovery_source *s)
{
        struct slice before = s->rest, line;
        bool any = false;
        size_t place = 0;

        *out = (struct recovery_text){ 0 };
        for (size_t i = 0; i < RECOVERY_WORDS; i++)
                out->word[i].number = RECOVERY_WORD_MISSING;
        for (; take_line(&s->rest, &line); before = s->rest) {
                unsigned n = first_number(line);
                struct slice word, look = line;

                if (s->numbered && !n)
                        continue;
                if (any && (s->numbered ? n == 1 : !take_word(&look, &word))) {
                        s->rest = before;
                        return true;
                }
                take_words(out, line, &place);
                any = any || out->count || out->too_many;
        }
        return any;
}

/* ---- a share out of words ---- */

static size_t numbers(uint16_t out[static RECOVERY_WORDS], const struct recovery_text *text)
{
        for (size_t i = 0; i < RECOVERY_WORDS; i++) {
                if (text->word[i].number < 0 || text->word[i].twice)
                        return i;
                out[i] = (uint16_t)text->word[i].number;
        }
        return RECOVERY_WORDS;
}

int recovery_read(struct slip39_share *out, const struct recovery_text *text)
{
        SECRET_OWNED struct slip39_share *share = secret_new(sizeof(*share));
        uint16_t words[RECOVERY_WORDS];
        size_t count = numbers(words, text);
        int r;

        if (!share)
                return fault(-ENOMEM);
        if (count != RECOVERY_WORDS || text->too_many)
                return RECOVERY_WRONG_WORDS;
        r = slip39_mnemonic_read(share, words, count);
        secret_wipe(words, sizeof(words));
        if (r == SLIP39_MNEMONIC_CHECKSUM)
                return RECOVERY_CHECKSUM;
        if (r || share->groups != 1 || share->len != SHAMIR_MOST)
                return RECOVERY_FOREIGN;
        *out = *share;
        return 0;
}

int recovery_suspect(const struct recovery_text *text)
{
        uint16_t words[RECOVERY_WORDS];
        size_t count = numbers(words, text);
        int place = count == RECOVERY_WORDS ? slip39_mnemonic_suspect(words, count) : -1;

        secret_wipe(words, sizeof(words));
        return place;
}
