/* sdk_address_book.c - nobody exchanges a key behind the sender, or goes back to an old one */
#include "sdk_world.h"

#include "base/secret.h"
#include "schemas/outcomes.h"

#include <setjmp.h>
#include <stdarg.h>
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

static int take_of(const char *address, struct slice note, struct slice attestation)
{
        return address_book_take(NULL, sw.s->spool, &sw.trust, address, note, attestation,
                                 clock_now());
}

static int take(struct slice note)
{
        return take_of(sw.w.to.address.s, note, slice_str(""));
}

static struct address_book_entry known(void)
{
        struct address_book_entry e = { .level = 9 };

        assert_int_equal(address_book_get(&e, sw.s->spool, sw.w.to.address.s), 0);
        return e;
}

/* What is remembered is this statement. */
static void check_known(const struct hash *hash, unsigned level)
{
        struct address_book_entry e = known();

        assert_true(hash_eq(&e.statement.hash, hash));
        assert_int_equal(e.level, level);
        address_book_entry_free(&e);
}

static void copy(struct buf *to, const struct buf *from)
{
        buf_clear(to);
        buf_put(to, buf_slice(from));
}

static void a_statement_that_follows_is_taken_and_remembered(void **state)
{
        sdk_world_next_epoch(&sw, 1);
        assert_int_equal(take(buf_slice(&sw.w.to_note)), 0);
        check_known(&sw.w.to.hash, 0); /* nobody attested this one */
        sdk_world_reopen(&sw);
}

static void memory_survives_the_process(void **state)
{
        sdk_world_next_epoch(&sw, 1);
        assert_int_equal(take(buf_slice(&sw.w.to_note)), 0);
        assert_int_equal(spool_commit(sw.s->spool), 0);
        sdk_world_reopen(&sw);
        check_known(&sw.w.to.hash, 0);
}

static void an_older_statement_is_refused_and_the_newer_stays(void **state)
{
        BUF_OWNED old = { 0 };

        copy(&old, &sw.w.to_note);
        sdk_world_next_epoch(&sw, 1);
        assert_int_equal(take(buf_slice(&sw.w.to_note)), 0);
        assert_int_equal(take(buf_slice(&old)), OUTCOME_EPOCH_CONFLICT);
        check_known(&sw.w.to.hash, 0);
}

static void another_statement_of_the_same_epoch_is_refused(void **state)
{
        struct hash first = sw.w.to.hash;

        sw.w.to.until += CLOCK_DAY;
        letter_world_publish(&sw.w);
        assert_int_equal(take(buf_slice(&sw.w.to_note)), OUTCOME_EPOCH_CONFLICT);
        check_known(&first, 2);
}

static void a_next_statement_that_does_not_follow_is_refused(void **state)
{
        struct hash first = sw.w.to.hash;

        sdk_world_next_epoch(&sw, 1);
        sw.w.to.previous.b[0] ^= 1;
        letter_world_publish(&sw.w);
        assert_int_equal(take(buf_slice(&sw.w.to_note)), OUTCOME_EPOCH_CONFLICT);
        check_known(&first, 2);
}

static void a_statement_several_epochs_on_is_taken(void **state)
{
        sdk_world_next_epoch(&sw, 1);
        sdk_world_next_epoch(&sw, 2);
        sdk_world_next_epoch(&sw, 0);
        assert_int_equal(take(buf_slice(&sw.w.to_note)), 0);
        check_known(&sw.w.to.hash, 0);
}

/* The broker answers with a statement, right in itself, of an address that it holds the key of. */
static void the_statement_of_another_address_is_a_key_mismatch(void **state)
{
        struct hash first = sw.w.to.hash;
        struct address asked = sw.w.to.address;

        keys_sign_new(&sw.w.to.key, sw.w.address);
        letter_world_publish(&sw.w);
        assert_string_not_equal(asked.s, sw.w.to.address.s);
        assert_int_equal(take_of(asked.s, buf_slice(&sw.w.to_note), slice_str("")),
                         OUTCOME_KEY_MISMATCH);
        sw.w.to.address = asked;
        check_known(&first, 2);
}

/* The address is right, the key in it is another's, and that other has signed. */
static void a_substituted_key_is_a_key_mismatch(void **state)
{
        struct address mine = sw.w.to.address;
        struct hash first = sw.w.to.hash;
        BUF_OWNED forged = { 0 };
        char *at;

        keys_sign_new(&sw.w.to.key, sw.w.address);
        letter_world_publish(&sw.w);
        copy(&forged, &sw.w.to_note);
        while ((at = strstr((char *)(uintptr_t)buf_cstr(&forged), sw.w.to.address.s)))
                memcpy(at, mine.s, strlen(mine.s));
        assert_int_equal(take_of(mine.s, buf_slice(&forged), slice_str("")), OUTCOME_KEY_MISMATCH);
        sw.w.to.address = mine;
        check_known(&first, 2);
}

static void a_changed_byte_is_a_bad_signature_or_no_statement(void **state)
{
        for (size_t i = 0; i < sw.w.to_note.len; i++) {
                int r;

                sw.w.to_note.at[i] ^= 1;
                r = take(buf_slice(&sw.w.to_note));
                assert_true(r == OUTCOME_BAD_SIGNATURE || r == OUTCOME_BAD_STATEMENT ||
                            r == OUTCOME_KEY_MISMATCH);
                sw.w.to_note.at[i] ^= 1;
        }
        check_known(&sw.w.to.hash, 2);
}

static void an_attestation_gives_the_level(void **state)
{
        BUF_OWNED a = { 0 };

        sdk_world_attest(&sw, &a, &sw.w.to.hash, 3);
        assert_int_equal(take_of(sw.w.to.address.s, buf_slice(&sw.w.to_note), buf_slice(&a)), 0);
        check_known(&sw.w.to.hash, 3);
}

static void an_attestation_by_another_key_is_not_trusted(void **state)
{
        BUF_OWNED a = { 0 };

        memcpy(sw.attest, sw.log, sizeof(*sw.attest));
        sdk_world_attest(&sw, &a, &sw.w.to.hash, 3);
        assert_int_equal(take_of(sw.w.to.address.s, buf_slice(&sw.w.to_note), buf_slice(&a)),
                         OUTCOME_NOT_TRUSTED);
        check_known(&sw.w.to.hash, 2);
}

static void an_attestation_of_another_statement_is_refused(void **state)
{
        struct hash first = sw.w.to.hash;
        BUF_OWNED a = { 0 };

        sdk_world_attest(&sw, &a, &first, 3);
        sdk_world_next_epoch(&sw, 1);
        assert_int_equal(take_of(sw.w.to.address.s, buf_slice(&sw.w.to_note), buf_slice(&a)),
                         OUTCOME_BAD_STATEMENT);
        check_known(&first, 2);
}

static int usable(unsigned class, unsigned assurance, instant now)
{
        struct address_book_entry e = known();
        int r = address_book_usable(&e, slice_str("org.example-life"), class, assurance, now);

        address_book_entry_free(&e);
        return r;
}

static void a_statement_is_used_only_for_what_it_allows(void **state)
{
        struct address_book_entry e = known();

        assert_int_equal(usable(CLASS_CERTIFICATE, 2, WORLD_NOW), 0);
        assert_int_equal(usable(CLASS_CERTIFICATE, 3, WORLD_NOW), OUTCOME_ASSURANCE_TOO_LOW);
        assert_int_equal(usable(CLASS_NOTICE, 0, WORLD_NOW), OUTCOME_NOT_ACCEPTED);
        assert_int_equal(
                address_book_usable(&e, slice_str("org.example"), CLASS_CERTIFICATE, 0, WORLD_NOW),
                OUTCOME_NOT_ACCEPTED);
        assert_int_equal(usable(CLASS_CERTIFICATE, 0, sw.w.to.from), 0);
        assert_int_equal(usable(CLASS_CERTIFICATE, 0, sw.w.to.from - 1), OUTCOME_STATEMENT_EXPIRED);
        assert_int_equal(usable(CLASS_CERTIFICATE, 0, sw.w.to.until), OUTCOME_STATEMENT_EXPIRED);
        address_book_entry_free(&e);
}

static void a_closed_address_is_not_written_to(void **state)
{
        sdk_world_next_epoch(&sw, 1);
        sw.w.to.seals = 0;
        sw.w.to.closed = WORLD_NOW;
        letter_world_publish(&sw.w);
        assert_int_equal(take(buf_slice(&sw.w.to_note)), 0);
        assert_int_equal(usable(CLASS_CERTIFICATE, 0, WORLD_NOW), OUTCOME_ADDRESS_CLOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_statement_that_follows_is_taken_and_remembered),
                TEST(memory_survives_the_process),
                TEST(an_older_statement_is_refused_and_the_newer_stays),
                TEST(another_statement_of_the_same_epoch_is_refused),
                TEST(a_next_statement_that_does_not_follow_is_refused),
                TEST(a_statement_several_epochs_on_is_taken),
                TEST(the_statement_of_another_address_is_a_key_mismatch),
                TEST(a_substituted_key_is_a_key_mismatch),
                TEST(a_changed_byte_is_a_bad_signature_or_no_statement),
                TEST(an_attestation_gives_the_level),
                TEST(an_attestation_by_another_key_is_not_trusted),
                TEST(an_attestation_of_another_statement_is_refused),
                TEST(a_statement_is_used_only_for_what_it_allows),
                TEST(a_closed_address_is_not_written_to),
        };

        if (fumi_start() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
