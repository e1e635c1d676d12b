/* broker_memory.c - what the front takes on as its memory fills */
#include "front/memory.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { MIB = 1 << 20, SOON = 1, LATER = 20000 };

/* Memory in use, not touched: malloc counts it all the same. */
static void *use(size_t mib)
{
        void *p = malloc(mib * MIB);

        assert_non_null(p);
        return p;
}

/* Sanitizers bring a malloc that counts for itself. */
static void skip_when_malloc_does_not_count(void)
{
        struct mallinfo2 info = mallinfo2();

        if (info.uordblks + info.hblkhd == 0)
                skip();
}

static void levels_follow_what_is_in_use(void **state)
{
        struct memory m = { 0 };
        void *some, *more;

        skip_when_malloc_does_not_count();
        memory_look(&m, 1000000);
        assert_int_equal(m.level, MEMORY_LOW);
        some = use(140);
        memory_look(&m, 1000000 + LATER);
        assert_int_equal(m.level, MEMORY_TIGHT);
        more = use(80);
        memory_look(&m, 1000000 + 2 * LATER);
        assert_int_equal(m.level, MEMORY_HIGH);
        free(more);
        free(some);
        memory_look(&m, 1000000 + 3 * LATER);
        assert_int_equal(m.level, MEMORY_LOW);
}

static void it_looks_again_only_after_a_while_or_many_bytes(void **state)
{
        struct memory m = { 0 };
        void *some;

        skip_when_malloc_does_not_count();
        memory_look(&m, 1000000);
        some = use(140);
        memory_look(&m, 1000000 + SOON);
        assert_int_equal(m.level, MEMORY_LOW);
        memory_sent(&m, MIB);
        assert_int_equal(m.level, MEMORY_LOW);
        memory_sent(&m, 8 * MIB);
        assert_int_equal(m.level, MEMORY_TIGHT);
        free(some);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(levels_follow_what_is_in_use),
                cmocka_unit_test(it_looks_again_only_after_a_while_or_many_bytes),
        };
        memory_begin();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
