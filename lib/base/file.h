/* file.h - whole files: read with a limit, written whole or not at all */
#pragma once

#include "base/buf.h"

enum { FILE_ABSENT = 1, FILE_TOO_LARGE = 2, FILE_EXISTS = 3 };

/* Append the file's bytes to @out. FILE_ABSENT, FILE_TOO_LARGE (more than @most bytes) or a fault;
 * then @out is as it was. Only regular files: anything else is -EINVAL. */
int file_read(struct buf *out, const char *path, size_t most);

/* As file_read, into secret_new memory that the caller frees with secret_free. */
int file_read_secret(uint8_t **out, size_t *len, const char *path, size_t most);

/* Write a temporary file beside @path, fsync, rename over @path, fsync the folder. After any other
 * result than 0 the old file is untouched and no temporary is left. */
int file_replace(const char *path, struct slice bytes, unsigned mode);

/* To where a person pointed: a regular file, or nothing, is replaced whole; a symbolic link is
 * followed; a terminal, pipe or device is written through, and stays what it is. */
int file_deliver(const char *path, struct slice bytes, unsigned mode);

/* As file_replace, but FILE_EXISTS when there is one already (link(2), so no race). */
int file_create(const char *path, struct slice bytes, unsigned mode);

int file_sync_folder(const char *path_in_it); /* fsync of the folder that holds the path */
int file_make_folder(const char *path,
                     unsigned mode); /* with parents, as mkdir -p; existing is fine */
