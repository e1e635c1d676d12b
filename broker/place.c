/* place.c - the folders and files around a running broker */
#include "place.h"

#include "base/fault.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

bool place_path(char *out, size_t room, const struct config *c, const char *name)
{
        return snprintf(out, room, "%s/%s", c->run, name) < (int)room;
}

int place_user(struct drop_user *out, const struct config *c, struct buf *why)
{
        struct drop_user found;
        int r;

        *out = (struct drop_user){ geteuid(), getegid() };
        if (!c->user[0])
                return 0;
        r = drop_find(&found, c->user);
        if (r == 0 && (geteuid() == 0 || found.uid == geteuid())) {
                *out = found;
                return 0;
        }
        config_where_user(c, why);
        if (r < 0)
                buf_printf(why, ": cannot look up '%s': %s\n", c->user, strerror(-r));
        else
                buf_printf(why, r ? ": there is no user '%s'\n" : ": only root can become '%s'\n",
                           c->user);
        return PLACE_BAD;
}

static void check_owner(const char *path, const char *what, const struct stat *st,
                        const struct drop_user *user, struct buf *why)
{
        if (st->st_uid != user->uid)
                buf_printf(why, "%s: belongs to user %u, but the broker runs as user %u (%s)\n",
                           path, (unsigned)st->st_uid, (unsigned)user->uid, what);
}

/* A folder of ours, if it is there. @others: what the others may not do, as in a mode. */
static void check_folder(const char *path, const char *what, mode_t others,
                         const struct drop_user *user, struct buf *why)
{
        struct stat st;

        if (stat(path, &st) < 0) {
                if (errno != ENOENT)
                        buf_printf(why, "%s: %s (%s)\n", path, strerror(errno), what);
        } else if (!S_ISDIR(st.st_mode)) {
                buf_printf(why, "%s: is no folder (%s)\n", path, what);
        } else {
                check_owner(path, what, &st, user, why);
                if (st.st_mode & others)
                        buf_printf(why, "%s: has mode %04o, so others can %s: chmod 700 (%s)\n",
                                   path, (unsigned)st.st_mode & 07777,
                                   st.st_mode & 022 ? "write into it" : "look into it", what);
        }
}

/* A file of the store, if it is there. The store itself refuses the same. */
static void check_file(const struct config *c, const char *name, const struct drop_user *user,
                       struct buf *why)
{
        char path[PATH_MAX];
        struct stat st;

        snprintf(path, sizeof(path), "%s/%s", c->store, name);
        if (lstat(path, &st) < 0) {
                if (errno != ENOENT && errno != ENOTDIR)
                        buf_printf(why, "%s: %s (store)\n", path, strerror(errno));
        } else if (!S_ISREG(st.st_mode)) {
                buf_printf(why, "%s: is no regular file (store)\n", path);
        } else {
                check_owner(path, "store", &st, user, why);
                if (st.st_mode & 077)
                        buf_printf(
                                why,
                                "%s: has mode %04o, so it is open to others: chmod 600 (store)\n",
                                path, (unsigned)st.st_mode & 07777);
        }
}

static void check_store(const struct config *c, const struct drop_user *user, struct buf *why)
{
        size_t before = why->len;

        check_folder(c->store, "store", 077, user, why);
        if (why->len != before) /* what is in it follows from that */
                return;
        check_file(c, "data.mdb", user, why);
        check_file(c, "journal", user, why);
        check_file(c, "lock", user, why);
}

static bool on_disk(const struct config *c)
{
        return strcmp(config_engines[c->engine], "lmdb") == 0;
}

int place_check(const struct config *c, const struct drop_user *user, struct buf *why)
{
        size_t before = why->len;
        char path[PATH_MAX];

        check_folder(c->run, "run", 022, user, why);
        if (on_disk(c))
                check_store(c, user, why);
        if (!place_path(path, sizeof(((struct sockaddr_un *)0)->sun_path), c, "counters.sock"))
                buf_printf(why, "%s: is too long for a socket inside it (run)\n", c->run);
        return why->len == before ? 0 : PLACE_BAD;
}

static int make_folder(const char *path, const struct drop_user *user, struct buf *why)
{
        struct stat st;
        int r;

        if (stat(path, &st) == 0)
                return 0;
        r = file_make_folder(path, 0700);
        if (!r && geteuid() == 0 && chown(path, user->uid, user->gid) < 0)
                r = -errno;
        if (!r)
                return 0;
        buf_printf(why, "%s: cannot be made: %s\n", path, strerror(-r));
        return PLACE_BAD;
}

int place_make(const struct config *c, const struct drop_user *user, struct buf *why)
{
        int r = make_folder(c->run, user, why);

        if (!r && on_disk(c))
                r = make_folder(c->store, user, why);
        return r ? r : place_check(c, user, why);
}

int place_lock(int *out, const struct config *c, struct buf *why)
{
        char path[PATH_MAX], pid[32] = "";
        int fd, len;

        if (!place_path(path, sizeof(path), c, "pid"))
                return fault(-ENAMETOOLONG);
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0) {
                buf_printf(why, "%s: %s\n", path, strerror(errno));
                return PLACE_BAD;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                ssize_t n = read(fd, pid, sizeof(pid) - 1);

                buf_printf(why, "%s: a broker runs here already, process %s\n", path,
                           n > 0 ? strtok(pid, "\n") : "unknown");
                close(fd);
                return PLACE_BAD;
        }
        len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
        if (ftruncate(fd, 0) < 0 || write(fd, pid, (size_t)len) != len) {
                buf_printf(why, "%s: %s\n", path, strerror(errno));
                close(fd);
                return PLACE_BAD;
        }
        if (place_path(path, sizeof(path), c, "endpoint"))
                unlink(path); /* of a broker that was killed: nobody listens there */
        *out = fd;
        return 0;
}

int place_endpoints(const struct config *c, char endpoint[][128], size_t count)
{
        char path[PATH_MAX];
        BUF_OWNED text = { 0 };

        if (!place_path(path, sizeof(path), c, "endpoint"))
                return fault(-ENAMETOOLONG);
        for (size_t i = 0; i < count; i++)
                buf_printf(&text, "%s\n", endpoint[i]);
        return buf_fault(&text) ? buf_fault(&text) : file_replace(path, buf_slice(&text), 0644);
}

void place_leave(const struct config *c)
{
        static const char *const names[] = { "endpoint", "counters.sock", "pid" };
        char path[PATH_MAX];

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (place_path(path, sizeof(path), c, names[i]))
                        unlink(path);
}
