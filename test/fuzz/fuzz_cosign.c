/* fuzz_cosign.c - any bytes as a checkpoint with lines of witnesses under it
 *
 * Nothing verifies but what the witness made; what is left of a note after its strangers were taken
 * out is a note again, and its text the same. */
#include "base/secret.h"
#include "evidence/cosign.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the seeds in the corpus: a witness of the public network. */
static struct note_key witness;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        if (secret_init() ||
            !cosign_vkey_get(slice_str("witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+"
                                       "INwJrfUlgz7W55dSZReusH/GhUhJ/G"),
                             &witness))
                abort();
        return 0;
}

static bool is_witness(void *ctx, const struct note_line *line)
{
        ++*(size_t *)ctx;
        return cosign_is_of(line, &witness);
}

static void check_stripped(const struct note *n, int verdict)
{
        BUF_OWNED rest = { 0 };
        struct note again;
        size_t lines = 0;

        cosign_strip(&rest, n, is_witness, &lines);
        assert(lines == n->lines && !buf_fault(&rest));
        if (verdict == NOTE_UNSIGNED)
                return; /* no line is left, which is no note */
        assert(note_read(&again, buf_slice(&rest)) == 0);
        assert(slice_eq(again.text, n->text));
        assert(cosign_verify(&again, &witness) == verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint64_t seconds = UINT64_MAX;
        struct note_key key;
        struct note n;
        int verdict;

        if (cosign_vkey_get(slice_of(data, size), &key)) {
                BUF_OWNED again = { 0 };

                cosign_vkey_put(&again, &key);
                assert(slice_eq(buf_slice(&again), slice_of(data, size)));
        }
        if (note_read(&n, slice_of(data, size)))
                return 0;
        verdict = cosign_verify(&n, &witness);
        for (size_t i = 0; i < n.lines; i++)
                if (cosign_line_verify(&n.line[i], n.text, &witness, &seconds))
                        assert(seconds <= INT64_MAX);
        check_stripped(&n, verdict);
        return 0;
}
