/* die.c - preloaded into a program, it kills it at its Nth change to the disk
 *
 *      LD_PRELOAD=.../libdie.so FUMIBAKO_DIE=7 program
 *
 * Counted are, once before and once after they are done: writes to regular files, syncs, and
 * changes of a folder. kill -9 takes nothing back that was done: what a power cut takes is another
 * test's. */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define SEEN __attribute__((visibility("default")))

static void count_down(void)
{
        static long left = -1;

        if (left < 0) {
                const char *said = getenv("FUMIBAKO_DIE");

                left = said ? strtol(said, NULL, 10) : 0;
        }
        if (left > 0 && --left == 0)
                raise(SIGKILL);
}

static void *next(const char *name)
{
        void *f = dlsym(RTLD_NEXT, name);

        if (!f)
                abort();
        return f;
}

SEEN ssize_t write(int fd, const void *at, size_t len)
{
        ssize_t (*real)(int, const void *, size_t);
        struct stat st;
        ssize_t n;

        *(void **)&real = next("write");
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return real(fd, at, len);
        count_down();
        n = real(fd, at, len);
        count_down();
        return n;
}

SEEN int fsync(int fd)
{
        int (*real)(int), r;

        *(void **)&real = next("fsync");
        count_down();
        r = real(fd);
        count_down();
        return r;
}

SEEN int rename(const char *from, const char *to)
{
        int (*real)(const char *, const char *), r;

        *(void **)&real = next("rename");
        count_down();
        r = real(from, to);
        count_down();
        return r;
}
