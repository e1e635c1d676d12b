/* collection.c - a collection of certificates: opened, filled with bytes, closed */
#include "tax/tax.h"

#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#undef tax_say
int tax_say(fumi_tax *t, int r, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(t->error, sizeof(t->error), fmt, ap);
        va_end(ap);
        return r;
}

int fumi_tax_open(fumi_tax **out, const struct fumi_tax_trust *trust, char *why)
{
        const struct judge_trust none = { 0 };
        const struct judge_trust given = {
                .anchors = trust ? trust->anchors : NULL,
                .crls = trust ? trust->crls : NULL,
                .at = trust ? trust->at : 0,
        };
        fumi_tax *t = calloc(1, sizeof(*t));
        char text[JUDGE_WHY] = "";
        int r;

        if (!t)
                return fault(-ENOMEM);
        r = judge_new(&t->judge, trust ? &given : &none, text);
        if (r) {
                if (why)
                        snprintf(why, TAX_WHY, "%s", text);
                free(t);
                return r;
        }
        t->anchors = given.anchors != NULL;
        t->at = given.at;
        *out = t;
        return 0;
}

void fumi_tax_close(fumi_tax *t)
{
        if (!t)
                return;
        tax_back(t, 0, 0);
        judge_free(t->judge);
        free(t->item);
        free(t);
}

const char *fumi_tax_error(const fumi_tax *t)
{
        return t->error;
}

int tax_charge(fumi_tax *t, size_t bytes)
{
        if (bytes > TAX_BYTES_MOST - t->bytes)
                return tax_say(t, OUTCOME_TAX_TOO_MUCH, "more than %d MiB of certificates",
                               TAX_BYTES_MOST >> 20);
        t->bytes += bytes;
        return 0;
}

void tax_back(fumi_tax *t, size_t count, size_t bytes)
{
        while (t->count > count)
                item_free(t->item[--t->count]);
        t->bytes = bytes;
        t->settled = false;
}

static int make_room(fumi_tax *t)
{
        size_t room = t->room ? t->room * 2 : 64;
        struct tax_item **item;

        if (t->count >= TAX_CERTIFICATES_MOST)
                return tax_say(t, OUTCOME_TAX_TOO_MUCH, "more than %d certificates",
                               TAX_CERTIFICATES_MOST);
        if (t->count < t->room)
                return 0;
        item = reallocarray(t->item, room, sizeof(struct tax_item *));
        if (!item)
                return fault(-ENOMEM);
        t->item = item;
        t->room = room;
        return 0;
}

int tax_put(fumi_tax *t, const struct tax_source *s)
{
        struct tax_item *item = NULL;
        int r = make_room(t);

        if (!r)
                r = item_new(&item, t, s);
        if (r == -ENOMEM)
                tax_say(t, r, "%s: %s", s->name, strerror(ENOMEM));
        if (r)
                return r;
        item->c.number = t->count;
        t->item[t->count++] = item;
        t->settled = false;
        return 0;
}

int fumi_tax_add(fumi_tax *t, const char *name, const void *bytes, size_t size)
{
        struct tax_source s = { .name = name, .bytes = slice_of(bytes, size) };
        size_t before = t->bytes;
        int r;

        if (size > JUDGE_BYTES_MOST) {
                s.bytes.len = 0;
                s.refused = OUTCOME_XML_TOO_LARGE;
        }
        r = tax_charge(t, s.bytes.len);
        if (!r)
                r = tax_put(t, &s);
        if (r)
                t->bytes = before;
        return r;
}
