/* nta_folder.c - a folder that is there whole or not at all */
#include "post/nta_folder.h"

#include "base/fault.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Certificates say what a person earns and pays: not for everybody's eyes. */
enum { FOLDER_MODE = 0700, FILE_MODE = 0600 };

static int is_free(const char *path)
{
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), r = 0;
        const struct dirent *e;
        DIR *d;

        if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) /* a file, a symbolic link */
                return FOLDER_THERE;
        if (fd < 0)
                return errno == ENOENT ? 0 : fault(-errno);
        d = fdopendir(fd);
        if (!d) {
                r = -errno;
                close(fd);
                return fault(r);
        }
        while (!r && (e = readdir(d)))
                if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
                        r = FOLDER_THERE;
        closedir(d);
        return r;
}

static bool ours(const char *name)
{
        size_t n = strlen(name);

        return (strncmp(name, "TEG", 3) == 0 && n > 4 && strcmp(name + n - 4, ".xml") == 0) ||
               strcmp(name, "manifest.csv") == 0;
}

/* What a run that was killed left, and nothing else. */
static int empty(int folder)
{
        int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        const struct dirent *e;
        DIR *d = fd < 0 ? NULL : fdopendir(fd);

        if (!d) {
                r = -errno;
                if (fd >= 0)
                        close(fd);
                return fault(r);
        }
        while (!r && (e = readdir(d))) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                        continue;
                if (!ours(e->d_name))
                        r = FOLDER_FOREIGN;
                else if (unlinkat(folder, e->d_name, 0) < 0)
                        r = fault(-errno);
        }
        closedir(d);
        return r;
}

/* The lock is on the folder itself; between opening and locking it another run may have finished
 * with it. */
static int lock_part(struct nta_folder *f)
{
        struct stat here, there;

        if (flock(f->fd, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? FOLDER_BUSY : fault(-errno);
        if (fstat(f->fd, &here) < 0 || lstat(f->part, &there) < 0 || here.st_ino != there.st_ino ||
            here.st_dev != there.st_dev)
                return FOLDER_BUSY;
        return empty(f->fd);
}

int nta_folder_begin(struct nta_folder *f, const char *path)
{
        size_t n = strlen(path);
        int r;

        f->fd = -1;
        while (n > 1 && path[n - 1] == '/')
                n--;
        if (snprintf(f->path, sizeof(f->path), "%.*s", (int)n, path) >= PATH_MAX ||
            snprintf(f->part, sizeof(f->part), "%.*s.part", (int)n, path) >= PATH_MAX)
                return fault(-ENAMETOOLONG);
        r = is_free(f->path);
        if (r)
                return r;
        if (mkdir(f->part, FOLDER_MODE) < 0 && errno != EEXIST)
                return fault(-errno);
        f->fd = open(f->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (f->fd < 0)
                return fault(-errno);
        r = lock_part(f);
        if (r) {
                close(f->fd);
                f->fd = -1;
        }
        return r;
}

int nta_folder_put(struct nta_folder *f, const char *name, struct slice bytes)
{
        int fd = openat(f->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                        FILE_MODE);
        int r = 0;

        if (fd < 0)
                return fault(-errno);
        while (!r && bytes.len) {
                ssize_t n = write(fd, bytes.at, bytes.len);

                if (n >= 0)
                        bytes = slice_from(bytes, (size_t)n);
                else if (errno != EINTR)
                        r = fault(-errno);
        }
        if (close(fd) < 0 && !r)
                r = fault(-errno);
        return r;
}

/* One syncfs(2) instead of ten thousand fsync(2): nobody sees the folder before. */
int nta_folder_finish(struct nta_folder *f)
{
        if (syncfs(f->fd) < 0)
                return fault(-errno);
        if (rename(f->part, f->path) < 0) /* over an empty folder, too */
                return errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR ? FOLDER_THERE
                                                                                 : fault(-errno);
        close(f->fd);
        f->fd = -1;
        return file_sync_folder(f->path);
}

void nta_folder_drop(struct nta_folder *f)
{
        if (f->fd < 0)
                return;
        (void)empty(f->fd);
        rmdir(f->part);
        close(f->fd);
        f->fd = -1;
}
