/* evidence_proof.c - a proof on paper: written, read back, and nothing else taken for one */
#include "base/secret.h"
#include "evidence/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define TITLE "c2sp.org/tlog-proof@v1\n"
#define EXTRA "extra ZXZlbnQgYW5kIHNhbHQ=\n"
#define INDEX "index 73894\n"
#define HASH  "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
#define SIZE  "example.com/fancylog\n109482\n"
#define NOTE                                                                                        \
        SIZE "sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n"                                       \
             "\n— example.com/fancylog Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/" \
             "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"

static void a_proof_is_read_line_by_line(void **state)
{
        struct proof p;

        assert_int_equal(proof_read(&p, slice_str(TITLE EXTRA INDEX HASH HASH "\n" NOTE)), 0);
        assert_true(slice_is(p.extra, "event and salt"));
        assert_int_equal(p.index, 73894);
        assert_int_equal(p.path_len, 2);
        assert_int_equal(p.path[1].b[0], 0x81);
        assert_true(slice_is(p.checkpoint, NOTE));
        proof_free(&p);
        assert_int_equal(p.path_len, 0);
}

static void extra_and_path_may_be_missing(void **state)
{
        struct proof p;

        assert_int_equal(proof_read(&p, slice_str(TITLE "index 0\n\n" NOTE)), 0);
        assert_int_equal(p.extra.len, 0);
        assert_int_equal(p.index, 0);
        assert_int_equal(p.path_len, 0);
        proof_free(&p);
}

static void what_was_written_is_read_back_and_proves_its_leaf(void **state)
{
        SECRET_OWNED struct sign_sec *sec = secret_new(sizeof(*sec));
        struct note_key key = { .name = "broker.example/log/0" };
        struct checkpoint c = { .origin = "broker.example/log/0", .size = 11 }, got;
        struct hash leaf[11], path[TREE_DEPTH_MOST];
        BUF_OWNED note = { 0 };

        keys_sign_new(&key.pub, sec);
        keys_random(leaf, sizeof(leaf));
        tree_root_of(&c.root, leaf, 11);
        checkpoint_write(&note, &c, sec);
        for (size_t i = 0; i < 11; i++) {
                size_t len = tree_path_of(path, leaf, 11, i);
                struct slice extra = slice_of(leaf, i * 7);
                BUF_OWNED out = { 0 };
                struct proof p;

                proof_write(&out, extra, i, path, len, buf_slice(&note));
                assert_int_equal(proof_read(&p, buf_slice(&out)), 0);
                assert_int_equal(p.index, i);
                assert_true(slice_eq(p.extra, extra));
                assert_int_equal(checkpoint_open(&got, p.checkpoint, &key), 0);
                assert_true(tree_verify_path(&leaf[i], p.index, got.size, p.path, p.path_len,
                                             &got.root));
                proof_free(&p);
        }
}

static void a_proof_with_any_line_amiss_is_refused(void **state)
{
        static const char *const bad[] = {
                "",
                "\n",
                TITLE,
                TITLE INDEX,
                TITLE INDEX "\n",
                INDEX HASH "\n" NOTE,
                "c2sp.org/tlog-proof@v2\n" INDEX HASH "\n" NOTE,
                "c2sp.org/tlog-proof@v1 \n" INDEX HASH "\n" NOTE,
                "c2sp.org/tlog-proof@v1\r\n" INDEX HASH "\n" NOTE,
                "\n" TITLE INDEX HASH "\n" NOTE,
                TITLE "\n" INDEX HASH "\n" NOTE,
                TITLE EXTRA HASH "\n" NOTE,
                TITLE EXTRA EXTRA INDEX HASH "\n" NOTE,
                TITLE INDEX EXTRA HASH "\n" NOTE,
                TITLE INDEX INDEX HASH "\n" NOTE,
                TITLE HASH INDEX "\n" NOTE,
                TITLE "extra\n" INDEX HASH "\n" NOTE,
                TITLE "extra \n" INDEX HASH "\n" NOTE,
                TITLE "extra Zg\n" INDEX HASH "\n" NOTE,
                TITLE "extra Zh==\n" INDEX HASH "\n" NOTE,
                TITLE "extra  Zg==\n" INDEX HASH "\n" NOTE,
                TITLE "Extra Zg==\n" INDEX HASH "\n" NOTE,
                TITLE "index\n" HASH "\n" NOTE,
                TITLE "index \n" HASH "\n" NOTE,
                TITLE "index 01\n" HASH "\n" NOTE,
                TITLE "index -1\n" HASH "\n" NOTE,
                TITLE "index 1 \n" HASH "\n" NOTE,
                TITLE "index 0x1\n" HASH "\n" NOTE,
                TITLE "index 18446744073709551616\n" HASH "\n" NOTE,
                TITLE INDEX "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ\n\n" NOTE,
                TITLE INDEX "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlR=\n\n" NOTE,
                TITLE INDEX "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPg==\n\n" NOTE,
                TITLE INDEX " " HASH "\n" NOTE,
                TITLE INDEX HASH NOTE,
                TITLE INDEX HASH "\n",
                TITLE INDEX HASH "\n\n" NOTE,
                TITLE INDEX HASH "\n" SIZE,
                TITLE INDEX HASH "\n" NOTE "\n",
                TITLE INDEX HASH "\n" NOTE "more\n",
                TITLE INDEX HASH "\n" TITLE INDEX HASH "\n" NOTE,
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                struct proof p = { .index = 99 };

                if (proof_read(&p, slice_str(bad[i])) != PROOF_MALFORMED)
                        fail_msg("number %zu is taken for a proof", i);
                assert_int_equal(p.index, 99);
                assert_null(p.store.at);
        }
}

static void a_proof_cut_short_anywhere_is_refused(void **state)
{
        static const char whole[] = TITLE EXTRA INDEX HASH HASH "\n" NOTE;
        struct proof p;

        for (size_t n = 0; n < sizeof(whole) - 1; n++)
                assert_int_equal(proof_read(&p, slice_of(whole, n)), PROOF_MALFORMED);
}

static void a_path_longer_than_any_tree_is_refused(void **state)
{
        for (size_t over = 0; over < 2; over++) {
                BUF_OWNED bytes = { 0 };
                struct proof p = { 0 };

                buf_puts(&bytes, TITLE INDEX);
                for (size_t i = 0; i < TREE_DEPTH_MOST + over; i++)
                        buf_puts(&bytes, HASH);
                buf_puts(&bytes, "\n" NOTE);
                assert_int_equal(proof_read(&p, buf_slice(&bytes)), over ? PROOF_MALFORMED : 0);
                assert_int_equal(p.path_len, over ? 0 : TREE_DEPTH_MOST);
                proof_free(&p);
        }
}

static void a_proof_has_a_largest_size(void **state)
{
        const struct hash unused = { { 0 } };
        BUF_OWNED extra = { 0 };

        for (size_t len = 90000; len < 110000; len += 10000) {
                BUF_OWNED bytes = { 0 };
                struct proof p = { 0 };
                uint8_t *at;

                buf_clear(&extra);
                at = buf_extend(&extra, len);
                assert_non_null(at);
                memset(at, 0x5a, len);
                proof_write(&bytes, buf_slice(&extra), 0, &unused, 0, slice_str(NOTE));
                assert_int_equal(proof_read(&p, buf_slice(&bytes)),
                                 bytes.len > PROOF_MOST ? PROOF_MALFORMED : 0);
                assert_int_equal(p.extra.len, bytes.len > PROOF_MOST ? 0 : len);
                proof_free(&p);
        }
}

static int start(void **state)
{
        return secret_init();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_proof_is_read_line_by_line),
                cmocka_unit_test(extra_and_path_may_be_missing),
                cmocka_unit_test(what_was_written_is_read_back_and_proves_its_leaf),
                cmocka_unit_test(a_proof_with_any_line_amiss_is_refused),
                cmocka_unit_test(a_proof_cut_short_anywhere_is_refused),
                cmocka_unit_test(a_path_longer_than_any_tree_is_refused),
                cmocka_unit_test(a_proof_has_a_largest_size),
        };

        return cmocka_run_group_tests(tests, start, NULL);
}
