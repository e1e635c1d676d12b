/* fuzz_nta_csv.c - any bytes as a sender's CSV of certificates
 *
 * The reader ends and stays inside the bytes. A file with a finding gives nothing; one without
 * gives certificates in which every record is once, every text is what a certificate may hold, and
 * no group is empty. What is said is text that may be shown. */
#include "base/text.h"
#include "form/character.h"
#include "form/nta_csv.h"
#include "schemas/outcomes.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_shown(const char *text)
{
        struct slice s = slice_str(text);

        assert(s.len < NTA_CSV_VALUE && text_is_utf8(s));
        for (size_t i = 0; i < s.len; i++)
                assert(s.at[i] >= 0x20 && s.at[i] != 0x7f);
}

static void hear(void *ctx, const struct nta_finding *f)
{
        int *first = ctx;

        assert(f->code >= 700 && f->code < 740 && outcomes_find((uint64_t)f->code));
        assert(f->record <= NTA_CSV_RECORDS_MOST + 1 && f->name);
        check_shown(f->value);
        check_shown(f->detail);
        if (!*first)
                *first = f->code;
}

static void check_text(struct slice text)
{
        uint32_t c;

        assert(text.len > 0);
        while (character_next(&text, &c))
                assert(character_ok(c) && c >= 0x20);
        assert(text.len == 0);
}

static void check_certificate(const struct doc *d)
{
        for (uint32_t i = 0; i < d->count; i++) {
                const struct doc_node *n = &d->node[i];
                bool group = d->form->element[n->element].type == FORM_GROUP;

                assert(n->end > i && n->end <= d->count);
                assert(n->up == DOC_TOP || (n->up < i && n->end <= d->node[n->up].end));
                assert(!group || n->end > i + 1);
                assert(group || n->end == i + 1);
                for (unsigned p = 0; p < FORM_PARTS; p++)
                        if (n->part[p].at)
                                check_text(n->part[p]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct nta_csv *csv = NULL;
        struct doc d = { 0 };
        size_t records = 0;
        int first = 0;
        int r = nta_csv_open_bytes(&csv, slice_of(data, size), hear, &first);

        assert(r == first && (r == 0) == (csv != NULL));
        if (r)
                return 0;
        for (size_t i = 0; i < nta_csv_certificates(csv); i++) {
                unsigned record, line, count;

                nta_csv_origin(csv, i, &record, &line, &count);
                assert(record >= 1 && line >= 1 && count >= 1);
                records += count;
                assert(nta_csv_certificate(csv, i, &d) == 0);
                assert(d.count > 0);
                check_certificate(&d);
        }
        assert(records == nta_csv_records(csv));
        doc_free(&d);
        nta_csv_free(csv);
        return 0;
}
