/* fuzz_checkpoint.c - any bytes as a checkpoint
 *
 * What is read can be written again and is then the beginning of the text; nothing opens, because
 * the key is nobody's. */
#include "base/text.h"
#include "evidence/checkpoint.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct slice bytes = slice_of(data, size);
        struct note_key key = { .name = "example.com/behind-the-sofa" };
        struct checkpoint c, unused;
        struct note n;
        BUF_OWNED again = { 0 };
        int r = checkpoint_open(&unused, bytes, &key);

        assert(r > 0);
        if (checkpoint_read(&c, &n, bytes)) {
                assert(r == CHECKPOINT_MALFORMED);
                return 0;
        }
        buf_printf(&again, "%s\n%llu\n", c.origin, (unsigned long long)c.size);
        text_put_base64(&again, slice_hash(&c.root));
        buf_putc(&again, '\n');
        assert(slice_eq(slice_upto(n.text, again.len), buf_slice(&again)));
        assert(c.size <= TREE_SIZE_MOST);
        return 0;
}
