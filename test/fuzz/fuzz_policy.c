/* fuzz_policy.c - any text as a policy
 *
 * What is taken says the same when it is written and read again, and its answers hang together: all
 * witnesses meet it, more of them never less, and who is missing is missing. */
#include "evidence/policy.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_all(struct policy *p, struct slice rest)
{
        struct slice line, word;

        while (slice_split(&rest, '\n', &line)) {
                if (!slice_split(&line, ' ', &word))
                        return false;
                if (policy_line(p, word, line))
                        return false;
        }
        return rest.len == 0 && !policy_end(p);
}

static void check_answers(const struct policy *p)
{
        uint32_t all = p->witnesses == 32 ? UINT32_MAX : (UINT32_C(1) << p->witnesses) - 1, set = 0;
        unsigned least = policy_least(p);

        assert(policy_met(p, all) && policy_missing(p, all) == 0 && least <= p->witnesses);
        for (size_t i = 0; i <= p->witnesses; i++) {
                uint32_t missing = policy_missing(p, set);

                assert((missing == 0) == policy_met(p, set));
                assert((missing & set) == 0 && (missing & ~all) == 0);
                assert(!policy_met(p, set) || i >= least);
                set |= (uint32_t)(UINT64_C(1) << i);
                set &= all;
                assert(missing || policy_met(p, set));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct policy p = { .witnesses = 0 }, again = { .witnesses = 0 };
        BUF_OWNED text = { 0 };

        if (!read_all(&p, slice_of(data, size)))
                return 0;
        check_answers(&p);
        policy_write(&text, &p);
        assert(read_all(&again, buf_slice(&text)));
        assert(memcmp(&again, &p, sizeof(p)) == 0);
        return 0;
}
