/* bundle.c - a folder or a ZIP that is there whole, or not at all */
#include "tax/bundle.h"

#include "base/fault.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

struct bundle {
        char path[PATH_MAX], temp[PATH_MAX + 64];
        zip_t *zip; /* or */
        int at;     /* descriptor of the folder; -1 */
        bool made;  /* something lies at @temp */
};

static bool is_zip(const char *path)
{
        size_t n = strlen(path);

        return n > 4 && strcasecmp(path + n - 4, ".zip") == 0;
}

/* ---- the place ---- */

static int take_path(struct bundle *b, const char *path)
{
        size_t n = strlen(path);
        const char *slash;
        uint64_t tag;

        while (n > 1 && path[n - 1] == '/')
                n--;
        if (!n || n >= sizeof(b->path))
                return fault(n ? -ENAMETOOLONG : -ENOENT);
        memcpy(b->path, path, n);
        b->path[n] = 0;
        if (getrandom(&tag, sizeof(tag), 0) != sizeof(tag))
                return fault(-errno);
        slash = strrchr(b->path, '/');
        snprintf(b->temp, sizeof(b->temp), "%.*s.fumibako-tax-%016llx",
                 slash ? (int)(slash - b->path) + 1 : 0, b->path, (unsigned long long)tag);
        return 0;
}

static int empty(const char *path)
{
        DIR *d = opendir(path);
        struct dirent *e;
        int r = 0;

        if (!d)
                return fault(-errno);
        while (!r && (e = readdir(d)))
                if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
                        r = -ENOTEMPTY;
        closedir(d);
        return r;
}

/* Nothing is there, or for a folder nothing is in it. The last step looks again. */
static int look(const struct bundle *b, bool zip)
{
        struct stat st;

        if (lstat(b->path, &st) < 0)
                return errno == ENOENT ? 0 : fault(-errno);
        return !zip && S_ISDIR(st.st_mode) ? empty(b->path) : fault(-EEXIST);
}

static int zip_trouble(int code, int system)
{
        if (code == ZIP_ER_MEMORY)
                return fault(-ENOMEM);
        return fault(system > 0 ? -system : -EIO);
}

static int make(struct bundle *b, bool zip)
{
        int code = 0;

        if (zip) {
                b->zip = zip_open(b->temp, ZIP_CREATE | ZIP_EXCL, &code);
                return b->zip ? 0 : zip_trouble(code, errno);
        }
        if (mkdir(b->temp, 0777) < 0)
                return fault(-errno);
        b->made = true;
        b->at = open(b->temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return b->at < 0 ? fault(-errno) : 0;
}

int bundle_begin(struct bundle **out, const char *path)
{
        struct bundle *b = calloc(1, sizeof(*b));
        int r;

        if (!b)
                return fault(-ENOMEM);
        b->at = -1;
        r = take_path(b, path);
        if (!r)
                r = look(b, is_zip(b->path));
        if (!r)
                r = make(b, is_zip(b->path));
        if (r)
                bundle_free(b);
        else
                *out = b;
        return r;
}

/* ---- what goes in ---- */

static int write_all(int fd, struct slice bytes)
{
        while (bytes.len) {
                ssize_t n = write(fd, bytes.at, bytes.len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return fault(-errno);
                bytes = slice_from(bytes, (size_t)n);
        }
        return fsync(fd) < 0 ? fault(-errno) : 0;
}

static int put_file(struct bundle *b, const char *name, struct slice bytes)
{
        int fd = openat(b->at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        int r = fd < 0 ? fault(-errno) : write_all(fd, bytes);

        if (fd >= 0 && close(fd) < 0 && !r)
                r = fault(-errno);
        return r;
}

int bundle_put(struct bundle *b, const char *name, struct slice bytes)
{
        zip_source_t *source;

        if (!b->zip)
                return put_file(b, name, bytes);
        source = zip_source_buffer(b->zip, bytes.at, bytes.len, 0);
        if (source && zip_file_add(b->zip, name, source, ZIP_FL_ENC_UTF_8) >= 0)
                return 0;
        zip_source_free(source);
        return zip_trouble(zip_error_code_zip(zip_get_error(b->zip)), 0);
}

/* ---- in its place ---- */

/* The name that was asked for, unless something has it. Not every file system knows links. */
static int place_zip(struct bundle *b)
{
        if (link(b->temp, b->path) == 0) {
                unlink(b->temp);
                return 0;
        }
        if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
                return fault(-errno);
        return renameat2(AT_FDCWD, b->temp, AT_FDCWD, b->path, RENAME_NOREPLACE) == 0
                       ? 0
                       : fault(-errno);
}

static int end_zip(struct bundle *b)
{
        int fd, r;

        if (zip_close(b->zip) < 0) {
                zip_error_t *e = zip_get_error(b->zip);

                return zip_trouble(zip_error_code_zip(e), zip_error_code_system(e));
        }
        b->zip = NULL;
        b->made = true;
        fd = open(b->temp, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return fault(-errno);
        r = fsync(fd) < 0 ? fault(-errno) : 0;
        close(fd);
        return r ? r : place_zip(b);
}

/* rename() takes the place of an empty folder and of nothing else. */
static int end_folder(struct bundle *b)
{
        if (fsync(b->at) < 0 || rename(b->temp, b->path) < 0)
                return fault(errno == ENOTDIR ? -EEXIST : -errno);
        return 0;
}

int bundle_end(struct bundle *b)
{
        int r = b->zip ? end_zip(b) : end_folder(b);

        if (r)
                return r;
        b->made = false;
        return file_sync_folder(b->path);
}

static void remove_folder(struct bundle *b)
{
        int again = b->at < 0 ? -1 : dup(b->at);
        DIR *d = again < 0 ? NULL : fdopendir(again);
        struct dirent *e;

        while (d && (e = readdir(d)))
                if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
                        unlinkat(b->at, e->d_name, 0);
        if (d)
                closedir(d);
        rmdir(b->temp);
}

void bundle_free(struct bundle *b)
{
        if (!b)
                return;
        if (b->zip)
                zip_discard(b->zip);
        if (b->made && is_zip(b->path))
                unlink(b->temp);
        else if (b->made)
                remove_folder(b);
        if (b->at >= 0)
                close(b->at);
        free(b);
}
