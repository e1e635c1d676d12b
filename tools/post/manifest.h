/* manifest.h - a run's manifest: which files go to whom, checked as a whole before anything is sent
 *
 *      address,type,title,files[,class][,key]
 *
 * The columns may stand in any order. A line without a key of its own gets one that follows from
 * what it says: SHA-256 over address, type, title, class and the files' digests, and which
 * occurrence of all that it is. So the same manifest run again names the same letters, whatever its
 * line numbers are then. */
#pragma once

#include "post/sheet.h"

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
        struct sheet sheet;
        struct manifest_row *row;
        size_t rows;
};

/* 0, or -EINVAL after errors were said to @say, and, without being one, a line that says the same
 * as another; -errno. To be freed in any case. */
int manifest_read(struct manifest *m, const char *path, sheet_say say, void *ctx);
void manifest_free(struct manifest *m);
