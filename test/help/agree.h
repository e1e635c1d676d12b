/* agree.h - our cursor against msgpack-c, an independent reader of the same format */
#pragma once

#include "base/bytes.h"

/* NULL when they agree on the value that @bytes begin with, else what they disagree about:
 * what we accept, msgpack-c accepts, of the same length and with the same values everywhere; and
 * what msgpack-c accepts and would itself write in these very bytes, we accept too. */
const char *agree_on(struct slice bytes);
