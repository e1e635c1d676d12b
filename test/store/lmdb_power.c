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

enum { BATCHES = 40, SECTOR = 512, THROWS = 3 };

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

/* What the disk holds when the power goes during call number @cut. */
static void image_after(struct image *m, struct slice before, const struct disk_event *e,
                        size_t cut)
{
        size_t synced = 0;

        m->len = 0;
        memset(m->bytes, 0, m->room);
        image_write(m, 0, before.at, before.len);
        for (size_t i = 0; i < cut; i++)
                if (e[i].what == DISK_SYNC)
                        synced = i;
        for (size_t i = 0; i < cut; i++) {
                if (e[i].what != DISK_WRITE)
                        continue;
                if (i < synced || e[i].synced)
                        image_write(m, e[i].at, e[i].bytes, e[i].len);
                else
                        image_write_some(m, &e[i]);
        }
        if (e[cut].what == DISK_WRITE)
                image_write_some(m, &e[cut]);
}

/* Nothing here needs to outlive us, and syncs in memory cost nothing. */
static const char *fast_place(void)
{
        return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

/* @w is closed and stays so. */
static void check_survives(struct world *w, const struct image *m, uint64_t acknowledged)
{
        char path[400];
        uint64_t last;

        snprintf(path, sizeof(path), "%s/data.mdb", w->path);
        assert_int_equal(file_replace(path, slice_of(m->bytes, m->len), 0600), 0);
        world_open(w);
        last = ledger_last(w);
        assert_true(last == acknowledged || last == acknowledged + 1);
        ledger_check(w, last);
        assert_int_equal(ledger_write(w->store, last + 1), 0);
        ledger_check(w, last + 1);
        store_close(&w->store);
}

static void what_was_acknowledged_outlives_the_power(void **state)
{
        struct world *w = world_plan("lmdb", fast_place());
        struct world *cut_off = world_plan("lmdb", fast_place());
        struct image m = { .room = 4 << 20 };
        size_t acknowledged_at[BATCHES + 1] = { 0 }, n;
        const struct disk_event *e;
        BUF_OWNED before = { 0 };
        char path[400];
        uint64_t acknowledged = 0;

        srand(20261123);
        world_open(w);
        world_open(cut_off);
        store_close(&cut_off->store);
        m.bytes = malloc(m.room);
        assert_non_null(m.bytes);
        snprintf(path, sizeof(path), "%s/data.mdb", w->path);
        assert_int_equal(file_read(&before, path, m.room), 0);
        disk_record(true);
        for (uint64_t b = 1; b <= BATCHES; b++) {
                assert_int_equal(ledger_write(w->store, b), 0);
                disk_events(&acknowledged_at[b]);
        }
        disk_record(false);
        e = disk_events(&n);
        assert_true(n >= 3 * BATCHES);
        for (size_t cut = 0; cut < n; cut++) {
                while (acknowledged < BATCHES && acknowledged_at[acknowledged + 1] <= cut)
                        acknowledged++;
                for (int i = 0; i < THROWS; i++) {
                        image_after(&m, buf_slice(&before), e, cut);
                        check_survives(cut_off, &m, acknowledged);
                }
        }
        assert_int_equal(acknowledged, BATCHES - 1);
        free(m.bytes);
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
