/* fuzz_fork.c - any bytes as evidence of a fork
 *
 * It has one spelling, and convinces nobody of a fork that the log's key did not sign twice. */
#include "evidence/fork.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the seeds in the corpus. */
static struct note_key log_key;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        if (!note_vkey_get(slice_str("post.example/log/0+6f88f49d+AZsfhHkc/"
                                     "HZjBFhU04netcqVRJ2HXydqg4QLBgqznPxx"),
                           &log_key))
                abort();
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct checkpoint one, other;
        BUF_OWNED again = { 0 };
        struct fork f;

        if (fork_read(&f, slice_of(data, size)) != 0)
                return 0;
        fork_write(&again, &f);
        assert(slice_eq(buf_slice(&again), slice_of(data, size)));
        if (fork_judge(&f, &log_key, 1, &one, &other) == 0) {
                struct checkpoint c;

                assert(checkpoint_open(&c, f.one, &log_key) == 0);
                assert(checkpoint_open(&c, f.other, &log_key) == 0);
                assert(one.size != other.size || !hash_eq(&one.root, &other.root));
        }
        fork_free(&f);
        return 0;
}
