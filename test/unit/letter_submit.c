/* letter_submit.c - batches of every size: one signature, and each letter provable alone */
#include "crypt/hash.h"
#include "letter/submit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define SENDER slice_str("org.example-life")

static struct hash ids[SUBMIT_BATCH_MOST];
static struct hash path[SUBMIT_BATCH_MOST][SUBMIT_PATH_MOST];
static uint8_t len[SUBMIT_BATCH_MOST];
static struct sign_pub pub;
static struct sign_sec sec;

static int set_up(void **state)
{
        const struct seed seed = { "a seed for the tests of batches" };

        keys_derive_sign(&sec, &seed, "sender sign", 0);
        keys_sign_pub(&pub, &sec);
        for (size_t i = 0; i < SUBMIT_BATCH_MOST; i++)
                submit_letter_id(&ids[i], slice_of(&i, sizeof(i)));
        return 0;
}

static void a_letter_id_is_the_hash_of_prefix_and_header(void **state)
{
        struct hash id, expected;

        submit_letter_id(&id, slice_str("header"));
        hash_sha256(&expected, slice_str("fumibako letter v1\nheader"));
        assert_true(hash_eq(&id, &expected));
}

/* E3.4 from its words, through the tree's own functions. */
static void root_by_definition(struct hash *root, size_t count)
{
        struct tree_frontier f = { 0 };

        for (size_t i = 0; i < count; i++) {
                struct hash leaf;

                tree_leaf(&leaf, slice_hash(&ids[i]));
                tree_append(&f, &leaf);
        }
        tree_root(root, &f);
}

static void root_and_paths_are_those_of_rfc_6962_for_every_size(void **state)
{
        for (size_t count = 1; count <= SUBMIT_BATCH_MOST; count++) {
                struct hash expected, root, same;

                root_by_definition(&expected, count);
                submit_root(&root, ids, count);
                assert_true(hash_eq(&root, &expected));
                submit_tree(&same, path, len, ids, count);
                assert_true(hash_eq(&same, &expected));
                for (size_t i = 0; i < count; i++) {
                        struct hash leaf;

                        tree_leaf(&leaf, slice_hash(&ids[i]));
                        assert_true(tree_verify_path(&leaf, i, count, path[i], len[i], &root));
                }
        }
}

static void one_path_is_the_same_as_among_all_of_them(void **state)
{
        static const size_t counts[] = { 1, 2, 3, 7, 8, 9, 100, 255, 256 };

        for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
                struct hash root;

                submit_tree(&root, path, len, ids, counts[c]);
                for (size_t i = 0; i < counts[c]; i++) {
                        struct hash one[SUBMIT_PATH_MOST];

                        assert_int_equal(submit_path(one, ids, counts[c], i), len[i]);
                        assert_memory_equal(one, path[i], len[i] * sizeof(one[0]));
                }
        }
}

static void the_signature_is_over_prefix_sender_and_root(void **state)
{
        uint8_t msg[19 + 16 + 32] = "fumibako submit v1\norg.example-life";
        struct signature sig, expected;
        struct hash root;

        submit_root(&root, ids, 5);
        submit_sign(&sig, SENDER, &root, &sec);
        memcpy(msg + 35, root.b, sizeof(root.b));
        sign_make(&expected, slice_of(msg, sizeof(msg)), &sec);
        assert_memory_equal(sig.b, expected.b, sizeof(sig.b));
        assert_true(submit_verify(&sig, SENDER, &root, &pub));
}

static void a_signature_is_for_one_sender_and_one_root(void **state)
{
        struct signature sig;
        struct hash root, other;
        char longest[200];

        submit_root(&root, ids, 5);
        submit_root(&other, ids, 6);
        submit_sign(&sig, SENDER, &root, &sec);
        memset(longest, 'a', sizeof(longest));
        assert_false(submit_verify(&sig, SENDER, &other, &pub));
        assert_false(submit_verify(&sig, slice_str("org.example-lif"), &root, &pub));
        assert_false(submit_verify(&sig, slice_str(""), &root, &pub));
        assert_false(submit_verify(&sig, slice_of(longest, sizeof(longest)), &root, &pub));
        sig.b[3] ^= 1;
        assert_false(submit_verify(&sig, SENDER, &root, &pub));
}

static void every_letter_is_proved_alone_in_batches_of_every_size(void **state)
{
        for (size_t count = 1; count <= SUBMIT_BATCH_MOST; count++) {
                size_t at[] = { 0, count / 2, count - 1 };
                struct signature sig;
                struct hash root;

                submit_tree(&root, path, len, ids, count);
                submit_sign(&sig, SENDER, &root, &sec);
                for (size_t i = 0; i < 3; i++)
                        assert_true(submit_verify_letter(&ids[at[i]], at[i], count, path[at[i]],
                                                         len[at[i]], SENDER, &sig, &pub));
        }
}

static void a_letter_is_not_proved_by_another_place_or_path(void **state)
{
        struct signature sig;
        struct hash root;

        submit_tree(&root, path, len, ids, 11);
        submit_sign(&sig, SENDER, &root, &sec);
        for (size_t i = 0; i < 12; i++)
                assert_int_equal(
                        submit_verify_letter(&ids[4], i, 11, path[4], len[4], SENDER, &sig, &pub),
                        i == 4);
        assert_false(submit_verify_letter(&ids[5], 4, 11, path[4], len[4], SENDER, &sig, &pub));
        assert_false(submit_verify_letter(&ids[4], 4, 11, path[4], 3, SENDER, &sig, &pub));
        assert_false(submit_verify_letter(&ids[4], 4, 11, path[5], len[5], SENDER, &sig, &pub));
        assert_false(submit_verify_letter(&ids[4], 4, 0, path[4], len[4], SENDER, &sig, &pub));
        assert_false(submit_verify_letter(&ids[4], 4, 257, path[4], len[4], SENDER, &sig, &pub));
        path[4][2].b[31] ^= 0x80;
        assert_false(submit_verify_letter(&ids[4], 4, 11, path[4], len[4], SENDER, &sig, &pub));
}

static void a_batch_of_more_than_256_proves_nothing(void **state)
{
        enum { MANY = SUBMIT_BATCH_MOST + 1 };
        struct hash many[MANY], long_path[TREE_DEPTH_MOST], root;
        struct signature sig;
        size_t n;

        for (size_t i = 0; i < MANY; i++)
                tree_leaf(&many[i], slice_hash(&ids[i % SUBMIT_BATCH_MOST]));
        tree_root_of(&root, many, MANY);
        submit_sign(&sig, SENDER, &root, &sec);
        assert_true(submit_verify(&sig, SENDER, &root, &pub));
        n = tree_path_of(long_path, many, MANY, 4);
        assert_false(submit_verify_letter(&ids[4], 4, MANY, long_path, n, SENDER, &sig, &pub));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_letter_id_is_the_hash_of_prefix_and_header),
                cmocka_unit_test(root_and_paths_are_those_of_rfc_6962_for_every_size),
                cmocka_unit_test(one_path_is_the_same_as_among_all_of_them),
                cmocka_unit_test(the_signature_is_over_prefix_sender_and_root),
                cmocka_unit_test(a_signature_is_for_one_sender_and_one_root),
                cmocka_unit_test(every_letter_is_proved_alone_in_batches_of_every_size),
                cmocka_unit_test(a_letter_is_not_proved_by_another_place_or_path),
                cmocka_unit_test(a_batch_of_more_than_256_proves_nothing),
        };

        return cmocka_run_group_tests(tests, set_up, NULL);
}
