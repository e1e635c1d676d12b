/* broker_gate.c - what the front lets through: verbs, sizes, shapes, rates */
#include "front/gate.h"
#include "front/route.h"
#include "front/zap.h"
#include "ipc/permit.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"
#include "wire/field_table.h"
#include "wire/mp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct curve_pub ada = { { 1, 2, 3 } }, bob = { { 4, 5, 6 } };
static struct rate *free_for_all;
static struct gate_said said;

static int open_gates(void **state)
{
        return rate_new(&free_for_all, 0);
}

static int close_gates(void **state)
{
        rate_free(free_for_all);
        return 0;
}

static int gate(struct slice request)
{
        return gate_check(&said, request, &ada, free_for_all, 0);
}

static void check_refused(struct slice request, uint64_t code)
{
        assert_int_equal(gate(request), GATE_REFUSED);
        assert_int_equal(said.code, code);
}

static void a_well_formed_question_passes(void **state)
{
        BUF_OWNED ask = { 0 };
        struct ask_lookup lookup = { .address = slice_str("fumi1abc") };

        frame_write_ask(&ask, VERB_LOOKUP, 17, &ask_lookup_table, &lookup);
        assert_int_equal(gate(buf_slice(&ask)), 0);
        assert_int_equal(said.frame.verb, VERB_LOOKUP);
        assert_int_equal(said.frame.number, 17);
}

static void what_has_no_head_cannot_be_answered(void **state)
{
        static const char *const nonsense[] = { "",
                                                "\x80",
                                                "\xc0",
                                                "\x81",
                                                "\x82\x00\x01",
                                                "hello",
                                                "\xdf\xff\xff\xff\xff",
                                                "\x82\x01\x01\x00\x01" };

        for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
                assert_int_equal(gate(slice_str(nonsense[i])), GATE_UNREADABLE);
}

static void a_verb_nobody_may_ask_is_refused_with_its_number(void **state)
{
        BUF_OWNED ask = { 0 };

        frame_write_ask(&ask, 77, 5, NULL, NULL);
        check_refused(buf_slice(&ask), OUTCOME_UNKNOWN_VERB);
        assert_int_equal(said.frame.verb, 77);
        assert_int_equal(said.frame.number, 5);
}

static void a_missing_field_is_malformed_and_named(void **state)
{
        BUF_OWNED ask = { 0 };

        frame_write_ask(&ask, VERB_LOOKUP, 1, NULL, NULL);
        check_refused(buf_slice(&ask), OUTCOME_MALFORMED);
        assert_string_equal(said.where.where, "address");
}

static void bytes_behind_a_request_are_malformed(void **state)
{
        BUF_OWNED ask = { 0 };

        frame_write_ask(&ask, VERB_INFO, 1, NULL, NULL);
        assert_int_equal(gate(buf_slice(&ask)), 0);
        buf_putc(&ask, 0);
        check_refused(buf_slice(&ask), OUTCOME_MALFORMED);
}

static void a_small_question_may_not_carry_a_large_load(void **state)
{
        BUF_OWNED ask = { 0 };

        mp_put_map(&ask, 3);
        for (unsigned key = 0; key < 2; key++) {
                mp_put_u64(&ask, key);
                mp_put_u64(&ask, VERB_INFO);
        }
        mp_put_u64(&ask,
                   FIELD_FIRST_SKIPPED); /* a field a reader may skip, so only its size is wrong */
        mp_put_bin_head(&ask, 1000);
        buf_extend(&ask, 1000);
        check_refused(buf_slice(&ask), OUTCOME_TOO_LARGE);
}

/* The most bytes that a table's fields can take, with a head of five bytes for each. */
static uint64_t most_of(const struct field_table *t)
{
        uint64_t most = 5;

        for (size_t i = 0; i < t->count; i++) {
                const struct field_entry *e = &t->fields[i];
                uint64_t value = 9;

                if (e->type == FIELD_STR || e->type == FIELD_TEXT || e->type == FIELD_BIN ||
                    e->type == FIELD_FIXED)
                        value = 5 + e->most;
                if (e->type == FIELD_HASH)
                        value = 37;
                if (e->type == FIELD_HASHES)
                        value = 5 + 32 * e->most;
                if (e->type == FIELD_NUMBERS)
                        value = 5 + 9 * e->most;
                if (e->type == FIELD_RECORD)
                        value = most_of(e->of);
                if (e->type == FIELD_LIST)
                        value = 5 + e->most * most_of(e->of);
                most += 1 + value;
        }
        return most;
}

/* P2.6 */
static void every_verb_of_the_schema_is_permitted_in_the_size_its_fields_can_have(void **state)
{
        for (size_t i = 0; i < MESSAGES_VERBS; i++) {
                const struct frame_verb *v = &messages_verbs[i];
                const struct permit *p = permit_of(v->verb);
                uint64_t most = most_of(v->ask) + 20;

                assert_non_null(p);
                assert_string_equal(p->name, v->name);
                if (most > MESSAGES_FRAME_MOST)
                        most = MESSAGES_FRAME_MOST;
                if (p->most < most)
                        fail_msg("%s: %llu bytes may be needed", v->name, (unsigned long long)most);
                if (p->most > 2 * most && p->most > 256)
                        fail_msg("%s: %llu bytes are enough", v->name, (unsigned long long)most);
        }
        assert_null(permit_of(0));
        assert_null(permit_of(MESSAGES_VERBS + 1));
}

/* P2.4 */
static void who_asks_too_often_waits_and_others_do_not(void **state)
{
        struct rate *r;
        int64_t now = 5000000;

        assert_int_equal(rate_new(&r, 10), 0);
        for (int i = 0; i < 10; i++) /* a second's worth at once */
                assert_int_equal(rate_take(r, &ada, now), 0);
        assert_int_equal(rate_take(r, &ada, now), RATE_EXCEEDED);
        assert_int_equal(rate_take(r, &bob, now), 0);
        assert_int_equal(rate_take(r, &ada, now + 100001), 0);
        assert_int_equal(rate_take(r, &ada, now + 100001), RATE_EXCEEDED);
        now += 60000000; /* a long rest gives no more than a second's worth */
        for (int i = 0; i < 10; i++)
                assert_int_equal(rate_take(r, &ada, now), 0);
        assert_int_equal(rate_take(r, &ada, now), RATE_EXCEEDED);
        rate_free(r);
}

/* P2.6 */
static void a_rate_that_is_exceeded_is_refused_before_the_shape_is_looked_at(void **state)
{
        BUF_OWNED ask = { 0 };
        struct rate *r;

        assert_int_equal(rate_new(&r, 1), 0);
        frame_write_ask(&ask, VERB_LOOKUP, 3, NULL, NULL);
        assert_int_equal(gate_check(&said, buf_slice(&ask), &ada, r, 9000000), GATE_REFUSED);
        assert_int_equal(said.code, OUTCOME_MALFORMED);
        assert_int_equal(gate_check(&said, buf_slice(&ask), &ada, r, 9000000), GATE_REFUSED);
        assert_int_equal(said.code, OUTCOME_RATE);
        assert_int_equal(said.frame.number, 3);
        rate_free(r);
}

static void a_million_keys_take_no_more_room_and_each_may_ask(void **state)
{
        struct curve_pub key = { { 0 } };
        struct rate *r;

        assert_int_equal(rate_new(&r, 1), 0);
        for (uint32_t i = 0; i < 1000000; i++) {
                put_be32(key.b, i);
                assert_int_equal(rate_take(r, &key, 1000000 + i), 0);
        }
        rate_free(r);
}

/* P1.1 */
static void only_names_the_router_chose_are_routes(void **state)
{
        uint8_t route[4], identity[ROUTE_IDENTITY];

        assert_true(route_read(slice_of("\0\1\2\3\4", 5), route));
        assert_memory_equal(route, "\1\2\3\4", 4);
        route_identity(identity, route);
        assert_memory_equal(identity, "\0\1\2\3\4", 5);
        assert_false(route_read(slice_str("peer5"), route));
        assert_false(route_read(slice_of("\0\1\2\3", 4), route));
        assert_false(route_read(slice_of("\0\1\2\3\4\5", 6), route));
}

/* P1.3 */
static void a_peer_is_read_from_the_user_id_and_nothing_else(void **state)
{
        static const char hex[] =
                "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        struct curve_pub peer;

        assert_true(zap_peer(&peer, hex));
        assert_int_equal(peer.b[31], 31);
        assert_false(zap_peer(&peer, NULL));
        assert_false(zap_peer(&peer, ""));
        assert_false(zap_peer(&peer, hex + 1));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_well_formed_question_passes),
                cmocka_unit_test(what_has_no_head_cannot_be_answered),
                cmocka_unit_test(a_verb_nobody_may_ask_is_refused_with_its_number),
                cmocka_unit_test(a_missing_field_is_malformed_and_named),
                cmocka_unit_test(bytes_behind_a_request_are_malformed),
                cmocka_unit_test(a_small_question_may_not_carry_a_large_load),
                cmocka_unit_test(
                        every_verb_of_the_schema_is_permitted_in_the_size_its_fields_can_have),
                cmocka_unit_test(who_asks_too_often_waits_and_others_do_not),
                cmocka_unit_test(a_rate_that_is_exceeded_is_refused_before_the_shape_is_looked_at),
                cmocka_unit_test(a_million_keys_take_no_more_room_and_each_may_ask),
                cmocka_unit_test(only_names_the_router_chose_are_routes),
                cmocka_unit_test(a_peer_is_read_from_the_user_id_and_nothing_else),
        };
        return cmocka_run_group_tests(tests, open_gates, close_gates);
}
