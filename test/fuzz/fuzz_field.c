/* fuzz_field.c - any bytes as every record, row and message that the schemas know
 *
 * What is accepted means one thing: written again and read again it is the same, and it was not
 * written more shortly than what came, unless something that is skipped was in there. */
#include "help/any.h"
#include "schemas/rows.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct field_table *t, struct slice bytes, const void *first)
{
        void *second = calloc(1, t->size);
        BUF_OWNED again = { 0 };

        assert(second);
        field_write(t, &again, first);
        assert(!buf_fault(&again));
        assert(again.len < bytes.len || slice_eq(buf_slice(&again), bytes));
        assert(field_read(t, buf_slice(&again), second, NULL) == 0);
        assert(any_same(t, first, second));
        free(second);
}

static void check_table(const struct field_table *t, struct slice bytes)
{
        struct field_trouble why;
        void *out = calloc(1, t->size);
        int r;

        assert(out);
        r = field_read(t, bytes, out, &why);
        assert(memchr(why.where, 0, sizeof(why.where)));
        assert(r == 0 || r == FIELD_MALFORMED);
        assert(r == field_read(t, bytes, out, NULL));
        if (r == 0)
                check_again(t, bytes, out);
        if (field_read_message(t, bytes, out, &why) == 0)
                check_again(t, bytes, out);
        else
                assert(r != 0);
        free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        for (size_t i = 0; i < MESSAGES_TABLES; i++)
                check_table(messages_tables[i], slice_of(data, size));
        for (size_t i = 0; i < ROWS_TABLES; i++)
                check_table(rows_tables[i], slice_of(data, size));
        return 0;
}
