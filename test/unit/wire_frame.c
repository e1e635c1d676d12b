/* wire_frame.c - heads of messages, and the codes that the schemas give names to */
#include "help/any.h"
#include "schemas/events.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void every_verb_carries_its_tables_there_and_back(void **state)
{
        for (size_t i = 0; i < MESSAGES_VERBS; i++) {
                const struct frame_verb *v = frame_verb_of(messages_verbs[i].verb);
                void *in = calloc(1, v->ask_size + v->answer_size);
                void *out = calloc(1, v->ask_size + v->answer_size);
                BUF_OWNED ask = { 0 };
                BUF_OWNED answer = { 0 };
                struct frame f;
                struct any a;

                assert_ptr_equal(v, &messages_verbs[i]);
                any_begin(&a, i);
                any_fill(&a, v->ask, in, true);
                frame_write_ask(&ask, v->verb, UINT64_MAX - i, v->ask, in);
                assert_int_equal(frame_read(&f, buf_slice(&ask), false), 0);
                assert_true(f.verb == v->verb && f.number == UINT64_MAX - i);
                assert_int_equal(field_read_message(v->ask, buf_slice(&ask), out, NULL), 0);
                assert_true(any_same(v->ask, in, out));

                any_fill(&a, v->answer, in, true);
                frame_write_answer(&answer, v->verb, i, 405, slice_str("letters[2]"), v->answer,
                                   in);
                assert_int_equal(frame_read(&f, buf_slice(&answer), true), 0);
                assert_true(f.verb == v->verb && f.number == i && f.code == 405);
                assert_true(slice_is(f.where, "letters[2]"));
                assert_int_equal(field_read_message(v->answer, buf_slice(&answer), out, NULL), 0);
                assert_true(any_same(v->answer, in, out));
                any_end(&a);
                free(in);
                free(out);
        }
}

static void an_unknown_verb_has_no_tables(void **state)
{
        assert_null(frame_verb_of(0));
        assert_null(frame_verb_of(UINT64_MAX));
}

/* P3.6 */
static void a_head_alone_is_a_message(void **state)
{
        BUF_OWNED out = { 0 };
        struct frame f;

        frame_write_answer(&out, VERB_ENLIST, 9, 0, slice_of(NULL, 0), NULL, NULL);
        assert_true(slice_eq(buf_slice(&out), slice_of("\x83\x00\x06\x01\x09\x02\x00", 7)));
        assert_int_equal(frame_read(&f, buf_slice(&out), true), 0);
        assert_int_equal(f.where.len, 0);
        buf_clear(&out);
        frame_write_ask(&out, VERB_INFO, 200, NULL, NULL);
        assert_true(slice_eq(buf_slice(&out), slice_of("\x82\x00\x01\x01\xcc\xc8", 6)));
}

/* Bytes, and whether they are the head of an ask or of an answer. */
static const struct {
        const char *bytes;
        size_t len;
        bool ask;
        bool answer;
} heads[] = {
        { "\x82\x00\x01\x01\x02", 5, true, false },
        { "\x83\x00\x01\x01\x02\x02\x00", 7, false, true },
        { "\x84\x00\x01\x01\x02\x02\x64\x03\xa1x", 10, false, true },
        { "\x83\x00\x01\x01\x02\x04\xc1", 7, true, false },   /* the rest is not looked at */
        { "\x83\x00\x01\x01\x02\x03\xa1x", 8, false, false }, /* where without code */
        { "\x83\x00\x01\x01\x02\x01\x02", 7, false, false },  /* number twice */
        { "\x84\x00\x01\x01\x02\x02\x00\x02\x00", 9, false, false },
        { "\x85\x00\x01\x01\x02\x02\x00\x03\xa1x\x03\xa1x", 13, false, false },
        { "\x82\x01\x02\x00\x01", 5, false, false }, /* out of order */
        { "\x81\x00\x01", 3, false, false },
        { "\x81\x01\x01", 3, false, false },
        { "\x80", 1, false, false },
        { "", 0, false, false },
        { "\x92\x00\x01", 3, false, false },
        { "\x82\x00\xff\x01\x02", 5, false, false },
        { "\x82\x00\xcc\x01\x01\x02", 6, false, false },                  /* a longer spelling */
        { "\x83\x00\x01\x01\x02\x02\xcd\x27\x10", 9, false, false },      /* no such code: 10000 */
        { "\x84\x00\x01\x01\x02\x02\x64\x03\xa1\x1b", 10, false, false }, /* an escape in where */
        { "\x83\x00\x01\x01\x02\xa1x\x01", 8, false, false },
};

/* P3.5 */
static void only_well_formed_heads_are_read(void **state)
{
        for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
                struct frame f = { .number = 4711 };
                struct slice s = slice_of(heads[i].bytes, heads[i].len);

                assert_int_equal(frame_read(&f, s, false), heads[i].ask ? 0 : FRAME_MALFORMED);
                assert_int_equal(f.number, heads[i].ask ? 2 : 4711);
                f.number = 4711;
                assert_int_equal(frame_read(&f, s, true), heads[i].answer ? 0 : FRAME_MALFORMED);
                assert_int_equal(f.number, heads[i].answer ? 2 : 4711);
        }
}

static void outcomes_are_found_by_code(void **state)
{
        assert_string_equal(outcomes_find(OUTCOME_DONE)->name, "DONE");
        assert_string_equal(outcomes_find(OUTCOME_BOX_FULL)->name, "BOX_FULL");
        assert_true(outcomes_find(OUTCOME_BUSY)->retry);
        assert_false(outcomes_find(OUTCOME_MALFORMED)->retry);
        assert_null(outcomes_find(99));
        for (size_t i = 0; i < OUTCOMES_COUNT; i++) {
                assert_ptr_equal(outcomes_find(outcomes[i].code), &outcomes[i]);
                assert_true(outcomes[i].en[0] && outcomes[i].ja[0]);
        }
}

static void events_have_their_names_and_etsi_codes(void **state)
{
        assert_string_equal(events_name(EVENT_CONTENT_HANDOVER), "ContentHandover");
        assert_string_equal(events_etsi(EVENT_CONTENT_HANDOVER), "E.1");
        assert_null(events_etsi(EVENT_SENDER_STATEMENT));
        assert_null(events_name(0));
        for (size_t i = 0; i < EVENTS_COUNT; i++)
                assert_ptr_equal(events_find(events[i].code), &events[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_verb_carries_its_tables_there_and_back),
                cmocka_unit_test(an_unknown_verb_has_no_tables),
                cmocka_unit_test(a_head_alone_is_a_message),
                cmocka_unit_test(only_well_formed_heads_are_read),
                cmocka_unit_test(outcomes_are_found_by_code),
                cmocka_unit_test(events_have_their_names_and_etsi_codes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
