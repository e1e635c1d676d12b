/* keyfile.h - the key files of brokers, registrars and senders (E7.4)
 *
 * Three or two lines of text, mode 0600:
 *
 *      fumibako <kind> key v1
 *      name <party name>               registrars and senders
 *      seed <base64 of 32 bytes>
 *
 * An unattended server has nobody to type a pass-phrase, so the file is protected by its mode, as an
 * SSH host key is. Everything else is derived from the seed (E2.6, E2.7). */
#pragma once

#include "crypt/keys.h"
#include "letter/name.h"

enum keyfile_outcome { KEYFILE_ABSENT = 1, KEYFILE_BAD = 2, KEYFILE_MODE = 3, KEYFILE_EXISTS = 4 };

struct keyfile {
        char name[NAME_PARTY_MOST + 1];         /* "" when the kind has none */
        struct seed *seed;                      /* secret memory; freed by keyfile_free */
};

/* @kind: "broker", "registrar" or "sender". KEYFILE_MODE: others than the owner may read it, or the owner is
 * neither this user nor root (root itself may read anyone's). */
int keyfile_read(struct keyfile *out, const char *path, const char *kind);
/* A new file with a random seed; never over an existing one. @name NULL for kinds without one. */
int keyfile_create(struct keyfile *out, const char *path, const char *kind, const char *name);
void keyfile_free(struct keyfile *k);
/* A sentence for an outcome of the above, about @path. */
void keyfile_why(char out[static 512], int outcome, const char *path, const char *kind);
