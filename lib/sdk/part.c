/* part.c - where the bytes of a letter's parts come from while it is composed
 *
 * A draft remembers a file by path and digest, so that a spool does not hold everything twice. */
#include "sdk/part.h"

#include "base/fault.h"
#include "crypt/hash.h"
#include "schemas/outcomes.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IO = 65536 };

static const struct {
        const char *ending, *media;
} known_media[] = {
        { ".xml", "application/xml" }, { ".pdf", "application/pdf" },
        { ".txt", "text/plain" },      { ".csv", "text/csv" },
        { ".html", "text/html" },      { ".json", "application/json" },
        { ".png", "image/png" },       { ".jpg", "image/jpeg" },
        { ".jpeg", "image/jpeg" },     { ".zip", "application/zip" },
};

static const char *media_of(const char *name)
{
        size_t len = strlen(name);

        for (size_t i = 0; i < sizeof(known_media) / sizeof(*known_media); i++) {
                size_t n = strlen(known_media[i].ending);

                if (len > n && strcasecmp(name + len - n, known_media[i].ending) == 0)
                        return known_media[i].media;
        }
        return "application/octet-stream";
}

static int64_t read_file(void *ctx, uint64_t offset, uint8_t *to, size_t room)
{
        const struct part *p = ctx;
        ssize_t n;

        do
                n = pread(p->fd, to, room, (off_t)offset);
        while (n < 0 && errno == EINTR);
        return n < 0 ? fault(-errno) : n;
}

static int hash_file(struct part *p)
{
        uint8_t bytes[IO];
        struct hash_state st;

        hash_begin(&st);
        for (uint64_t at = 0; at < p->size;) {
                int64_t n = read_file(p, at, bytes, sizeof(bytes));

                if (n < 0)
                        return (int)n;
                if (n == 0)
                        break; /* shrunk meanwhile: sealing will say so */
                hash_more(&st, slice_of(bytes, (size_t)n));
                at += (uint64_t)n;
        }
        hash_end(&st, &p->digest);
        return 0;
}

static int open_file(struct part *p, const char *path)
{
        struct stat st;

        p->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (p->fd < 0)
                return -errno;
        if (fstat(p->fd, &st) < 0)
                return fault(-errno);
        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
        if ((uint64_t)st.st_size > SEAL_BODY_MOST)
                return OUTCOME_TOO_LARGE;
        p->size = (uint64_t)st.st_size;
        p->path = realpath(path, NULL);
        return p->path ? hash_file(p) : fault(-errno);
}

static void open_bytes(struct part *p, struct slice bytes)
{
        p->bytes = bytes;
        p->size = bytes.len;
        hash_sha256(&p->digest, bytes);
}

int part_open(struct part *p, const struct fumi_part *from)
{
        const char *slash = from->file ? strrchr(from->file, '/') : NULL;
        const char *name = from->name ? from->name : slash ? slash + 1 : from->file;

        *p = (struct part){ .fd = -1 };
        assert(name && (from->bytes || from->file || !from->size));
        p->name = strdup(name);
        p->media = strdup(from->media ? from->media : media_of(name));
        if (!p->name || !p->media)
                return fault(-ENOMEM);
        if (from->file)
                return open_file(p, from->file);
        open_bytes(p, slice_of(from->bytes, from->size));
        return 0;
}

static char *string(struct slice s)
{
        return strndup(s.len ? (const char *)s.at : "", s.len);
}

int part_reopen(struct part *p, const struct draft_part *from)
{
        char *path = string(from->file);
        int r = 0;

        *p = (struct part){ .fd = -1 };
        p->name = string(from->name);
        p->media = string(from->media);
        if (!p->name || !p->media || !path)
                r = fault(-ENOMEM);
        else if (from->has_file)
                r = open_file(p, path);
        else
                open_bytes(p, from->bytes);
        free(path);
        if (from->has_file && (r == -ENOENT || r == OUTCOME_TOO_LARGE ||
                               (r == 0 && !hash_eq(&p->digest, &from->digest))))
                return OUTCOME_PART_DISAGREES;
        return r;
}

void part_close(struct part *p)
{
        if (p->fd >= 0)
                close(p->fd);
        free(p->name);
        free(p->media);
        free(p->path);
        *p = (struct part){ .fd = -1 };
}

struct seal_part part_seal(struct part *p)
{
        if (!p->path)
                return seal_part_of_bytes(p->name, p->media, &p->bytes);
        return (struct seal_part){ p->name, p->media, p->size, read_file, p };
}

struct draft_part part_draft(const struct part *p)
{
        return (struct draft_part){
                .name = slice_str(p->name),
                .media = slice_str(p->media),
                .size = p->size,
                .has_file = p->path != NULL,
                .file = slice_str(p->path),
                .has_digest = p->path != NULL,
                .digest = p->digest,
                .has_bytes = p->path == NULL,
                .bytes = p->bytes,
        };
}
