/* listen.h - the listening sockets, which the parent makes so that the front needs no right to */
#pragma once

#include "base/bytes.h"

enum listen_outcome { LISTEN_BAD = 1 };

/* Listen on @endpoint, "tcp://ADDRESS:PORT" with * for any address or a free port. The descriptor,
 * and the endpoint as it came out. LISTEN_BAD or a fault: @why says what is wrong with the
 * endpoint. */
int listen_open(int *fd, char out[static 128], const char *endpoint, char why[static 256]);
