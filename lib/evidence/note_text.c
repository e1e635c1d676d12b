/* note_text.c - the text of a note, line by line
 *
 * A statement has one spelling: its lines come in a fixed order, each "word rest" with one space
 * between. The reader asks for them in that order; the first line that is not the one asked for is
 * the trouble, and from then on nothing is given, so that a caller reads to the end and asks once.
 */
#include "evidence/note.h"

#include "base/text.h"

bool note_text_ok(struct slice text)
{
        if (text.len == 0 || text.at[text.len - 1] != '\n')
                return false;
        for (size_t i = 0; i < text.len; i++)
                if (text.at[i] < 0x20 && text.at[i] != '\n')
                        return false;
        return text_is_utf8(text);
}

struct note_text note_text_of(struct slice text)
{
        return (struct note_text){ .rest = text };
}

void note_text_line(struct note_text *t, const char *line)
{
        struct slice got;

        if (t->trouble)
                return;
        if (!slice_split(&t->rest, '\n', &got) || !slice_is(got, line))
                t->trouble = true;
}

bool note_text_field_if(struct note_text *t, const char *word, struct slice *out)
{
        struct slice rest = t->rest, line;
        size_t len = strlen(word);

        if (t->trouble || !slice_split(&rest, '\n', &line))
                return false;
        if (line.len <= len || line.at[len] != ' ' || !slice_is(slice_upto(line, len), word))
                return false;
        if (line.len == len + 1) {
                t->trouble = true;
                return false;
        }
        t->rest = rest;
        *out = slice_from(line, len + 1);
        return true;
}

struct slice note_text_field(struct note_text *t, const char *word)
{
        struct slice value = { 0 };

        if (!note_text_field_if(t, word, &value))
                t->trouble = true;
        return value;
}

struct hash note_text_hash(struct note_text *t, const char *word)
{
        struct slice value = note_text_field(t, word);
        struct hash h;

        if (!t->trouble && text_get_base64(value, h.b, sizeof(h.b)))
                return h;
        t->trouble = true;
        return (struct hash){ 0 };
}

bool note_text_end(struct note_text *t)
{
        return !t->trouble && t->rest.len == 0;
}
