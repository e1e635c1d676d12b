/* fuzz_csv.c - any bytes as a sender's manifest
 *
 * The reader ends, stays inside the bytes, and names a place inside the file when it refuses. */
#include "post/csv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct csv_field field[CSV_FIELDS_MOST];
        uint8_t *bytes = malloc(size + 1);
        struct csv_why why;
        size_t count, rows = 0;
        struct csv c;

        if (!bytes)
                return 0;
        memcpy(bytes, data, size);
        csv_is_cp932(slice_of(bytes, size));
        csv_begin(&c, bytes, size);
        while (csv_next(&c, field, &count, &why) == 0) {
                assert(count <= CSV_FIELDS_MOST);
                assert(++rows <= size + 1);
                for (size_t i = 0; i < count; i++)
                        assert(field[i].text.len <= size);
        }
        free(bytes);
        return 0;
}
