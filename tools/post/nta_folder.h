/* nta_folder.h - a folder that is there whole or not at all
 *
 * Files are gathered in DIR.part beside it, which becomes DIR in one rename when all of them are on
 * the disk. Whoever is killed leaves a DIR.part; the next run takes it over. */
#pragma once

#include "base/bytes.h"

#include <limits.h>

enum { FOLDER_THERE = 1, FOLDER_BUSY = 2, FOLDER_FOREIGN = 3 };

struct nta_folder {
        char path[PATH_MAX], part[PATH_MAX];
        int fd; /* of the part, locked */
};

/* FOLDER_THERE: @path is there and not an empty folder. FOLDER_BUSY: somebody else gathers files
 * for it. FOLDER_FOREIGN: its .part holds something that this program did not put there. -errno. */
int nta_folder_begin(struct nta_folder *f, const char *path);
/* A new file in it. -EEXIST, -errno. */
int nta_folder_put(struct nta_folder *f, const char *name, struct slice bytes);
/* Everything to disk, and there it is. On anything but 0 the folder is to be dropped. */
int nta_folder_finish(struct nta_folder *f);
void nta_folder_drop(struct nta_folder *f); /* nothing of it stays */
