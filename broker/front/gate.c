/* gate.c - what a message must be to be passed on (P2.6)
 *
 * The cheap questions first. The shape is checked again by the keeper, which does not believe us;
 * here it keeps strangers' slips and fuzz away from it. */
#include "front/gate.h"

#include "ipc/permit.h"
#include "metric/metric.h"
#include "schemas/outcomes.h"

#include <assert.h>
#include <stddef.h>

static int refuse(struct gate_said *said, uint64_t code, enum metric counter)
{
        metric_add(counter, 1);
        said->code = code;
        return GATE_REFUSED;
}

int gate_check(struct gate_said *said, struct slice request, const struct curve_pub *peer,
               struct rate *rate, int64_t now_us)
{
        union {
                uint8_t bytes[1024];
                max_align_t align;
        } ask;
        const struct permit *permit;
        const struct frame_verb *verb;

        said->where.where[0] = 0;
        if (frame_read(&said->frame, request, false) != 0)
                return GATE_UNREADABLE;
        if (rate_take(rate, peer, now_us) != 0)
                return refuse(said, OUTCOME_RATE, METRIC_FRONT_RATE);
        permit = permit_of(said->frame.verb);
        if (!permit)
                return refuse(said, OUTCOME_UNKNOWN_VERB, METRIC_FRONT_UNKNOWN_VERB);
        if (request.len > permit->most)
                return refuse(said, OUTCOME_TOO_LARGE, METRIC_FRONT_TOO_LARGE);
        verb = frame_verb_of(said->frame.verb);
        assert(verb && verb->ask_size <= sizeof(ask));
        if (field_read_message(verb->ask, request, &ask, &said->where) != 0)
                return refuse(said, OUTCOME_MALFORMED, METRIC_FRONT_MALFORMED);
        return 0;
}
