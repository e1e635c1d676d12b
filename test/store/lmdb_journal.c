/* lmdb_journal.c - the journal's file by itself: what was written comes back, and nothing else */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/lmdb_journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIZE = 8 * JOURNAL_PAGE, RING = 2 * JOURNAL_PAGE };

/* What a replay met: "number:key=value,-key ..." */
struct story {
        char text[1024];
        size_t len;
};

static void tell(struct story *s, const char *before, struct slice a, const char *between,
                 struct slice b)
{
        s->len += (size_t)snprintf(s->text + s->len, sizeof(s->text) - s->len, "%s%.*s%s%.*s",
                                   before, (int)a.len, (const char *)a.at, between,
                                   b.len < 20 ? (int)b.len : 3, (const char *)b.at);
        assert_true(s->len < sizeof(s->text));
}

static int tell_put(void *ctx, unsigned table, struct slice key, struct slice value)
{
        assert_int_equal(table, 3);
        tell(ctx, ",", key, "=", value);
        return 0;
}

static int tell_del(void *ctx, unsigned table, struct slice key)
{
        assert_int_equal(table, 4);
        tell(ctx, ",-", key, "", slice_of(NULL, 0));
        return 0;
}

static int tell_batch(void *ctx, uint64_t batch)
{
        char number[24];

        snprintf(number, sizeof(number), " %llu", (unsigned long long)batch);
        tell(ctx, number, slice_of(NULL, 0), "", slice_of(NULL, 0));
        return 0;
}

static struct journal *new_journal(void)
{
        struct journal *j = calloc(1, sizeof(*j));
        char path[] = "/tmp/fumibako-journal-XXXXXX";

        assert_non_null(j);
        j->fd = mkstemp(path);
        assert_true(j->fd >= 0);
        unlink(path);
        j->head = (struct journal_head){ .serial = 1, .size = SIZE, .txn = 7, .page = 4096 };
        memset(j->head.salt, 's', sizeof(j->head.salt));
        assert_int_equal(journal_write_head(j->fd, &j->head), 0);
        return j;
}

static void end_journal(struct journal *j)
{
        close(j->fd);
        buf_free(&j->record);
        free(j);
}

/* A record of about @pages pages, kept when there is room. */
static bool write_record(struct journal *j, uint64_t batch, const char *key, size_t pages)
{
        static uint8_t value[SIZE];
        size_t len = pages > 1 ? (pages - 1) * JOURNAL_PAGE : 5;

        memset(value, 'v', sizeof(value));
        journal_begin(j);
        journal_put(j, 3, slice_str(key), slice_of(value, len));
        journal_del(j, 4, slice_str("old"));
        assert_int_equal(journal_seal(j, batch), 0);
        if (!journal_has_room(j))
                return false;
        assert_int_equal(journal_write(j), 0);
        journal_keep(j);
        return true;
}

static void check_replay(struct journal *j, const char *want)
{
        struct story s = { .text = "" };
        const struct journal_visit visit = {
                .ctx = &s, .put = tell_put, .del = tell_del, .batch = tell_batch
        };
        uint64_t at = j->at;

        assert_int_equal(journal_read_head(j), 0);
        assert_int_equal(journal_replay(j, &visit), 0);
        assert_string_equal(s.text, want);
        j->at = at;
}

static void records_come_back_in_order(void **state)
{
        struct journal *j = new_journal();

        check_replay(j, "");
        assert_true(write_record(j, 11, "a", 1));
        assert_true(write_record(j, 12, "b", 3));
        assert_true(write_record(j, 13, "c", 1));
        check_replay(j, " 11,a=vvvvv,-old 12,b=vvv,-old 13,c=vvvvv,-old");
        end_journal(j);
}

static void a_full_ring_takes_nothing_before_the_base_has_moved(void **state)
{
        struct journal *j = new_journal();

        assert_true(write_record(j, 1, "a", 3));
        assert_true(write_record(j, 2, "b", 3));
        assert_false(write_record(j, 3, "c", 3));
        check_replay(j, " 1,a=vvv,-old 2,b=vvv,-old");
        /* All of it is in the data file now. */
        j->head.serial++;
        j->head.start = j->at;
        assert_int_equal(journal_write_head(j->fd, &j->head), 0);
        check_replay(j, "");
        /* The two pages left are stepped over: a record lies in one piece. */
        assert_true(write_record(j, 3, "c", 3));
        assert_int_equal(j->at, SIZE + 3 * JOURNAL_PAGE);
        assert_true(write_record(j, 4, "d", 1));
        check_replay(j, " 3,c=vvv,-old 4,d=vvvvv,-old");
        end_journal(j);
}

static void a_record_with_any_byte_wrong_ends_the_story(void **state)
{
        struct journal *j = new_journal();
        uint8_t byte;

        assert_true(write_record(j, 1, "a", 1));
        assert_true(write_record(j, 2, "b", 1));
        assert_true(write_record(j, 3, "c", 1));
        for (off_t i = 0; i < 32 + 24 + 7 + 1 + 5 + 7 + 3; i++) {
                off_t at = RING + JOURNAL_PAGE + i;

                assert_int_equal(pread(j->fd, &byte, 1, at), 1);
                byte ^= 1;
                assert_int_equal(pwrite(j->fd, &byte, 1, at), 1);
                check_replay(j, " 1,a=vvvvv,-old");
                byte ^= 1;
                assert_int_equal(pwrite(j->fd, &byte, 1, at), 1);
        }
        check_replay(j, " 1,a=vvvvv,-old 2,b=vvvvv,-old 3,c=vvvvv,-old");
        end_journal(j);
}

static void a_record_taken_back_is_not_found(void **state)
{
        struct journal *j = new_journal();

        assert_true(write_record(j, 1, "a", 1));
        assert_true(write_record(j, 2, "b", 1));
        j->at -= JOURNAL_PAGE;
        assert_int_equal(journal_revoke(j), 0);
        check_replay(j, " 1,a=vvvvv,-old");
        assert_true(write_record(j, 2, "again", 1));
        check_replay(j, " 1,a=vvvvv,-old 2,again=vvvvv,-old");
        end_journal(j);
}

/* A stranger's letter may hold the bytes of a record, but not the salt of its hash. */
static void a_record_made_under_another_salt_is_none(void **state)
{
        struct journal *j = new_journal();

        assert_true(write_record(j, 1, "a", 1));
        memset(j->head.salt, 'x', sizeof(j->head.salt));
        assert_true(write_record(j, 2, "forged", 1));
        memset(j->head.salt, 's', sizeof(j->head.salt));
        check_replay(j, " 1,a=vvvvv,-old");
        end_journal(j);
}

static void a_head_that_broke_leaves_the_one_before(void **state)
{
        struct journal *j = new_journal();
        struct journal_head second = j->head;
        const uint8_t wrong = 0xff;

        assert_true(write_record(j, 1, "a", 1));
        second.serial = 2;
        second.start = j->at;
        second.txn = 9;
        assert_int_equal(journal_write_head(j->fd, &second), 0);
        assert_int_equal(journal_read_head(j), 0);
        assert_int_equal(j->head.txn, 9);
        check_replay(j, "");
        for (off_t i = 0; i < 32 + 7 * 8 + JOURNAL_SALT + JOURNAL_META; i += 8) {
                assert_int_equal(pwrite(j->fd, &wrong, 1, i), 1);
                check_replay(j, " 1,a=vvvvv,-old");
                assert_int_equal(j->head.txn, 7);
                assert_int_equal(journal_write_head(j->fd, &second), 0);
        }
        assert_int_equal(journal_read_head(j), 0);
        assert_int_equal(j->head.txn, 9);
        end_journal(j);
}

static void an_empty_file_has_no_head(void **state)
{
        struct journal *j = new_journal();

        assert_int_equal(ftruncate(j->fd, 0), 0);
        assert_int_equal(journal_read_head(j), JOURNAL_NONE);
        end_journal(j);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(records_come_back_in_order),
                cmocka_unit_test(a_full_ring_takes_nothing_before_the_base_has_moved),
                cmocka_unit_test(a_record_with_any_byte_wrong_ends_the_story),
                cmocka_unit_test(a_record_taken_back_is_not_found),
                cmocka_unit_test(a_record_made_under_another_salt_is_none),
                cmocka_unit_test(a_head_that_broke_leaves_the_one_before),
                cmocka_unit_test(an_empty_file_has_no_head),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
