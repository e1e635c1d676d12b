/* evidence_tree.c - the tree against its definition, word for word, and against published values */
#include "base/text.h"
#include "crypt/hash.h"
#include "evidence/tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { MANY = 130, GROWN = 600 };

/* ---- the definition: RFC 6962 section 2.1, recursive and slow ---- */

static size_t split(size_t n)
{
        size_t k = 1;

        while (2 * k < n)
                k *= 2;
        return k;
}

static struct hash mth(const struct hash *d, size_t n)
{
        struct hash out, left, right;

        if (n == 0)
                hash_sha256(&out, slice_str(""));
        if (n == 1)
                out = d[0];
        if (n > 1) {
                const uint8_t one = 1;

                left = mth(d, split(n));
                right = mth(d + split(n), n - split(n));
                hash_sha256_parts(&out,
                                  (struct slice[]){ slice_of(&one, 1), slice_hash(&left),
                                                    slice_hash(&right) },
                                  3);
        }
        return out;
}

static size_t path(struct hash *out, size_t m, const struct hash *d, size_t n)
{
        size_t k, len;

        if (n == 1)
                return 0;
        k = split(n);
        len = m < k ? path(out, m, d, k) : path(out, m - k, d + k, n - k);
        out[len] = m < k ? mth(d + k, n - k) : mth(d, k);
        return len + 1;
}

static size_t subproof(struct hash *out, size_t m, const struct hash *d, size_t n, bool known)
{
        size_t k, len;

        if (m == n) {
                if (!known)
                        out[0] = mth(d, n);
                return !known;
        }
        k = split(n);
        len = m <= k ? subproof(out, m, d, k, known) : subproof(out, m - k, d + k, n - k, false);
        out[len] = m <= k ? mth(d + k, n - k) : mth(d, k);
        return len + 1;
}

/* The sides on which the hashes of a path stand, leaf's sibling first. */
static size_t sides(bool *left, size_t m, size_t n)
{
        size_t k, len;

        if (n == 1)
                return 0;
        k = split(n);
        len = m < k ? sides(left, m, k) : sides(left, m - k, n - k);
        left[len] = m >= k;
        return len + 1;
}

/* ---- leaves ---- */

static struct hash some[GROWN];

static int make_leaves(void **state)
{
        for (size_t i = 0; i < GROWN; i++) {
                uint8_t data[8];

                put_be64(data, i);
                tree_leaf(&some[i], slice_of(data, sizeof(data)));
        }
        return 0;
}

static int node_of_some(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
        size_t *size = ctx;

        /* Only complete subtrees may be asked for. */
        assert_true(((index + 1) << level) <= *size);
        *out = mth(some + (index << level), (size_t)1 << level);
        return 0;
}

static int node_broken(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
        return level == 1 ? -EIO : 0;
}

static bool same(const struct hash *a, size_t a_len, const struct hash *b, size_t b_len)
{
        return a_len == b_len && slice_eq(slice_of(a, a_len * 32), slice_of(b, b_len * 32));
}

/* ---- the published tree of eight leaves (Certificate Transparency's reference) ---- */

static const char *const ct_leaf[] = {
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
};
static const char *const ct_root[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
static const struct {
        size_t from, size, len; /* from: an index or an older size */
        const char *hash[3];
} ct_path[] = {
        { 0, 1, 0, { NULL } },
        { 0,
          8,
          3,
          { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
        { 5,
          8,
          3,
          { "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
        { 2, 3, 1, { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" } },
        { 1,
          5,
          3,
          { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
}, ct_consistency[] = {
        { 1, 1, 0, { NULL } },
        { 1,
          8,
          3,
          { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
        { 6,
          8,
          3,
          { "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
        { 2,
          5,
          2,
          { "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
};

static struct hash unhex(const char *hex)
{
        struct hash h;

        assert_true(text_get_hex(slice_str(hex), h.b, sizeof(h.b)));
        return h;
}

static void ct_leaves(struct hash *out)
{
        for (size_t i = 0; i < 8; i++) {
                uint8_t data[16];
                size_t len = strlen(ct_leaf[i]) / 2;

                assert_true(text_get_hex(slice_str(ct_leaf[i]), data, len));
                tree_leaf(&out[i], slice_of(data, len));
        }
}

static void the_published_roots_are_ours(void **state)
{
        struct tree_frontier f = { 0 };
        struct hash leaf[8], root, want;

        ct_leaves(leaf);
        for (size_t n = 0; n <= 8; n++) {
                want = unhex(ct_root[n]);
                tree_root_of(&root, leaf, n);
                assert_true(hash_eq(&root, &want));
                tree_root(&root, &f);
                assert_true(hash_eq(&root, &want));
                if (n < 8)
                        tree_append(&f, &leaf[n]);
        }
}

static void the_published_paths_are_ours_and_verify(void **state)
{
        struct hash leaf[8];

        ct_leaves(leaf);
        for (size_t i = 0; i < sizeof(ct_path) / sizeof(ct_path[0]); i++) {
                struct hash want[3], got[TREE_DEPTH_MOST], root = unhex(ct_root[ct_path[i].size]);
                size_t len = tree_path_of(got, leaf, ct_path[i].size, ct_path[i].from);

                for (size_t j = 0; j < ct_path[i].len; j++)
                        want[j] = unhex(ct_path[i].hash[j]);
                assert_true(same(got, len, want, ct_path[i].len));
                assert_true(tree_verify_path(&leaf[ct_path[i].from], ct_path[i].from,
                                             ct_path[i].size, want, ct_path[i].len, &root));
        }
}

static void the_published_consistency_proofs_verify(void **state)
{
        for (size_t i = 0; i < sizeof(ct_consistency) / sizeof(ct_consistency[0]); i++) {
                struct hash want[3], old = unhex(ct_root[ct_consistency[i].from]);
                struct hash root = unhex(ct_root[ct_consistency[i].size]);

                for (size_t j = 0; j < ct_consistency[i].len; j++)
                        want[j] = unhex(ct_consistency[i].hash[j]);
                assert_true(tree_verify_consistency(ct_consistency[i].from, &old,
                                                    ct_consistency[i].size, &root, want,
                                                    ct_consistency[i].len));
        }
}

static void leaves_of_any_length_are_marked_and_hashed(void **state)
{
        uint8_t data[601] = { 0 };

        memset(data + 1, 0x5a, 600);
        for (size_t len = 0; len <= 600; len++) {
                struct hash leaf, want;

                tree_leaf(&leaf, slice_of(data + 1, len));
                hash_sha256(&want, slice_of(data, 1 + len));
                assert_true(hash_eq(&leaf, &want));
        }
}

static void a_growing_tree_has_the_root_of_its_definition(void **state)
{
        struct tree_frontier f = { 0 };

        for (size_t n = 0; n <= GROWN; n++) {
                struct hash want = mth(some, n), root;

                tree_root(&root, &f);
                assert_true(hash_eq(&root, &want));
                assert_int_equal(f.size, n);
                tree_root_of(&root, some, n);
                assert_true(hash_eq(&root, &want));
                if (n < GROWN)
                        tree_append(&f, &some[n]);
        }
}

static void a_peak_stands_for_every_bit_of_the_size(void **state)
{
        struct tree_frontier f = { 0 };

        for (size_t i = 0; i < 0x2b; i++)
                tree_append(&f, &some[i]);
        assert_int_equal(tree_peaks(f.size), 4);
        for (size_t i = 0, at = 0; i < 4; i++) {
                static const size_t run[] = { 32, 8, 2, 1 };
                struct hash want = mth(some + at, run[i]);

                assert_true(hash_eq(&f.peak[i], &want));
                at += run[i];
        }
}

static void every_path_is_that_of_the_definition_and_verifies(void **state)
{
        for (size_t n = 1; n <= MANY; n++) {
                struct hash root = mth(some, n);
                const struct tree_source src = { node_of_some, &n };

                for (size_t m = 0; m < n; m++) {
                        struct hash want[16], got[TREE_DEPTH_MOST];
                        size_t want_len = path(want, m, some, n), len;

                        len = tree_path_of(got, some, n, m);
                        assert_true(same(got, len, want, want_len));
                        assert_int_equal(tree_path(got, &len, m, n, &src), 0);
                        assert_true(same(got, len, want, want_len));
                        assert_true(tree_verify_path(&some[m], m, n, got, len, &root));
                }
        }
}

/* A path does for another index or size only where it climbs by the very same sides: so never for
 * another index of the same tree. */
static void a_path_serves_no_other_place(void **state)
{
        enum { N = 40 };

        for (size_t n = 1; n <= N; n++) {
                struct hash root = mth(some, n);

                for (size_t m = 0; m < n; m++) {
                        struct hash p[16];
                        bool mine[16], theirs[16];
                        size_t len = path(p, m, some, n);

                        sides(mine, m, n);
                        for (size_t size = 0; size <= N + 2; size++)
                                for (size_t i = 0; i <= N + 2; i++) {
                                        bool alike = i < size && sides(theirs, i, size) == len &&
                                                     memcmp(mine, theirs, len) == 0;

                                        assert_true(tree_verify_path(&some[m], i, size, p, len,
                                                                     &root) == alike);
                                        assert_false(alike && size == n && i != m);
                                }
                }
        }
}

static void no_bent_path_verifies(void **state)
{
        for (size_t n = 1; n <= 33; n++) {
                struct hash root = mth(some, n);

                for (size_t m = 0; m < n; m++) {
                        struct hash p[16] = { 0 }, leaf = some[m];
                        size_t len = path(p, m, some, n);

                        for (size_t i = 0; i < 16; i++)
                                if (i != len)
                                        assert_false(tree_verify_path(&leaf, m, n, p, i, &root));
                        for (size_t bit = 0; bit < len * 256; bit++) {
                                p[bit / 256].b[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
                                assert_false(tree_verify_path(&leaf, m, n, p, len, &root));
                                p[bit / 256].b[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
                        }
                        root.b[n % 32] ^= 1;
                        assert_false(tree_verify_path(&leaf, m, n, p, len, &root));
                        root.b[n % 32] ^= 1;
                        leaf.b[m % 32] ^= 0x80;
                        assert_false(tree_verify_path(&leaf, m, n, p, len, &root));
                        leaf.b[m % 32] ^= 0x80;
                        assert_true(tree_verify_path(&leaf, m, n, p, len, &root));
                        assert_false(tree_verify_path(&leaf, m, 0, p, len, &root));
                        assert_false(tree_verify_path(&leaf, m, UINT64_MAX, p, len, &root));
                }
        }
}

static void every_consistency_proof_is_that_of_the_definition_and_verifies(void **state)
{
        for (size_t n = 1; n <= MANY; n++) {
                struct hash root = mth(some, n);
                const struct tree_source src = { node_of_some, &n };

                for (size_t m = 1; m <= n; m++) {
                        struct hash old = mth(some, m), want[16], got[TREE_DEPTH_MOST];
                        size_t want_len = subproof(want, m, some, n, true), len;

                        assert_int_equal(tree_consistency(got, &len, m, n, &src), 0);
                        assert_true(same(got, len, want, want_len));
                        assert_true(tree_verify_consistency(m, &old, n, &root, got, len));
                }
        }
}

static void no_bent_consistency_proof_verifies(void **state)
{
        for (size_t n = 2; n <= 33; n++) {
                struct hash root = mth(some, n);

                for (size_t m = 1; m < n; m++) {
                        struct hash old = mth(some, m), p[16] = { 0 };
                        size_t len = subproof(p, m, some, n, true);

                        for (size_t i = 0; i < 16; i++)
                                if (i != len)
                                        assert_false(
                                                tree_verify_consistency(m, &old, n, &root, p, i));
                        for (size_t bit = 0; bit < len * 256; bit++) {
                                p[bit / 256].b[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
                                assert_false(tree_verify_consistency(m, &old, n, &root, p, len));
                                p[bit / 256].b[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
                        }
                        for (size_t other = 0; other <= n + 1; other++)
                                if (other != m)
                                        assert_false(tree_verify_consistency(other, &old, n, &root,
                                                                             p, len));
                        assert_false(tree_verify_consistency(n, &root, m, &old, p, len));
                        assert_false(tree_verify_consistency(m, &root, n, &root, p, len));
                        assert_false(tree_verify_consistency(m, &old, n, &old, p, len));
                        assert_false(tree_verify_consistency(m, &old, 2 * n, &root, p, len));
                }
        }
}

static void a_tree_is_consistent_with_itself_and_with_nothing_at_all(void **state)
{
        struct hash empty, root = mth(some, 7), other = mth(some, 6), p[TREE_DEPTH_MOST];
        size_t len = 9;
        const struct tree_source src = { node_broken, NULL };

        tree_empty(&empty);
        assert_true(tree_verify_consistency(7, &root, 7, &root, NULL, 0));
        assert_false(tree_verify_consistency(7, &other, 7, &root, NULL, 0));
        assert_false(tree_verify_consistency(7, &root, 7, &root, &root, 1));
        assert_true(tree_verify_consistency(0, &empty, 7, &root, NULL, 0));
        assert_false(tree_verify_consistency(0, &other, 7, &root, NULL, 0));
        assert_false(tree_verify_consistency(0, &empty, 7, &root, &root, 1));
        assert_false(tree_verify_consistency(6, &other, 7, &root, NULL, 0));
        assert_false(tree_verify_consistency(4, &other, 7, &root, NULL, 0));
        assert_int_equal(tree_consistency(p, &len, 0, 7, &src), 0);
        assert_int_equal(len, 0);
        len = 9;
        assert_int_equal(tree_consistency(p, &len, 7, 7, &src), 0);
        assert_int_equal(len, 0);
}

static void a_source_that_breaks_is_a_fault_and_no_path(void **state)
{
        const struct tree_source src = { node_broken, NULL };
        struct hash p[TREE_DEPTH_MOST];
        size_t len = 9;

        assert_int_equal(tree_path(p, &len, 0, 8, &src), -EIO);
        assert_int_equal(tree_consistency(p, &len, 6, 8, &src), -EIO);
        assert_int_equal(tree_path(p, &len, 8, 8, &src), -ERANGE);
        assert_int_equal(tree_path(p, &len, 0, 0, &src), -ERANGE);
        assert_int_equal(tree_path(p, &len, 0, TREE_SIZE_MOST + 1, &src), -ERANGE);
        assert_int_equal(tree_consistency(p, &len, 9, 8, &src), -ERANGE);
        assert_int_equal(len, 9);
}

static int node_zero(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
        *out = (struct hash){ { 0 } };
        return 0;
}

static void the_largest_trees_fit_the_room_for_a_path(void **state)
{
        const struct tree_source src = { node_zero, NULL };
        struct hash p[TREE_DEPTH_MOST];
        size_t len;

        assert_int_equal(tree_path(p, &len, 1, TREE_SIZE_MOST, &src), 0);
        assert_int_equal(len, 62);
        assert_int_equal(tree_path(p, &len, 1, TREE_SIZE_MOST - 1, &src), 0);
        assert_int_equal(len, 62);
        assert_int_equal(tree_consistency(p, &len, TREE_SIZE_MOST - 1, TREE_SIZE_MOST, &src), 0);
        assert_int_equal(len, 63);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_published_roots_are_ours),
                cmocka_unit_test(the_published_paths_are_ours_and_verify),
                cmocka_unit_test(the_published_consistency_proofs_verify),
                cmocka_unit_test(leaves_of_any_length_are_marked_and_hashed),
                cmocka_unit_test(a_growing_tree_has_the_root_of_its_definition),
                cmocka_unit_test(a_peak_stands_for_every_bit_of_the_size),
                cmocka_unit_test(every_path_is_that_of_the_definition_and_verifies),
                cmocka_unit_test(a_path_serves_no_other_place),
                cmocka_unit_test(no_bent_path_verifies),
                cmocka_unit_test(every_consistency_proof_is_that_of_the_definition_and_verifies),
                cmocka_unit_test(no_bent_consistency_proof_verifies),
                cmocka_unit_test(a_tree_is_consistent_with_itself_and_with_nothing_at_all),
                cmocka_unit_test(a_source_that_breaks_is_a_fault_and_no_path),
                cmocka_unit_test(the_largest_trees_fit_the_room_for_a_path),
        };

        return cmocka_run_group_tests(tests, make_leaves, NULL);
}
