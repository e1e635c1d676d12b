/* lmdb_power.c - a power cut at any call to the disk: what was acknowledged is there, and nothing
 * by halves
 *
 * Batches are run once while every write and sync is remembered. Then, for each moment between two
 * calls and within each, the file is put together as a disk might hold it: all that was synced, and
 * of the rest each sector or not, as a seeded die says. */
#include "disk.h"
#include "ledger.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BATCHES = 100, SECTOR = 512, THROWS = 2, FILES = DISK_FILES };

static const char *const names[FILES] = { [DISK_DATA] = "data.mdb", [DISK_JOURNAL] = "journal" };

struct image {
        uint8_t *bytes;
        size_t len;
        size_t room;
};

static void image_write(struct image *m, uint64_t at, const uint8_t *bytes, size_t len)
{
        assert_true(at + len <= m->room);
        memcpy(m->bytes + at, bytes, len);
        if (at + len > m->len)
                m->len = at + len;
}

/* The sectors of one write that reached the disk: some. */
static void image_write_some(struct image *m, const struct disk_event *e)
{
        for (size_t i = 0; i < e->len;) {
                size_t n = SECTOR - (e->at + i) % SECTOR;

                if (n > e->len - i)
                        n = e->len - i;
                if (rand() & 64)
                        image_write(m, e->at + i, e->bytes + i, n);
                i += n;
        }
}

static void image_begin(struct image *m, struct slice before)
{
        m->len = 0;
        memset(m->bytes, 0, m->room);
        image_write(m, 0, before.at, before.len);
}

/* What the disk holds of both files when the power goes during call number @cut. */
static void images_after(struct image m[static FILES], const struct buf before[static FILES],
                         const struct disk_event *e, size_t cut)
{
        size_t synced[FILES] = { 0 };

        for (int f = 0; f < FILES; f++)
                image_begin(&m[f], buf_slice(&before[f]));
        for (size_t i = 0; i < cut; i++)
                if (e[i].what == DISK_SYNC)
                        synced[e[i].file] = e[i].covers;
        for (size_t i = 0; i < cut; i++) {
                if (e[i].what != DISK_WRITE)
                        continue;
                if (i < synced[e[i].file] || e[i].synced)
                        image_write(&m[e[i].file], e[i].at, e[i].bytes, e[i].len);
                else
                        image_write_some(&m[e[i].file], &e[i]);
        }
        if (e[cut].what == DISK_WRITE)
                image_write_some(&m[e[cut].file], &e[cut]);
}

/* Nothing here needs to outlive us, and syncs in memory cost nothing. */
static const char *fast_place(void)
{
        return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

/* @w is closed and stays so. */
static void check_survives(struct world *w, const struct image m[static FILES],
                           uint64_t acknowledged)
{
        char path[400];
        uint64_t last;

        for (int f = 0; f < FILES; f++) {
                snprintf(path, sizeof(path), "%s/%s", w->path, names[f]);
                assert_int_equal(file_replace(path, slice_of(m[f].bytes, m[f].len), 0600), 0);
        }
        world_open(w);
        last = ledger_last(w);
        assert_true(last == acknowledged || last == acknowledged + 1);
        ledger_check(w, last);
        assert_int_equal(ledger_write(w->store, last + 1), 0);
        ledger_check(w, last + 1);
        store_close(&w->store);
}

static void read_files(struct world *w, struct buf before[static FILES])
{
        char path[400];

        for (int f = 0; f < FILES; f++) {
                snprintf(path, sizeof(path), "%s/%s", w->path, names[f]);
                assert_int_equal(file_read(&before[f], path, 1 << 24), 0);
        }
}

static size_t syncs_of(const struct disk_event *e, size_t n, int file)
{
        size_t syncs = 0;

        for (size_t i = 0; i < n; i++)
                syncs += e[i].what == DISK_SYNC && e[i].file == file;
        return syncs;
}

static void what_was_acknowledged_outlives_the_power(void **state)
{
        struct world *w = world_plan("lmdb", fast_place());
        struct world *cut_off = world_plan("lmdb", fast_place());
        struct image m[FILES] = { { .room = 8 << 20 }, { .room = 8 << 20 } };
        size_t acknowledged_at[BATCHES + 1] = { 0 }, n;
        const struct disk_event *e;
        struct buf before[FILES] = { 0 };
        uint64_t acknowledged = 0;

        srand(20261123);
        world_open(w);
        world_open(cut_off);
        store_close(&cut_off->store);
        read_files(w, before);
        disk_record(true);
        for (uint64_t b = 1; b <= BATCHES; b++) {
                assert_int_equal(ledger_write(w->store, b), 0);
                disk_events(&acknowledged_at[b]);
        }
        disk_record(false);
        e = disk_events(&n);
        assert_true(syncs_of(e, n, DISK_JOURNAL) >= BATCHES);
        /* The base has moved more than once meanwhile. */
        assert_true(syncs_of(e, n, DISK_DATA) > 2);
        for (int f = 0; f < FILES; f++)
                assert_non_null(m[f].bytes = malloc(m[f].room));
        for (size_t cut = 0; cut < n; cut++) {
                while (acknowledged < BATCHES && acknowledged_at[acknowledged + 1] <= cut)
                        acknowledged++;
                for (int i = 0; i < THROWS; i++) {
                        images_after(m, before, e, cut);
                        check_survives(cut_off, m, acknowledged);
                }
        }
        assert_true(acknowledged >= BATCHES - 1);
        for (int f = 0; f < FILES; f++) {
                free(m[f].bytes);
                buf_free(&before[f]);
        }
        world_end(cut_off);
        world_end(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_acknowledged_outlives_the_power),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
