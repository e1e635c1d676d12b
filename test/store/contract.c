/* contract.c - what store.h promises of records, told once and run on every engine (argv[1]) */
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char *engine;

static struct world *new_world(void)
{
        return world_new(engine);
}

static bool keeps(void)
{
        return strcmp(engine, "mem") != 0;
}

/* ---- records and their order ---- */

static void records_are_found_replaced_and_removed(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_begin(w);

        put(t, TABLE_BOX, "a", "one");
        check_is(t, TABLE_BOX, "a", "one");
        check_absent(t, TABLE_LETTER, "a");
        put(t, TABLE_BOX, "a", "two and longer");
        put(t, TABLE_BOX, "b", "");
        keep(t);
        check_kept(w, TABLE_BOX, "a", "two and longer");
        check_kept(w, TABLE_BOX, "b", "");

        t = world_begin(w);
        assert_int_equal(store_del(t, TABLE_BOX, str("a")), 0);
        assert_int_equal(store_del(t, TABLE_BOX, str("a")), STORE_ABSENT);
        check_absent(t, TABLE_BOX, "a");
        keep(t);
        check_not_kept(w, TABLE_BOX, "a");
        check_kept(w, TABLE_BOX, "b", "");
        world_end(w);
}

static void a_range_goes_up_and_down_within_its_prefix(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_begin(w);

        for (const char *const *k =
                     (const char *const[]){ "b2", "a1", "b", "c", "b1", "b3x", "a\xff", NULL };
             *k; k++)
                put(t, TABLE_LETTER, *k, "v");
        put(t, TABLE_BOX, "b9", "v");
        check_range(t, TABLE_LETTER, "b", "", false, "b b1 b2 b3x");
        keep(t);

        t = world_look(w);
        check_range(t, TABLE_LETTER, "", "", false, "a1 a\xff b b1 b2 b3x c");
        check_range(t, TABLE_LETTER, "", "", true, "c b3x b2 b1 b a\xff a1");
        check_range(t, TABLE_LETTER, "b", "", true, "b3x b2 b1 b");
        check_range(t, TABLE_LETTER, "b", "b2", false, "b2 b3x");
        check_range(t, TABLE_LETTER, "b", "b2", true, "b2 b1 b");
        check_range(t, TABLE_LETTER, "b", "b11", false, "b2 b3x");
        check_range(t, TABLE_LETTER, "b", "b11", true, "b1 b");
        check_range(t, TABLE_LETTER, "a", "", true, "a\xff a1");
        check_range(t, TABLE_LETTER, "a\xff", "", true, "a\xff");
        store_abort(&t);
        world_end(w);
}

static void a_start_outside_the_prefix_means_its_edge_or_nothing(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_begin(w);

        for (const char *const *k = (const char *const[]){ "a", "b1", "b2", "c", NULL }; *k; k++)
                put(t, TABLE_LETTER, *k, "v");
        check_range(t, TABLE_LETTER, "b", "a", false, "b1 b2");
        check_range(t, TABLE_LETTER, "b", "c", true, "b2 b1");
        check_range(t, TABLE_LETTER, "b", "c", false, "");
        check_range(t, TABLE_LETTER, "b", "a", true, "");
        check_range(t, TABLE_LETTER, "x", "", false, "");
        check_range(t, TABLE_LETTER, "x", "", true, "");
        check_range(t, TABLE_EVENT, "", "", false, "");
        check_range(t, TABLE_EVENT, "", "", true, "");
        store_abort(&t);
        world_end(w);
}

static void keys_of_the_highest_bytes_end_a_range_down_as_well(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_begin(w);

        for (const char *const *k =
                     (const char *const[]){ "a", "\xff", "\xff\xff", "\xff\xff\xff", NULL };
             *k; k++)
                put(t, TABLE_LETTER, *k, "v");
        check_range(t, TABLE_LETTER, "\xff\xff", "", true, "\xff\xff\xff \xff\xff");
        check_range(t, TABLE_LETTER, "\xff", "\xff\xff", true, "\xff\xff \xff");
        store_abort(&t);
        world_end(w);
}

struct stop {
        int after;
        int say;
        int seen;
};

static int stop_after(void *ctx, struct slice key, struct slice value)
{
        struct stop *s = ctx;

        return ++s->seen == s->after ? s->say : 0;
}

static void a_visit_is_stopped_or_fails_as_the_visitor_says(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_begin(w);
        struct stop quiet = { .after = 2, .say = 1 }, loud = { .after = 2, .say = -EPROTO };

        for (const char *const *k = (const char *const[]){ "a", "b", "c", NULL }; *k; k++)
                put(t, TABLE_LETTER, *k, "v");
        assert_int_equal(store_range(t, TABLE_LETTER, str(""), str(""), false, stop_after, &quiet),
                         0);
        assert_int_equal(quiet.seen, 2);
        assert_int_equal(store_range(t, TABLE_LETTER, str(""), str(""), false, stop_after, &loud),
                         -EPROTO);
        assert_int_equal(loud.seen, 2);
        /* The visitor's trouble is not the transaction's. */
        keep(t);
        check_kept(w, TABLE_LETTER, "c", "v");
        world_end(w);
}

static int look_up(void *ctx, struct slice key, struct slice value)
{
        struct slice v;

        assert_int_equal(store_get(ctx, TABLE_LETTER, value, &v), 0);
        assert_true(slice_is(v, "letter"));
        return 0;
}

static void a_visitor_may_look_things_up(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_begin(w);

        put(t, TABLE_BOX, "1", "l1");
        put(t, TABLE_BOX, "2", "l2");
        put(t, TABLE_LETTER, "l1", "letter");
        put(t, TABLE_LETTER, "l2", "letter");
        assert_int_equal(store_range(t, TABLE_BOX, str(""), str(""), false, look_up, t), 0);
        store_abort(&t);
        world_end(w);
}

/* ---- borrowed values ---- */

static void a_value_lent_may_be_put_under_another_key(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_begin(w);
        struct slice v;

        put(t, TABLE_LETTER, "a", "words");
        assert_int_equal(store_get(t, TABLE_LETTER, str("a"), &v), 0);
        assert_int_equal(store_put(t, TABLE_LETTER, str("b"), v), 0);
        check_is(t, TABLE_LETTER, "b", "words");
        store_abort(&t);
        world_end(w);
}

static void values_lent_to_a_reader_stay_while_others_write(void **state)
{
        struct world *w = new_world();
        struct store_txn *t, *reader;
        struct slice v;

        put_kept(w, TABLE_LETTER, "a", "as it was");
        reader = world_look(w);
        assert_int_equal(store_get(reader, TABLE_LETTER, str("a"), &v), 0);
        for (int i = 0; i < 20; i++)
                put_kept(w, TABLE_LETTER, "a", i % 2 ? "changed" : "changed again");
        t = world_begin(w);
        assert_int_equal(store_del(t, TABLE_LETTER, str("a")), 0);
        keep(t);
        assert_true(slice_is(v, "as it was"));
        store_abort(&reader);
        check_not_kept(w, TABLE_LETTER, "a");
        world_end(w);
}

/* ---- append ---- */

static void append_goes_behind_every_key_and_nowhere_else(void **state)
{
        struct world *w = new_world();
        struct store_txn *t;
        const char *wrong[] = { "b", "bb", "a", NULL };

        t = world_begin(w);
        assert_int_equal(store_append(t, TABLE_EVENT, str("b"), str("1")), 0);
        assert_int_equal(store_append(t, TABLE_EVENT, str("bb"), str("2")), 0);
        keep(t);
        for (int i = 0; wrong[i]; i++) {
                t = world_begin(w);
                put(t, TABLE_BOX, "beside", "v");
                assert_int_equal(store_append(t, TABLE_EVENT, str(wrong[i]), str("x")), -EINVAL);
                assert_int_equal(store_put(t, TABLE_BOX, str("more"), str("v")), -EINVAL);
                assert_int_equal(store_commit(&t), -EINVAL);
                assert_null(t);
        }
        check_not_kept(w, TABLE_BOX, "beside");
        check_kept(w, TABLE_EVENT, "b", "1");
        check_kept(w, TABLE_EVENT, "bb", "2");
        world_end(w);
}

/* ---- limits ---- */

static void keys_and_values_at_their_limits_are_kept(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_begin(w);
        uint8_t key[STORE_KEY_MOST], *value = malloc(STORE_VALUE_MOST);
        struct slice v;

        assert_non_null(value);
        memset(key, 0xff, sizeof(key));
        for (size_t i = 0; i < STORE_VALUE_MOST; i++)
                value[i] = (uint8_t)(i * 7 + (i >> 8));
        for (uint8_t i = 0; i < 5; i++) {
                key[STORE_KEY_MOST - 1] = (uint8_t)(0xfb + i);
                assert_int_equal(store_put(t, TABLE_BODY, slice_of(key, sizeof(key)),
                                           slice_of(value, STORE_VALUE_MOST - i)),
                                 0);
        }
        assert_int_equal(store_put(t, TABLE_BODY, slice_of("\0", 1), slice_of(NULL, 0)), 0);
        keep(t);
        if (keeps())
                world_reopen(w);
        t = world_look(w);
        for (uint8_t i = 0; i < 5; i++) {
                key[STORE_KEY_MOST - 1] = (uint8_t)(0xfb + i);
                assert_int_equal(store_get(t, TABLE_BODY, slice_of(key, sizeof(key)), &v), 0);
                assert_true(slice_eq(v, slice_of(value, STORE_VALUE_MOST - i)));
        }
        assert_int_equal(store_get(t, TABLE_BODY, slice_of("\0", 1), &v), 0);
        assert_int_equal(v.len, 0);
        store_abort(&t);
        free(value);
        world_end(w);
}

static void what_is_beyond_the_limits_is_refused(void **state)
{
        struct world *w = new_world();
        static uint8_t big[STORE_VALUE_MOST + 1];
        struct {
                struct slice key, value;
        } wrong[] = {
                { slice_of(big, STORE_KEY_MOST + 1), str("v") },
                { str(""), str("v") },
                { str("k"), slice_of(big, sizeof(big)) },
        };
        struct store_txn *t;
        struct slice v;

        for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
                t = world_begin(w);
                put(t, TABLE_BOX, "beside", "v");
                assert_int_equal(store_put(t, TABLE_BODY, wrong[i].key, wrong[i].value), -EINVAL);
                assert_int_equal(store_commit(&t), -EINVAL);
                t = world_begin(w);
                assert_int_equal(store_append(t, TABLE_BODY, wrong[i].key, wrong[i].value),
                                 -EINVAL);
                store_abort(&t);
        }
        t = world_look(w);
        assert_int_equal(store_get(t, TABLE_BODY, str(""), &v), -EINVAL);
        assert_int_equal(store_get(t, TABLE_BODY, wrong[0].key, &v), -EINVAL);
        check_absent(t, TABLE_BOX, "beside");
        check_range(t, TABLE_BODY, "", "", false, "");
        store_abort(&t);
        world_end(w);
}

static void a_reader_cannot_write(void **state)
{
        struct world *w = new_world();
        struct store_txn *t = world_look(w);

        assert_int_equal(store_put(t, TABLE_BOX, str("a"), str("v")), -EINVAL);
        assert_int_equal(store_append(t, TABLE_BOX, str("a"), str("v")), -EINVAL);
        assert_int_equal(store_del(t, TABLE_BOX, str("a")), -EINVAL);
        check_absent(t, TABLE_BOX, "a");
        keep(t);
        check_not_kept(w, TABLE_BOX, "a");
        world_end(w);
}

static void too_many_readers_are_refused_until_one_leaves(void **state)
{
        struct world *w = world_plan(engine, "/tmp");
        struct store_txn *t[3], *extra = NULL;
        struct store_stat st;

        w->cfg.readers = 3;
        world_open(w);
        for (int i = 0; i < 3; i++)
                t[i] = world_look(w);
        assert_int_equal(store_look(w->store, &extra), -EAGAIN);
        assert_null(extra);
        assert_int_equal(store_stat(w->store, &st), 0);
        put_kept(w, TABLE_BOX, "a", "v");
        store_abort(&t[1]);
        assert_null(t[1]);
        check_kept(w, TABLE_BOX, "a", "v");
        store_abort(&t[0]);
        store_abort(&t[2]);
        world_end(w);
}

/* ---- housekeeping ---- */

static void figures_follow_what_happens(void **state)
{
        struct world *w = new_world();
        struct store_stat empty, after;
        struct store_txn *t;
        static uint8_t body[STORE_VALUE_MOST];
        bool left = true;

        assert_int_equal(store_stat(w->store, &empty), 0);
        assert_int_equal(empty.commits, 0);
        assert_int_equal(empty.bytes_written, 0);
        t = world_begin(w);
        assert_int_equal(store_put(t, TABLE_BODY, str("body"), slice_of(body, sizeof(body))), 0);
        keep(t);
        t = world_begin(w);
        put(t, TABLE_BOX, "not", "kept");
        store_abort(&t);
        assert_int_equal(store_stat(w->store, &after), 0);
        assert_int_equal(after.commits, 1);
        assert_int_equal(after.bytes_written, 4 + sizeof(body));
        assert_true(after.bytes_used >= empty.bytes_used + sizeof(body));
        t = world_begin(w);
        assert_int_equal(store_del(t, TABLE_BODY, str("body")), 0);
        keep(t);
        assert_int_equal(store_purge(w->store, 1 << 20, &left), 0);
        assert_false(left);
        assert_int_equal(store_stat(w->store, &after), 0);
        assert_int_equal(after.bytes_used, empty.bytes_used);
        world_end(w);
}

static void an_unknown_engine_is_named(void **state)
{
        struct world *w = world_plan("paper", "/tmp");
        struct store_why why;

        assert_int_equal(world_try_open(w, &why), -EINVAL);
        assert_non_null(strstr(why.text, "paper"));
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(records_are_found_replaced_and_removed),
                cmocka_unit_test(a_range_goes_up_and_down_within_its_prefix),
                cmocka_unit_test(a_start_outside_the_prefix_means_its_edge_or_nothing),
                cmocka_unit_test(keys_of_the_highest_bytes_end_a_range_down_as_well),
                cmocka_unit_test(a_visit_is_stopped_or_fails_as_the_visitor_says),
                cmocka_unit_test(a_visitor_may_look_things_up),
                cmocka_unit_test(a_value_lent_may_be_put_under_another_key),
                cmocka_unit_test(values_lent_to_a_reader_stay_while_others_write),
                cmocka_unit_test(append_goes_behind_every_key_and_nowhere_else),
                cmocka_unit_test(keys_and_values_at_their_limits_are_kept),
                cmocka_unit_test(what_is_beyond_the_limits_is_refused),
                cmocka_unit_test(a_reader_cannot_write),
                cmocka_unit_test(too_many_readers_are_refused_until_one_leaves),
                cmocka_unit_test(figures_follow_what_happens),
                cmocka_unit_test(an_unknown_engine_is_named),
        };

        assert_int_equal(argc, 2);
        engine = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
