/* fuzz_content.c - any bytes as what lies inside a seal
 *
 * The first byte says in what steps the rest is fed; what the sink hears and the code must be those
 * of feeding it at once. Content that is read, written again, is the same bytes: it has one
 * spelling. */
#include "letter/content.h"
#include "letter/seal.h"
#include "schemas/outcomes.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was heard, as content again. */
struct heard {
        struct buf out;
        struct slice note;
        uint32_t count, begun, ended;
        uint64_t left;
};

static int on_note(void *ctx, struct slice note)
{
        struct heard *h = ctx;

        assert(note.len > 0 && h->count == 0);
        h->note = note;
        return 0;
}

static int on_parts(void *ctx, uint32_t count)
{
        struct heard *h = ctx;

        assert(h->note.len && count <= SEAL_PARTS_MOST);
        h->count = count;
        content_put_begin(&h->out, h->note, count);
        return 0;
}

static int on_begin(void *ctx, uint32_t part)
{
        struct heard *h = ctx;

        assert(h->begun == h->ended && h->begun < h->count && h->left == 0);
        h->begun++;
        h->left = part;
        content_put_part(&h->out, part);
        return 0;
}

static int on_bytes(void *ctx, struct slice bytes)
{
        struct heard *h = ctx;

        assert(bytes.len && bytes.len <= h->left && h->begun == h->ended + 1);
        h->left -= bytes.len;
        buf_put(&h->out, bytes);
        return 0;
}

static int on_end(void *ctx)
{
        struct heard *h = ctx;

        assert(h->left == 0 && h->begun == h->ended + 1);
        h->ended++;
        return 0;
}

static int read_in_steps(struct heard *h, struct slice plain, size_t step)
{
        const struct content_sink sink = { on_note, on_parts, on_begin, on_bytes, on_end, h };
        struct content_reader *c = content_reader_new(&sink);
        int r = 0;

        assert(c);
        for (; plain.len && r == 0; plain = slice_from(plain, step))
                r = content_feed(c, slice_upto(plain, step));
        r = content_end(c);
        content_reader_free(c);
        return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct heard whole = { 0 }, stepwise = { 0 };
        struct slice plain = slice_from(slice_of(data, size), 1);
        int r;

        if (size == 0)
                return 0;
        r = read_in_steps(&whole, plain, SIZE_MAX);
        assert(r == 0 || r == OUTCOME_BAD_CONTENT || r == OUTCOME_BAD_PADDING);
        assert(read_in_steps(&stepwise, plain, (size_t)data[0] + 1) == r);
        assert(slice_eq(buf_slice(&whole.out), buf_slice(&stepwise.out)));
        if (r == 0) {
                assert(whole.ended == whole.count && seal_padded(whole.out.len) == plain.len);
                while (whole.out.len < plain.len)
                        buf_putc(&whole.out, 0);
                assert(slice_eq(buf_slice(&whole.out), plain));
        }
        buf_free(&whole.out);
        buf_free(&stepwise.out);
        return 0;
}
