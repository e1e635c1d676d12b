/* letter_event.c - events in their canonical bytes, and what commits to them */
#include "base/text.h"
#include "letter/event.h"
#include "schemas/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define BROKER slice_str("post.example")
#define TIME   INT64_C(1764547200123)

static struct header header(void)
{
        struct header h = { .version = 1, .suite = 1, .class = 2, .grade = 1, .size = 4096 };

        h.from = slice_str("org.example-life");
        h.to = slice_str("fumi1somebody");
        memset(h.digest.b, 0xdd, sizeof(h.digest.b));
        return h;
}

static struct hash id(void)
{
        struct hash h;

        memset(h.b, 0x11, sizeof(h.b));
        return h;
}

static struct event read_back(const struct buf *bytes)
{
        struct event e;

        assert_int_equal(field_read(&event_table, buf_slice(bytes), &e, NULL), 0);
        return e;
}

static void check_codes(struct field_numbers codes, uint64_t first, uint64_t second)
{
        uint64_t v = 0;

        assert_int_equal(codes.count, second ? 2 : 1);
        assert_true(field_numbers_next(&codes, &v));
        assert_int_equal(v, first);
        assert_int_equal(field_numbers_next(&codes, &v), second != 0);
        assert_int_equal(v, second ? second : first);
}

/* E6.2 */
static void a_filing_is_acceptance_and_consignment_in_one_event(void **state)
{
        struct header h = header();
        struct hash letter = id();
        BUF_OWNED out = { 0 };
        struct event e;

        event_put_filed(&out, BROKER, &h, &letter, TIME);
        e = read_back(&out);
        check_codes(e.events, EVENT_SUBMISSION_ACCEPTANCE, EVENT_CONTENT_CONSIGNMENT);
        assert_int_equal(e.time, TIME);
        assert_true(slice_eq(e.broker, BROKER));
        assert_true(e.has_letter && hash_eq(&e.letter, &letter));
        assert_true(e.has_from && slice_eq(e.from, h.from));
        assert_true(e.has_to && slice_eq(e.to, h.to));
        assert_true(e.has_class && e.class == 2 && e.has_grade && e.grade == 1);
        assert_true(e.has_digest && hash_eq(&e.digest, &h.digest));
        assert_true(e.has_size && e.size == 4096);
        assert_false(e.has_subject || e.has_statement || e.has_level || e.has_reason);
}

static void a_handover_names_the_letter_and_nothing_of_its_content(void **state)
{
        struct header h = header();
        struct hash letter = id();
        BUF_OWNED out = { 0 };
        struct event e;

        event_put_handed(&out, BROKER, &h, &letter, TIME);
        e = read_back(&out);
        check_codes(e.events, EVENT_CONTENT_HANDOVER, 0);
        assert_true(e.has_letter && e.has_from && e.has_to);
        assert_false(e.has_class || e.has_grade || e.has_digest || e.has_size || e.has_level);
}

static void a_statement_has_a_level_only_when_there_is_one(void **state)
{
        struct hash statement = id();
        BUF_OWNED with = { 0 };
        BUF_OWNED without = { 0 };
        struct event e;

        event_put_statement(&with, EVENT_MAILBOX_STATEMENT, BROKER, slice_str("fumibox1x"),
                            &statement, 0, TIME);
        e = read_back(&with);
        check_codes(e.events, EVENT_MAILBOX_STATEMENT, 0);
        assert_true(e.has_level && e.level == 0);
        assert_true(e.has_subject && slice_is(e.subject, "fumibox1x"));
        assert_true(e.has_statement && hash_eq(&e.statement, &statement));
        assert_false(e.has_letter || e.has_from);

        event_put_statement(&without, EVENT_SENDER_STATEMENT, BROKER, slice_str("org.example"),
                            &statement, -1, TIME);
        e = read_back(&without);
        check_codes(e.events, EVENT_SENDER_STATEMENT, 0);
        assert_false(e.has_level);
}

/* Computed apart from this program with Python's hashlib:
 * c = sha256(b"fumibako event v1\n" + bytes(range(16)) + b"event"), leaf = sha256(b"\0" + c),
 * head = sha256(bytes(32) + leaf), and once more. E6.1, E6.5 */
static void leaf_and_head_agree_with_values_computed_elsewhere(void **state)
{
        uint8_t salt[EVENT_SALT];
        struct hash leaf, expected, head = { { 0 } };

        for (uint8_t i = 0; i < EVENT_SALT; i++)
                salt[i] = i;
        event_leaf(&leaf, salt, slice_str("event"));
        assert_true(text_get_hex(
                slice_str("1cdd3d136b5a8047a6f91e28f52c36bf18848c9c810f289fac3db665ad8e712e"),
                expected.b, 32));
        assert_true(hash_eq(&leaf, &expected));
        event_head(&head, &leaf);
        assert_true(text_get_hex(
                slice_str("c304112f544cf28930a5519b6cc23ca927c741978b680b363aab05e8f7878a98"),
                expected.b, 32));
        assert_true(hash_eq(&head, &expected));
        event_head(&head, &leaf);
        assert_true(text_get_hex(
                slice_str("c0e74139283752cd57b67b24820699221792d93f05dc4fb832ae517f8add4e40"),
                expected.b, 32));
        assert_true(hash_eq(&head, &expected));
}

static void another_salt_is_another_leaf(void **state)
{
        uint8_t salt[EVENT_SALT] = { 0 };
        struct hash one, two;

        event_leaf(&one, salt, slice_str("event"));
        salt[EVENT_SALT - 1] = 1;
        event_leaf(&two, salt, slice_str("event"));
        assert_false(hash_eq(&one, &two));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_filing_is_acceptance_and_consignment_in_one_event),
                cmocka_unit_test(a_handover_names_the_letter_and_nothing_of_its_content),
                cmocka_unit_test(a_statement_has_a_level_only_when_there_is_one),
                cmocka_unit_test(leaf_and_head_agree_with_values_computed_elsewhere),
                cmocka_unit_test(another_salt_is_another_leaf),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
