/* box_export.c - the parts of a letter become files
 *
 *      .fumibako-TAG-N     each part as it is opened, fsynced
 *      ---- the letter has proved right ----
 *      NAME                linked one after the other; a name that is taken is never replaced
 *
 * Should anything fail, everything this call has made is removed again. All names are relative to a
 * descriptor of the folder, so that nobody can exchange the folder meanwhile. A file of that name
 * with these very bytes is the part, exported before. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"
#include "crypt/hash.h"
#include "letter/seal.h"
#include "sdk/safe_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMP_ROOM = 64, AGAIN_MOST = 9999 };

struct target {
        char name[SAFE_NAME_ROOM]; /* "" until it is linked */
        bool before;               /* it was there already */
};

struct exporting {
        struct fumi_box *b;
        const char *folder;
        int at; /* descriptor of the folder */
        int fd; /* of the part in hand */
        uint64_t tag;
        size_t begun; /* temporary files made */
        struct target target[SEAL_PARTS_MOST];
        void (*on_file)(void *ctx, const char *path, const struct fumi_opened_part *p);
        void *ctx;
        int result;
};

static int broken(struct exporting *x, const char *name)
{
        int e = errno;

        return box_say(x->b, fault(-e), "%s%s%s: %s", x->folder, *name ? "/" : "", name,
                       strerror(e));
}

static void temp_name(const struct exporting *x, char out[static TEMP_ROOM], size_t index)
{
        snprintf(out, TEMP_ROOM, ".fumibako-%016llx-%zu", (unsigned long long)x->tag, index);
}

/* ---- while the letter is opened ---- */

static int end_part(struct exporting *x)
{
        int fd = x->fd;

        x->fd = -1;
        if (fd < 0)
                return 0;
        if (fsync(fd) < 0) {
                int r = broken(x, "");

                close(fd);
                return r;
        }
        return close(fd) < 0 ? broken(x, "") : 0;
}

static int begin_part(struct exporting *x)
{
        char temp[TEMP_ROOM];
        int r = end_part(x);

        if (r)
                return r;
        temp_name(x, temp, x->begun);
        x->fd = openat(x->at, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (x->fd < 0)
                return broken(x, "");
        x->begun++;
        return 0;
}

static int on_part(void *ctx, size_t index, const void *bytes, size_t size)
{
        struct exporting *x = ctx;
        const uint8_t *p = bytes;
        int r = 0;

        if (index == x->begun)
                r = begin_part(x);
        while (!r && size) {
                ssize_t n = write(x->fd, p, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return broken(x, "");
                p += n;
                size -= (size_t)n;
        }
        return r;
}

/* ---- once it has proved right ---- */

/* Is the file @name the part @p? */
static bool same_file(struct exporting *x, const char *name, const struct fumi_opened_part *p)
{
        uint8_t piece[65536];
        struct hash_state st;
        struct hash digest;
        struct stat s;
        ssize_t n = -1;
        int fd = openat(x->at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

        if (fd < 0)
                return false;
        hash_begin(&st);
        if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && (uint64_t)s.st_size == p->size)
                while ((n = read(fd, piece, sizeof(piece))) > 0)
                        hash_more(&st, slice_of(piece, (size_t)n));
        close(fd);
        if (n != 0)
                return false;
        hash_end(&st, &digest);
        return memcmp(digest.b, p->sha256, sizeof(p->sha256)) == 0;
}

static bool ours(const struct exporting *x, const char *name, size_t upto)
{
        for (size_t i = 0; i < upto; i++)
                if (strcmp(x->target[i].name, name) == 0)
                        return true;
        return false;
}

/* Give the temporary its name unless something has it. Not every file system knows links. */
static int link_new(struct exporting *x, const char *temp, const char *name)
{
        if (linkat(x->at, temp, x->at, name, 0) == 0)
                return 0;
        if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
                return -errno;
        return renameat2(x->at, temp, x->at, name, RENAME_NOREPLACE) == 0 ? 0 : -errno;
}

static int name_part(struct exporting *x, size_t index, const struct fumi_opened_part *p)
{
        struct target *t = &x->target[index];
        char temp[TEMP_ROOM], safe[SAFE_NAME_ROOM], name[SAFE_NAME_ROOM];
        int r;

        temp_name(x, temp, index);
        safe_name(safe, slice_str(p->name));
        memcpy(name, safe, sizeof(name));
        for (unsigned n = 2; n <= AGAIN_MOST; n++) {
                r = link_new(x, temp, name);
                if (r == -EEXIST && !ours(x, name, index) && same_file(x, name, p)) {
                        t->before = true;
                        r = 0;
                }
                if (r == 0) {
                        memcpy(t->name, name, sizeof(name));
                        return 0;
                }
                if (r != -EEXIST)
                        break;
                safe_name_again(name, safe, n);
        }
        errno = -r;
        return broken(x, name);
}

static void remove_temps(struct exporting *x)
{
        char temp[TEMP_ROOM];

        for (size_t i = 0; i < x->begun; i++) {
                temp_name(x, temp, i);
                unlinkat(x->at, temp, 0); /* gone already when it was renamed */
        }
}

static void remove_targets(struct exporting *x)
{
        for (size_t i = 0; i < SEAL_PARTS_MOST; i++)
                if (*x->target[i].name && !x->target[i].before)
                        unlinkat(x->at, x->target[i].name, 0);
}

static int name_all(struct exporting *x, const struct fumi_opened *o)
{
        int r = end_part(x);

        for (size_t i = 0; i < o->parts && !r; i++)
                r = name_part(x, i, &o->part[i]);
        if (!r && fsync(x->at) < 0)
                r = broken(x, "");
        return r;
}

static void on_opened(void *ctx, const struct fumi_opened *o)
{
        struct exporting *x = ctx;
        char path[2 * PATH_MAX];

        x->result = name_all(x, o);
        for (size_t i = 0; i < o->parts && !x->result && x->on_file; i++) {
                snprintf(path, sizeof(path), "%s/%s", x->folder, x->target[i].name);
                x->on_file(x->ctx, path, &o->part[i]);
        }
}

static int open_folder(struct exporting *x)
{
        int r = file_make_folder(x->folder, 0777);

        if (r)
                return box_say(x->b, r, "%s: %s", x->folder, strerror(-r));
        x->at = open(x->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return x->at < 0 ? broken(x, "") : 0;
}

int fumi_export(fumi_box *b, const fumi_id *id, const char *folder,
                void (*on_file)(void *ctx, const char *path, const struct fumi_opened_part *p),
                void *ctx)
{
        struct exporting *x = calloc(1, sizeof(*x));
        int r;

        if (!x)
                return fault(-ENOMEM);
        x->b = b;
        x->folder = folder;
        x->at = x->fd = -1;
        x->on_file = on_file;
        x->ctx = ctx;
        keys_random(&x->tag, sizeof(x->tag));
        r = open_folder(x);
        if (!r)
                r = fumi_open(b, id, on_opened, on_part, x);
        if (!r)
                r = x->result;
        if (x->fd >= 0)
                close(x->fd);
        if (x->at >= 0) {
                remove_temps(x);
                if (r)
                        remove_targets(x);
                close(x->at);
        }
        free(x);
        return r;
}
