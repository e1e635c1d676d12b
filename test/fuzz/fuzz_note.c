/* fuzz_note.c - any bytes as a note, a verifier key and the text of a statement
 *
 * A note that is read has one spelling: its parts put together again are its bytes. Only the note
 * of the specification's example, which is among the seeds, verifies. */
#include "evidence/note.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct note_key key;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        if (!note_vkey_get(slice_str("example.com/foo+530d903a+"
                                     "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
                           &key))
                abort();
        return 0;
}

static void read_note(struct slice bytes)
{
        BUF_OWNED again = { 0 };
        struct note n;

        if (note_read(&n, bytes))
                return;
        assert(n.lines >= 1 && n.lines <= NOTE_SIGNATURES_MOST);
        buf_put(&again, n.text);
        buf_putc(&again, '\n');
        for (size_t i = 0; i < n.lines; i++) {
                assert(note_name_ok(n.line[i].name));
                buf_puts(&again, "\xe2\x80\x94 ");
                buf_put(&again, n.line[i].name);
                buf_putc(&again, ' ');
                buf_put(&again, n.line[i].signature);
                buf_putc(&again, '\n');
        }
        assert(slice_eq(buf_slice(&again), bytes));
        if (note_verify(&n, &key) == 0)
                assert(slice_is(n.text, "This is an example message.\n"));
}

static void read_vkey(struct slice text)
{
        BUF_OWNED again = { 0 };
        struct note_key k;

        if (!note_vkey_get(text, &k))
                return;
        note_vkey_put(&again, &k);
        assert(slice_eq(buf_slice(&again), text));
}

/* What a reader of statements does, with what was given put together again. */
static void read_text(struct slice text)
{
        struct note_text t = note_text_of(text);
        BUF_OWNED again = { 0 };
        struct slice value;

        note_text_line(&t, "fumibako address v1");
        buf_puts(&again, "fumibako address v1\naddress ");
        buf_put(&again, note_text_field(&t, "address"));
        buf_putc(&again, '\n');
        while (note_text_field_if(&t, "seal", &value)) {
                buf_puts(&again, "seal ");
                buf_put(&again, value);
                buf_putc(&again, '\n');
        }
        if (note_text_end(&t))
                assert(slice_eq(buf_slice(&again), text));
        else
                note_text_hash(&t, "previous");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct slice bytes = slice_of(data, size);

        read_note(bytes);
        read_vkey(bytes);
        read_text(bytes);
        return 0;
}
