/* bech32.c - five bits a letter, and a checksum that finds slips of the pen
 *
 *      hrp  "1"  data letters (5 bits each, the last padded with zeros)  six letters of checksum
 *
 * Both directions work letter by letter without a copy, as the text may be a secret key. */
#include "crypt/bech32.h"

#include "crypt/keys.h"

#include <assert.h>

enum { CHECKSUM = 6 };

static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
static const char age_identity[] = "age-secret-key-";
static const char age_recipient[] = "age";

static uint8_t lower(uint8_t c)
{
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* One step of BIP 173's checksum: division by the generator polynomial over GF(32). */
static uint32_t step(uint32_t sum, uint8_t five)
{
        static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                              0x2a1462b3 };
        uint32_t top = sum >> 25;

        sum = (sum & 0x1ffffff) << 5 ^ five;
        for (unsigned i = 0; i < 5; i++)
                if (top >> i & 1)
                        sum ^= generator[i];
        return sum;
}

static uint32_t sum_of_hrp(const char *hrp)
{
        uint32_t sum = 1;

        assert(*hrp);
        for (const char *p = hrp; *p; p++)
                sum = step(sum, (uint8_t)*p >> 5);
        sum = step(sum, 0);
        for (const char *p = hrp; *p; p++)
                sum = step(sum, (uint8_t)*p & 31);
        return sum;
}

static size_t letters_for(size_t len)
{
        return (len * 8 + 4) / 5;
}

/* Fill @out, which has room for exactly the text. */
static void encode(uint8_t *out, const char *hrp, struct slice bytes)
{
        uint32_t sum = sum_of_hrp(hrp), bits = 0;
        unsigned have = 0;
        size_t count = letters_for(bytes.len), hrp_len = strlen(hrp);

        memcpy(out, hrp, hrp_len);
        out += hrp_len;
        *out++ = '1';
        for (size_t i = 0, next = 0; i < count; i++) {
                uint8_t five;

                if (have < 5) {
                        bits = bits << 8 | (next < bytes.len ? bytes.at[next++] : 0);
                        have += 8;
                }
                have -= 5;
                five = bits >> have & 31;
                sum = step(sum, five);
                *out++ = (uint8_t)letters[five];
        }
        for (unsigned i = 0; i < CHECKSUM; i++)
                sum = step(sum, 0);
        sum ^= 1;
        for (unsigned i = 0; i < CHECKSUM; i++)
                *out++ = (uint8_t)letters[sum >> 5 * (CHECKSUM - 1 - i) & 31];
}

void bech32_put(struct buf *out, const char *hrp, struct slice bytes)
{
        uint8_t *at = buf_extend(out, strlen(hrp) + 1 + letters_for(bytes.len) + CHECKSUM);

        if (at)
                encode(at, hrp, bytes);
}

static int value_of(uint8_t c)
{
        const char *p = c ? strchr(letters, lower(c)) : NULL;

        return p ? (int)(p - letters) : -1;
}

static bool one_case(struct slice text)
{
        bool up = false, low = false;

        for (size_t i = 0; i < text.len; i++) {
                up |= text.at[i] >= 'A' && text.at[i] <= 'Z';
                low |= text.at[i] >= 'a' && text.at[i] <= 'z';
        }
        return !(up && low);
}

static bool begins_with_hrp(struct slice text, const char *hrp)
{
        size_t len = strlen(hrp);

        if (text.len < len + 1 || text.at[len] != '1')
                return false;
        for (size_t i = 0; i < len; i++)
                if (lower(text.at[i]) != (uint8_t)hrp[i])
                        return false;
        return true;
}

/* The letters behind the "1" and their checksum. */
static bool checksum_holds(struct slice data, const char *hrp)
{
        uint32_t sum = sum_of_hrp(hrp);

        for (size_t i = 0; i < data.len; i++) {
                int five = value_of(data.at[i]);

                if (five < 0)
                        return false;
                sum = step(sum, (uint8_t)five);
        }
        return sum == 1;
}

bool bech32_get(struct slice text, const char *hrp, uint8_t *out, size_t len)
{
        struct slice data;
        uint32_t bits = 0;
        unsigned have = 0, spare = (5 - len * 8 % 5) % 5;

        if (!one_case(text) || !begins_with_hrp(text, hrp))
                return false;
        data = slice_from(text, strlen(hrp) + 1);
        if (len > SIZE_MAX / 16 || data.len != letters_for(len) + CHECKSUM)
                return false;
        if (!checksum_holds(data, hrp))
                return false;
        data.len -= CHECKSUM;
        /* Padding that is not zero would be a second spelling of the same bytes. */
        if (data.len && value_of(data.at[data.len - 1]) & ((1 << spare) - 1))
                return false;

        /* ---- decided ---- */
        for (size_t i = 0; i < data.len; i++) {
                bits = bits << 5 | (uint32_t)value_of(data.at[i]);
                have += 5;
                if (have >= 8) {
                        have -= 8;
                        *out++ = (uint8_t)(bits >> have);
                }
        }
        return true;
}

void bech32_put_recipient(struct buf *out, const struct seal_pub *pub)
{
        bech32_put(out, age_recipient, slice_of(pub->b, sizeof(pub->b)));
}

bool bech32_get_recipient(struct slice text, struct seal_pub *pub)
{
        return text.len && text.at[0] == 'a' &&
               bech32_get(text, age_recipient, pub->b, sizeof(pub->b));
}

void bech32_put_identity(char out[static BECH32_AGE_SECRET], const struct seal_sec *sec)
{
        encode((uint8_t *)out, age_identity, slice_of(sec->b, sizeof(sec->b)));
        for (size_t i = 0; i < BECH32_AGE_SECRET - 1; i++)
                if (out[i] >= 'a' && out[i] <= 'z')
                        out[i] -= 'a' - 'A';
        out[BECH32_AGE_SECRET - 1] = 0;
}

bool bech32_get_identity(struct slice text, struct seal_sec *sec)
{
        return text.len && text.at[0] == 'A' &&
               bech32_get(text, age_identity, sec->b, sizeof(sec->b));
}
