/* fuzz_tax.c - any bytes as a ZIP of certificates, or as several certificates one behind the other
 *
 * The first byte says which. Whatever it was: every certificate has a state and says why it does
 * not count, the sums are those of the entries that count, and both summaries come to an end. */
#include "tax/summary.h"
#include "tax/tax.h"

#include "base/text.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t sum;

static int on_certificate(void *ctx, const struct fumi_certificate *c)
{
        bool counts = false;

        for (size_t i = 0; i < c->entries; i++) {
                const struct fumi_tax_entry *e = &c->entry[i];

                counts |= e->state == FUMI_TAX_COUNTS;
                assert((e->state == FUMI_TAX_COUNTS) == (e->why == 0));
                assert(text_is_utf8(slice_str(e->number)) && text_is_utf8(slice_str(e->issuer)));
                assert(e->has_declared || e->has_projected);
                if (e->state == FUMI_TAX_COUNTS && e->year == *(int *)ctx)
                        sum += e->carried;
        }
        assert(counts == (c->state == FUMI_TAX_COUNTS) && counts == (c->why == 0));
        assert(!c->refused || (!c->entries && c->state != FUMI_TAX_COUNTS));
        assert(!counts || (c->valid && c->integrity != FUMI_TAX_BROKEN));
        return 0;
}

static int on_total(void *ctx, const struct fumi_tax_total *t)
{
        assert(t->entries > 0);
        *(int64_t *)ctx += t->carried;
        return 0;
}

static void look_at_year(fumi_tax *t, int year)
{
        int64_t total = 0;
        int r = fumi_tax_totals(t, year, on_total, &total);

        sum = 0;
        if (r == 0)
                r = fumi_tax_each(t, year, on_certificate, &year);
        assert(r != 0 || sum == total);
}

static void summarise(fumi_tax *t, int year)
{
        BUF_OWNED csv = { 0 };
        BUF_OWNED json = { 0 };
        struct totals totals;
        struct summary s = { t, year, NULL, &totals };
        char **name = calloc(t->count + 1, sizeof(char *));

        s.name = name;
        if (name && totals_of(t, year, &totals) == 0) {
                summary_csv(&csv, &s);
                summary_json(&json, &s);
                assert(text_is_utf8(buf_slice(&csv)) && text_is_utf8(buf_slice(&json)));
        }
        free(name);
}

/* Pieces between bytes that no XML has. */
static void add_pieces(fumi_tax *t, struct slice rest)
{
        struct slice piece;

        while (slice_split(&rest, 0xff, &piece))
                assert(fumi_tax_add(t, "piece", piece.at, piece.len) == 0);
        assert(fumi_tax_add(t, "last", rest.at, rest.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        fumi_tax *t;
        int years[8];
        size_t count;

        if (!size || fumi_start() || fumi_tax_open(&t, NULL, NULL))
                return 0;
        if (data[0] & 1)
                unzip_bytes(t, "fuzz.zip", slice_of(data + 1, size - 1));
        else
                add_pieces(t, slice_of(data + 1, size - 1));
        count = fumi_tax_years(t, years, 8);
        for (size_t i = 0; i < count && i < 8; i++)
                look_at_year(t, years[i]);
        summarise(t, count ? years[0] : 2026);
        fumi_tax_close(t);
        return 0;
}
