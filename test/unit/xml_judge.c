/* xml_judge.c - what judging says of a certificate, and that damage never shows other values as
 * intact (N3.1, N3.2, N3.3, N3.5) */
#include "xml_world.h"
#include "xml/judge.h"
#include "xml/write.h"

#include "base/secret.h"
#include "schemas/outcomes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define NOON INT64_C(1791948896000)

static struct xml_signer *signer;
static struct judge *judge;
static char anchor[64]; /* the signer's certificate, while this runs */
static struct buf file; /* a small certificate, signed */

static uint32_t put(struct doc *d, uint32_t up, const char *id, const char *const *parts)
{
        uint32_t n = doc_add(d, up, form_element(d->form, slice_str(id)));

        for (int i = 0; i < FORM_PARTS && parts && parts[i]; i++)
                d->node[n].part[i] = slice_str(parts[i]);
        return n;
}

#define PARTS(...)                                                                                 \
        (const char *const[])                                                                      \
        {                                                                                          \
                __VA_ARGS__, NULL                                                                  \
        }

/* A receipt for a gift, the shortest of all. @amount as it stands there. */
static void make(struct buf *out, const char *amount)
{
        struct doc d = { .form = form_find(slice_str("TEG822")) };
        struct xml_stamp stamp;
        uint32_t row;

        put(&d, DOC_TOP, "WLA00000", PARTS("文箱　花子"));
        row = put(&d, DOC_TOP, "WLB00000", NULL);
        put(&d, row, "WLB00010", PARTS("R-1"));
        put(&d, row, "WLB00020", PARTS("3", "国立大学法人など"));
        put(&d, row, "WLB00050", PARTS(amount));
        put(&d, row, "WLB00060", PARTS("2026", "11", "2"));
        put(&d, row, "WLB00070", PARTS("文箱大学"));
        put(&d, row, "WLB00080", PARTS("東京都千代田区"));
        put(&d, row, "WLB00100", PARTS("寄附金として"));
        xml_stamp(&d, &stamp, NOON, 1, "Fumibako");
        buf_clear(out);
        assert_int_equal(xml_certificate(out, signer, &d), 0);
        doc_free(&d);
}

static int set_up(void **state)
{
        char key[64], why[XML_WHY];
        struct xml_key_from from = { .key = key, .certificate = anchor };
        struct judge_trust trust = { .at = NOON };
        X509 *x = xml_world_certificate(xml_world_key(), "文箱大学");

        assert_int_equal(secret_init(), 0);
        snprintf(key, sizeof(key), "/tmp/xml_judge.%d.key", (int)getpid());
        snprintf(anchor, sizeof(anchor), "/tmp/xml_judge.%d.pem", (int)getpid());
        xml_world_put_key(key, xml_world_key(), NULL);
        xml_world_put_certificate(anchor, x, "w");
        X509_free(x);
        assert_int_equal(xml_signer_open(&signer, &from, NOON, why), 0);
        unlink(key);
        assert_int_equal(judge_new(&judge, &trust, why), 0);
        make(&file, "10000");
        return 0;
}

static int tear_down(void **state)
{
        unlink(anchor);
        xml_signer_free(signer);
        judge_free(judge);
        buf_free(&file);
        return 0;
}

static struct judged *judge_of(struct slice bytes)
{
        struct judged *d;

        assert_int_equal(judge_certificate(&d, judge, bytes), 0);
        return d;
}

/* The file with the first @old turned into @new. */
static struct judged *judge_with(const char *old, const char *new)
{
        const uint8_t *at = memmem(file.at, file.len, old, strlen(old));
        BUF_OWNED changed = { 0 };

        assert_non_null(at);
        buf_put(&changed, slice_of(file.at, (size_t)(at - file.at)));
        buf_puts(&changed, new);
        buf_put(&changed, slice_from(buf_slice(&file), (size_t)(at - file.at) + strlen(old)));
        return judge_of(buf_slice(&changed));
}

static bool same_values(const struct doc *a, const struct doc *b)
{
        if (a->form != b->form || a->count != b->count || !slice_eq(a->version, b->version) ||
            !slice_eq(a->id, b->id) || !slice_eq(a->page, b->page) ||
            !slice_eq(a->made_on, b->made_on) || !slice_eq(a->made_by, b->made_by) ||
            !slice_eq(a->software, b->software))
                return false;
        for (uint32_t n = 0; n < a->count; n++) {
                if (a->node[n].element != b->node[n].element || a->node[n].up != b->node[n].up)
                        return false;
                for (int p = 0; p < FORM_PARTS; p++)
                        if (!a->node[n].part[p].at != !b->node[n].part[p].at ||
                            (a->node[n].part[p].at &&
                             !slice_eq(a->node[n].part[p], b->node[n].part[p])))
                                return false;
        }
        return true;
}

static void what_was_signed_is_intact_and_its_values_are_there(void **state)
{
        struct judged *d = judge_of(buf_slice(&file));
        uint16_t amount;

        assert_int_equal(d->refused, 0);
        assert_true(d->valid);
        assert_int_equal(d->findings, 0);
        assert_int_equal(d->integrity, JUDGE_INTACT);
        assert_int_equal(d->issuer, JUDGE_NO_ANCHORS);
        assert_int_equal(d->revocation, JUDGE_NOT_CHECKED);
        assert_string_equal(d->signer, "CN=文箱大学,C=JP");
        assert_string_equal(d->signer_name, "文箱大学");
        assert_string_equal(d->signer_number, "");
        assert_true(slice_eq(d->bytes, buf_slice(&file)));
        assert_string_equal(d->doc->form->id, "TEG822");
        amount = form_element(d->doc->form, slice_str("WLB00050"));
        assert_true(slice_is(doc_text(d->doc, DOC_TOP, amount), "10000"));
        judged_free(d);
}

static void a_finding_names_element_and_line(void **state)
{
        struct judged *d = judge_with("<WLB00050>10000", "\n<WLB00050>1,000");

        assert_false(d->valid);
        assert_int_equal(d->integrity, JUDGE_BROKEN);
        assert_int_equal(d->findings, 2);
        assert_int_equal(d->finding[0].code, OUTCOME_FORM_VALUE);
        assert_string_equal(d->finding[0].where, "WLB00000[1]/WLB00050");
        assert_string_equal(d->finding[0].detail, "1,000");
        assert_int_equal(d->finding[0].line, 4);
        assert_false(d->finding[0].warning);
        assert_int_equal(d->finding[1].code, OUTCOME_SIGNATURE_BROKEN);
        assert_non_null(d->doc); /* N3.5 */
        judged_free(d);
}

/* One thing changed, and what is said of it, beside that the signature is broken. */
static const struct {
        const char *old, *new;
        int code;
        const char *where;
} slips[] = {
        { "VR=\"1.0\"", "VR=\"9.9\"", OUTCOME_FORM_VERSION, "@VR" },
        { " page=\"1\"", " page=\"x\"", OUTCOME_FORM_ATTRIBUTE, "@page" },
        { "<WLB00010>", "<WLB00010 odd=\"1\">", OUTCOME_FORM_ATTRIBUTE,
          "WLB00000[1]/WLB00010/@odd" },
        { "<WLB00010>", "<WLB99999></WLB99999><WLB00010>", OUTCOME_FORM_UNKNOWN,
          "WLB00000[1]/WLB99999" },
        { "<WLA00000>文箱　花子</WLA00000>", "", OUTCOME_FORM_MISSING, "WLA00000" },
        { "<gen:mm>11</gen:mm>", "", OUTCOME_FORM_MISSING, "WLB00000[1]/WLB00060/gen:mm" },
        { "<gen:yyyy>2026</gen:yyyy><gen:mm>11</gen:mm>",
          "<gen:mm>11</gen:mm><gen:yyyy>2026</gen:yyyy>", OUTCOME_FORM_ORDER,
          "WLB00000[1]/WLB00060/gen:yyyy" },
        { "<WLB00070>文箱大学</WLB00070>", "<WLB00070>文箱大学</WLB00070><WLB00060/>",
          OUTCOME_FORM_ORDER, "WLB00000[1]/WLB00060" },
        { "<WLA00000>", "<WLA00000>x</WLA00000><WLA00000>", OUTCOME_FORM_TOO_MANY, "WLA00000" },
        { "<WLB00000>", "<WLB00000>x", OUTCOME_FORM_MIXED, "WLB00000[1]" },
        { "文箱　花子", "<WLA00000></WLA00000>", OUTCOME_FORM_MIXED, "WLA00000" },
        { ">10000<", ">1e3<", OUTCOME_FORM_VALUE, "WLB00000[1]/WLB00050" },
        { "<gen:mm>11", "<gen:mm>13", OUTCOME_FORM_VALUE, "WLB00000[1]/WLB00060/gen:mm" },
        { "R-1", "R-1234567890123456789012345678901234567890123456789", OUTCOME_FORM_TOO_LONG,
          "WLB00000[1]/WLB00010" },
        { "花子", "𠮷子", OUTCOME_FORM_CHARACTER, "WLA00000" },
        { "<kubun_CD>3", "<kubun_CD>99", OUTCOME_FORM_CODE, "WLB00000[1]/WLB00020/kubun_CD" },
        { "<gen:mm>11</gen:mm><gen:dd>2<", "<gen:mm>11</gen:mm><gen:dd>31<", OUTCOME_FORM_DATE,
          "WLB00000[1]/WLB00060" },
};

static void every_slip_has_its_code_and_place(void **state)
{
        for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
                struct judged *d = judge_with(slips[i].old, slips[i].new);
                bool found = false;

                assert_int_equal(d->refused, 0);
                assert_false(d->valid);
                assert_int_equal(d->integrity, JUDGE_BROKEN);
                for (size_t f = 0; f < d->findings; f++)
                        found |= d->finding[f].code == slips[i].code &&
                                 strcmp(d->finding[f].where, slips[i].where) == 0;
                if (!found)
                        print_error("%s: %d at %s expected, %d at %s is there\n", slips[i].new,
                                    slips[i].code, slips[i].where, d->finding[0].code,
                                    d->finding[0].where);
                assert_true(found);
                judged_free(d);
        }
}

static void zeros_before_a_number_change_nothing(void **state)
{
        static const char *const same[][2] = { { ">10000<", ">000010000<" },
                                               { "<gen:dd>2<", "<gen:dd>02<" },
                                               { "<gen:yyyy>2026<", "<gen:yyyy> 2026 <" },
                                               { "<kubun_CD>3", "<kubun_CD>03" } };

        for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
                struct judged *d = judge_with(same[i][0], same[i][1]);

                assert_true(d->valid);
                judged_free(d);
        }
}

static void what_strangers_wrote_is_safe_to_print(void **state)
{
        struct judged *d = judge_with("<WLB00010>", "<WLB00010 odd=\"&#9;\xe2\x80\xae"
                                                    "evil\">");

        assert_string_equal(d->finding[0].detail, "\xef\xbf\xbd\xef\xbf\xbd"
                                                  "evil");
        judged_free(d);
}

static void a_thousand_findings_are_cut(void **state)
{
        BUF_OWNED odd = { 0 };
        struct judged *d;

        for (int i = 0; i < 1000; i++)
                buf_puts(&odd, "<odd/>");
        buf_puts(&odd, "<WLB00000>");
        d = judge_with("<WLB00000>", buf_cstr(&odd));
        assert_false(d->valid);
        assert_true(d->findings < 210);
        assert_int_equal(d->finding[0].code, OUTCOME_FORM_UNKNOWN);
        assert_int_equal(d->finding[d->findings - 1].code, OUTCOME_FINDINGS_CUT);
        judged_free(d);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
        for (size_t n = 0; n < file.len - 1; n++) {
                struct judged *d = judge_of(slice_upto(buf_slice(&file), n));

                assert_true(d->refused);
                assert_null(d->doc);
                assert_false(d->valid);
                assert_int_equal(d->integrity, JUDGE_NOT_JUDGED);
                judged_free(d);
        }
}

/* Outside of what is signed (the declaration, the stylesheet, what the signer's certificate says
 * beside its key, which is for the chain to find) a bit may change nothing; whatever is called
 * intact shows what was signed. */
static void no_bit_can_be_flipped_so_that_it_shows_something_else_as_intact(void **state)
{
        struct judged *was = judge_of(buf_slice(&file));
        size_t intact = 0, broken = 0, refused = 0;

        for (size_t bit = 0; bit < file.len * 8; bit++) {
                struct judged *d;

                file.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
                d = judge_of(buf_slice(&file));
                file.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
                intact += d->integrity == JUDGE_INTACT;
                broken += d->integrity == JUDGE_BROKEN;
                refused += d->refused != 0;
                if (d->integrity == JUDGE_INTACT)
                        assert_true(same_values(was->doc, d->doc));
                if (d->integrity == JUDGE_NOT_JUDGED) /* refused, or without any Signature now */
                        assert_false(d->valid);
                judged_free(d);
        }
        assert_true(intact > 0 && broken > intact && refused > 1000);
        judged_free(was);
}

static void certificates_of_many_signers_do_not_mix(void **state)
{
        BUF_OWNED other = { 0 };
        struct judged *d;

        /* Twenty signers, more than are remembered, and each again. */
        for (int round = 0; round < 2; round++)
                for (int i = 0; i < 20; i++) {
                        char name[16];
                        const uint8_t *at = memmem(file.at, file.len, "<dsig:X509Certificate>", 22);

                        snprintf(name, sizeof(name), "%d", i);
                        buf_clear(&other);
                        buf_put(&other, slice_of(file.at, (size_t)(at - file.at) + 22));
                        buf_puts(&other, name);
                        buf_put(&other, slice_from(buf_slice(&file), (size_t)(at - file.at) + 22));
                        d = judge_of(buf_slice(&other));
                        assert_int_equal(d->integrity, JUDGE_BROKEN);
                        assert_string_equal(d->signer, "");
                        judged_free(d);
                        d = judge_of(buf_slice(&file));
                        assert_int_equal(d->integrity, JUDGE_INTACT);
                        judged_free(d);
                }
}

/* What a judge who asks the clock says of the file's signer at @now. */
static enum judge_issuer issuer_at(struct judge *j, instant now)
{
        enum judge_issuer issuer;
        struct judged *d;

        clock_set(now);
        assert_int_equal(judge_certificate(&d, j, buf_slice(&file)), 0);
        clock_set(0);
        assert_int_equal(d->integrity, JUDGE_INTACT);
        if (d->issuer == JUDGE_UNTRUSTED)
                assert_int_equal(d->finding[0].code, OUTCOME_SIGNER_LAPSED);
        issuer = d->issuer;
        judged_free(d);
        return issuer;
}

static void a_signer_who_is_known_lapses_all_the_same(void **state)
{
        struct judge_trust trust = { .anchors = anchor };
        char why[JUDGE_WHY];
        struct judge *j;

        assert_int_equal(judge_new(&j, &trust, why), 0);
        assert_int_equal(issuer_at(j, NOON), JUDGE_TRUSTED);
        assert_int_equal(issuer_at(j, NOON + CLOCK_MINUTE), JUDGE_TRUSTED);
        assert_int_equal(issuer_at(j, NOON + 40 * 366 * CLOCK_DAY), JUDGE_UNTRUSTED);
        assert_int_equal(issuer_at(j, NOON), JUDGE_TRUSTED); /* clocks are put right */
        judge_free(j);
}

static void without_a_signer_nobody_is_trusted(void **state)
{
        struct judge_trust trust = { .anchors = anchor, .at = NOON };
        const uint8_t *at = memmem(file.at, file.len, "<dsig:X509Certificate>", 22);
        BUF_OWNED bad = { 0 };
        char why[JUDGE_WHY];
        struct judged *d;
        struct judge *j;

        buf_put(&bad, slice_of(file.at, (size_t)(at - file.at) + 22));
        buf_puts(&bad, "AAAA");
        buf_put(&bad, slice_from(buf_slice(&file), (size_t)(at - file.at) + 22));
        assert_int_equal(judge_new(&j, &trust, why), 0);
        assert_int_equal(judge_certificate(&d, j, buf_slice(&bad)), 0);
        assert_int_equal(d->issuer, JUDGE_UNTRUSTED);
        assert_string_equal(d->signer, "");
        judged_free(d);
        judge_free(j);
        d = judge_of(buf_slice(&bad));
        assert_int_equal(d->issuer, JUDGE_NO_ANCHORS); /* nobody named any */
        judged_free(d);
}

static void more_bytes_than_a_certificate_has_are_not_even_copied(void **state)
{
        struct judged *d = judge_of(slice_of(NULL, JUDGE_BYTES_MOST + 1));

        assert_int_equal(d->refused, OUTCOME_XML_TOO_LARGE);
        assert_int_equal(d->findings, 1);
        assert_int_equal(d->bytes.len, 0);
        judged_free(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_signed_is_intact_and_its_values_are_there),
                cmocka_unit_test(a_finding_names_element_and_line),
                cmocka_unit_test(every_slip_has_its_code_and_place),
                cmocka_unit_test(zeros_before_a_number_change_nothing),
                cmocka_unit_test(what_strangers_wrote_is_safe_to_print),
                cmocka_unit_test(a_thousand_findings_are_cut),
                cmocka_unit_test(a_file_cut_anywhere_is_refused),
                cmocka_unit_test(no_bit_can_be_flipped_so_that_it_shows_something_else_as_intact),
                cmocka_unit_test(certificates_of_many_signers_do_not_mix),
                cmocka_unit_test(a_signer_who_is_known_lapses_all_the_same),
                cmocka_unit_test(without_a_signer_nobody_is_trusted),
                cmocka_unit_test(more_bytes_than_a_certificate_has_are_not_even_copied),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
