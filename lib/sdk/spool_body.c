/* spool_body.c - sealed bodies: small ones as rows, large ones as files
 *
 * A file is written under a temporary name, synced, and named after its letter before the row that
 * needs it is committed. So a crash can leave a file without a row, never a row without its file;
 * opening the spool sweeps such files away. */
#include "sdk/spool_impl.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int write_all(int fd, struct slice s)
{
        while (s.len) {
                ssize_t n = write(fd, s.at, s.len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == EDQUOT || errno == EFBIG ? -ENOSPC : fault(-errno);
                s = slice_from(s, (size_t)n);
        }
        return 0;
}

static int to_file(struct spool_body *b)
{
        int r;

        if (asprintf(&b->file, "%s/bodies/new.XXXXXX", b->folder) < 0) {
                b->file = NULL;
                return fault(-ENOMEM);
        }
        b->fd = mkostemp(b->file, O_CLOEXEC);
        if (b->fd < 0) {
                r = errno == EDQUOT ? -ENOSPC : fault(-errno);
                free(b->file);
                b->file = NULL;
                return r;
        }
        r = write_all(b->fd, buf_slice(&b->bytes));
        buf_free(&b->bytes);
        return r;
}

int spool_body_put(void *body, struct slice sealed)
{
        struct spool_body *b = body;
        int r = 0;

        b->size += sealed.len;
        if (!b->file && b->size > SPOOL_INLINE_MOST)
                r = to_file(b);
        if (r)
                return r;
        if (b->file)
                return write_all(b->fd, sealed);
        buf_put(&b->bytes, sealed);
        return buf_fault(&b->bytes) ? fault(buf_fault(&b->bytes)) : 0;
}

int spool_body_end(struct spool_body *b)
{
        if (b->file && fsync(b->fd) < 0)
                return errno == EDQUOT ? -ENOSPC : fault(-errno);
        return 0;
}

void spool_body_drop(struct spool_body *b)
{
        if (b->file) {
                close(b->fd);
                unlink(b->file);
                free(b->file);
        }
        buf_free(&b->bytes);
        *b = (struct spool_body){ .folder = b->folder };
}

char *spool_body_path(const char *folder, const struct hash *id)
{
        BUF_OWNED hex = { 0 };
        char *path;

        text_put_hex(&hex, slice_hash(id));
        if (buf_fault(&hex) || asprintf(&path, "%s/bodies/%s.age", folder, buf_cstr(&hex)) < 0)
                return NULL;
        return path;
}

int spool_body_keep(struct spool_body *b, const struct hash *id)
{
        char *path = spool_body_path(b->folder, id);
        int r;

        if (!path)
                return fault(-ENOMEM);
        r = rename(b->file, path) < 0 ? fault(-errno) : file_sync_folder(path);
        free(path);
        if (r)
                return r;
        close(b->fd);
        free(b->file);
        b->file = NULL;
        return 0;
}

int spool_body_inline(struct spool *s, uint64_t place, struct slice *out)
{
        struct spool_place p;

        return spool_get(s, SPOOL_BODY, spool_place(&p, place), out);
}

static int read_at(int fd, uint64_t offset, size_t most, struct buf *out)
{
        uint8_t *to = buf_extend(out, most);
        size_t n = 0;

        if (!to)
                return fault(-ENOMEM);
        while (n < most) {
                ssize_t m = pread(fd, to + n, most - n, (off_t)(offset + n));

                if (m < 0 && errno == EINTR)
                        continue;
                if (m < 0)
                        return fault(-errno);
                if (m == 0)
                        break;
                n += (size_t)m;
        }
        out->len -= most - n;
        return 0;
}

int spool_body_read(struct spool *s, const struct hash *id, uint64_t offset, size_t most,
                    struct buf *out)
{
        char *path = spool_body_path(spool_folder(s), id);
        int fd, r;

        if (!path)
                return fault(-ENOMEM);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        free(path);
        if (fd < 0)
                return errno == ENOENT ? SPOOL_ABSENT : fault(-errno);
        r = read_at(fd, offset, most, out);
        close(fd);
        return r;
}

/* "ID.age" of a letter that is in the spool under this id? */
static bool wanted(struct spool *s, const char *name, int *r)
{
        struct row_spool_letter row;
        struct hash id;
        uint64_t place;

        if (strlen(name) != 68 || strcmp(name + 64, ".age") != 0 ||
            !text_get_hex(slice_of(name, 64), id.b, sizeof(id.b)))
                return false;
        *r = spool_letter_find(s, &id, &place);
        if (*r == 0)
                *r = spool_letter_get(s, place, &row);
        if (*r == SPOOL_ABSENT) {
                *r = 0;
                return false;
        }
        return *r == 0 && hash_eq(&row.id, &id);
}

int spool_body_sweep(struct spool *s)
{
        struct dirent *e;
        char *path;
        DIR *d;
        int r = 0;

        if (asprintf(&path, "%s/bodies", spool_folder(s)) < 0)
                return fault(-ENOMEM);
        d = opendir(path);
        free(path);
        if (!d)
                return fault(-errno);
        while (r == 0 && (e = readdir(d)))
                if (e->d_name[0] != '.' && !wanted(s, e->d_name, &r) && r == 0 &&
                    unlinkat(dirfd(d), e->d_name, 0) < 0)
                        r = fault(-errno);
        closedir(d);
        return r;
}
