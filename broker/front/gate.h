/* gate.h - what a message must be to be passed on: known, small enough, not too often, well-formed
 */
#pragma once

#include "front/rate.h"
#include "wire/frame.h"

enum gate_outcome {
        GATE_REFUSED = 1,    /* to be answered: @said */
        GATE_UNREADABLE = 2, /* no head: nobody to answer to */
};

struct gate_said {
        struct frame frame; /* of the request */
        uint64_t code;
        struct field_trouble where;
};

/* 0 when it may pass. Counts what it refuses. @said->frame is filled on 0 and GATE_REFUSED. */
int gate_check(struct gate_said *said, struct slice request, const struct curve_pub *peer,
               struct rate *rate, int64_t now_us);
