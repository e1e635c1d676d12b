/* journal.c - what a driver asked and heard, on disk before it matters
 *
 * One write(2) a record. Drivers are killed, the machine is not: what write(2) took survives, and a
 * record that a kill cut short is the last one. */
#include "driver.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { HEAD = 4 + 1 + 8 };

static int remember(struct journal *j, uint8_t kind, uint64_t serial, struct slice payload)
{
        if (kind == JOURNAL_ASK) {
                if (j->count == j->room) {
                        size_t room = j->room ? 2 * j->room : 256;
                        void *more = realloc(j->asked, room * sizeof(j->asked[0]));

                        if (!more)
                                return -ENOMEM;
                        j->asked = more;
                        j->room = room;
                }
                if (serial != j->count)
                        return -EBADMSG;
                j->asked[j->count++] =
                        (struct journal_entry){ j->end + HEAD, (uint32_t)payload.len, false };
        } else if (kind == JOURNAL_ANSWER) {
                if (serial >= j->count)
                        return -EBADMSG;
                j->asked[serial].settled = true;
        } else if (kind == JOURNAL_CURSOR) {
                if (serial >= j->places || payload.len != 8)
                        return -EBADMSG;
                j->cursor[serial] = get_be64(payload.at);
        }
        j->end += HEAD + payload.len;
        return 0;
}

int journal_open(struct journal *j, const char *path, size_t places)
{
        BUF_OWNED old = { 0 };
        struct slice s;
        int r;

        *j = (struct journal){ .places = places, .cursor = calloc(places, sizeof(uint64_t)) };
        j->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (j->fd < 0 || !j->cursor)
                return -errno;
        r = file_read(&old, path, SIZE_MAX / 2);
        for (s = buf_slice(&old); !r && s.len >= HEAD && s.len - HEAD >= get_be32(s.at);) {
                size_t len = get_be32(s.at);

                r = remember(j, s.at[4], get_be64(s.at + 5), slice_of(s.at + HEAD, len));
                s = slice_from(s, HEAD + len);
        }
        if (!r && ftruncate(j->fd, (off_t)j->end) < 0)
                r = -errno;
        return r;
}

void journal_close(struct journal *j)
{
        if (j->fd >= 0)
                close(j->fd);
        free(j->asked);
        free(j->cursor);
}

int journal_note(struct journal *j, uint8_t kind, uint64_t serial, struct slice payload)
{
        BUF_OWNED record = { 0 };
        uint8_t *head = buf_extend(&record, HEAD);

        if (!head)
                return -ENOMEM;
        put_be32(head, (uint32_t)payload.len);
        head[4] = kind;
        put_be64(head + 5, serial);
        buf_put(&record, payload);
        if (buf_fault(&record))
                return -ENOMEM;
        if (pwrite(j->fd, record.at, record.len, (off_t)j->end) != (ssize_t)record.len)
                return -EIO;
        return remember(j, kind, serial, payload);
}

int journal_ask(struct journal *j, struct slice request, uint64_t *serial)
{
        *serial = j->count;
        return journal_note(j, JOURNAL_ASK, *serial, request);
}

int journal_read(struct journal *j, uint64_t serial, struct buf *request)
{
        const struct journal_entry *e = &j->asked[serial];
        uint8_t *to = buf_extend(request, e->len);

        if (!to)
                return -ENOMEM;
        return pread(j->fd, to, e->len, (off_t)e->at) == (ssize_t)e->len ? 0 : -EIO;
}

bool journal_open_ask(const struct journal *j, uint64_t *serial)
{
        for (; *serial < j->count; ++*serial)
                if (!j->asked[*serial].settled)
                        return true;
        return false;
}
