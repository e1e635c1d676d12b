/* disk.c - the disk as the engine and LMDB meet it: it can fail, and be remembered */
/* The header would quietly rename the pwrite below to pwrite64. */
#undef _FILE_OFFSET_BITS

#include "disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

/* Seen by liblmdb in place of the C library's. */
#define INSTEAD __attribute__((visibility("default")))

/* The engine's thread syncs beside the test's. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
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
        bool now;

        pthread_mutex_lock(&lock);
        calls++;
        now = fail_at && (fail_how == DISK_EVER ? calls >= fail_at : calls == fail_at);
        failed = failed || now;
        pthread_mutex_unlock(&lock);
        return now;
}

static int refuse(void)
{
        errno = fail_with;
        return -1;
}

static int file_of(int fd)
{
        char link[64], path[512];
        ssize_t n;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, sizeof(path) - 1);
        path[n > 0 ? n : 0] = 0;
        return strcmp(strrchr(path, '/'), "/journal") == 0 ? DISK_JOURNAL : DISK_DATA;
}

/* Under the lock. */
static struct disk_event *remember(int what, int fd)
{
        struct disk_event *e;

        events = realloc(events, (events_n + 1) * sizeof(*events));
        if (!events)
                abort();
        e = &events[events_n++];
        *e = (struct disk_event){ .what = what, .file = file_of(fd) };
        return e;
}

static void remember_write(int fd, const void *bytes, size_t len, off_t at)
{
        struct disk_event *e;

        pthread_mutex_lock(&lock);
        e = remember(DISK_WRITE, fd);
        e->synced = fcntl(fd, F_GETFL) & O_DSYNC;
        e->at = (uint64_t)at;
        e->len = len;
        e->bytes = malloc(len);
        if (!e->bytes)
                abort();
        memcpy(e->bytes, bytes, len);
        pthread_mutex_unlock(&lock);
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
        size_t covers;
        bool fail;
        int r;

        if (!real)
                *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
        fail = fails();
        if (fail && fail_how != DISK_LATE)
                return refuse();
        pthread_mutex_lock(&lock);
        covers = events_n;
        pthread_mutex_unlock(&lock);
        r = real(fd);
        if (recording) {
                pthread_mutex_lock(&lock);
                remember(DISK_SYNC, fd)->covers = covers;
                pthread_mutex_unlock(&lock);
        }
        return fail ? refuse() : r;
}
