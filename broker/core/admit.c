/* admit.c - may this letter be filed now?
 *
 * The rules in the order in which a sender would want to hear of them: who sends, to whom, by which
 * statement, when, and whether there is room (P4.2.12 to P4.2.17). Nothing is written here. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

static struct seen_address *place_of(struct core_batch *b, struct slice address)
{
        uint32_t h = 2166136261U; /* FNV-1a */

        for (size_t i = 0; i < address.len; i++)
                h = (h ^ address.at[i]) * 16777619U;
        return &b->seen[h % SEEN_MOST];
}

void admit_forget(struct core_batch *b, struct slice address)
{
        struct seen_address *seen = place_of(b, address);

        if (slice_is(address, seen->name.s))
                seen->name.s[0] = 0;
}

/* The address's row, from this batch's memory or from the store. Mass mail to one address, or to
 * few, reads each row once. STORE_ABSENT when there is none. */
static int address_take(struct core_batch *b, struct slice address, const struct row_address **out)
{
        struct seen_address *seen = place_of(b, address);
        struct slice bytes;
        int r;

        *out = &seen->row;
        if (seen->name.s[0] && slice_is(address, seen->name.s))
                return 0;
        seen->name.s[0] = 0;
        r = row_get_address(&b->rows, address, &seen->row, &bytes);
        if (r)
                return r;
        buf_clear(&seen->bytes);
        buf_put(&seen->bytes, bytes);
        if (buf_fault(&seen->bytes))
                return fault(buf_fault(&seen->bytes));
        r = field_read(&row_address_table, buf_slice(&seen->bytes), &seen->row, NULL);
        assert(!r && address.len < sizeof(seen->name.s));
        memcpy(seen->name.s, address.at, address.len);
        seen->name.s[address.len] = 0;
        return 0;
}

static bool accepts(const struct row_address *a, struct slice sender, uint64_t class)
{
        struct field_list l = a->accepts;
        struct accept one;

        while (field_list_next(&l, &accept_table, &one))
                if (one.classes >> class & 1 && slice_eq(one.sender, sender))
                        return true;
        return false;
}

/* E3.3: the statement in force goes into the answer, as long as the answer has room. */
static int superseded(struct core_batch *b, const struct hash *statement, struct verdict *v,
                      struct buf *texts)
{
        struct row_statement row;
        int r = row_get_statement(&b->rows, statement, &row);

        if (r)
                return r == STORE_ABSENT ? fault(-EBADMSG) : r;
        if (texts->len + row.note.len <= CORE_STATEMENTS_MOST) {
                v->text = texts->len;
                v->text_len = row.note.len;
                buf_put(texts, row.note);
                if (buf_fault(texts))
                        return fault(buf_fault(texts));
        }
        return verdict_refuse(v, OUTCOME_STATEMENT_SUPERSEDED, "statement");
}

static int admit_address(struct core_batch *b, const struct header *h, struct verdict *v,
                         struct buf *texts, uint64_t *box)
{
        const struct row_address *a;
        int r = address_take(b, h->to, &a);

        if (r == STORE_ABSENT)
                return verdict_refuse(v, OUTCOME_NO_SUCH_ADDRESS, "to");
        if (r)
                return r;
        if (a->closed)
                return verdict_refuse(v, OUTCOME_ADDRESS_CLOSED, "to");
        if (!admit_valid(a->valid_from, a->valid_until, b->now))
                return verdict_refuse(v, OUTCOME_STATEMENT_EXPIRED, "to");
        if (!accepts(a, h->from, h->class))
                return verdict_refuse(v, OUTCOME_NOT_ACCEPTED, "to");
        if (!hash_eq(&a->statement, &h->statement))
                return superseded(b, &a->statement, v, texts);
        if (h->assurance > admit_level(a->level, a->level_until, b->now))
                return verdict_refuse(v, OUTCOME_ASSURANCE_TOO_LOW, "assurance");
        *box = a->box;
        return 0;
}

static bool clock_agrees(const struct core_batch *b, uint64_t created)
{
        int64_t window = b->core->cfg.clock_window;
        int64_t apart = (int64_t)created - b->now;

        return apart <= window && -apart <= window;
}

int admit_letter(struct core_batch *b, const struct row_sender *s, const struct header *h,
                 bool again, struct verdict *v, struct buf *texts, struct box **box)
{
        uint64_t number = 0;
        int r;

        if (!admit_valid(s->valid_from, s->valid_until, b->now))
                return verdict_refuse(v, OUTCOME_SENDER_NOT_VALID, "from");
        if (!(s->classes >> h->class & 1))
                return verdict_refuse(v, OUTCOME_CLASS_NOT_GRANTED, "class");
        r = admit_address(b, h, v, texts, &number);
        if (r || v->code)
                return r;
        if (!again && !clock_agrees(b, h->created))
                return verdict_refuse(v, OUTCOME_CLOCK_WINDOW, "created");
        if (h->has_expires && h->expires <= (uint64_t)b->now)
                return verdict_refuse(v, OUTCOME_LETTER_EXPIRED, "expires");
        r = box_take(b, number, box);
        if (r)
                return r;
        if (!box_has_room(b->core, *box, h->size))
                return verdict_refuse(v, OUTCOME_BOX_FULL, "size");
        return 0;
}
