/* slip39_mnemonic.c - bits to words and back, and the checksum over them
 *
 * RS1024 is a Reed-Solomon code over GF(1024), worked like BIP 173's checksum: one step a word. */
#include "crypt/slip39_mnemonic.h"

#include "base/secret.h"

#include <assert.h>

enum { WORD_BITS = 10, WORD = 1 << WORD_BITS, HEAD = 4, CHECKSUM = 3, PADDING_MOST = 8 };

/* ---- the checksum ---- */

static uint32_t step(uint32_t sum, unsigned word)
{
        static const uint32_t generator[WORD_BITS] = {
                0x00e0e040, 0x01c1c080, 0x03838100, 0x07070200, 0x0e0e0009,
                0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890, 0x03f3f120,
        };
        uint32_t top = sum >> 20;

        sum = (sum & 0xfffff) << WORD_BITS ^ word;
        for (unsigned i = 0; i < WORD_BITS; i++)
                sum ^= generator[i] & (0 - (top >> i & 1));
        return sum;
}

static uint32_t sum_of(bool extendable, const uint16_t *words, size_t count)
{
        uint32_t sum = 1;

        for (const char *p = extendable ? "shamir_extendable" : "shamir"; *p; p++)
                sum = step(sum, (unsigned char)*p);
        for (size_t i = 0; i < count; i++)
                sum = step(sum, words[i]);
        return sum;
}

/* The flag is in the second word, behind the id's last five bits. */
static bool extendable(const uint16_t *words)
{
        return words[1] >> 4 & 1;
}

static bool checks(const uint16_t *words, size_t count)
{
        return sum_of(extendable(words), words, count) == 1;
}

/* ---- bits, the first ones highest ---- */

static void put_bits(uint16_t *words, size_t *at, unsigned value, unsigned bits)
{
        for (unsigned i = bits; i-- > 0; ++*at)
                words[*at / WORD_BITS] |= (value >> i & 1) << (WORD_BITS - 1 - *at % WORD_BITS);
}

static unsigned get_bits(const uint16_t *words, size_t *at, unsigned bits)
{
        unsigned value = 0;

        for (; bits; bits--, ++*at)
                value = value << 1 |
                        (words[*at / WORD_BITS] >> (WORD_BITS - 1 - *at % WORD_BITS) & 1);
        return value;
}

size_t slip39_mnemonic_write(uint16_t words[static SLIP39_MNEMONIC_MOST],
                             const struct slip39_share *s)
{
        size_t value = (s->len * 8 + WORD_BITS - 1) / WORD_BITS, at = 0;
        uint32_t sum;

        assert(s->len >= SHAMIR_LEAST && s->len <= SHAMIR_MOST);
        memset(words, 0, SLIP39_MNEMONIC_MOST * sizeof(*words));
        put_bits(words, &at, s->id, 15);
        put_bits(words, &at, s->extendable, 1);
        put_bits(words, &at, s->exponent, 4);
        put_bits(words, &at, s->group, 4);
        put_bits(words, &at, s->group_threshold - 1U, 4);
        put_bits(words, &at, s->groups - 1U, 4);
        put_bits(words, &at, s->member, 4);
        put_bits(words, &at, s->threshold - 1U, 4);
        at += value * WORD_BITS - s->len * 8U;
        for (size_t i = 0; i < s->len; i++)
                put_bits(words, &at, s->value.b[i], 8);
        sum = sum_of(s->extendable, words, HEAD + value + CHECKSUM) ^ 1;
        put_bits(words, &at, sum, WORD_BITS * CHECKSUM);
        return HEAD + value + CHECKSUM;
}

static int read_checked(struct slip39_share *s, const uint16_t *words, size_t count)
{
        size_t bits = (count - HEAD - CHECKSUM) * WORD_BITS, padding = bits % 16, at = 0;

        s->id = (uint16_t)get_bits(words, &at, 15);
        s->extendable = get_bits(words, &at, 1);
        s->exponent = (uint8_t)get_bits(words, &at, 4);
        s->group = (uint8_t)get_bits(words, &at, 4);
        s->group_threshold = (uint8_t)(get_bits(words, &at, 4) + 1);
        s->groups = (uint8_t)(get_bits(words, &at, 4) + 1);
        s->member = (uint8_t)get_bits(words, &at, 4);
        s->threshold = (uint8_t)(get_bits(words, &at, 4) + 1);
        if (get_bits(words, &at, (unsigned)padding) || s->group_threshold > s->groups)
                return SLIP39_MNEMONIC_FORM;
        s->len = (uint8_t)((bits - padding) / 8);
        for (size_t i = 0; i < s->len; i++)
                s->value.b[i] = (uint8_t)get_bits(words, &at, 8);
        return 0;
}

int slip39_mnemonic_read(struct slip39_share *out, const uint16_t *words, size_t count)
{
        struct slip39_share s = { 0 };
        int r;

        if (count < SLIP39_MNEMONIC_LEAST || count > SLIP39_MNEMONIC_MOST ||
            (count - HEAD - CHECKSUM) * WORD_BITS % 16 > PADDING_MOST)
                return SLIP39_MNEMONIC_LENGTH;
        for (size_t i = 0; i < count; i++)
                assert(words[i] < WORD);
        if (!checks(words, count))
                return SLIP39_MNEMONIC_CHECKSUM;
        r = read_checked(&s, words, count);
        if (r == 0)
                *out = s;
        secret_wipe(&s, sizeof(s));
        return r;
}

int slip39_mnemonic_suspect(const uint16_t *words, size_t count)
{
        uint16_t copy[SLIP39_MNEMONIC_MOST];
        int found = -1;

        assert(count >= SLIP39_MNEMONIC_LEAST && count <= SLIP39_MNEMONIC_MOST);
        memcpy(copy, words, count * sizeof(*copy));
        for (size_t i = 0; i < count && found != -2; i++) {
                bool fits = false;

                for (unsigned w = 0; w < WORD && !fits; w++) {
                        copy[i] = (uint16_t)w;
                        fits = w != words[i] && checks(copy, count);
                }
                copy[i] = words[i];
                if (fits)
                        found = found < 0 ? (int)i : -2;
        }
        secret_wipe(copy, sizeof(copy));
        return found < 0 ? -1 : found;
}
