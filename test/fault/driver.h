/* driver.h - clients that can be killed at any moment: senders and recipients for the crash tests
 *
 *      driver post  FOLDER NAME        batches of small letters, several in flight, some asked
 * again driver chunk FOLDER NAME        letters of some 100 KiB, piece by piece driver take  FOLDER
 * NAME        lists, fetches, checks and acknowledges for every mailbox
 *
 * FOLDER holds trust, sender.key and places (of 'fumibako-bench prep'). What is asked is in
 * FOLDER/NAME.journal before it is sent, what is answered as soon as it is heard, so that a driver
 * started again goes on with the very bytes of its predecessor, and the test can hold the broker
 * to every answer it ever gave. SIGTERM: ask nothing new, wait for what is asked, end with 0. */
#pragma once

#include "bench/bench.h"
#include "sdk/session.h"

#include <signal.h>

/* ---- journal: be32 length, kind, be64 serial, payload; a torn end is cut off ---- */

enum {
        JOURNAL_ASK = 'Q',     /* a request as it is sent */
        JOURNAL_ANSWER = 'A',  /* its answer */
        JOURNAL_AGAIN = 'D',   /* its answer once more */
        JOURNAL_REFUSAL = 'R', /* to be asked again: BUSY, STORE_FULL and their like */
        JOURNAL_CURSOR = 'C',  /* serial: a place; payload: be64 position */
};

struct journal_entry { /* a request; its serial is its index */
        uint64_t at;
        uint32_t len;
        bool settled;
};
struct journal {
        int fd;
        uint64_t end;
        struct journal_entry *asked;
        size_t count, room;
        uint64_t *cursor; /* by place */
        size_t places;
};
int journal_open(struct journal *j, const char *path, size_t places);
void journal_close(struct journal *j);
int journal_ask(struct journal *j, struct slice request, uint64_t *serial);
int journal_note(struct journal *j, uint8_t kind, uint64_t serial, struct slice payload);
int journal_read(struct journal *j, uint64_t serial, struct buf *request);
/* The first request from @serial on that has no answer yet; false when there is none. */
bool journal_open_ask(const struct journal *j, uint64_t *serial);

/* ---- what the three have in common ---- */

struct driver {
        struct trust trust;
        struct keyfile key;
        struct sign_sec *sign;
        struct curve_sec *curve;
        struct curve_pub pub;
        struct places places;
        struct journal journal;
        uint64_t state; /* of driver_random */
};

extern volatile sig_atomic_t driver_stop;

uint64_t driver_random(struct driver *d, uint64_t below);
/* The broker says: later. */
bool driver_later(uint64_t code);
/* Ask until there is an answer that is not "later", over as many connections as it takes. */
int driver_ask(struct session *s, uint64_t verb, const void *ask, struct buf *bytes, void *answer);

int post_run(struct driver *d);
int chunk_run(struct driver *d);
int take_run(struct driver *d);
