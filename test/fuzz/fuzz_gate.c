/* fuzz_gate.c - any bytes as a message at the front's gates
 *
 * What passes is a request that the keeper's own reading accepts too; what is refused has an answer
 * that a client can read. */
#include "front/gate.h"
#include "ipc/permit.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(const struct gate_said *said)
{
        BUF_OWNED answer = { 0 };
        struct frame frame;

        assert(said->code != 0);
        frame_write_answer(&answer, said->frame.verb, said->frame.number, said->code,
                           slice_str(said->where.where), NULL, NULL);
        assert(frame_read(&frame, buf_slice(&answer), true) == 0);
        assert(frame.verb == said->frame.verb && frame.number == said->frame.number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct curve_pub peer;
        static struct rate *rate;
        struct gate_said said;
        int r;

        if (!rate && rate_new(&rate, 0) != 0)
                abort();
        r = gate_check(&said, slice_of(data, size), &peer, rate, 0);
        assert(r == 0 || r == GATE_REFUSED || r == GATE_UNREADABLE);
        if (r == GATE_REFUSED)
                check_refusal(&said);
        if (r == 0)
                assert(size <= permit_of(said.frame.verb)->most);
        return 0;
}
