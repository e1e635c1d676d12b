/* fuzz_mp.c - the same bytes through our cursor and through msgpack-c */
#include "help/agree.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *why = agree_on(slice_of(data, size));

        if (why) {
                fprintf(stderr, "%s\n", why);
                abort();
        }
        return 0;
}
