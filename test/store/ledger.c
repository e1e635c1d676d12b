/* ledger.c - numbered batches whose every row follows from their number */
#include "ledger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 3, KEPT = 10 };

static struct slice row_key(char room[static 24], uint64_t batch, unsigned row)
{
        return slice_of(room,
                        (size_t)snprintf(room, 24, "%016llx-%u", (unsigned long long)batch, row));
}

/* Bodies lie scattered, as hashes would make them. */
static struct slice body_key(char room[static 24], uint64_t batch)
{
        return row_key(room, batch * 0x9e3779b97f4a7c15, 0);
}

/* Size and bytes follow from the batch, from nothing to several pages. */
static struct slice body_of(uint8_t room[static STORE_VALUE_MOST], uint64_t batch)
{
        size_t len = (size_t)(batch * 7919 % 20000);

        memset(room, (int)(batch & 0xff), len);
        return slice_of(room, len);
}

int ledger_write(struct store *s, uint64_t batch)
{
        static uint8_t room[STORE_VALUE_MOST];
        struct store_txn *t;
        char key[24], number[24];
        bool done;
        int r;

        r = store_begin(s, batch, &t, &done);
        if (r)
                return r;
        for (unsigned row = 0; !r && row < ROWS; row++)
                r = store_append(t, TABLE_EVENT, row_key(key, batch, row), str("event"));
        if (!r)
                r = store_put(t, TABLE_BODY, body_key(key, batch), body_of(room, batch));
        if (!r && batch > KEPT)
                r = store_del(t, TABLE_BODY, body_key(key, batch - KEPT));
        snprintf(number, sizeof(number), "%llu", (unsigned long long)batch);
        if (!r)
                r = store_put(t, TABLE_META, str("last"), str(number));
        if (r)
                store_abort(&t);
        return r ? r : store_commit(&t);
}

uint64_t ledger_last(struct world *w)
{
        struct store_txn *t = world_look(w);
        char number[24] = "";
        struct slice v = { 0 };

        if (store_get(t, TABLE_META, str("last"), &v) == 0)
                memcpy(number, v.at, v.len < sizeof(number) ? v.len : 0);
        store_abort(&t);
        return strtoull(number, NULL, 10);
}

static int count(void *ctx, struct slice key, struct slice value)
{
        ++*(uint64_t *)ctx;
        return 0;
}

void ledger_check(struct world *w, uint64_t last)
{
        static uint8_t room[STORE_VALUE_MOST];
        struct store_txn *t = world_look(w);
        uint64_t events = 0, bodies = 0;
        char key[24];
        struct slice v;

        for (uint64_t b = 1; b <= last; b++) {
                for (unsigned row = 0; row < ROWS; row++)
                        assert_int_equal(store_get(t, TABLE_EVENT, row_key(key, b, row), &v), 0);
                if (b + KEPT <= last)
                        continue;
                assert_int_equal(store_get(t, TABLE_BODY, body_key(key, b), &v), 0);
                assert_true(slice_eq(v, body_of(room, b)));
        }
        assert_int_equal(store_range(t, TABLE_EVENT, str(""), str(""), false, count, &events), 0);
        assert_int_equal(store_range(t, TABLE_BODY, str(""), str(""), false, count, &bodies), 0);
        assert_int_equal(events, last * ROWS);
        assert_int_equal(bodies, last < KEPT ? last : KEPT);
        store_abort(&t);
}
