/* fuzz_header.c - any bytes as header and envelope of a letter
 *
 * The first two bytes say how long the header is. No key of a registrar is known, so nothing may
 * ever be proven; and a header of known keys only, written again, is the same bytes. */
#include "base/secret.h"
#include "letter/open.h"
#include "wire/mp.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct note_key registrar = { .name = "registrar.example" };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        struct sign_sec *sec;

        if (secret_init())
                abort();
        sec = secret_new(sizeof(*sec));
        if (!sec)
                abort();
        keys_sign_new(&registrar.pub, sec);
        secret_free(sec);
        return 0;
}

static int on_note(void *ctx, const struct open_note *n)
{
        abort();
}

static int on_part(void *ctx, size_t index, struct slice bytes)
{
        abort();
}

/* Keys of 32 and above are skipped, and would be missing from what is written. */
static bool has_unknown_keys(struct slice bytes)
{
        struct mp m = mp_of(bytes);
        uint32_t n = mp_map(&m, 64);

        while (n--) {
                if (mp_u64(&m, UINT64_MAX) >= 32)
                        return true;
                mp_skip(&m);
        }
        return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct open_keys keys = { .registrars = &registrar, .registrar_count = 1 };
        const struct open_sink sink = { .note = on_note, .part = on_part };
        struct slice header, envelope;
        struct open_letter *o = NULL;
        struct header h;
        int r;

        if (size < 2)
                return 0;
        envelope = slice_of(data + 2, size - 2);
        header = slice_upto(envelope, (size_t)data[0] << 8 | data[1]);
        envelope = slice_from(envelope, header.len);
        r = open_begin(&o, header, envelope, &keys, &sink);
        assert(r > 0 && !o);
        assert(open_check_envelope(header, envelope, &registrar, 1) == r);
        if (field_read(&header_table, header, &h, NULL) == 0 && !has_unknown_keys(header)) {
                BUF_OWNED again = { 0 };

                field_write(&header_table, &again, &h);
                assert(slice_eq(buf_slice(&again), header));
        }
        return 0;
}
