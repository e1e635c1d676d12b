/* sdk_spool.c - what is in the spool stays there, whatever happens to the process */
#include "crypt/hash.h"
#include "crypt/keys.h"
#include "sdk/spool_impl.h"
#include "sdk_world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[64];
static struct spool *spool;

static void open_spool(void)
{
        spool_close(&spool);
        assert_int_equal(spool_open(&spool, folder), 0);
}

static int set_up(void **state)
{
        sdk_folder_new(folder);
        open_spool();
        return 0;
}

static int tear_down(void **state)
{
        spool_close(&spool);
        sdk_folder_free(folder);
        return 0;
}

/* Letter @n: everything about it follows from its number. */
static struct row_spool_letter row_of(uint64_t n, uint64_t size, char header[static 32])
{
        struct row_spool_letter row = { .size = size };

        snprintf(header, 32, "header %llu", (unsigned long long)n);
        row.header = slice_str(header);
        hash_sha256(&row.id, row.header);
        row.composed = row.id;
        return row;
}

static void fill_body(struct spool_body *b, uint64_t n, uint64_t size)
{
        uint8_t piece[65536];

        memset(piece, (int)n, sizeof(piece));
        *b = (struct spool_body){ .folder = folder };
        while (b->size < size) {
                size_t most =
                        size - b->size < sizeof(piece) ? (size_t)(size - b->size) : sizeof(piece);

                assert_int_equal(spool_body_put(b, slice_of(piece, most)), 0);
        }
        assert_int_equal(spool_body_end(b), 0);
}

static uint64_t add(uint64_t n, const char *key, uint64_t size)
{
        const struct row_spool_draft draft = { .type = slice_str("t"),
                                               .title = slice_str("title"),
                                               .issued = slice_str("now") };
        char header[32];
        struct row_spool_letter row = row_of(n, size, header);
        struct spool_body body;
        uint64_t place;

        row.has_key = key != NULL;
        row.key = slice_str(key);
        fill_body(&body, n, size);
        assert_int_equal(spool_letter_add(spool, &row, &body, &draft, &place), 0);
        spool_body_drop(&body);
        return place;
}

static struct hash id_of(uint64_t n)
{
        char header[32];

        return row_of(n, 1, header).id;
}

static bool is_there(uint64_t n)
{
        struct hash id = id_of(n);
        uint64_t place;

        return spool_letter_find(spool, &id, &place) == 0;
}

static void check_counts(uint64_t waiting, uint64_t filed, uint64_t refused, uint64_t bytes)
{
        const struct row_spool_state *st = spool_counts(spool);

        assert_int_equal(st->waiting, waiting);
        assert_int_equal(st->filed, filed);
        assert_int_equal(st->refused, refused);
        assert_int_equal(st->bytes_waiting, bytes);
}

static void a_letter_is_found_by_id_key_and_place(void **state)
{
        uint64_t place = add(1, "my key", 100), found;
        struct row_spool_letter row;
        struct row_spool_draft draft;
        struct hash id = id_of(1);
        struct slice body;

        assert_int_equal(spool_commit(spool), 0);
        open_spool();
        assert_int_equal(spool_letter_find(spool, &id, &found), 0);
        assert_int_equal(found, place);
        assert_int_equal(spool_letter_find_key(spool, "my key", &found), 0);
        assert_int_equal(found, place);
        assert_int_equal(spool_letter_find_key(spool, "my ke", &found), SPOOL_ABSENT);
        assert_int_equal(spool_letter_next_waiting(spool, 0, &found), 0);
        assert_int_equal(found, place);
        assert_int_equal(spool_letter_next_waiting(spool, found, &found), SPOOL_ABSENT);
        assert_int_equal(spool_letter_get(spool, place, &row), 0);
        assert_true(slice_is(row.header, "header 1"));
        assert_int_equal(spool_letter_draft(spool, place, &draft), 0);
        assert_true(slice_is(draft.title, "title"));
        assert_int_equal(spool_body_inline(spool, place, &body), 0);
        assert_int_equal(body.len, 100);
        check_counts(1, 0, 0, 100);
}

static void what_was_not_committed_is_gone_after_a_restart(void **state)
{
        add(1, NULL, 10);
        assert_int_equal(spool_commit(spool), 0);
        add(2, NULL, 10);
        open_spool();
        assert_true(is_there(1));
        assert_false(is_there(2));
        check_counts(1, 0, 0, 10);
}

static void reverting_forgets_everything_since_the_last_commit(void **state)
{
        add(1, NULL, 10);
        assert_int_equal(spool_commit(spool), 0);
        add(2, "k", 10);
        spool_revert(spool);
        assert_false(is_there(2));
        check_counts(1, 0, 0, 10);
        assert_int_equal(add(3, "k", 10), 2); /* places are not used up by what never was */
}

static void a_large_body_is_a_file_and_is_read_in_pieces(void **state)
{
        const uint64_t size = (3 << 20) + 5;
        uint64_t place = add(7, NULL, size);
        struct hash id = id_of(7);
        BUF_OWNED piece = { 0 };
        struct slice inlined;

        assert_int_equal(spool_commit(spool), 0);
        open_spool(); /* sweeping leaves it alone */
        assert_int_equal(spool_body_inline(spool, place, &inlined), SPOOL_ABSENT);
        assert_int_equal(spool_body_read(spool, &id, size - 3, 100, &piece), 0);
        assert_int_equal(piece.len, 3);
        assert_int_equal(piece.at[2], 7);
        buf_clear(&piece);
        assert_int_equal(spool_body_read(spool, &id, 1 << 20, 1 << 20, &piece), 0);
        assert_int_equal(piece.len, 1 << 20);
        assert_int_equal(spool_letter_drop_body(spool, place), 0);
        assert_int_equal(spool_body_read(spool, &id, 0, 1, &piece), SPOOL_ABSENT);
}

static void files_that_no_letter_names_are_swept_away(void **state)
{
        char path[256], *large;
        struct hash id = id_of(2);

        add(2, NULL, 2 << 20); /* its row is never committed */
        large = spool_body_path(folder, &id);
        assert_int_equal(access(large, F_OK), 0);
        snprintf(path, sizeof(path), "%s/bodies/new.abcdef", folder);
        fclose(fopen(path, "w"));
        open_spool();
        assert_int_equal(access(path, F_OK), -1);
        assert_int_equal(access(large, F_OK), -1);
        free(large);
}

/* The letter was sealed again as a small one; the crash came before its old file went. */
static void a_large_body_that_was_replaced_is_swept_away(void **state)
{
        uint64_t place = add(1, NULL, 2 << 20);
        struct hash id = id_of(1);
        char header[32], *large = spool_body_path(folder, &id);
        struct row_spool_letter row = row_of(2, 20, header);
        struct spool_body body;

        row.composed = id;
        fill_body(&body, 2, 20);
        assert_int_equal(spool_letter_reseal(spool, place, &row, &body), 0);
        spool_body_drop(&body);
        assert_int_equal(spool_commit(spool), 0);
        open_spool();
        assert_int_equal(access(large, F_OK), -1);
        assert_true(is_there(1) && is_there(2));
        free(large);
}

static void a_body_that_is_given_up_leaves_no_file(void **state)
{
        struct spool_body body;
        char path[128];

        fill_body(&body, 1, 2 << 20);
        snprintf(path, sizeof(path), "%s", body.file);
        assert_int_equal(access(path, F_OK), 0);
        spool_body_drop(&body);
        assert_int_equal(access(path, F_OK), -1);
}

static void settle(uint64_t place, enum spool_state to)
{
        struct row_spool_letter row;

        assert_int_equal(spool_letter_get(spool, place, &row), 0);
        row.state = to;
        assert_int_equal(spool_letter_settle(spool, place, &row), 0);
}

static void a_settled_letter_no_longer_waits_and_its_draft_is_gone(void **state)
{
        uint64_t a = add(1, NULL, 10), b = add(2, NULL, 20), c = add(3, NULL, 30), next;
        struct row_spool_draft draft;

        check_counts(3, 0, 0, 60);
        settle(a, SPOOL_FILED);
        settle(b, SPOOL_REFUSED);
        settle(c, SPOOL_WAITING);
        check_counts(1, 1, 1, 30);
        assert_int_equal(spool_letter_next_waiting(spool, 0, &next), 0);
        assert_int_equal(next, c);
        assert_int_equal(spool_letter_draft(spool, a, &draft), SPOOL_ABSENT);
        assert_int_equal(spool_letter_draft(spool, c, &draft), 0);
        assert_true(is_there(1));
}

static void a_letter_sealed_again_keeps_place_and_key_and_is_found_by_both_ids(void **state)
{
        uint64_t place = add(1, "k", 10), found;
        struct row_spool_letter row;
        struct spool_body body;
        struct slice bytes;
        char header[32];

        for (uint64_t n = 2; n <= 3; n++) {
                row = row_of(n, 20 * n, header);
                row.composed = id_of(1);
                row.has_key = true;
                row.key = slice_str("k");
                fill_body(&body, n, 20 * n);
                assert_int_equal(spool_letter_reseal(spool, place, &row, &body), 0);
                spool_body_drop(&body);
        }
        check_counts(1, 0, 0, 60);
        assert_true(is_there(1) && is_there(3));
        assert_false(is_there(2)); /* nobody was ever told of it */
        assert_int_equal(spool_letter_find_key(spool, "k", &found), 0);
        assert_int_equal(found, place);
        assert_int_equal(spool_body_inline(spool, place, &bytes), 0);
        assert_int_equal(bytes.len, 60);
        assert_int_equal(bytes.at[0], 3);
}

static void a_dropped_letter_leaves_nothing(void **state)
{
        uint64_t place = add(1, "k", 10), found;
        struct slice bytes;

        assert_int_equal(spool_keep_receipt(spool, place, slice_str("receipt")), 0);
        assert_int_equal(spool_letter_drop(spool, place), 0);
        assert_int_equal(spool_commit(spool), 0);
        assert_false(is_there(1));
        assert_int_equal(spool_letter_find_key(spool, "k", &found), SPOOL_ABSENT);
        assert_int_equal(spool_letter_next(spool, 0, &found), SPOOL_ABSENT);
        assert_int_equal(spool_letter_next_waiting(spool, 0, &found), SPOOL_ABSENT);
        assert_int_equal(spool_body_inline(spool, place, &bytes), SPOOL_ABSENT);
        assert_int_equal(spool_receipt(spool, place, &bytes), SPOOL_ABSENT);
        check_counts(0, 0, 0, 0);
}

static void a_second_process_is_refused_while_the_spool_is_open(void **state)
{
        struct spool *second = NULL;

        assert_int_equal(spool_open(&second, folder), -EBUSY);
        assert_null(second);
        spool_close(&spool);
        open_spool();
}

static void a_spool_of_a_newer_version_is_refused_and_left_as_it_is(void **state)
{
        add(1, NULL, 10);
        spool_state(spool)->version = 2;
        assert_int_equal(spool_commit(spool), 0);
        spool_close(&spool);
        for (int i = 0; i < 2; i++)
                assert_int_equal(spool_open(&spool, folder), SPOOL_NEWER);
        assert_null(spool);
}

static void the_spool_grows_beyond_its_first_map(void **state)
{
        for (uint64_t n = 1; n <= 640; n++) {
                add(n, NULL, 1 << 20);
                if (spool_pending(spool) > 32 << 20)
                        assert_int_equal(spool_commit(spool), 0);
        }
        assert_int_equal(spool_commit(spool), 0);
        open_spool();
        check_counts(640, 0, 0, (uint64_t)640 << 20);
        assert_true(is_there(1) && is_there(640));
}

static void checkpoints_are_kept_once(void **state)
{
        struct hash a, b;
        struct slice note;

        assert_int_equal(spool_keep_checkpoint(spool, slice_str("note"), &a), 0);
        assert_int_equal(spool_keep_checkpoint(spool, slice_str("note"), &b), 0);
        assert_true(hash_eq(&a, &b));
        assert_int_equal(spool_checkpoint(spool, &a, &note), 0);
        assert_true(slice_is(note, "note"));
}

/* ---- a full disk, as a limit on the size of files ---- */

static void limit_files(rlim_t bytes)
{
        const struct rlimit l = { bytes, RLIM_INFINITY };

        assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void a_full_disk_loses_only_what_was_not_committed(void **state)
{
        add(1, "k", 10);
        assert_int_equal(spool_commit(spool), 0);
        signal(SIGXFSZ, SIG_IGN);
        for (uint64_t n = 2; n < 10; n++)
                add(n, NULL, 1 << 20);
        limit_files(2 << 20);
        assert_int_equal(spool_commit(spool), SPOOL_NO_ROOM);
        check_counts(1, 0, 0, 10);
        assert_true(is_there(1));
        assert_false(is_there(2));
        limit_files(RLIM_INFINITY);
        assert_int_equal(add(2, NULL, 20), 2);
        assert_int_equal(spool_commit(spool), 0);
        open_spool();
        check_counts(2, 0, 0, 30);
}

static void a_large_body_that_has_no_room_is_said_and_leaves_no_file(void **state)
{
        struct spool_body body = { .folder = folder };
        static uint8_t bytes[1 << 20];
        char path[128];
        int r = 0;

        signal(SIGXFSZ, SIG_IGN);
        limit_files(3 << 20);
        for (int i = 0; i < 8 && !r; i++)
                r = spool_body_put(&body, slice_of(bytes, sizeof(bytes)));
        limit_files(RLIM_INFINITY);
        assert_int_equal(r, -ENOSPC);
        snprintf(path, sizeof(path), "%s", body.file);
        spool_body_drop(&body);
        assert_int_equal(access(path, F_OK), -1);
}

/* ---- killed ---- */

/* Add letters, settle every third, commit every few, say after each commit how many there are;
 * until killed. */
static void work(int to_parent, uint64_t n)
{
        for (;;) {
                for (int i = 0; i < 5; i++) {
                        char key[32];
                        uint64_t place;

                        n++;
                        snprintf(key, sizeof(key), "key %llu", (unsigned long long)n);
                        place = add(n, key, n % 7 == 0 ? (1 << 20) + 100 : n % 1000 + 1);
                        if (n % 3 == 0)
                                settle(place, SPOOL_FILED);
                }
                if (spool_commit(spool) || write(to_parent, &n, sizeof(n)) != sizeof(n))
                        _exit(1);
        }
}

/* @begun: not before its first commit. */
static uint64_t killed_at_random(uint64_t from, bool begun)
{
        int fd[2];
        uint64_t last = from;
        uint32_t delay;
        pid_t pid;

        assert_int_equal(pipe(fd), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                if (spool_open(&spool, folder))
                        _exit(1);
                work(fd[1], from);
        }
        close(fd[1]);
        if (begun)
                assert_int_equal(read(fd[0], &last, sizeof(last)), sizeof(last));
        keys_random(&delay, sizeof(delay));
        usleep(1000 + delay % 30000);
        kill(pid, SIGKILL);
        while (read(fd[0], &last, sizeof(last)) == sizeof(last))
                ;
        close(fd[0]);
        waitpid(pid, NULL, 0);
        return last;
}

/* Each letter up to the last is whole: row, body, ways to it; the counts agree. */
static uint64_t check_whole(void)
{
        uint64_t place = 0, n = 0, waiting = 0, bytes = 0, found;

        while (spool_letter_next(spool, place, &place) == 0) {
                struct row_spool_letter row;
                BUF_OWNED piece = { 0 };
                struct slice body;
                char key[32];

                n++;
                assert_int_equal(spool_letter_get(spool, place, &row), 0);
                snprintf(key, sizeof(key), "key %llu", (unsigned long long)n);
                assert_int_equal(spool_letter_find_key(spool, key, &found), 0);
                assert_int_equal(found, place);
                assert_true(is_there(n));
                if (row.size > SPOOL_INLINE_MOST) {
                        assert_int_equal(spool_body_read(spool, &row.id, 0, 2 << 20, &piece), 0);
                        body = buf_slice(&piece);
                } else {
                        assert_int_equal(spool_body_inline(spool, place, &body), 0);
                }
                assert_int_equal(body.len, row.size);
                assert_int_equal(body.at[row.size - 1], (uint8_t)n);
                assert_int_equal(spool_letter_next_waiting(spool, place - 1, &found) == 0 &&
                                         found == place,
                                 n % 3 != 0);
                waiting += n % 3 != 0;
                bytes += n % 3 != 0 ? row.size : 0;
        }
        check_counts(waiting, n - waiting, 0, bytes);
        return n;
}

static void killed_at_any_moment_the_spool_has_what_was_committed_and_is_whole(void **state)
{
        uint64_t n = 0;

        for (int round = 0; round < 12; round++) {
                uint64_t said;

                spool_close(&spool);
                said = killed_at_random(n, round % 2);
                open_spool();
                n = check_whole();
                assert_true(n >= said);
        }
        assert_true(n > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_letter_is_found_by_id_key_and_place),
                TEST(what_was_not_committed_is_gone_after_a_restart),
                TEST(reverting_forgets_everything_since_the_last_commit),
                TEST(a_large_body_is_a_file_and_is_read_in_pieces),
                TEST(files_that_no_letter_names_are_swept_away),
                TEST(a_large_body_that_was_replaced_is_swept_away),
                TEST(a_body_that_is_given_up_leaves_no_file),
                TEST(a_settled_letter_no_longer_waits_and_its_draft_is_gone),
                TEST(a_letter_sealed_again_keeps_place_and_key_and_is_found_by_both_ids),
                TEST(a_dropped_letter_leaves_nothing),
                TEST(a_second_process_is_refused_while_the_spool_is_open),
                TEST(a_spool_of_a_newer_version_is_refused_and_left_as_it_is),
                TEST(the_spool_grows_beyond_its_first_map),
                TEST(checkpoints_are_kept_once),
                TEST(a_full_disk_loses_only_what_was_not_committed),
                TEST(a_large_body_that_has_no_room_is_said_and_leaves_no_file),
                TEST(killed_at_any_moment_the_spool_has_what_was_committed_and_is_whole),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
