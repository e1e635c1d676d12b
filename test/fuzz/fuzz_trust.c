/* fuzz_trust.c - any text as a trust file
 *
 * What is taken says the same when it is written and read again; what is refused is refused with a
 * sentence. */
#include "letter/trust.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        BUF_OWNED text = { 0 };
        struct trust_why why = { "" };
        struct trust t, again;
        int r = trust_of_text(&t, slice_of(data, size), "trust", &why);

        if (r) {
                assert(r == TRUST_BAD && why.text[0]);
                return 0;
        }
        trust_write(&text, &t);
        r = trust_of_text(&again, buf_slice(&text), "trust", &why);
        assert(r == 0);
        assert(memcmp(&again, &t, sizeof(t)) == 0);
        return 0;
}
