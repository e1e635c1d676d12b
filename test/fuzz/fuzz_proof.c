/* fuzz_proof.c - any bytes as a proof
 *
 * A proof that is read has one spelling: written again it is the same bytes. Its path is walked
 * against what its checkpoint says, whatever that is. */
#include "evidence/proof.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        BUF_OWNED again = { 0 };
        struct hash leaf = { { 0 } };
        struct checkpoint c;
        struct proof p;
        struct note n;
        int r = proof_read(&p, slice_of(data, size));

        if (r)
                return 0;
        proof_write(&again, p.extra, p.index, p.path, p.path_len, p.checkpoint);
        assert(slice_eq(buf_slice(&again), slice_of(data, size)));
        r = checkpoint_read(&c, &n, p.checkpoint);
        assert(r == 0);
        /* Without hashing a root may be any leaf; through one hash more nobody finds it. */
        if (tree_verify_path(&leaf, p.index, c.size, p.path, p.path_len, &c.root) ||
            tree_verify_consistency(p.index, &leaf, c.size, &c.root, p.path, p.path_len))
                assert(p.path_len == 0);
        proof_free(&p);
        return 0;
}
