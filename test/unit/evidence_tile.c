/* evidence_tile.c - tiles: their widths and names as the specification has them, and trees over
 * them */
#include "evidence/tile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { LEAVES = 70000 };

/* A log in memory, tiled as a broker would: level l holds the roots of full runs of 256^l leaves.
 */
struct log {
        struct hash *level[3];
        uint64_t size;
        int asked;
};

static struct log whole;

static int make_log(void **state)
{
        size_t n = LEAVES;

        for (size_t l = 0; l < 3; l++, n /= TILE_WIDTH) {
                whole.level[l] = calloc(n, sizeof(struct hash));
                assert_non_null(whole.level[l]);
                for (size_t i = 0; i < n; i++) {
                        uint8_t data[8];

                        put_be64(data, i);
                        if (l == 0)
                                tree_leaf(&whole.level[l][i], slice_of(data, sizeof(data)));
                        else
                                tree_root_of(&whole.level[l][i],
                                             &whole.level[l - 1][i * TILE_WIDTH], TILE_WIDTH);
                }
        }
        return 0;
}

static int drop_log(void **state)
{
        for (size_t l = 0; l < 3; l++)
                free(whole.level[l]);
        return 0;
}

static int tile_of_log(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out)
{
        struct log *log = ctx;

        /* Whoever asks for a tile that this size does not publish would get none in the world. */
        assert_int_equal(width, tile_width(level, n, log->size));
        assert_in_range(width, 1, TILE_WIDTH);
        memcpy(out, &log->level[level][n * TILE_WIDTH], width * sizeof(*out));
        log->asked++;
        return 0;
}

/* Half a tile, and then the disk is gone. */
static int tile_torn(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out)
{
        memset(out, 0x5a, sizeof(*out));
        return -EIO;
}

static int tile_broken(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out)
{
        return -EIO;
}

static void the_example_of_the_specification_has_these_tiles(void **state)
{
        assert_int_equal(tile_width(0, 0, 70000), 256);
        assert_int_equal(tile_width(0, 272, 70000), 256);
        assert_int_equal(tile_width(0, 273, 70000), 112);
        assert_int_equal(tile_width(0, 274, 70000), 0);
        assert_int_equal(tile_width(1, 0, 70000), 256);
        assert_int_equal(tile_width(1, 1, 70000), 17);
        assert_int_equal(tile_width(1, 2, 70000), 0);
        assert_int_equal(tile_width(2, 0, 70000), 1);
        assert_int_equal(tile_width(2, 1, 70000), 0);
        assert_int_equal(tile_width(3, 0, 70000), 0);
        assert_int_equal(tile_width(0, 0, 256), 256);
        assert_int_equal(tile_width(0, 1, 256), 0);
        assert_int_equal(tile_width(1, 0, 256), 1);
        assert_int_equal(tile_width(0, 0, 0), 0);
        assert_int_equal(tile_width(7, 0, UINT64_MAX), 255);
        assert_int_equal(tile_width(8, 0, UINT64_MAX), 0);
        assert_int_equal(tile_width(63, 0, UINT64_MAX), 0);
        assert_int_equal(tile_width(0, UINT64_MAX, UINT64_MAX), 0);
        assert_int_equal(tile_width(0, UINT64_MAX >> 8, UINT64_MAX), 255);
}

static void a_tile_has_the_name_of_the_specification(void **state)
{
        static const struct {
                unsigned level;
                uint64_t n;
                unsigned width;
                const char *name;
        } cases[] = {
                { 0, 1234067, 256, "tile/0/x001/x234/067" },
                { 0, 1234067, 12, "tile/0/x001/x234/067.p/12" },
                { 0, 0, 256, "tile/0/000" },
                { 2, 0, 1, "tile/2/000.p/1" },
                { 0, 273, 112, "tile/0/273.p/112" },
                { 1, 999, 255, "tile/1/999.p/255" },
                { 1, 1000, 256, "tile/1/x001/000" },
                { 1, 1000000, 256, "tile/1/x001/x000/000" },
                { 63, UINT64_MAX, 255, "tile/63/x018/x446/x744/x073/x709/x551/615.p/255" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char name[96];

                tile_name(name, cases[i].level, cases[i].n, cases[i].width);
                assert_string_equal(name, cases[i].name);
        }
}

static void paths_from_tiles_are_those_of_the_tree(void **state)
{
        static const uint64_t sizes[] = { 1, 2, 255, 256, 257, 511, 512, 600, 1023, 4097 };

        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
                struct log log = whole;
                struct tile_source ts = { tile_of_log, &log, sizes[s] };
                const struct tree_source src = tile_tree_source(&ts);

                log.size = sizes[s];
                for (uint64_t i = 0; i < sizes[s]; i += 1 + sizes[s] / 97) {
                        struct hash got[TREE_DEPTH_MOST], want[TREE_DEPTH_MOST];
                        size_t len, want_len = tree_path_of(want, log.level[0], sizes[s], i);

                        assert_int_equal(tree_path(got, &len, i, sizes[s], &src), 0);
                        assert_int_equal(len, want_len);
                        assert_memory_equal(got, want, len * sizeof(got[0]));
                }
        }
}

static void a_large_log_proves_its_leaves_and_its_past(void **state)
{
        struct log log = whole;
        struct tile_source ts = { tile_of_log, &log, LEAVES };
        const struct tree_source src = tile_tree_source(&ts);
        static const uint64_t at[] = { 0, 255, 256, 65535, 65536, 69887, 69888, 69999 };
        struct hash root, old_root, p[TREE_DEPTH_MOST];
        size_t len;

        log.size = LEAVES;
        tree_root_of(&root, log.level[0], LEAVES);
        for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
                assert_int_equal(tree_path(p, &len, at[i], LEAVES, &src), 0);
                assert_true(tree_verify_path(&log.level[0][at[i]], at[i], LEAVES, p, len, &root));
                assert_int_equal(tree_consistency(p, &len, at[i], LEAVES, &src), 0);
                tree_root_of(&old_root, log.level[0], at[i]);
                assert_true(tree_verify_consistency(at[i], &old_root, LEAVES, &root, p, len));
        }
}

static void a_path_asks_for_a_tile_once(void **state)
{
        struct log log = whole;
        struct tile_source ts = { tile_of_log, &log, LEAVES };
        const struct tree_source src = tile_tree_source(&ts);
        struct hash p[TREE_DEPTH_MOST], want[TREE_DEPTH_MOST];
        size_t len, want_len = tree_path_of(want, log.level[0], 69900, 0);

        log.size = LEAVES;
        log.asked = 0;
        assert_int_equal(tree_path(p, &len, 0, LEAVES, &src), 0);
        assert_int_equal(len, 17);
        assert_int_equal(log.asked, 4);

        /* A tile held for one size is not taken for the narrower one of another. */
        log.size = ts.size = 69900;
        assert_int_equal(tree_path(p, &len, 0, 69900, &src), 0);
        assert_int_equal(len, want_len);
        assert_memory_equal(p, want, len * sizeof(p[0]));
}

static void the_tile_held_is_no_other(void **state)
{
        struct log log = whole;
        struct tile_source ts = { tile_of_log, &log, LEAVES };
        const struct tree_source src = tile_tree_source(&ts);
        struct hash h;

        log.size = LEAVES;
        for (uint64_t i = 0; i < 2000; i += 100) {
                assert_int_equal(src.node(src.ctx, 0, i, &h), 0);
                assert_memory_equal(&h, &log.level[0][i], sizeof(h));
        }
        ts.tile = tile_torn;
        assert_int_equal(src.node(src.ctx, 0, 0, &h), -EIO);
        ts.tile = tile_of_log;
        assert_int_equal(src.node(src.ctx, 0, 1792, &h), 0);
        assert_memory_equal(&h, &log.level[0][1792], sizeof(h));
}

static void a_node_beyond_the_size_or_a_broken_store_is_a_fault(void **state)
{
        struct log log = whole;
        struct tile_source ts = { tile_of_log, &log, 300 }, broken = { tile_broken, NULL, 300 };
        struct tree_source src = tile_tree_source(&ts);
        struct hash h;

        log.size = 300;
        assert_int_equal(src.node(src.ctx, 0, 299, &h), 0);
        assert_int_equal(src.node(src.ctx, 8, 0, &h), 0);
        log.asked = 0;
        assert_int_equal(src.node(src.ctx, 0, 300, &h), -ERANGE);
        assert_int_equal(src.node(src.ctx, 3, 37, &h), -ERANGE);
        assert_int_equal(src.node(src.ctx, 8, 1, &h), -ERANGE);
        assert_int_equal(src.node(src.ctx, 9, 0, &h), -ERANGE);
        assert_int_equal(src.node(src.ctx, 63, UINT64_MAX, &h), -ERANGE);
        assert_int_equal(src.node(src.ctx, 7, UINT64_C(1) << 60, &h), -ERANGE);
        assert_int_equal(log.asked, 0);
        src = tile_tree_source(&broken);
        assert_int_equal(src.node(src.ctx, 0, 0, &h), -EIO);
        assert_int_equal(src.node(src.ctx, 0, 0, &h), -EIO);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_example_of_the_specification_has_these_tiles),
                cmocka_unit_test(a_tile_has_the_name_of_the_specification),
                cmocka_unit_test(paths_from_tiles_are_those_of_the_tree),
                cmocka_unit_test(a_large_log_proves_its_leaves_and_its_past),
                cmocka_unit_test(a_path_asks_for_a_tile_once),
                cmocka_unit_test(the_tile_held_is_no_other),
                cmocka_unit_test(a_node_beyond_the_size_or_a_broken_store_is_a_fault),
        };

        return cmocka_run_group_tests(tests, make_log, drop_log);
}
