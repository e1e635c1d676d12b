/* nta_map.h - a posting run's mapping file: which number leads to which address (N5.1)
 *
 *      number,address
 *      第１２－３４５６７８号,fumi1q9k6...
 *
 * Numbers are the same when every character is: a wrong match would put a certificate into a
 * stranger's mailbox. What only looks alike (spaces, full and half width, the shape of a hyphen,
 * zeros that a spreadsheet dropped) is a hint to the sender, never a match. */
#pragma once

#include "post/sheet.h"

enum { NTA_MAP_BYTES_MOST = 256 << 20, NTA_MAP_NUMBER_MOST = 1000 };

struct nta_map_row {
        const char *number, *address;
        unsigned line, column; /* of the number */
};

struct nta_map {
        struct sheet sheet;
        struct nta_map_row *row; /* by number */
        size_t rows;
        struct nta_map_like *like; /* for nta_map_alike(); made when it is first asked */
        struct buf folded;
};

/* 0, or -EINVAL after errors were said; -errno. To be freed in any case. */
int nta_map_read(struct nta_map *m, const char *path, sheet_say say, void *ctx);
void nta_map_free(struct nta_map *m);

/* NULL: the file does not have that number. */
const struct nta_map_row *nta_map_find(const struct nta_map *m, const char *number);
/* One that only looks like it; NULL when there is none, or no memory to look. */
const struct nta_map_row *nta_map_alike(struct nta_map *m, const char *number);
