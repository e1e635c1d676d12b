/* zap.h - who may connect (RFC 27, P1.3): everybody who holds a CURVE key
 *
 * The handler does not choose; it makes libzmq put the key that was proved onto every message, as
 * its User-Id. What a key may do is decided in the keeper, request by request. */
#pragma once

#include "crypt/keys.h"

/* The handler's socket, to be polled; NULL (errno) on failure. Before the ROUTER is bound. */
void *zap_open(void *zmq);
/* Answer what has come. */
int zap_answer(void *socket);

/* The key in a message's User-Id. */
bool zap_peer(struct curve_pub *out, const char *user_id);
