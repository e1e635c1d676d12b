/* letter_open.c - every way in which a letter can be wrong has its own refusal (E4.4) */
#include "base/secret.h"
#include "crypt/hash.h"
#include "letter_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct letter_world w;

/* Finish the letter and open it: @code comes out, and after a refusal of the note nothing else. */
#define check_code(c, code)                                                                        \
        do {                                                                                       \
                struct opened o_ = { 0 };                                                          \
                craft_all(c);                                                                      \
                assert_int_equal(letter_open(&o_, &(c)->letter, &w, 0, 77), code);                 \
                if (code == OUTCOME_LETTER_FORGED || code == OUTCOME_HEADER_DISAGREES)             \
                        assert_int_equal(o_.notes + o_.calls, 0);                                  \
                opened_free(&o_);                                                                  \
                craft_free(c);                                                                     \
        } while (0)

static void a_letter_as_it_should_be_opens(void **state)
{
        struct craft c;

        craft_new(&c, &w);
        check_code(&c, 0);
}

static int move_in(void **state)
{
        letter_world_new(&w);
        return 0;
}

static int move_out(void **state)
{
        letter_world_free(&w);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_letter_as_it_should_be_opens),
        };

        return secret_init() ? EXIT_FAILURE : cmocka_run_group_tests(tests, move_in, move_out);
}
