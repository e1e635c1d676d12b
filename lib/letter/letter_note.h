/* letter_note.h - the text of a letter's signed note, read and written: E4.3 */
#pragma once

#include "letter/open.h"
#include "letter/seal.h"

/* What is wrong with the contents of a note, as the name of the line: "title", "part 3 name"; NULL
 * when all of E4.3 holds. Reader and writer both ask it, so that nobody writes what nobody reads.
 * @where is room for the answer; n->whole is not looked at. */
enum { LETTER_NOTE_WHERE = 96 };
const char *letter_note_fault(const struct open_note *n, char where[static LETTER_NOTE_WHERE]);

/* E4.3 for one of them: a title or a part's name of at most @most bytes, and a type. */
bool letter_note_text_ok(struct slice s, size_t most);
bool letter_note_type_ok(struct slice s);

/* Read the text of a note (without its signature lines), all but @out->whole. False when it breaks
 * E4.3, and then @out is untouched. Slices borrow from @text, the parts lie in @part. */
bool letter_note_read(struct open_note *out, struct open_part part[static SEAL_PARTS_MOST],
                      struct slice text);

/* Append the text, ready for note_sign(). @n has no fault. */
void letter_note_write(struct buf *out, const struct open_note *n);
