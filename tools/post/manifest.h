/* manifest.h - a run's manifest: which files go to whom, checked as a whole before anything is sent
 *
 *      address,type,title,files[,class][,key]
 *
 * The columns may stand in any order. A line without a key of its own gets one that follows from
 * what it says: SHA-256 over address, type, title, class and the files' digests, and which
 * occurrence of all that it is. So the same manifest run again names the same letters, whatever its
 * line numbers are then. */
#pragma once

#include "base/buf.h"

enum { MANIFEST_MOST = 256 << 20, MANIFEST_KEY = 201, MANIFEST_PARTS_MOST = 64 };

struct manifest_row {
        unsigned line;
        const char *address, *type, *title, *letter_class;
        char **file; /* paths */
        size_t files;
        char key[MANIFEST_KEY];
        bool own_key; /* from the key column: does not follow from the content */
};

struct manifest {
        char *path;
        struct buf text; /* the file, cut into strings */
        struct manifest_row *row;
        size_t rows;
        unsigned errors;
};

/* Each error is handed to @say as "FILE:LINE:COLUMN: what"; so is, without being one, a line that
 * says the same as another. */
typedef void (*manifest_say)(void *ctx, const char *sentence);

/* 0, or -EINVAL after errors were said; -errno. To be freed in any case. */
int manifest_read(struct manifest *m, const char *path, manifest_say say, void *ctx);
void manifest_free(struct manifest *m);
