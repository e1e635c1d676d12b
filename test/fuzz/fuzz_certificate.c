/* fuzz_certificate.c - any bytes as a tax certificate
 *
 * Judging ends, says something about every file that is not fine, and hands over values that hang
 * together; nobody has a key here, so nothing but a seed itself is ever intact. Showing what it
 * says gives a terminal nothing to obey (N3.7). */
#include "base/plain_text.h"
#include "base/text.h"
#include "tax/show.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const struct doc *d)
{
        for (uint32_t n = 0; n < d->count; n++) {
                const struct doc_node *node = &d->node[n];

                assert(node->element < d->form->elements);
                assert(node->end > n && node->end <= d->count);
                assert(node->up == DOC_TOP || (node->up < n && d->node[node->up].end >= node->end));
                for (int p = 0; p < FORM_PARTS; p++)
                        assert(node->part[p].at || !node->part[p].len);
        }
}

static void look_at_shown(const struct judged *d)
{
        const struct show_about about = { .name = "c.xml" };
        BUF_OWNED text = { 0 };
        BUF_OWNED json = { 0 };
        struct slice rest;
        size_t len;

        show_certificate(&text, d, &about, d->findings % 2);
        assert(!buf_fault(&text));
        for (rest = buf_slice(&text); rest.len; rest = slice_from(rest, len)) {
                int32_t c = plain_text_next(rest, &len);

                assert(c == '\n' || !plain_text_unseen(c));
        }
        show_certificate_json(&json, d, &about);
        assert(!buf_fault(&json) && text_is_utf8(buf_slice(&json)));
        for (size_t i = 0; i < json.len; i++)
                assert(json.at[i] >= 0x20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct judge *judge;
        struct judge_trust trust = { .at = INT64_C(1791948896000) };
        char why[JUDGE_WHY];
        struct judged *d;

        if (!judge && judge_new(&judge, &trust, why))
                abort();
        if (judge_certificate(&d, judge, slice_of(data, size)))
                abort();
        assert(!d->refused == (d->doc != NULL));
        assert(!d->refused || (!d->valid && d->integrity == JUDGE_NOT_JUDGED));
        assert(d->valid || d->findings);
        assert(d->issuer == JUDGE_NO_ANCHORS && d->revocation == JUDGE_NOT_CHECKED);
        for (size_t i = 0; i < d->findings; i++) {
                assert(d->finding[i].code >= 750 && d->finding[i].code < 790);
                assert(memchr(d->finding[i].where, 0, sizeof(d->finding[i].where)));
                assert(memchr(d->finding[i].detail, 0, sizeof(d->finding[i].detail)));
        }
        if (d->doc)
                look_at(d->doc);
        look_at_shown(d);
        judged_free(d);
        return 0;
}
