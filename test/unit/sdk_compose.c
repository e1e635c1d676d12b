/* sdk_compose.c - a letter into the spool, and into it again when the recipient exchanged keys */
#include "sdk_world.h"

#include "base/file.h"
#include "crypt/hash.h"
#include "schemas/outcomes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct sdk_world sw;

static int set_up(void **state)
{
        sdk_world_new(&sw);
        return 0;
}

static int tear_down(void **state)
{
        sdk_world_free(&sw);
        return 0;
}

static uint64_t place_of(const fumi_id *id)
{
        uint64_t place = 0;
        struct hash h;

        memcpy(h.b, id->b, sizeof(h.b));
        assert_int_equal(spool_letter_find(sw.s->spool, &h, &place), 0);
        return place;
}

/* Open what lies at @place as the recipient with seal key @key would. */
static int open_place(uint64_t place, size_t key, struct opened *o)
{
        struct letter l = { .header = { 0 } };
        struct row_spool_letter row;
        struct slice body;
        int r;

        assert_int_equal(spool_letter_get(sw.s->spool, place, &row), 0);
        assert_int_equal(spool_body_inline(sw.s->spool, place, &body), 0);
        buf_put(&l.header, row.header);
        buf_put(&l.body, body);
        letter_envelope(&l, &sw.w);
        r = letter_open(o, &l, &sw.w, key, 4096);
        letter_free(&l);
        return r;
}

static void a_composed_letter_opens_for_its_recipient(void **state)
{
        fumi_id id = sdk_world_compose(&sw, NULL, "body");
        struct opened o = { .notes = 0 };

        assert_int_equal(open_place(place_of(&id), 0, &o), 0);
        assert_string_equal(buf_cstr(&o.title), "控除証明書");
        assert_string_equal(buf_cstr(&o.part[0]), "body");
        opened_free(&o);
        assert_int_equal(open_place(place_of(&id), 1, &o), OUTCOME_NOT_FOR_US);
        opened_free(&o);
}

static void the_same_key_gives_the_first_letter_even_after_a_restart(void **state)
{
        fumi_id a = sdk_world_compose(&sw, "k", "one"), b = sdk_world_compose(&sw, "k", "one"), c;
        struct fumi_counts n;

        assert_memory_equal(a.b, b.b, sizeof(a.b));
        sdk_world_reopen(&sw);
        c = sdk_world_compose(&sw, "k", "one");
        assert_memory_equal(a.b, c.b, sizeof(a.b));
        assert_int_equal(fumi_counts(sw.s, &n), 0);
        assert_int_equal(n.waiting, 1);
}

static void a_key_is_refused_to_every_letter_that_says_something_else(void **state)
{
        const struct fumi_part part = { .name = "a", .bytes = "x", .size = 1 },
                               renamed = { .name = "b", .bytes = "x", .size = 1 },
                               other = { .name = "a", .bytes = "y", .size = 1 };
        const fumi_id reply = { { 1 } };
        const struct fumi_letter first = { sw.w.to.address.s, "certificate", "t",       "t",
                                           .part = &part,     .parts = 1,    .key = "k" };
        struct fumi_letter l[9];
        fumi_id id, same;
        struct fumi_counts n;

        for (size_t i = 0; i < 9; i++)
                l[i] = first;
        l[0].letter_class = "notice";
        l[1].type = "u";
        l[2].title = "u";
        l[3].part = &other;
        l[4].not_before = WORLD_NOW;
        l[5].expires = WORLD_NOW + CLOCK_DAY;
        l[6].grade = 2;
        l[7].reply_to = &reply;
        l[8].assurance = 1;
        assert_int_equal(fumi_compose(sw.s, &first, &id), 0);
        for (size_t i = 0; i < 9; i++) {
                assert_int_equal(fumi_compose(sw.s, &l[i], &same), OUTCOME_KEY_IN_USE);
                assert_non_null(strstr(fumi_sender_error(sw.s), "'k'"));
        }
        l[0] = first;
        l[0].part = &renamed;
        assert_int_equal(fumi_compose(sw.s, &l[0], &same), 0);
        assert_memory_equal(same.b, id.b, sizeof(id.b));
        assert_int_equal(fumi_counts(sw.s, &n), 0);
        assert_int_equal(n.waiting, 1);
}

static void after_a_refusal_the_key_makes_a_new_letter_in_its_place(void **state)
{
        fumi_id a = sdk_world_compose(&sw, "k", "one"), b;
        struct row_spool_letter row;
        struct fumi_counts n;
        struct hash old;
        uint64_t place;

        place = place_of(&a);
        assert_int_equal(spool_letter_get(sw.s->spool, place, &row), 0);
        row.state = SPOOL_REFUSED;
        row.code = OUTCOME_NOT_ACCEPTED;
        assert_int_equal(spool_letter_settle(sw.s->spool, place, &row), 0);
        b = sdk_world_compose(&sw, "k", "one");
        assert_memory_not_equal(a.b, b.b, sizeof(a.b));
        memcpy(old.b, a.b, sizeof(old.b));
        assert_int_equal(spool_letter_find(sw.s->spool, &old, &place), SPOOL_ABSENT);
        assert_int_equal(fumi_counts(sw.s, &n), 0);
        assert_int_equal(n.waiting, 1);
        assert_int_equal(n.refused, 0);
}

static void without_a_key_every_call_is_a_new_letter(void **state)
{
        fumi_id a = sdk_world_compose(&sw, NULL, "x"), b = sdk_world_compose(&sw, NULL, "x");

        assert_memory_not_equal(a.b, b.b, sizeof(a.b));
}

static void what_a_letter_may_not_have_is_named_and_nothing_is_kept(void **state)
{
        const struct fumi_part part = { .name = "a", .bytes = "x", .size = 1 };
        const struct fumi_part nameless = { .bytes = "x", .size = 1 };
        const struct fumi_part nothing = { .name = "a", .size = 10 };
        const struct fumi_part twice = {
                .name = "a", .file = "/dev/null", .bytes = "x", .size = 1
        };
        const struct fumi_part slash = { .name = "a\nb", .bytes = "x", .size = 1 };
        const char *to = sw.w.to.address.s, *c = "certificate";
        char key[202];
        const struct {
                struct fumi_letter l;
                int code;
                const char *says;
        } bad[] = {
                { { "fumi1x", c, "t", "t", &part, 1 }, OUTCOME_MALFORMED, "to: " },
                { { NULL, c, "t", "t", &part, 1 }, OUTCOME_MALFORMED, "to: " },
                { { to, "letter", "t", "t", &part, 1 }, OUTCOME_MALFORMED, "class: " },
                { { to, NULL, "t", "t", &part, 1 }, OUTCOME_MALFORMED, "class: " },
                { { to, c, NULL, "t", &part, 1 }, OUTCOME_MALFORMED, "type: " },
                { { to, c, "t", NULL, &part, 1 }, OUTCOME_MALFORMED, "title: " },
                { { to, c, "a type", "t", &part, 1 }, OUTCOME_MALFORMED, "type: " },
                { { to, c, "t", "two\nlines", &part, 1 }, OUTCOME_MALFORMED, "title: " },
                { { to, c, "t", "t", &nameless, 1 }, OUTCOME_MALFORMED, "part 1: no name" },
                { { to, c, "t", "t", &nothing, 1 }, OUTCOME_MALFORMED, "part 1: a size without" },
                { { to, c, "t", "t", &twice, 1 }, OUTCOME_MALFORMED, "part 1: both file and" },
                { { to, c, "t", "t", NULL, 1 }, OUTCOME_MALFORMED, "parts: missing" },
                { { to, c, "t", "t", &part, 1, .not_before = 5, .expires = 5 },
                  OUTCOME_MALFORMED,
                  "expires: " },
                { { to, c, "t", "t", &part, 1, .expires = -1 }, OUTCOME_MALFORMED, "expires: " },
                { { to, c, "t", "t", &part, 1, .assurance = -1 }, OUTCOME_MALFORMED, "assurance" },
                { { to, c, "t", "t", &part, 1, .assurance = 4 }, OUTCOME_MALFORMED, "assurance" },
                { { to, c, "t", "t", &slash, 1 }, OUTCOME_MALFORMED, "part 1 name" },
                { { to, c, "t", "t", &part, 1, .issued = "now" }, OUTCOME_MALFORMED, "issued" },
                { { to, c, "t", "t", &part, 1, .grade = 4 }, OUTCOME_MALFORMED, "grade" },
                { { to, c, "t", "t", &part, 1, .key = "" }, OUTCOME_MALFORMED, "key: " },
                { { to, c, "t", "t", &part, 1, .key = key }, OUTCOME_MALFORMED, "key: " },
                { { to, c, "t", "t", &part, 65 }, OUTCOME_TOO_LARGE, "parts: " },
                { { to, "record", "t", "t", &part, 1 }, OUTCOME_CLASS_NOT_GRANTED, "record: " },
        };
        struct fumi_counts n;

        memset(key, 'k', sizeof(key) - 1);
        key[sizeof(key) - 1] = 0;
        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
                fumi_id id;

                assert_int_equal(fumi_compose(sw.s, &bad[i].l, &id), bad[i].code);
                assert_int_equal(strncmp(fumi_sender_error(sw.s), bad[i].says, strlen(bad[i].says)),
                                 0);
        }
        assert_int_equal(fumi_counts(sw.s, &n), 0);
        assert_int_equal(n.waiting, 0);
        sdk_world_compose(&sw, NULL, "fine");
        assert_string_equal(fumi_sender_error(sw.s), "");
}

static void a_profile_that_is_not_there_is_said_to_be_missing(void **state)
{
        fumi_sender *s = NULL;
        char why[512] = "";

        assert_int_equal(fumi_sender_open(&s, "/nowhere", why), -ENOENT);
        assert_non_null(strstr(why, "/nowhere/sender.key"));
        assert_null(s);
}

static void a_missing_file_is_named(void **state)
{
        const struct fumi_part part = { .file = "/nowhere/a.xml" };
        const struct fumi_letter l = {
                sw.w.to.address.s, "certificate", "t", "t", &part, 1,
        };
        fumi_id id;

        assert_int_equal(fumi_compose(sw.s, &l, &id), -ENOENT);
        assert_non_null(strstr(fumi_sender_error(sw.s), "/nowhere/a.xml"));
}

static void a_lapsed_registration_composes_nothing(void **state)
{
        const struct fumi_part part = { .name = "a", .bytes = "x", .size = 1 };
        const struct fumi_letter l = { sw.w.to.address.s, "certificate", "t", "t", &part, 1 };
        fumi_id id;

        clock_set(sw.w.registration.until);
        assert_int_equal(fumi_compose(sw.s, &l, &id), OUTCOME_SENDER_NOT_VALID);
}

/* ---- sealed again ---- */

static void sealed_again_a_letter_has_new_keys_a_new_id_and_its_old_place(void **state)
{
        fumi_id id = sdk_world_compose(&sw, "k", "body"), same;
        uint64_t place = place_of(&id);
        struct row_spool_letter row;
        struct opened o = { .notes = 0 };

        sdk_world_next_epoch(&sw, 1);
        assert_int_equal(compose_again(sw.s, place, buf_slice(&sw.w.to_note)), 0);
        assert_int_equal(spool_letter_get(sw.s->spool, place, &row), 0);
        assert_memory_not_equal(row.id.b, id.b, sizeof(id.b));
        assert_memory_equal(row.composed.b, id.b, sizeof(id.b));
        assert_int_equal(open_place(place, 1, &o), 0);
        assert_string_equal(buf_cstr(&o.part[0]), "body");
        opened_free(&o);
        assert_int_equal(open_place(place, 0, &o), OUTCOME_NOT_FOR_US);
        opened_free(&o);
        assert_int_equal(place_of(&id), place);
        same = sdk_world_compose(&sw, "k", "body");
        assert_memory_equal(same.b, row.id.b, sizeof(same.b));
}

static void a_letter_is_not_sealed_again_by_an_older_statement(void **state)
{
        BUF_OWNED old = { 0 };
        struct row_spool_letter row;
        fumi_id id;

        buf_put(&old, buf_slice(&sw.w.to_note));
        sdk_world_next_epoch(&sw, 1);
        assert_int_equal(address_book_take(NULL, sw.s->spool, &sw.trust, sw.w.to.address.s,
                                           buf_slice(&sw.w.to_note), slice_str(""), WORLD_NOW),
                         0);
        id = sdk_world_compose(&sw, NULL, "body");
        assert_int_equal(compose_again(sw.s, place_of(&id), buf_slice(&old)),
                         OUTCOME_EPOCH_CONFLICT);
        assert_int_equal(spool_letter_get(sw.s->spool, place_of(&id), &row), 0);
        assert_memory_equal(row.id.b, id.b, sizeof(id.b));
}

static void take_sha256(void *ctx, const struct fumi_result *r)
{
        assert_non_null(r->sha256);
        memcpy(((struct hash *)ctx)->b, r->sha256, sizeof(struct hash));
}

static void check_remembered(const fumi_id *id, const char *bytes)
{
        struct hash expected, found;

        hash_sha256(&expected, slice_str(bytes));
        assert_int_equal(fumi_result(sw.s, id, take_sha256, &found), 0);
        assert_true(hash_eq(&expected, &found));
}

/* What was signed is in no file of the sender's: this is how to tell that it has arrived. */
static void the_spool_remembers_the_digest_of_the_first_part(void **state)
{
        char path[128];
        const struct fumi_part part[] = { { .file = path },
                                          { .name = "b", .bytes = "2", .size = 1 } };
        const struct fumi_letter l = { sw.w.to.address.s, "certificate", "t", "t", part, 2 };
        fumi_id memory = sdk_world_compose(&sw, "k", "body"), file;

        snprintf(path, sizeof(path), "%s/part.xml", sw.folder);
        assert_int_equal(file_replace(path, slice_str("one"), 0600), 0);
        assert_int_equal(fumi_compose(sw.s, &l, &file), 0);
        sdk_world_reopen(&sw);
        check_remembered(&memory, "body");
        check_remembered(&file, "one");
        sdk_world_next_epoch(&sw, 1);
        assert_int_equal(compose_again(sw.s, place_of(&memory), buf_slice(&sw.w.to_note)), 0);
        assert_int_equal(compose_again(sw.s, place_of(&file), buf_slice(&sw.w.to_note)), 0);
        check_remembered(&memory, "body");
        check_remembered(&file, "one");
}

/* The letter that would be sealed now is not the one that was composed. */
static void a_file_that_changed_meanwhile_is_not_sealed_again(void **state)
{
        char path[128];
        struct fumi_part part = { .file = path };
        const struct fumi_letter l = { sw.w.to.address.s, "certificate", "t", "t", &part, 1 };
        fumi_id id;

        snprintf(path, sizeof(path), "%s/part.xml", sw.folder);
        assert_int_equal(file_replace(path, slice_str("one"), 0600), 0);
        assert_int_equal(fumi_compose(sw.s, &l, &id), 0);
        sdk_world_next_epoch(&sw, 1);
        assert_int_equal(file_replace(path, slice_str("two"), 0600), 0);
        assert_int_equal(compose_again(sw.s, place_of(&id), buf_slice(&sw.w.to_note)),
                         OUTCOME_PART_DISAGREES);
        remove(path);
        assert_int_equal(compose_again(sw.s, place_of(&id), buf_slice(&sw.w.to_note)),
                         OUTCOME_PART_DISAGREES);
        assert_int_equal(file_replace(path, slice_str("one"), 0600), 0);
        assert_int_equal(compose_again(sw.s, place_of(&id), buf_slice(&sw.w.to_note)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_composed_letter_opens_for_its_recipient),
                TEST(the_same_key_gives_the_first_letter_even_after_a_restart),
                TEST(a_key_is_refused_to_every_letter_that_says_something_else),
                TEST(after_a_refusal_the_key_makes_a_new_letter_in_its_place),
                TEST(without_a_key_every_call_is_a_new_letter),
                TEST(what_a_letter_may_not_have_is_named_and_nothing_is_kept),
                TEST(a_profile_that_is_not_there_is_said_to_be_missing),
                TEST(a_missing_file_is_named),
                TEST(a_lapsed_registration_composes_nothing),
                TEST(sealed_again_a_letter_has_new_keys_a_new_id_and_its_old_place),
                TEST(a_letter_is_not_sealed_again_by_an_older_statement),
                TEST(a_file_that_changed_meanwhile_is_not_sealed_again),
                TEST(the_spool_remembers_the_digest_of_the_first_part),
        };

        if (fumi_start() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
