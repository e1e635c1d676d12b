/* bundle.h - a folder or a ZIP that is there whole, or not at all (N4.5)
 *
 *      begin -> put, put, ... -> end        in its place, and durable
 *                             -> free       whatever was not ended leaves nothing
 *
 * Everything is written under a name beside the place, with a dot before it; the last step gives it
 * the name that was asked for, and never takes it from something else. */
#pragma once

#include "base/bytes.h"

struct bundle;

/* @path: a ZIP when it ends with .zip, else a folder. -EEXIST, -ENOTEMPTY when something is there.
 */
int bundle_begin(struct bundle **out, const char *path);
/* @bytes are borrowed until the end: a ZIP reads them then. @name is safe and no other's. */
int bundle_put(struct bundle *b, const char *name, struct slice bytes);
int bundle_end(struct bundle *b);
void bundle_free(struct bundle *b); /* NULL is fine */
