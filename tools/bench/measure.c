/* measure.c - what the broker's processes and its disk did; and latencies with their tails */
#include "bench/bench.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static double cpu_of(pid_t pid)
{
        unsigned long user = 0, system = 0;
        char path[64], line[1024], *p;
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        f = fopen(path, "re");
        if (!f)
                return 0;
        p = fgets(line, sizeof(line), f);
        fclose(f);
        p = p ? strrchr(line, ')') : NULL;
        if (p)
                sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                       &system);
        return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Anonymous and shared pages: what would be gone without the process. The page cache behind the
 * store's map, which the kernel takes back when it needs it, is RssFile and not counted. */
static uint64_t memory_of(pid_t pid)
{
        unsigned long kib, sum = 0;
        char path[64], line[256];
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        f = fopen(path, "re");
        if (!f)
                return 0;
        while (fgets(line, sizeof(line), f))
                if (sscanf(line, "RssAnon: %lu", &kib) == 1 ||
                    sscanf(line, "RssShmem: %lu", &kib) == 1)
                        sum += kib;
        fclose(f);
        return (uint64_t)sum * 1024;
}

static uint64_t disk_of(const char *folder)
{
        char path[4096];
        struct dirent *e;
        struct stat st;
        uint64_t sum = 0;
        DIR *d = opendir(folder);

        while (d && (e = readdir(d))) {
                snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
                if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
                        sum += (uint64_t)st.st_blocks * 512;
        }
        if (d)
                closedir(d);
        return sum;
}

static uint64_t written_to(const char *folder)
{
        unsigned long long sectors = 0;
        char path[128];
        struct stat st;
        FILE *f;

        if (stat(folder, &st) < 0)
                return 0;
        snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/stat", major(st.st_dev),
                 minor(st.st_dev));
        f = fopen(path, "re");
        if (!f)
                return 0;
        if (fscanf(f, "%*u %*u %*u %*u %*u %*u %llu", &sectors) != 1)
                sectors = 0;
        fclose(f);
        return sectors * 512;
}

void measure_now(struct usage *u, pid_t parent, const char *store)
{
        char path[64];
        int child;
        FILE *f;

        u->cpu = 0;
        u->memory = 0;
        if (parent) {
                snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
                f = fopen(path, "re");
                while (f && fscanf(f, "%d", &child) == 1) {
                        u->cpu += cpu_of(child);
                        u->memory += memory_of(child);
                }
                if (f)
                        fclose(f);
        }
        if (u->memory > u->memory_peak)
                u->memory_peak = u->memory;
        if (store) {
                u->disk = disk_of(store);
                u->written = written_to(store);
        }
}

void spread_put(struct spread *s, uint64_t us)
{
        if (s->count == s->room) {
                size_t room = s->room ? 2 * s->room : 4096;
                uint32_t *at = realloc(s->us, room * sizeof(*at));

                if (!at)
                        return; /* a sample fewer */
                s->us = at;
                s->room = room;
        }
        s->us[s->count++] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

void spread_join(struct spread *to, struct spread *from)
{
        for (size_t i = 0; i < from->count; i++)
                spread_put(to, from->us[i]);
        spread_free(from);
}

static int by_value(const void *a, const void *b)
{
        uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

        return (x > y) - (x < y);
}

double spread_at(struct spread *s, double share)
{
        size_t i = (size_t)(share * (double)s->count);

        if (!s->count)
                return 0;
        qsort(s->us, s->count, sizeof(*s->us), by_value);
        return s->us[i < s->count ? i : s->count - 1] / 1000.0;
}

void spread_free(struct spread *s)
{
        free(s->us);
        *s = (struct spread){ 0 };
}
