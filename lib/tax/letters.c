/* letters.c - the certificates among the letters that are on this device
 *
 * A part is to be believed when its letter has proved right, and only then it is known which parts
 * are XML: so the parts of one letter are held in memory until then. A letter that does not open
 * gives nothing, and is told of. */
#include "tax/tax.h"

#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* What fumi_letters() names, before any of them is opened. */
struct listed {
        fumi_id *id;
        size_t count, room;
};

static int on_letter(void *ctx, const fumi_id *id)
{
        struct listed *l = ctx;
        size_t room = l->room ? l->room * 2 : 64;
        fumi_id *grown;

        if (l->count == l->room) {
                grown = reallocarray(l->id, room, sizeof(*grown));
                if (!grown)
                        return fault(-ENOMEM);
                l->id = grown;
                l->room = room;
        }
        l->id[l->count++] = *id;
        return 0;
}

struct reading {
        fumi_tax *t;
        struct buf *part; /* as they came */
        size_t parts, room;
        int result;
};

static int part_room(struct reading *x, size_t index)
{
        size_t room = x->room ? x->room * 2 : 8;
        struct buf *grown;

        while (room <= index)
                room *= 2;
        if (index < x->room)
                return 0;
        grown = reallocarray(x->part, room, sizeof(*grown));
        if (!grown)
                return fault(-ENOMEM);
        memset(grown + x->room, 0, (room - x->room) * sizeof(*grown));
        x->part = grown;
        x->room = room;
        return 0;
}

/* No further than one byte more than a certificate may have: which says that it is none. */
static int on_part(void *ctx, size_t index, const void *bytes, size_t size)
{
        struct reading *x = ctx;
        struct buf *part;
        size_t left;
        int r = part_room(x, index);

        if (r)
                return r;
        part = &x->part[index];
        left = JUDGE_BYTES_MOST + 1 - part->len;
        buf_put(part, slice_of(bytes, size < left ? size : left));
        if (index >= x->parts)
                x->parts = index + 1;
        return buf_fault(part);
}

static bool is_xml(const struct fumi_opened_part *p)
{
        size_t n = strlen(p->name);

        return strcasecmp(p->media, "application/xml") == 0 ||
               strcasecmp(p->media, "text/xml") == 0 ||
               (n > 4 && strcasecmp(p->name + n - 4, ".xml") == 0);
}

static int put_part(struct reading *x, const struct fumi_opened *o, size_t index)
{
        struct tax_source s = { .name = o->part[index].name,
                                .letter = &o->id,
                                .from = o->from,
                                .from_name = o->from_name,
                                .from_number = o->from_number };
        int r;

        if (index < x->parts && x->part[index].len > JUDGE_BYTES_MOST)
                s.refused = OUTCOME_XML_TOO_LARGE;
        else if (index < x->parts)
                s.bytes = buf_slice(&x->part[index]);
        r = tax_charge(x->t, s.bytes.len);
        return r ? r : tax_put(x->t, &s);
}

static void on_opened(void *ctx, const struct fumi_opened *o)
{
        struct reading *x = ctx;

        for (size_t i = 0; i < o->parts && !x->result; i++)
                if (is_xml(&o->part[i]))
                        x->result = put_part(x, o, i);
}

static void parts_free(struct reading *x)
{
        for (size_t i = 0; i < x->room; i++)
                buf_free(&x->part[i]);
        free(x->part);
}

int fumi_tax_add_box(fumi_tax *t, fumi_box *box,
                     void (*on_refused)(void *ctx, const fumi_id *id, int result), void *ctx)
{
        size_t count = t->count, bytes = t->bytes;
        struct listed l = { 0 };
        int r = fumi_letters(box, on_letter, &l);

        *t->error = 0;
        if (r)
                tax_say(t, r, "%s", fumi_box_error(box));
        for (size_t i = 0; i < l.count && !r; i++) {
                struct reading x = { .t = t };
                int opened = fumi_open(box, &l.id[i], on_opened, on_part, &x);

                parts_free(&x);
                r = opened == -ENOMEM ? opened : x.result;
                if (opened && !r && on_refused)
                        on_refused(ctx, &l.id[i], opened);
        }
        free(l.id);
        if (r)
                tax_back(t, count, bytes);
        return r;
}
