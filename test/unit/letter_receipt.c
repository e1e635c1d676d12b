/* letter_receipt.c - receipts: what tiles make is judged OK, what anybody changed is not
 *
 * The log is real: leaves in memory, tiles from them, a checkpoint signed over their root. */
#include "base/secret.h"
#include "base/text.h"
#include "evidence/tree.h"
#include "letter/event.h"
#include "letter/receipt.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define ORIGIN "post.example/log/0"
#define TIME   INT64_C(1764547200123)

enum { LEAVES = 70000, GROWN_SIZE = 700 };

static struct hash leaf[LEAVES];
static struct sign_sec log_sec, other_sec;
static struct trust trust;    /* with the log's key */
static struct trust stranger; /* without it */
static struct buf event;
static const uint8_t salt[EVENT_SALT] = "sixteen of salt";

static struct note_key key_of(const char *name, const struct sign_sec *sec)
{
        struct note_key key = { 0 };

        memcpy(key.name, name, strlen(name));
        keys_sign_pub(&key.pub, sec);
        return key;
}

static void put_event(struct buf *out, const char *broker)
{
        const struct header h = { .from = slice_str("org.example-life"),
                                  .to = slice_str("fumi1somebody"),
                                  .class = 2,
                                  .grade = 1,
                                  .size = 4096 };
        struct hash id;

        memset(id.b, 0x11, sizeof(id.b));
        event_put_filed(out, slice_str(broker), &h, &id, TIME);
}

static int set_up(void **state)
{
        const struct seed seed = { "a seed for tests of receipts..." };

        if (secret_init())
                return -1;
        keys_derive_sign(&log_sec, &seed, "log 0 sign", 0);
        keys_derive_sign(&other_sec, &seed, "log 0 sign", 1);
        trust.log[0] = key_of("else.example/log/0", &other_sec);
        trust.log[1] = key_of(ORIGIN, &log_sec);
        trust.logs = 2;
        stranger.log[0] = trust.log[0];
        stranger.logs = 1;
        put_event(&event, "post.example");
        for (size_t i = 0; i < LEAVES; i++)
                tree_leaf(&leaf[i], slice_of(&i, sizeof(i)));
        return buf_fault(&event);
}

static int tear_down(void **state)
{
        buf_free(&event);
        return 0;
}

/* Hash @i of tile (level, n) is the root of 256^level leaves. */
static int tile_of_leaves(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out)
{
        size_t each = (size_t)1 << (8 * level);

        for (unsigned i = 0; i < width; i++) {
                size_t first = (n * TILE_WIDTH + i) * each;

                assert_true(first + each <= LEAVES);
                tree_root_of(&out[i], leaf + first, each);
        }
        return 0;
}

static int broken_tile(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out)
{
        return -EIO;
}

static struct tile_source tiles(uint64_t size)
{
        return (struct tile_source){ tile_of_leaves, NULL, size };
}

static void put_checkpoint(struct buf *out, const char *origin, uint64_t size,
                           const struct sign_sec *sec)
{
        struct checkpoint c = { .size = size };

        memcpy(c.origin, origin, strlen(origin));
        tree_root_of(&c.root, leaf, size);
        checkpoint_write(out, &c, sec);
}

/* A receipt for the event as leaf @at of @size, under the log's name and key. */
static void make(struct buf *out, uint64_t at, uint64_t size)
{
        struct tile_source ts = tiles(size);
        BUF_OWNED checkpoint = { 0 };

        event_leaf(&leaf[at], salt, buf_slice(&event));
        put_checkpoint(&checkpoint, ORIGIN, size, &log_sec);
        assert_int_equal(receipt_make(out, buf_slice(&event), salt, at, buf_slice(&checkpoint),
                                      &trust.log[1], &trust.policy, &ts),
                         0);
}

/* The same put together by hand, so that each part can be wrong. */
struct parts {
        struct slice extra;
        uint64_t index, size;
        const char *origin;
        const struct sign_sec *sec;
};

static void put_together(struct buf *out, const struct parts *p)
{
        struct hash path[TREE_DEPTH_MOST];
        BUF_OWNED checkpoint = { 0 };
        size_t len = tree_path_of(path, leaf, p->size, p->index);

        put_checkpoint(&checkpoint, p->origin, p->size, p->sec);
        proof_write(out, p->extra, p->index, path, len, buf_slice(&checkpoint));
}

static void put_disclosure(struct buf *out, const uint8_t *with_salt, struct slice with_event)
{
        struct disclosure d = { .event = with_event };

        memcpy(d.salt, with_salt, sizeof(d.salt));
        field_write(&disclosure_table, out, &d);
}

static void check_verdict(struct slice receipt, const struct trust *t, enum receipt_verdict verdict,
                          const char *reason)
{
        struct receipt_finding f;

        assert_int_equal(receipt_judge(&f, receipt, t), 0);
        if (reason)
                assert_string_equal(f.reason, reason);
        assert_true(f.reason[0]);
        assert_int_equal(f.verdict, verdict);
        receipt_finding_free(&f);
}

static void a_receipt_made_from_tiles_is_ok_wherever_its_leaf_is(void **state)
{
        static const uint64_t at[][2] = { { 0, 1 },         { 0, 2 },        { 1, 2 },
                                          { 4, 5 },         { 2, 5 },        { 255, 256 },
                                          { 256, 257 },     { 299, 300 },    { 100, 700 },
                                          { 699, 700 },     { 12, 70000 },   { 65535, 70000 },
                                          { 65536, 70000 }, { 69999, 70000 } };

        for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
                BUF_OWNED receipt = { 0 };
                struct receipt_finding f;

                make(&receipt, at[i][0], at[i][1]);
                assert_int_equal(receipt_judge(&f, buf_slice(&receipt), &trust), 0);
                assert_int_equal(f.verdict, RECEIPT_OK);
                assert_int_equal(f.leaf, at[i][0]);
                assert_int_equal(f.checkpoint.size, at[i][1]);
                assert_string_equal(f.checkpoint.origin, ORIGIN);
                receipt_finding_free(&f);
        }
}

/* E6.3 */
static void a_finding_tells_what_happened(void **state)
{
        BUF_OWNED receipt = { 0 };
        struct receipt_finding f;

        make(&receipt, 2, 5);
        assert_int_equal(receipt_judge(&f, buf_slice(&receipt), &trust), 0);
        buf_clear(&receipt);
        assert_string_equal(f.reason, "The event is leaf 2 of " ORIGIN ", which signed for it.");
        assert_true(f.has_event);
        assert_int_equal(f.event.time, TIME);
        assert_true(slice_is(f.event.broker, "post.example"));
        assert_true(f.event.has_from && slice_is(f.event.from, "org.example-life"));
        receipt_finding_free(&f);
}

/* E6.4 */
static void asked_for_again_it_is_the_same_bytes(void **state)
{
        BUF_OWNED one = { 0 };
        BUF_OWNED two = { 0 };

        make(&one, 299, 300);
        make(&two, 299, 300);
        assert_true(slice_eq(buf_slice(&one), buf_slice(&two)));
}

static void check_every_bit(uint64_t at, uint64_t size)
{
        BUF_OWNED receipt = { 0 };

        make(&receipt, at, size);
        check_verdict(buf_slice(&receipt), &trust, RECEIPT_OK, NULL);
        for (size_t bit = 0; bit < 8 * receipt.len; bit++) {
                receipt.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
                check_verdict(buf_slice(&receipt), &trust, RECEIPT_FAIL, NULL);
                receipt.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t len = 0; len < receipt.len; len++)
                check_verdict(slice_upto(buf_slice(&receipt), len), &trust, RECEIPT_FAIL, NULL);
}

static void every_flipped_bit_and_every_cut_fails(void **state)
{
        check_every_bit(0, 1);
        check_every_bit(2, 5);
        check_every_bit(299, 300);
}

static void a_byte_more_fails(void **state)
{
        BUF_OWNED receipt = { 0 };

        make(&receipt, 2, 5);
        buf_putc(&receipt, '\n');
        check_verdict(buf_slice(&receipt), &trust, RECEIPT_FAIL,
                      "This is not a well-formed receipt.");
}

/* E6.6 */
static void without_a_key_for_the_log_the_verdict_is_incomplete_and_names_it(void **state)
{
        const struct trust none = { 0 };
        BUF_OWNED receipt = { 0 };

        make(&receipt, 2, 5);
        check_verdict(buf_slice(&receipt), &stranger, RECEIPT_INCOMPLETE,
                      "The trust file has no key for the log " ORIGIN ".");
        check_verdict(buf_slice(&receipt), &none, RECEIPT_INCOMPLETE, NULL);
}

static void what_is_wrong_is_wrong_without_the_key_too(void **state)
{
        BUF_OWNED extra = { 0 };
        BUF_OWNED receipt = { 0 };
        struct parts p = { .index = 3, .size = 5, .origin = ORIGIN, .sec = &log_sec };

        event_leaf(&leaf[2], salt, buf_slice(&event));
        put_disclosure(&extra, salt, buf_slice(&event));
        p.extra = buf_slice(&extra);
        put_together(&receipt, &p);
        check_verdict(buf_slice(&receipt), &stranger, RECEIPT_FAIL, NULL);
}

/* Put it together with the leaf at 2 of 5 right, then let @p differ. */
static void check_parts(struct parts p, enum receipt_verdict verdict, const char *reason)
{
        BUF_OWNED receipt = { 0 };

        event_leaf(&leaf[2], salt, buf_slice(&event));
        put_together(&receipt, &p);
        check_verdict(buf_slice(&receipt), &trust, verdict, reason);
}

static void a_wrong_index_salt_event_or_root_fails(void **state)
{
        const char *const not_leaf = "The event is not leaf 2 of the log's 5.";
        BUF_OWNED extra = { 0 };
        BUF_OWNED salted = { 0 };
        BUF_OWNED changed = { 0 };
        BUF_OWNED later = { 0 };
        struct header h = { .grade = 1 };
        struct hash id = { { 7 } };
        uint8_t pepper[EVENT_SALT] = { 0 };
        struct parts p = { .index = 2, .size = 5, .origin = ORIGIN, .sec = &log_sec };

        put_disclosure(&extra, salt, buf_slice(&event));
        p.extra = buf_slice(&extra);
        check_parts(p, RECEIPT_OK, NULL);
        p.index = 3;
        check_parts(p, RECEIPT_FAIL, "The event is not leaf 3 of the log's 5.");
        p.index = 2;
        put_disclosure(&salted, pepper, buf_slice(&event));
        p.extra = buf_slice(&salted);
        check_parts(p, RECEIPT_FAIL, not_leaf);
        event_put_filed(&later, slice_str("post.example"), &h, &id, TIME + 1);
        put_disclosure(&changed, salt, buf_slice(&later));
        p.extra = buf_slice(&changed);
        check_parts(p, RECEIPT_FAIL, not_leaf);
}

static void a_root_of_other_leaves_fails(void **state)
{
        BUF_OWNED receipt = { 0 };
        BUF_OWNED extra = { 0 };
        BUF_OWNED checkpoint = { 0 };
        struct hash path[TREE_DEPTH_MOST];
        size_t len;

        event_leaf(&leaf[2], salt, buf_slice(&event));
        put_disclosure(&extra, salt, buf_slice(&event));
        len = tree_path_of(path, leaf, 5, 2);
        leaf[4].b[0] ^= 1;
        put_checkpoint(&checkpoint, ORIGIN, 5, &log_sec);
        proof_write(&receipt, buf_slice(&extra), 2, path, len, buf_slice(&checkpoint));
        check_verdict(buf_slice(&receipt), &trust, RECEIPT_FAIL, NULL);
}

static void an_event_of_another_broker_fails(void **state)
{
        BUF_OWNED foreign = { 0 };
        BUF_OWNED extra = { 0 };
        BUF_OWNED receipt = { 0 };
        struct parts p = { .index = 2, .size = 5, .origin = ORIGIN, .sec = &log_sec };

        put_event(&foreign, "post.exampl");
        event_leaf(&leaf[2], salt, buf_slice(&foreign));
        put_disclosure(&extra, salt, buf_slice(&foreign));
        p.extra = buf_slice(&extra);
        put_together(&receipt, &p);
        check_verdict(buf_slice(&receipt), &trust, RECEIPT_FAIL,
                      "The event is of another broker than the log.");
}

static void a_checkpoint_of_what_is_no_log_fails(void **state)
{
        static const char *const origins[] = { "post.example",        "post.example/log/",
                                               "post.example/log/00", "post.example/logs/0",
                                               "Post.example/log/0",  "/log/0" };
        BUF_OWNED extra = { 0 };
        struct parts p = { .index = 2, .size = 5, .sec = &log_sec };

        put_disclosure(&extra, salt, buf_slice(&event));
        p.extra = buf_slice(&extra);
        for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
                p.origin = origins[i];
                check_parts(p, RECEIPT_FAIL, "The checkpoint does not name a broker's log.");
        }
}

static void a_log_signed_by_another_key_fails(void **state)
{
        BUF_OWNED extra = { 0 };
        struct parts p = { .index = 2, .size = 5, .origin = ORIGIN, .sec = &other_sec };

        put_disclosure(&extra, salt, buf_slice(&event));
        p.extra = buf_slice(&extra);
        check_parts(p, RECEIPT_FAIL,
                    "The checkpoint is signed by another key than the trust file has for " ORIGIN
                    ".");
}

static struct slice text_under(const struct buf *checkpoint)
{
        struct note n;

        assert_int_equal(note_read(&n, buf_slice(checkpoint)), 0);
        return n.text;
}

/* A receipt whose checkpoint has one more line, by @sec under @name. */
static void put_cosigned(struct buf *out, const char *name, const struct sign_sec *sec)
{
        struct hash path[TREE_DEPTH_MOST];
        BUF_OWNED checkpoint = { 0 };
        BUF_OWNED text = { 0 };
        BUF_OWNED extra = { 0 };
        size_t len;

        event_leaf(&leaf[2], salt, buf_slice(&event));
        put_disclosure(&extra, salt, buf_slice(&event));
        len = tree_path_of(path, leaf, 5, 2);
        put_checkpoint(&checkpoint, ORIGIN, 5, &log_sec);
        buf_put(&text, text_under(&checkpoint));
        note_cosign(&checkpoint, buf_slice(&text), name, sec);
        proof_write(out, buf_slice(&extra), 2, path, len, buf_slice(&checkpoint));
}

static void a_line_that_nobody_can_check_is_not_passed_over(void **state)
{
        BUF_OWNED witness = { 0 };
        BUF_OWNED unknown = { 0 };

        put_cosigned(&witness, "witness.example", &other_sec);
        check_verdict(buf_slice(&witness), &trust, RECEIPT_INCOMPLETE,
                      "The trust file has no key for witness.example, which signed the checkpoint "
                      "too.");
        put_cosigned(&unknown, ORIGIN, &other_sec);
        check_verdict(buf_slice(&unknown), &trust, RECEIPT_FAIL, NULL);
}

static void the_same_line_twice_is_not_a_second_spelling(void **state)
{
        BUF_OWNED receipt = { 0 };

        put_cosigned(&receipt, ORIGIN, &log_sec);
        check_verdict(buf_slice(&receipt), &trust, RECEIPT_FAIL,
                      "The checkpoint carries two signature lines of one key.");
}

static void a_log_may_have_an_old_and_a_new_key(void **state)
{
        struct trust both = trust;
        BUF_OWNED by_both = { 0 };
        BUF_OWNED by_one = { 0 };

        both.log[both.logs++] = key_of(ORIGIN, &other_sec);
        put_cosigned(&by_both, ORIGIN, &other_sec);
        check_verdict(buf_slice(&by_both), &both, RECEIPT_OK, NULL);
        make(&by_one, 2, 5);
        check_verdict(buf_slice(&by_one), &both, RECEIPT_OK, NULL);
}

static void without_event_and_salt_the_verdict_is_incomplete(void **state)
{
        struct parts p = { .index = 2, .size = 5, .origin = ORIGIN, .sec = &log_sec };

        check_parts(p, RECEIPT_INCOMPLETE,
                    "The event and its salt are missing: nothing opens leaf 2.");
        p.sec = &other_sec;
        check_parts(p, RECEIPT_FAIL, NULL);
}

static void a_disclosure_says_nothing_beside_salt_and_event(void **state)
{
        static const char *const malformed = "The event in the receipt is not well-formed.";
        BUF_OWNED extra = { 0 };
        BUF_OWNED no_event = { 0 };
        struct parts p = { .index = 2, .size = 5, .origin = ORIGIN, .sec = &log_sec };

        /* Key 32 is one that readers of other records would skip. */
        put_disclosure(&extra, salt, buf_slice(&event));
        assert_int_equal(extra.at[0], 0x82);
        extra.at[0] = 0x83;
        buf_putc(&extra, 32);
        buf_putc(&extra, 7);
        p.extra = buf_slice(&extra);
        check_parts(p, RECEIPT_FAIL, malformed);
        put_disclosure(&no_event, salt, slice_str("no event"));
        p.extra = buf_slice(&no_event);
        check_parts(p, RECEIPT_FAIL, malformed);
}

static void whatever_is_no_receipt_fails(void **state)
{
        check_verdict(slice_str(""), &trust, RECEIPT_FAIL, "This is not a well-formed receipt.");
        check_verdict(slice_str("c2sp.org/tlog-proof@v1\n"), &trust, RECEIPT_FAIL, NULL);
}

/* ---- making ---- */

static int try_to_make(struct buf *out, uint64_t at, uint64_t size, const struct sign_sec *sec,
                       struct tile_source ts)
{
        BUF_OWNED checkpoint = { 0 };

        put_checkpoint(&checkpoint, ORIGIN, size, sec);
        return receipt_make(out, buf_slice(&event), salt, at, buf_slice(&checkpoint), &trust.log[1],
                            &trust.policy, &ts);
}

static void tiles_that_do_not_lead_to_the_root_make_nothing(void **state)
{
        BUF_OWNED checkpoint = { 0 };
        BUF_OWNED out = { 0 };
        struct tile_source ts = tiles(300);

        event_leaf(&leaf[7], salt, buf_slice(&event));
        put_checkpoint(&checkpoint, ORIGIN, 300, &log_sec);
        buf_puts(&out, "kept");
        leaf[256].b[0] ^= 1;
        assert_int_equal(receipt_make(&out, buf_slice(&event), salt, 7, buf_slice(&checkpoint),
                                      &trust.log[1], &trust.policy, &ts),
                         -EPROTO);
        assert_int_equal(receipt_make(&out, buf_slice(&event), salt, 7, slice_str("no note"),
                                      &trust.log[1], &trust.policy, &ts),
                         -EPROTO);
        assert_true(slice_is(buf_slice(&out), "kept"));
        leaf[256].b[0] ^= 1;
        assert_int_equal(receipt_make(&out, buf_slice(&event), salt, 7, buf_slice(&checkpoint),
                                      &trust.log[1], &trust.policy, &ts),
                         0);
}

static void a_leaf_that_is_not_the_event_makes_nothing(void **state)
{
        BUF_OWNED out = { 0 };

        event_leaf(&leaf[7], salt, buf_slice(&event));
        assert_int_equal(try_to_make(&out, 8, 300, &log_sec, tiles(300)), -EPROTO);
        assert_int_equal(try_to_make(&out, 300, 300, &log_sec, tiles(300)), -EPROTO);
        assert_int_equal(try_to_make(&out, UINT64_MAX, 300, &log_sec, tiles(300)), -EPROTO);
        assert_int_equal(try_to_make(&out, 7, 300, &other_sec, tiles(300)), -EPROTO);
        assert_int_equal(out.len, 0);
}

static void a_tile_that_cannot_be_had_is_a_fault_and_not_a_lie(void **state)
{
        struct tile_source ts = { broken_tile, NULL, 300 };
        BUF_OWNED out = { 0 };

        event_leaf(&leaf[7], salt, buf_slice(&event));
        assert_int_equal(try_to_make(&out, 7, 300, &log_sec, ts), -EIO);
        assert_int_equal(out.len, 0);
}

static void the_tree_is_as_large_as_the_checkpoint_says_and_not_the_tiles(void **state)
{
        BUF_OWNED then = { 0 };
        BUF_OWNED now = { 0 };

        make(&then, 299, 300);
        assert_int_equal(try_to_make(&now, 299, 300, &log_sec, tiles(GROWN_SIZE)), 0);
        assert_true(slice_eq(buf_slice(&then), buf_slice(&now)));
        buf_clear(&now);
        assert_int_equal(try_to_make(&now, 299, 300, &log_sec, tiles(1)), 0);
        assert_true(slice_eq(buf_slice(&then), buf_slice(&now)));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_receipt_made_from_tiles_is_ok_wherever_its_leaf_is),
                cmocka_unit_test(a_finding_tells_what_happened),
                cmocka_unit_test(asked_for_again_it_is_the_same_bytes),
                cmocka_unit_test(every_flipped_bit_and_every_cut_fails),
                cmocka_unit_test(a_byte_more_fails),
                cmocka_unit_test(without_a_key_for_the_log_the_verdict_is_incomplete_and_names_it),
                cmocka_unit_test(what_is_wrong_is_wrong_without_the_key_too),
                cmocka_unit_test(a_wrong_index_salt_event_or_root_fails),
                cmocka_unit_test(a_root_of_other_leaves_fails),
                cmocka_unit_test(an_event_of_another_broker_fails),
                cmocka_unit_test(a_checkpoint_of_what_is_no_log_fails),
                cmocka_unit_test(a_log_signed_by_another_key_fails),
                cmocka_unit_test(a_line_that_nobody_can_check_is_not_passed_over),
                cmocka_unit_test(the_same_line_twice_is_not_a_second_spelling),
                cmocka_unit_test(a_log_may_have_an_old_and_a_new_key),
                cmocka_unit_test(without_event_and_salt_the_verdict_is_incomplete),
                cmocka_unit_test(a_disclosure_says_nothing_beside_salt_and_event),
                cmocka_unit_test(whatever_is_no_receipt_fails),
                cmocka_unit_test(tiles_that_do_not_lead_to_the_root_make_nothing),
                cmocka_unit_test(a_leaf_that_is_not_the_event_makes_nothing),
                cmocka_unit_test(a_tile_that_cannot_be_had_is_a_fault_and_not_a_lie),
                cmocka_unit_test(the_tree_is_as_large_as_the_checkpoint_says_and_not_the_tiles),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
