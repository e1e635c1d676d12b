/* clock.h - instants in milliseconds since 1970-01-01T00:00:00Z
 *
 * One type for every instant in the project. Only main programs ask the clock; the rooms below are
 * handed the time. Tests set a fake clock with clock_set(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

typedef int64_t instant; /* milliseconds, UTC */

enum {
        CLOCK_RFC3339 = 32,    /* room for "2026-11-23T00:00:00Z" */
        CLOCK_RFC3339_MS = 32, /* room for "2026-11-23T00:00:00.000Z" */
};

#define CLOCK_SECOND INT64_C(1000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR   (60 * CLOCK_MINUTE)
#define CLOCK_DAY    (24 * CLOCK_HOUR)

instant clock_now(void);
void clock_set(instant fixed); /* 0 gives the real clock back; for tests */
int64_t clock_mono_us(void);   /* monotonic microseconds, for durations only */

/* RFC 3339 in UTC, whole seconds (rounded down) or with milliseconds. */
void clock_rfc3339(char out[static CLOCK_RFC3339], instant t);
void clock_rfc3339_ms(char out[static CLOCK_RFC3339_MS], instant t);

/* Read RFC 3339 with "Z" or a numeric offset, with or without a fraction. False when it is none or
 * names a date that does not exist. */
bool clock_parse(struct slice text, instant *out);
