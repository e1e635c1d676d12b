/* route.h - a connection's number, as the channel carries it
 *
 * A ROUTER names a connection that has not chosen a name by a zero byte and four bytes it counts
 * up; these four are the route. A connection that did choose one could take the place of another
 * and is not served. */
#pragma once

#include "base/bytes.h"

enum { ROUTE_IDENTITY = 5 };

bool route_read(struct slice identity, uint8_t route[static 4]);
void route_identity(uint8_t out[static ROUTE_IDENTITY], const uint8_t route[static 4]);
