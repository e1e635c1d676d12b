/* disk.c - the disk as LMDB meets it: it can fail, and be remembered */
/* The header would quietly rename the pwrite below to pwrite64. */
#undef _FILE_OFFSET_BITS

#include "disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

/* Seen by liblmdb in place of the C library's. */
#define INSTEAD __attribute__((visibility("default")))

static unsigned calls, fail_at;
static int fail_with;
static enum disk_manner fail_how;
static bool failed, recording;
static struct disk_event *events;
static size_t events_n;

void disk_fail(unsigned nth, int error, enum disk_manner manner)
{
        disk_heal();
        fail_at = nth;
        fail_with = error;
        fail_how = manner;
}

void disk_heal(void)
{
        calls = fail_at = 0;
        failed = false;
}

unsigned disk_calls(void)
{
        return calls;
}

bool disk_failed(void)
{
        return failed;
}

void disk_record(bool on)
{
        recording = on;
        for (size_t i = 0; on && i < events_n; i++)
                free(events[i].bytes);
        if (on)
                events_n = 0;
}

const struct disk_event *disk_events(size_t *n)
{
        *n = events_n;
        return events;
}

static bool fails(void)
{
        calls++;
        if (!fail_at || (fail_how == DISK_EVER ? calls < fail_at : calls != fail_at))
                return false;
        failed = true;
        return true;
}

static int refuse(void)
{
        errno = fail_with;
        return -1;
}

static struct disk_event *remember(int what)
{
        struct disk_event *e;

        events = realloc(events, (events_n + 1) * sizeof(*events));
        if (!events)
                abort();
        e = &events[events_n++];
        *e = (struct disk_event){ .what = what };
        return e;
}

static void remember_write(int fd, const void *bytes, size_t len, off_t at)
{
        struct disk_event *e = remember(DISK_WRITE);

        e->synced = fcntl(fd, F_GETFL) & O_DSYNC;
        e->at = (uint64_t)at;
        e->len = len;
        e->bytes = malloc(len);
        if (!e->bytes)
                abort();
        memcpy(e->bytes, bytes, len);
}

INSTEAD ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
        static ssize_t (*real)(int, const void *, size_t, off_t);
        bool fail;
        ssize_t r;

        if (!real)
                *(void **)&real = dlsym(RTLD_NEXT, "pwrite");
        fail = fails();
        if (fail && fail_how != DISK_LATE)
                return refuse();
        if (recording)
                remember_write(fd, bytes, len, at);
        r = real(fd, bytes, len, at);
        return fail ? refuse() : r;
}

INSTEAD ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t at)
        __attribute__((alias("pwrite")));

INSTEAD ssize_t writev(int fd, const struct iovec *v, int n)
{
        static ssize_t (*real)(int, const struct iovec *, int);
        bool fail;
        ssize_t r;

        if (!real)
                *(void **)&real = dlsym(RTLD_NEXT, "writev");
        fail = fails();
        if (fail && fail_how != DISK_LATE)
                return refuse();
        if (recording) {
                off_t at = lseek(fd, 0, SEEK_CUR);

                for (int i = 0; i < n; i++) {
                        remember_write(fd, v[i].iov_base, v[i].iov_len, at);
                        at += (off_t)v[i].iov_len;
                }
        }
        r = real(fd, v, n);
        return fail ? refuse() : r;
}

INSTEAD int fdatasync(int fd)
{
        static int (*real)(int);
        bool fail;
        int r;

        if (!real)
                *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
        fail = fails();
        if (fail && fail_how != DISK_LATE)
                return refuse();
        if (recording)
                remember(DISK_SYNC);
        r = real(fd);
        return fail ? refuse() : r;
}
