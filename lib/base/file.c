/* file.c - whole files: read with a limit, written whole or not at all */
#include "base/file.h"

#include "base/fault.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_regular(int *out, off_t *size, const char *path, size_t most)
{
        struct stat st;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

        if (fd < 0)
                return errno == ENOENT ? FILE_ABSENT : fault(-errno);
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
                close(fd);
                return fault(-EINVAL);
        }
        if ((uint64_t)st.st_size > most) {
                close(fd);
                return FILE_TOO_LARGE;
        }
        *out = fd;
        *size = st.st_size;
        return 0;
}

/* Read until @len bytes are there or the file ends; a file that shrank meanwhile gives fewer. */
static ssize_t read_all(int fd, uint8_t *at, size_t len)
{
        size_t done = 0;

        while (done < len) {
                ssize_t n = read(fd, at + done, len - done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                done += (size_t)n;
        }
        return (ssize_t)done;
}

int file_read(struct buf *out, const char *path, size_t most)
{
        size_t before = out->len;
        off_t size;
        ssize_t n;
        uint8_t *at;
        int fd, r;

        r = open_regular(&fd, &size, path, most);
        if (r)
                return r;
        at = buf_extend(out, (size_t)size);
        n = at || size == 0 ? read_all(fd, at, (size_t)size) : -ENOMEM;
        close(fd);
        if (n < 0) {
                out->len = before;
                return fault((int)n);
        }
        out->len = before + (size_t)n;
        return 0;
}

int file_read_secret(uint8_t **out, size_t *len, const char *path, size_t most)
{
        uint8_t *at;
        off_t size;
        ssize_t n;
        int fd, r;

        r = open_regular(&fd, &size, path, most);
        if (r)
                return r;
        at = secret_new((size_t)size + 1);
        n = at ? read_all(fd, at, (size_t)size) : -ENOMEM;
        close(fd);
        if (n < 0) {
                secret_free(at);
                return fault((int)n);
        }
        *out = at;
        *len = (size_t)n;
        return 0;
}

static int write_all(int fd, struct slice s)
{
        while (s.len) {
                ssize_t n = write(fd, s.at, s.len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                s = slice_from(s, (size_t)n);
        }
        return 0;
}

int file_sync_folder(const char *path_in_it)
{
        char copy[PATH_MAX];
        int fd, r = 0;

        if (snprintf(copy, sizeof(copy), "%s", path_in_it) >= (int)sizeof(copy))
                return fault(-ENAMETOOLONG);
        fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return fault(-errno);
        if (fsync(fd) < 0)
                r = fault(-errno);
        close(fd);
        return r;
}

/* A temporary beside @path with the bytes in it and on disk; its name in @temp. */
static int write_temp(char temp[static PATH_MAX], const char *path, struct slice bytes,
                      unsigned mode)
{
        uint64_t tag;
        int fd, r;

        if (getrandom(&tag, sizeof(tag), 0) != sizeof(tag))
                return fault(-EIO);
        if (snprintf(temp, PATH_MAX, "%s.%016llx.tmp", path, (unsigned long long)tag) >= PATH_MAX)
                return fault(-ENAMETOOLONG);
        fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0)
                return fault(-errno);
        r = write_all(fd, bytes);
        if (!r && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
                r = -errno;
        if (close(fd) < 0 && !r)
                r = -errno;
        if (r) {
                unlink(temp);
                return fault(r);
        }
        return 0;
}

int file_replace(const char *path, struct slice bytes, unsigned mode)
{
        char temp[PATH_MAX];
        int r = write_temp(temp, path, bytes, mode);

        if (r)
                return r;
        if (rename(temp, path) < 0) {
                r = -errno;
                unlink(temp);
                return fault(r);
        }
        return file_sync_folder(path);
}

/* A device or pipe has no old content to protect and must not be exchanged for a file. */
static int write_through(const char *path, struct slice bytes, unsigned mode)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, mode), r;

        if (fd < 0)
                return fault(-errno);
        r = write_all(fd, bytes);
        if (close(fd) < 0 && !r)
                r = -errno;
        return r ? fault(r) : 0;
}

int file_deliver(const char *path, struct slice bytes, unsigned mode)
{
        char target[PATH_MAX];
        struct stat st;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? file_replace(path, bytes, mode) : fault(-errno);
        if (stat(path, &st) < 0) /* a link to what is not there yet: open(2) makes it */
                return errno == ENOENT ? write_through(path, bytes, mode) : fault(-errno);
        if (!S_ISREG(st.st_mode))
                return write_through(path, bytes, mode);
        if (!realpath(path, target))
                return fault(-errno);
        return file_replace(target, bytes, mode);
}

int file_create(const char *path, struct slice bytes, unsigned mode)
{
        char temp[PATH_MAX];
        int r = write_temp(temp, path, bytes, mode);

        if (r)
                return r;
        if (link(temp, path) < 0)
                r = errno == EEXIST ? FILE_EXISTS : fault(-errno);
        unlink(temp);
        return r ? r : file_sync_folder(path);
}

int file_make_folder(const char *path, unsigned mode)
{
        char copy[PATH_MAX];

        if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
                return fault(-ENAMETOOLONG);
        for (char *p = copy + 1; *p; p++) {
                if (*p != '/')
                        continue;
                *p = 0;
                if (mkdir(copy, mode) < 0 && errno != EEXIST)
                        return fault(-errno);
                *p = '/';
        }
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
                return fault(-errno);
        return 0;
}
