/* fuzz_bech32.c - any bytes as bech32 text, and any bytes written as bech32
 *
 * A text that is read has one spelling: writing what it says gives the text again, but for case. */
#include "base/secret.h"
#include "crypt/bech32.h"
#include "crypt/keys.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct seal_sec *sec;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        if (secret_init())
                abort();
        sec = secret_new(sizeof(*sec));
        if (!sec)
                abort();
        return 0;
}

static void read_any(struct slice text, const char *hrp, size_t len)
{
        BUF_OWNED again = { 0 };
        uint8_t bytes[64];

        if (!bech32_get(text, hrp, bytes, len))
                return;
        bech32_put(&again, hrp, slice_of(bytes, len));
        assert(again.len == text.len);
        for (size_t i = 0; i < text.len; i++)
                assert((again.at[i] | 0x20) == (text.at[i] | 0x20));
}

static void write_and_read(struct slice bytes)
{
        BUF_OWNED text = { 0 };
        uint8_t *back = malloc(bytes.len + 1);
        bool ok;

        bech32_put(&text, "fumi", bytes);
        ok = back && bech32_get(buf_slice(&text), "fumi", back, bytes.len);
        assert(ok && slice_eq(slice_of(back, bytes.len), bytes));
        free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct slice text = slice_of(data, size);
        struct seal_pub pub;
        char again[BECH32_AGE_SECRET];

        read_any(text, "fumi", 21);
        read_any(text, "fumibox", 21);
        read_any(text, "a", 0);
        if (bech32_get_identity(text, sec)) {
                bech32_put_identity(again, sec);
                assert(slice_is(text, again));
        }
        if (bech32_get_recipient(text, &pub)) {
                BUF_OWNED out = { 0 };

                bech32_put_recipient(&out, &pub);
                assert(slice_eq(buf_slice(&out), text));
        }
        write_and_read(text);
        return 0;
}
