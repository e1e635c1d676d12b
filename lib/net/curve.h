/* curve.h - CURVE on a ZeroMQ socket, for both sides (RFC 26) */
#pragma once

#include "crypt/keys.h"

/* Before bind or connect. A fault from libzmq otherwise. */
int curve_serve(void *socket, const struct curve_sec *sec);
int curve_join(void *socket, const struct curve_pub *server, const struct curve_pub *pub,
               const struct curve_sec *sec);
