/* lmdb_folder.c - the folder of a store: whose it is, who has it, and the making of an empty one
 *
 * Nothing is opened for writing, and no file is made, before the folder is known to be ours and
 * closed to everyone else. An empty store is made beside its name and renamed, so data.mdb is whole
 * or absent. */
#include "store/lmdb_env.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_owner(const char *path, const struct stat *st, unsigned want,
                       struct store_why *why)
{
        unsigned mode = st->st_mode & 07777;

        if (st->st_uid == geteuid() && (mode & 077) == 0)
                return 0;
        store_explain(
                why,
                "%s belongs to user %u with mode %04o; it must belong to user %u with mode %04o",
                path, (unsigned)st->st_uid, mode, (unsigned)geteuid(), want);
        return STORE_OWNER;
}

static int trouble(const char *doing, const char *path, struct store_why *why)
{
        int r = -errno;

        store_explain(why, "cannot %s %s: %s", doing, path, strerror(-r));
        return fault(r);
}

/* The folder as an absolute path, made when it may be. */
static int find_folder(struct lmdb_store *s, const struct store_config *cfg, struct store_why *why)
{
        struct stat st;
        int r = cfg->create ? file_make_folder(cfg->path, 0700) : 0;

        if (r) {
                store_explain(why, "cannot make the folder %s: %s", cfg->path, strerror(-r));
                return r;
        }
        s->folder = realpath(cfg->path, NULL);
        if (!s->folder && errno == ENOENT) {
                store_explain(why, "there is no store in %s: no such folder", cfg->path);
                return STORE_ABSENT;
        }
        if (!s->folder || stat(s->folder, &st) < 0)
                return trouble("find", cfg->path, why);
        if (!S_ISDIR(st.st_mode)) {
                store_explain(why, "%s is no folder", s->folder);
                return STORE_FOREIGN;
        }
        return check_owner(s->folder, &st, 0700, why);
}

/* STORE_ABSENT or what lies at s->file is a file of ours. Links are not followed: the file that is
 * checked must be the file that is opened. */
static int check_data(struct lmdb_store *s, struct store_why *why)
{
        struct stat st;

        if (lstat(s->file, &st) < 0) {
                if (errno != ENOENT)
                        return trouble("find", s->file, why);
                store_explain(why, "there is no store in %s: no data.mdb", s->folder);
                return STORE_ABSENT;
        }
        if (!S_ISREG(st.st_mode) || st.st_size == 0) {
                store_explain(why, "%s is no store: %s", s->file,
                              S_ISREG(st.st_mode) ? "it is empty" : "not a regular file");
                return STORE_FOREIGN;
        }
        return check_owner(s->file, &st, 0600, why);
}

static int in_use(const char *path, int fd, struct store_why *why)
{
        char pid[16] = "";
        ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

        pid[n > 0 ? n : 0] = 0;
        pid[strspn(pid, "0123456789")] = 0;
        if (*pid)
                store_explain(why, "%s is locked: process %s has this store", path, pid);
        else
                store_explain(why, "%s is locked: another process has this store", path);
        return STORE_IN_USE;
}

/* flock: it belongs to this open file, so a second open in the same process is refused as well, and
 * it ends with the process however that ends. */
static int take_lock(struct lmdb_store *s, struct store_why *why)
{
        char path[PATH_MAX], pid[16];
        struct stat st;
        int fd, n, r = 0;

        if (snprintf(path, sizeof(path), "%s/lock", s->folder) >= (int)sizeof(path))
                return fault(-ENAMETOOLONG);
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (fd < 0)
                return trouble("open", path, why);
        if (fstat(fd, &st) < 0)
                r = trouble("look at", path, why);
        else
                r = check_owner(path, &st, 0600, why);
        if (!r && flock(fd, LOCK_EX | LOCK_NB) < 0)
                r = errno == EWOULDBLOCK ? in_use(path, fd, why) : trouble("lock", path, why);
        if (r) {
                close(fd);
                return r;
        }
        /* For people only, and a full disk must not keep a store from opening. */
        n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
        if (pwrite(fd, pid, (size_t)n, 0) != n || ftruncate(fd, n) < 0)
                log_warn("the lock does not name its process", "path", "%s", path);
        s->lock = fd;
        return 0;
}

static int open_journal(struct lmdb_store *s, struct store_why *why)
{
        char path[PATH_MAX];
        struct stat st;
        int r;

        if (snprintf(path, sizeof(path), "%s/journal", s->folder) >= (int)sizeof(path))
                return fault(-ENAMETOOLONG);
        s->journal.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (s->journal.fd < 0 || fstat(s->journal.fd, &st) < 0)
                return trouble("open", path, why);
        if (!S_ISREG(st.st_mode)) {
                store_explain(why, "%s is not a regular file", path);
                return STORE_FOREIGN;
        }
        r = check_owner(path, &st, 0600, why);
        if (!r && st.st_size == 0)
                r = file_sync_folder(path);
        if (!r)
                r = journal_read_head(&s->journal);
        if (r == STORE_NEWER)
                store_explain(why, "%s was written by a newer program", path);
        else if (r < 0)
                store_explain(why, "cannot read %s: %s", path, strerror(-r));
        return r == JOURNAL_NONE ? 0 : r;
}

static int make_data(struct lmdb_store *s, struct store_why *why)
{
        char temp[PATH_MAX];
        int r;

        if (snprintf(temp, sizeof(temp), "%s.new", s->file) >= (int)sizeof(temp))
                return fault(-ENAMETOOLONG);
        /* Left by a making that was interrupted; we have the lock. */
        unlink(temp);
        r = lmdb_env_make(temp);
        if (!r && rename(temp, s->file) < 0) {
                r = fault(-errno);
                unlink(temp);
        }
        if (!r)
                r = file_sync_folder(s->file);
        if (r == STORE_FULL)
                store_explain(why, "no room on the disk for an empty store in %s", s->folder);
        else if (r)
                store_explain(why, "cannot make %s: %s", s->file, strerror(-r));
        return r;
}

int lmdb_folder_take(struct lmdb_store *s, const struct store_config *cfg, struct store_why *why)
{
        int r;

        r = find_folder(s, cfg, why);
        if (r)
                return r;
        if (asprintf(&s->file, "%s/data.mdb", s->folder) < 0) {
                s->file = NULL;
                return fault(-ENOMEM);
        }
        r = check_data(s, why);
        if (r && !(r == STORE_ABSENT && cfg->create))
                return r;
        r = take_lock(s, why);
        if (r)
                return r;
        /* Once more: whoever had the lock just before us may have made it. */
        r = check_data(s, why);
        if (r == STORE_ABSENT)
                r = make_data(s, why);
        return r ? r : open_journal(s, why);
}

void lmdb_folder_give_back(struct lmdb_store *s)
{
        if (s->lock >= 0)
                close(s->lock);
        if (s->journal.fd >= 0)
                close(s->journal.fd);
        s->lock = s->journal.fd = -1;
        free(s->file);
        free(s->folder);
        s->file = s->folder = NULL;
}
