/* tree.c - the log: every checkpoint handed out is the root of the log's own tiles, and the trees
 * grow out of each other */
#include "world.h"

#include "evidence/checkpoint.h"
#include "evidence/tile.h"

#include <stdlib.h>

static int tile_of(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out)
{
        const struct ask_tile ask = { .level = level, .index = n, .width = width };
        struct world *w = ctx;
        struct answer_tile told;

        assert_int_equal(world_ask(w, &w->registrar, VERB_TILE, &ask), 0);
        world_told(w, &told);
        memcpy(out, told.hashes.at, told.hashes.len);
        return 0;
}

static uint64_t file_some(struct world *w, size_t count, struct buf *checkpoint)
{
        struct letter *l = calloc(count, sizeof(*l));
        struct answer_submit told;

        assert_non_null(l);
        for (size_t i = 0; i < count; i++)
                letter_new(&l[i], w, 16);
        assert_int_equal(world_submit(w, l, count), 0);
        assert_int_equal(w->tally.filed, count);
        world_told(w, &told);
        buf_clear(checkpoint);
        buf_put(checkpoint, told.checkpoint);
        for (size_t i = 0; i < count; i++)
                letter_free(&l[i]);
        free(l);
        return check_checkpoint(w, buf_slice(checkpoint));
}

/* Sizes on, before and behind the edges of tiles, and a second level of 256 full tiles. */
static void every_checkpoint_is_the_root_of_the_tiles(void **state)
{
        struct world *w = world_new();
        BUF_OWNED checkpoint = { 0 };
        const size_t counts[] = { 1, 251, 1, 1, 1, 254, 2, 256, 256, 100, 200, 256 };
        uint64_t size = 3;

        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
                size += counts[i];
                assert_true(file_some(w, counts[i], &checkpoint) == size);
        }
        world_end(w);
}

/* P4.13 */
static void a_log_grows_out_of_what_it_was(void **state)
{
        struct world *w = world_new();
        BUF_OWNED one = { 0 };
        BUF_OWNED two = { 0 };
        struct tile_source tiles = { .tile = tile_of, .ctx = w };
        struct tree_source tree;
        struct hash proof[TREE_DEPTH_MOST];
        struct checkpoint old, new;
        size_t len;

        file_some(w, 100, &one);
        for (size_t i = 0; i < 6; i++) {
                file_some(w, 120, &two);
                assert_int_equal(checkpoint_open(&old, buf_slice(&one), &w->log), 0);
                assert_int_equal(checkpoint_open(&new, buf_slice(&two), &w->log), 0);
                tiles.size = new.size;
                tiles.held.width = 0;
                tree = tile_tree_source(&tiles);
                assert_int_equal(tree_consistency(proof, &len, old.size, new.size, &tree), 0);
                assert_true(tree_verify_consistency(old.size, &old.root, new.size, &new.root, proof,
                                                    len));
        }
        world_end(w);
}

static void what_changes_nothing_in_the_log_needs_no_checkpoint(void **state)
{
        struct world *w = world_new();
        struct letter l;
        uint64_t size = world_tree_size(w);

        letter_new(&l, w, 70000);
        l.alone = true;
        assert_int_equal(world_send(w, &l), OUTCOME_BODY_WANTED);
        assert_true(world_tree_size(w) == size);
        letter_free(&l);
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_checkpoint_is_the_root_of_the_tiles),
                cmocka_unit_test(a_log_grows_out_of_what_it_was),
                cmocka_unit_test(what_changes_nothing_in_the_log_needs_no_checkpoint),
        };

        return WORLD_MAIN(argc, argv, tests);
}
