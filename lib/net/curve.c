/* curve.c - CURVE on a ZeroMQ socket, for both sides (P1.2) */
#include "net/curve.h"

#include "base/fault.h"

#include <errno.h>
#include <zmq.h>

static int set_key(void *socket, int option, const uint8_t key[static 32])
{
        return zmq_setsockopt(socket, option, key, 32) < 0 ? fault(-errno) : 0;
}

int curve_serve(void *socket, const struct curve_sec *sec)
{
        const int yes = 1;

        if (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof(yes)) < 0)
                return fault(-errno);
        return set_key(socket, ZMQ_CURVE_SECRETKEY, sec->b);
}

int curve_join(void *socket, const struct curve_pub *server, const struct curve_pub *pub,
               const struct curve_sec *sec)
{
        int r = set_key(socket, ZMQ_CURVE_SERVERKEY, server->b);

        if (!r)
                r = set_key(socket, ZMQ_CURVE_PUBLICKEY, pub->b);
        return r ? r : set_key(socket, ZMQ_CURVE_SECRETKEY, sec->b);
}
