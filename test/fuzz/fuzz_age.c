/* fuzz_age.c - any bytes as an age file
 *
 * The first byte says in what steps the rest is fed; the outcome and the plaintext must be those of
 * feeding it at once. The reader has the key of the specification's example (32 times 0x42), so the
 * seeds open; it has no pass-phrase, so no scrypt is computed. */
#include "base/secret.h"
#include "crypt/age.h"

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
        memset(sec, 0x42, sizeof(*sec));
        return 0;
}

static int read_in_steps(struct slice sealed, size_t step, struct buf *plain)
{
        struct age_reader *r = age_reader_new();
        int e = 0;

        assert(r);
        e = age_reader_add_identity(r, sec);
        assert(e == 0);
        for (; sealed.len && e == 0; sealed = slice_from(sealed, step))
                e = age_read(r, slice_upto(sealed, step), plain);
        e = age_read_end(r, plain);
        age_reader_free(r);
        return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        BUF_OWNED whole = { 0 };
        BUF_OWNED stepwise = { 0 };
        struct slice sealed = slice_from(slice_of(data, size), 1);
        int e;

        if (size == 0)
                return 0;
        e = read_in_steps(sealed, SIZE_MAX, &whole);
        assert(e >= 0 && e <= AGE_BAD_PAYLOAD);
        assert(read_in_steps(sealed, (size_t)data[0] + 1, &stepwise) == e);
        assert(slice_eq(buf_slice(&whole), buf_slice(&stepwise)));
        return 0;
}
