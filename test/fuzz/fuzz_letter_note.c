/* fuzz_letter_note.c - any bytes as the text of a letter's note
 *
 * A text that is read has one spelling: written from what it says it is the same bytes. */
#include "letter/letter_note.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct open_part part[SEAL_PARTS_MOST];
        struct slice text = slice_of(data, size);
        struct open_note n = { 0 };
        BUF_OWNED again = { 0 };

        if (!letter_note_read(&n, part, text)) {
                assert(n.parts == 0 && n.part == NULL);
                return 0;
        }
        assert(n.parts <= SEAL_PARTS_MOST && n.title.len <= SEAL_TITLE_MOST);
        letter_note_write(&again, &n);
        assert(slice_eq(buf_slice(&again), text));
        return 0;
}
