/* front.h - the process that meets strangers
 *
 *      strangers = ROUTER over CURVE =  gates  = channel =>  keeper
 *
 * It believes nothing: it checks size, rate and shape, passes on what could be a request with the
 * key that the connection proved to hold, and gives back answers by their route. It has no file, no
 * key but its transport key, and no way to call anybody: a front that was taken over can read
 * ciphertext, drop and delay, and make up requests that only read in the name of any transport key;
 * it can change nothing, for that takes a signature which the keeper checks. */
#pragma once

#include "crypt/keys.h"

enum { FRONT_LISTENS_MOST = 4 };

struct front_config {
        const struct curve_sec *transport;
        int listen[FRONT_LISTENS_MOST]; /* listening sockets, made by the parent */
        char endpoint[FRONT_LISTENS_MOST][128];
        size_t listens;
        int keeper;    /* the channel */
        int stop;      /* reads an end when it is time to stop */
        uint64_t rate; /* most requests a second from one key; 0: no limit */
};

struct front;

/* Sockets and buffers; begins to listen. Takes the descriptors over. */
int front_open(struct front **out, const struct front_config *cfg);

/* Until told to stop: 0 when everything in flight was answered, FRONT_KEEPER_GONE, or a fault. */
enum front_outcome { FRONT_KEEPER_GONE = 1 };
int front_run(struct front *f);
void front_close(struct front **f); /* gives answers a second to leave; NULL inside is fine */
