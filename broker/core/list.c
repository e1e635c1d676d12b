/* list.c - P4.9: what lies in a box. Listing has no legal effect. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <errno.h>

enum { LIST_MOST = 256 }; /* with headers of 2 KiB half a frame */

static int put_items(struct rows *look, uint64_t box, const struct ask_list *ask, struct buf *items,
                     size_t *count)
{
        struct row_slot slot[LIST_MOST];
        uint64_t seq[LIST_MOST];
        size_t n = 0;
        int r = row_list_slots(look, box, ask->after, ask->limit, seq, slot, &n);

        for (size_t i = 0; !r && i < n; i++) {
                struct row_letter letter;
                struct listed one = { .seq = seq[i],
                                      .has_handed = slot[i].has_handed_time,
                                      .handed = slot[i].handed_time };

                r = row_get_letter(look, slot[i].arrival, &letter);
                if (r)
                        return r == STORE_ABSENT ? fault(-EBADMSG) : r;
                one.header = letter.header;
                one.filed = letter.time;
                field_write(&listed_table, items, &one);
        }
        *count = n;
        return r;
}

int list_read(struct core *c, struct core_request *r, struct rows *look, instant now,
              struct buf *out)
{
        struct answer_list answer = { .has_letters = true, .has_count = true, .has_head = true };
        BUF_OWNED items = { 0 };
        struct row_mailbox mailbox;
        struct row_box box;
        size_t count;
        int res = access_mailbox(look, &r->peer, r->ask.list.mailbox, now, &mailbox);

        if (res == ACCESS_DENIED)
                return request_refuse(r, OUTCOME_NOT_YOURS, "mailbox");
        if (!res)
                res = row_get_box(look, mailbox.box, &box);
        if (!res)
                res = put_items(look, mailbox.box, &r->ask.list, &items, &count);
        if (res)
                return res == STORE_ABSENT ? fault(-EBADMSG) : res;
        answer.letters = (struct field_list){ buf_slice(&items), (uint32_t)count };
        answer.count = box.count;
        answer.head = box.head;
        request_answer(r, out, &answer);
        return buf_fault(&items);
}
