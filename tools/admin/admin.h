/* admin.h - the commands of fumibako-admin, one file each */
#pragma once

#include "base/clock.h"
#include "cli/cli.h"
#include "letter/keyfile.h"
#include "letter/trust.h"

/* Commands: each returns an exit code. */
int admin_broker_init(struct cli *c);
int admin_registrar_init(struct cli *c);
int admin_sender(struct cli *c);
int admin_enrol(struct cli *c);
int admin_trust(struct cli *c);
int admin_enlist(struct cli *c);
int admin_counters(struct cli *c);

/* The keys that a broker's seed gives (E2.6). Public halves only. */
struct admin_broker {
        char name[NAME_PARTY_MOST + 1];
        struct note_key attest, log;
        struct curve_pub curve;
};
/* Key file @path of the broker called @name; says why and returns an exit code, or 0. */
int admin_broker_read(struct admin_broker *out, struct cli *c, const char *path, const char *name);

/* A registrar's key, secret half in secret memory (freed with secret_free). */
int admin_registrar_read(struct note_key *pub, struct sign_sec **sec, struct cli *c,
                         const char *path);

/* --from and --days as instants; now when --from is missing. */
int admin_validity(struct cli *c, instant *from, instant *until);
/* Write @bytes to --out (whole or not at all), or to standard output; with --json standard output
 * gets an object with the text or the path. */
int admin_put(struct cli *c, struct slice bytes);
/* A text file of at most @most bytes, or an exit code. */
int admin_get(struct cli *c, struct buf *out, const char *path, size_t most);
