/* fuzz_receipt.c - any bytes as a receipt
 *
 * Here is a log of five leaves with one event among them, and the key that signed it. Nobody who
 * has not that key can make a second receipt: bytes that are judged OK are the one that was made.
 */
#include "base/secret.h"
#include "evidence/tree.h"
#include "letter/event.h"
#include "letter/receipt.h"

#include <assert.h>
#include <stdlib.h>

enum { LEAVES = 5, AT = 2 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct trust trust;
static const struct trust nobody;
static struct hash leaf[LEAVES];
static struct buf made;

static int tile(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *out)
{
        assert(level == 0 && n == 0 && width == LEAVES);
        memcpy(out, leaf, sizeof(leaf));
        return 0;
}

static int make(const struct sign_sec *sec)
{
        static const uint8_t salt[EVENT_SALT] = "sixteen of salt";
        struct checkpoint c = { .origin = "post.example/log/0", .size = LEAVES };
        struct tile_source tiles = { tile, NULL, LEAVES };
        const struct hash statement = { { 1, 2, 3 } };
        BUF_OWNED checkpoint = { 0 };
        BUF_OWNED event = { 0 };

        event_put_statement(&event, 16, slice_str("post.example"), slice_str("org.example-life"),
                            &statement, -1, INT64_C(1764547200123));
        for (size_t i = 0; i < LEAVES; i++) {
                const uint8_t data = (uint8_t)i;

                tree_leaf(&leaf[i], slice_of(&data, 1));
        }
        event_leaf(&leaf[AT], salt, buf_slice(&event));
        tree_root_of(&c.root, leaf, LEAVES);
        checkpoint_write(&checkpoint, &c, sec);
        return receipt_make(&made, buf_slice(&event), salt, AT, buf_slice(&checkpoint),
                            &trust.log[0], &trust.policy, &tiles);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        const struct seed seed = { "a seed for fuzzing receipts....." };
        struct sign_sec sec;

        if (secret_init())
                abort();
        keys_derive_sign(&sec, &seed, "log 0 sign", 0);
        memcpy(trust.log[0].name, "post.example/log/0", 18);
        keys_sign_pub(&trust.log[0].pub, &sec);
        trust.logs = 1;
        if (make(&sec))
                abort();
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct slice receipt = slice_of(data, size);
        struct receipt_finding f, blind;
        int r = receipt_judge(&f, receipt, &trust);

        assert(r == 0 && f.reason[0]);
        assert((f.verdict == RECEIPT_OK) == slice_eq(receipt, buf_slice(&made)));
        /* Who knows less finds no more wrong, and never enough for OK. */
        r = receipt_judge(&blind, receipt, &nobody);
        assert(r == 0 && blind.verdict != RECEIPT_OK);
        assert(f.verdict != RECEIPT_OK || blind.verdict == RECEIPT_INCOMPLETE);
        receipt_finding_free(&f);
        receipt_finding_free(&blind);
        return 0;
}
