/* bench.h - the rooms of fumibako-bench
 *
 *      prep      M mailboxes and addresses, registered through the protocol like any other
 *      load      letters for them: real headers, ids, batches and signatures around random bodies
 *      submit    C connections with W batches in flight each; the clock runs here
 *      fetch     recipients list, fetch and acknowledge what was filed for them
 *      measure   what the broker's processes and its disk did meanwhile
 *
 * Bodies are random bytes and not age files, because the broker cannot tell and sealing on the same
 * cores would be measured instead; `fumibako-bench seal` measures sealing by itself. */
#pragma once

#include "cli/cli.h"
#include "crypt/keys.h"
#include "letter/keyfile.h"
#include "letter/name.h"
#include "letter/trust.h"

#include <sys/types.h>

/* ---- places: the addresses of a prepared broker, in a file ---- */

enum { PLACES_MAGIC = 0x66626e31 };

struct place { /* one mailbox with its one address */
        struct address address;
        struct hash statement;
};
struct places {
        uint64_t count;
        struct seed seed;       /* every key follows from it and the place's number */
        const struct place *at; /* mapped from the file */
        size_t mapped;
};
int places_open(struct places *out, const char *path);
void places_close(struct places *p);
int places_write(const char *path, const struct places *places, const struct place *place);
/* Keys of place @n. */
void places_mailbox_key(const struct places *p, uint64_t n, struct sign_sec *sec);
void places_transport(const struct places *p, uint64_t n, struct curve_pub *pub,
                      struct curve_sec *sec);

/* ---- load ---- */

struct load { /* one connection's stream of letters */
        const struct places *places;
        const char *sender;
        const struct sign_sec *sign;
        const uint8_t *pool; /* random bytes to cut bodies from */
        size_t pool_len;
        size_t size;    /* of a body */
        uint64_t state; /* of the place generator */
        uint64_t fixed; /* letters go to places below this number; 0: to all */
        uint8_t nonce[16];
        uint64_t serial;
};
/* Append the records and fill @ids of a batch of @count letters; then sign it. */
int load_batch(struct load *l, size_t count, struct buf *items, struct signature *sig);

/* ---- measure ---- */

struct usage {
        double cpu;                   /* seconds, front and keeper */
        uint64_t memory, memory_peak; /* bytes of anonymous and shared pages, both */
        uint64_t disk;                /* bytes the store takes */
        uint64_t written;             /* bytes written to its device since boot */
};
/* @parent: the broker's process id, 0 for none; @store: its folder or NULL. Keeps the peak in @u.
 */
void measure_now(struct usage *u, pid_t parent, const char *store);

struct spread {
        uint32_t *us; /* latencies in microseconds */
        size_t count, room;
};
void spread_put(struct spread *s, uint64_t us);
void spread_join(struct spread *to, struct spread *from); /* empties @from */
double spread_at(struct spread *s, double share);         /* sorts; milliseconds */
void spread_free(struct spread *s);

/* ---- commands ---- */
int bench_prep(struct cli *c);
int bench_submit(struct cli *c);
int bench_fetch(struct cli *c);
int bench_first(struct cli *c);
int bench_seal(struct cli *c);

/* --trust and --profile, as every command needs them. */
struct bench_who {
        struct trust trust;
        struct keyfile key;
        struct sign_sec *sign;
        struct curve_sec *curve; /* the sender's own */
        struct curve_pub curve_pub;
};
int bench_who_open(struct bench_who *out, struct cli *c);
void bench_who_close(struct bench_who *w);
