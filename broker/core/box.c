/* box.c - the boxes that a batch touches, each read once and written once
 *
 * A small open-addressing table by box number. It doubles as the list of those who are to be woken.
 */
#include "core/core_impl.h"

#include "base/fault.h"

#include <errno.h>
#include <stdlib.h>

enum { BOX_ROOM_FIRST = 64 };

/* The place of @number, or the empty place where it belongs. @room is a power of two. */
static struct box *place_of(struct box *at, size_t room, uint64_t number)
{
        size_t i = (number * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (room - 1);

        while (at[i].number && at[i].number != number)
                i = (i + 1) & (room - 1);
        return &at[i];
}

static int grow(struct core_batch *b)
{
        size_t room = b->box_room ? b->box_room * 2 : BOX_ROOM_FIRST;
        struct box *at = calloc(room, sizeof(*at));

        if (!at)
                return fault(-ENOMEM);
        for (size_t i = 0; i < b->box_room; i++)
                if (b->box[i].number)
                        *place_of(at, room, b->box[i].number) = b->box[i];
        free(b->box);
        b->box = at;
        b->box_room = room;
        return 0;
}

int box_take(struct core_batch *b, uint64_t number, struct box **out)
{
        struct box *box;
        int r;

        if (b->boxes * 2 >= b->box_room) {
                r = grow(b);
                if (r)
                        return r;
        }
        box = place_of(b->box, b->box_room, number);
        if (!box->number) {
                r = row_get_box(&b->rows, number, &box->row);
                if (r)
                        return r == STORE_ABSENT ? fault(-EBADMSG) : r;
                box->number = number;
                b->boxes++;
        }
        *out = box;
        return 0;
}

bool box_has_room(const struct core *c, const struct box *box, uint64_t size)
{
        return box->row.bytes <= c->cfg.box_bytes && size <= c->cfg.box_bytes - box->row.bytes;
}

void box_file(struct box *box, uint64_t size, const struct hash *leaf)
{
        box->row.count++;
        box->row.bytes += size;
        event_head(&box->row.head, leaf); /* E6.5 */
        box->changed = true;
}

int box_keep(struct core_batch *b)
{
        for (size_t i = 0; i < b->box_room; i++) {
                int r = b->box[i].changed ? row_put_box(&b->rows, b->box[i].number, &b->box[i].row)
                                          : 0;

                if (r)
                        return r;
        }
        return 0;
}

void box_free(struct core_batch *b)
{
        free(b->box);
}
