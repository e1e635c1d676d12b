/* lmdb_journal.c - heads, records and the ring they lie in
 *
 *      head      hash 32 | format 8 | serial 8 | size 8 | start 8 | closed 8 | txn 8 | page 8 |
 * salt 16 | meta 136 record    hash 32 | place 8 | batch 8 | length 8 | acts act       kind 1 |
 * table 1 | length of key 1 | length of value 4 | key | value
 *
 * Numbers are big-endian. A record takes whole pages, so that writing one never has to read, and
 * length counts the acts alone. */
#include "store/lmdb_journal.h"

#include "base/fault.h"
#include "crypt/hash.h"
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
        HASH = 32,
        HEAD = HASH + 7 * 8 + JOURNAL_SALT + JOURNAL_META,
        RECORD = HASH + 3 * 8,
        ACT = 7,
        ACT_PUT = 1,
        ACT_DEL = 2,
        RING = 2 * JOURNAL_PAGE,
};

static int write_all(int fd, const uint8_t *bytes, size_t len, uint64_t at)
{
        while (len) {
                ssize_t n = pwrite(fd, bytes, len, (off_t)at);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? STORE_FULL
                                                                                    : fault(-errno);
                bytes += n;
                len -= (size_t)n;
                at += (uint64_t)n;
        }
        return 0;
}

static int sync_file(int fd)
{
        if (fdatasync(fd) == 0)
                return 0;
        return errno == ENOSPC || errno == EDQUOT ? STORE_FULL : fault(-errno);
}

/* As many bytes as there are. */
static int read_upto(int fd, uint8_t *bytes, size_t len, uint64_t at, size_t *got)
{
        *got = 0;
        while (*got < len) {
                ssize_t n = pread(fd, bytes + *got, len - *got, (off_t)(at + *got));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return fault(-errno);
                if (n == 0)
                        break;
                *got += (size_t)n;
        }
        return 0;
}

static void hash_of(struct hash *out, const uint8_t *salt, const uint8_t *at, size_t len)
{
        const struct slice parts[] = { slice_of(salt, JOURNAL_SALT),
                                       slice_of(at + HASH, len - HASH) };

        hash_sha256_parts(out, parts, 2);
}

/* ---- heads ---- */

int journal_write_head(int fd, const struct journal_head *h)
{
        uint8_t b[HEAD], *p = b + HASH;
        const uint64_t numbers[] = { STORE_FORMAT, h->serial, h->size, h->start,
                                     h->closed,    h->txn,    h->page };
        struct hash hash;
        int r;

        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++, p += 8)
                put_be64(p, numbers[i]);
        memcpy(p, h->salt, JOURNAL_SALT);
        memcpy(p + JOURNAL_SALT, h->meta, JOURNAL_META);
        hash_of(&hash, h->salt, b, HEAD);
        memcpy(b, hash.b, HASH);
        r = write_all(fd, b, HEAD, h->serial % 2 * JOURNAL_PAGE);
        return r ? r : sync_file(fd);
}

/* JOURNAL_NONE when that one is not valid. */
static int read_one(int fd, unsigned which, struct journal_head *h, uint64_t *format)
{
        uint8_t b[HEAD];
        const uint8_t *p = b + HASH;
        uint64_t closed;
        uint64_t *const numbers[] = { format,  &h->serial, &h->size, &h->start,
                                      &closed, &h->txn,    &h->page };
        struct hash hash;
        size_t got;
        int r = read_upto(fd, b, HEAD, (uint64_t)which * JOURNAL_PAGE, &got);

        if (r || got < HEAD)
                return r ? r : JOURNAL_NONE;
        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++, p += 8)
                *numbers[i] = get_be64(p);
        h->closed = closed != 0;
        memcpy(h->salt, p, JOURNAL_SALT);
        memcpy(h->meta, p + JOURNAL_SALT, JOURNAL_META);
        hash_of(&hash, h->salt, b, HEAD);
        if (memcmp(hash.b, b, HASH) != 0 || h->serial % 2 != which || h->size < JOURNAL_PAGE)
                return JOURNAL_NONE;
        return 0;
}

int journal_read_head(struct journal *j)
{
        struct journal_head h;
        uint64_t format;
        int result = JOURNAL_NONE;

        for (unsigned which = 0; which < 2; which++) {
                int r = read_one(j->fd, which, &h, &format);

                if (r == JOURNAL_NONE)
                        continue;
                if (r || format > STORE_FORMAT)
                        return r ? r : STORE_NEWER;
                if (result == 0 && h.serial < j->head.serial)
                        continue;
                j->head = h;
                j->at = h.start;
                result = 0;
        }
        return result;
}

/* ---- writing ---- */

bool journal_fill(const struct journal *j, uint64_t size)
{
        static const uint8_t nothing[16 * JOURNAL_PAGE];
        uint64_t end = RING + size, at;
        struct stat st;

        if (fstat(j->fd, &st) < 0)
                return false;
        for (at = (uint64_t)st.st_size; at < end;) {
                size_t n = end - at < sizeof(nothing) ? end - at : sizeof(nothing);

                if (write_all(j->fd, nothing, n, at) != 0)
                        break;
                at += n;
        }
        /* The last room on a disk is for letters. */
        if (at < end && ftruncate(j->fd, st.st_size) < 0)
                fault(-errno);
        return at >= end;
}

void journal_begin(struct journal *j)
{
        buf_clear(&j->record);
        buf_extend(&j->record, RECORD);
}

static void put_act(struct journal *j, uint8_t kind, unsigned table, struct slice key,
                    struct slice value)
{
        uint8_t head[ACT] = { kind, (uint8_t)table, (uint8_t)key.len };

        put_be32(head + 3, (uint32_t)value.len);
        buf_put(&j->record, slice_of(head, sizeof(head)));
        buf_put(&j->record, key);
        buf_put(&j->record, value);
}

void journal_put(struct journal *j, unsigned table, struct slice key, struct slice value)
{
        put_act(j, ACT_PUT, table, key, value);
}

void journal_del(struct journal *j, unsigned table, struct slice key)
{
        put_act(j, ACT_DEL, table, key, slice_of(NULL, 0));
}

int journal_seal(struct journal *j, uint64_t batch)
{
        size_t len = j->record.len, rest = (JOURNAL_PAGE - len % JOURNAL_PAGE) % JOURNAL_PAGE;
        uint8_t *end = buf_extend(&j->record, rest), *b = j->record.at;

        if (buf_fault(&j->record))
                return fault(buf_fault(&j->record));
        memset(end, 0, rest);
        put_be64(b + HASH + 8, batch);
        put_be64(b + HASH + 16, len - RECORD);
        j->room = j->record.len;
        return 0;
}

static uint64_t left_in_lap(const struct journal *j)
{
        return j->head.size - j->at % j->head.size;
}

bool journal_has_room(struct journal *j)
{
        uint64_t skip = left_in_lap(j) < j->room ? left_in_lap(j) : 0;

        if (j->at + skip + j->room - j->head.start > j->head.size)
                return false;
        j->at += skip;
        return true;
}

int journal_write(struct journal *j)
{
        uint8_t *b = j->record.at;
        struct hash hash;
        int r;

        assert(left_in_lap(j) >= j->room);
        put_be64(b + HASH, j->at);
        hash_of(&hash, j->head.salt, b, RECORD + get_be64(b + HASH + 16));
        memcpy(b, hash.b, HASH);
        r = write_all(j->fd, b, j->room, RING + j->at % j->head.size);
        return r ? r : sync_file(j->fd);
}

int journal_revoke(struct journal *j)
{
        static const uint8_t nothing[RECORD];
        int r = write_all(j->fd, nothing, RECORD, RING + j->at % j->head.size);

        return r ? r : sync_file(j->fd);
}

void journal_keep(struct journal *j)
{
        j->at += j->room;
}

/* ---- reading ---- */

/* The record at j->at into j->record, whole, or JOURNAL_NONE. */
static int read_record(struct journal *j)
{
        uint64_t from = RING + j->at % j->head.size, most = left_in_lap(j), len;
        struct hash hash;
        uint8_t *b;
        size_t got;
        int r;

        buf_clear(&j->record);
        b = buf_extend(&j->record, RECORD);
        if (!b)
                return fault(-ENOMEM);
        r = read_upto(j->fd, b, RECORD, from, &got);
        if (r || got < RECORD)
                return r ? r : JOURNAL_NONE;
        len = get_be64(b + HASH + 16);
        if (get_be64(b + HASH) != j->at || len > most - RECORD)
                return JOURNAL_NONE;
        if (!buf_extend(&j->record, len))
                return fault(-ENOMEM);
        b = j->record.at;
        r = read_upto(j->fd, b + RECORD, len, from + RECORD, &got);
        if (r || got < len)
                return r ? r : JOURNAL_NONE;
        hash_of(&hash, j->head.salt, b, RECORD + len);
        if (memcmp(hash.b, b, HASH) != 0)
                return JOURNAL_NONE;
        j->room = (RECORD + len + JOURNAL_PAGE - 1) / JOURNAL_PAGE * JOURNAL_PAGE;
        return 0;
}

static int visit_acts(const struct journal *j, const struct journal_visit *visit)
{
        struct slice rest = slice_from(buf_slice(&j->record), RECORD);
        int r = visit->batch(visit->ctx, get_be64(j->record.at + HASH + 8));

        while (!r && rest.len) {
                struct slice head = slice_upto(rest, ACT), key, value;

                rest = slice_from(rest, ACT);
                if (head.len < ACT || rest.len < head.at[2] ||
                    rest.len - head.at[2] < get_be32(head.at + 3))
                        return fault(-EBADMSG);
                key = slice_upto(rest, head.at[2]);
                value = slice_upto(slice_from(rest, key.len), get_be32(head.at + 3));
                rest = slice_from(rest, key.len + value.len);
                if (head.at[0] == ACT_PUT)
                        r = visit->put(visit->ctx, head.at[1], key, value);
                else
                        r = visit->del(visit->ctx, head.at[1], key);
        }
        return r;
}

int journal_replay(struct journal *j, const struct journal_visit *visit)
{
        int r = 0;

        j->at = j->head.start;
        while (!r) {
                r = read_record(j);
                /* Nothing here: perhaps it did not fit, and the next one begins the ring anew. */
                if (r == JOURNAL_NONE && j->at % j->head.size) {
                        uint64_t here = j->at;

                        j->at += left_in_lap(j);
                        r = read_record(j);
                        if (r == JOURNAL_NONE)
                                j->at = here;
                }
                if (!r)
                        r = visit_acts(j, visit);
                if (!r)
                        j->at += j->room;
        }
        return r == JOURNAL_NONE ? 0 : r;
}
