/* look.c - one certificate of a collection, shown
 *
 * The document was not kept: it is judged once more, which gives the same. Of a file that could not
 * be read at all nothing was kept, and there is nothing to show but that. */
#include "tax/show.h"
#include "tax/tax.h"

#include "base/fault.h"

#include <errno.h>

static void put(struct buf *out, const struct tax_item *i, const struct judged *d,
                enum fumi_tax_shown how)
{
        const struct show_about about = {
                .name = i->c.name,
                .from = i->c.letter ? i->c.from_name : NULL,
                .sender = (enum show_sender)i->c.sender,
        };

        if (how == FUMI_TAX_JSON)
                show_certificate_json(out, d, &about);
        else
                show_certificate(out, d, &about, how == FUMI_TAX_TEXT);
}

int fumi_tax_show(fumi_tax *t, size_t number, enum fumi_tax_shown how,
                  void (*take)(void *ctx, const void *bytes, size_t size), void *ctx)
{
        BUF_OWNED out = { 0 };
        struct judged *d = NULL;
        int r;

        if (how != FUMI_TAX_TEXT && how != FUMI_TAX_JSON && how != FUMI_TAX_TEXT_ENGLISH)
                return tax_say(t, fault(-EINVAL), "there is no way %d to show one", (int)how);
        if (number >= t->count)
                return tax_say(t, fault(-EINVAL), "there is no certificate %zu", number);
        r = judge_certificate(&d, t->judge,
                              slice_of(t->item[number]->bytes, t->item[number]->c.size));
        if (!r) {
                put(&out, t->item[number], d, how);
                r = buf_fault(&out) ? fault(buf_fault(&out)) : 0;
        }
        judged_free(d);
        if (r)
                return tax_say(t, r, "%s: %s", t->item[number]->c.name, strerror(-r));
        take(ctx, out.at, out.len);
        return 0;
}
