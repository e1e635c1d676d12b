/* tax_show.c - showing what a judge read, sound and unsound (N3.4, N3.5) */
#include "tax/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "schemas/outcomes.h"

struct world {
        struct doc doc;
        struct judged judged;
        struct show_about about;
        struct buf out;
};

static struct world world_of(const char *form)
{
        struct world w = { .doc.form = form_find(slice_str(form)) };

        assert_non_null(w.doc.form);
        w.judged = (struct judged){ .valid = true,
                                    .integrity = JUDGE_INTACT,
                                    .signer = "",
                                    .signer_name = "",
                                    .signer_number = "" };
        return w;
}

static void world_end(struct world *w)
{
        doc_free(&w->doc);
        buf_free(&w->out);
}

static uint32_t add(struct world *w, uint32_t up, const char *element)
{
        uint16_t e = form_element(w->doc.form, slice_str(element));
        uint32_t at;

        assert_int_not_equal(e, FORM_NONE);
        at = doc_add(&w->doc, up, e);
        assert_int_not_equal(at, DOC_TOP);
        return at;
}

/* A leaf with up to three parts; NULL: not there. */
static void leaf(struct world *w, uint32_t up, const char *element, const char *a, const char *b,
                 const char *c)
{
        uint32_t at = add(w, up, element);

        w->doc.node[at].part[0] = slice_str(a);
        w->doc.node[at].part[1] = slice_str(b);
        w->doc.node[at].part[2] = slice_str(c);
}

static const char *shown(struct world *w)
{
        buf_clear(&w->out);
        w->judged.doc = &w->doc;
        show_certificate(&w->out, &w->judged, &w->about, false);
        return buf_cstr(&w->out);
}

static const char *json(struct world *w)
{
        buf_clear(&w->out);
        w->judged.doc = &w->doc;
        show_certificate_json(&w->out, &w->judged, &w->about);
        return buf_cstr(&w->out);
}

static void has(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("no \"%s\" in:\n%s", part, text);
}

static void has_not(const char *text, const char *part)
{
        if (strstr(text, part))
                fail_msg("\"%s\" in:\n%s", part, text);
}

static void what_cannot_be_read_is_shown_as_it_is_written(void **state)
{
        struct world w = world_of("TEG800");
        uint32_t row;

        leaf(&w, DOC_TOP, "WCC00000", "2026", "2", "30");
        row = add(&w, DOC_TOP, "WCE00000");
        leaf(&w, row, "WCE00030", "9", NULL, NULL);
        leaf(&w, row, "WCE00240", "1,000", NULL, NULL);
        leaf(&w, row, "WCE00120", "", NULL, NULL);
        has(shown(&w), "2026-2-30\n");
        has(shown(&w), "1,000\n");
        has_not(shown(&w), "円");
        has(json(&w), "\"value\":\"2026-2-30\"}");
        has(json(&w), "\"value\":\"1,000\"}");
        has(json(&w), "\"value\":\"9\",\"code\":\"9\",\"code_name\":\"\"");
        has_not(json(&w), "\"date\"");
        has_not(json(&w), "\"amount\"");
        world_end(&w);
}

static void a_group_of_one_thing_shares_its_line(void **state)
{
        struct world w = world_of("TEG850");
        uint32_t all = add(&w, DOC_TOP, "WPL00000"), month = add(&w, all, "WPL00010");

        leaf(&w, month, "WPL00020", "23000", NULL, NULL);
        has(shown(&w), "個人型確定拠出年金に関する事項　１月　金額  23,000円\n");
        has(json(&w),
            "{\"id\":\"WPL00000\",\"name\":\"個人型確定拠出年金に関する事項\","
            "\"children\":[{\"id\":\"WPL00010\",\"name\":\"１月\",\"children\":[{\"id\":"
            "\"WPL00020\",\"name\":\"金額\",\"value\":\"23,000円\",\"amount\":23000}]}]}");
        world_end(&w);
}

static void codes_of_twelve_months_are_one_line(void **state)
{
        struct world w = world_of("TEG840");
        uint32_t row = add(&w, DOC_TOP, "WOO00000"), months;

        leaf(&w, row, "WOO00010", "5", "8", NULL);
        months = add(&w, row, "WOO00020");
        leaf(&w, months, "WOO00030", "1", NULL, NULL);
        leaf(&w, months, "WOO00040", "1", "済", NULL);
        leaf(&w, months, "WOO00050", "2", "見\n込", NULL);
        has(shown(&w), "  納付対象月  １ 済  ２ 済  ３ 見\xef\xbf\xbd込（2 見）\n");
        world_end(&w);
}

static void an_empty_certificate_is_its_facts(void **state)
{
        struct world w = world_of("TEG800");

        has(shown(&w), "生命保険料控除証明書  TEG800");
        has(json(&w), "\"elements\":[]}");
        add(&w, DOC_TOP, "WCE00000");
        has(shown(&w), "\n明細\n");
        world_end(&w);
}

static void what_was_refused_has_findings_and_no_values(void **state)
{
        struct judge_finding f = { .code = OUTCOME_XML_DOCTYPE,
                                   .where = "a\x1b[2J",
                                   .detail = "b" };
        struct world w = { .judged = {
                                   .refused = OUTCOME_XML_DOCTYPE, .finding = &f, .findings = 1 } };

        show_certificate(&w.out, &w.judged, &w.about, true);
        has(buf_cstr(&w.out), "読み取りません");
        has(buf_cstr(&w.out), "XML_DOCTYPE 753");
        has_not(buf_cstr(&w.out), "\x1b");
        buf_clear(&w.out);
        show_certificate_json(&w.out, &w.judged, &w.about);
        has(buf_cstr(&w.out), "{\"code\":753,");
        has(buf_cstr(&w.out), "\"elements\":[]}");
        buf_free(&w.out);
}

static void errors_stand_before_warnings(void **state)
{
        struct judge_finding f[] = {
                { .code = OUTCOME_SIGNATURE_SHA1, .warning = true },
                { .code = OUTCOME_SIGNATURE_BROKEN },
        };
        struct world w = world_of("TEG800");
        const char *text;

        w.judged.finding = f;
        w.judged.findings = 2;
        w.judged.integrity = JUDGE_BROKEN;
        text = shown(&w);
        has(text, "BROKEN: do not rely on the values");
        assert_true(strstr(text, "! ") < strstr(text, "? "));
        world_end(&w);
}

static void the_sender_is_told_of_when_there_is_a_letter(void **state)
{
        struct world w = world_of("TEG800");

        has_not(shown(&w), "sender");
        w.about = (struct show_about){ .from = "houjin:9234567890123", .sender = SHOW_OTHER };
        has(shown(&w), "houjin:9234567890123");
        has(shown(&w), "NOT the issuer");
        has(json(&w), "\"sender\":\"other\",\"from\":\"houjin:9234567890123\"");
        world_end(&w);
}

static void a_doc_deeper_than_any_form_is_shown_whole(void **state)
{
        struct world w = world_of("TEG800");
        uint32_t up = DOC_TOP;

        for (int i = 0; i < 40; i++) {
                leaf(&w, up, "WCD00000", "x", NULL, NULL);
                up = add(&w, up, "WCE00000");
        }
        leaf(&w, up, "WCD00000", "deepest", NULL, NULL);
        has(shown(&w), "deepest");
        has(json(&w), "deepest");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_cannot_be_read_is_shown_as_it_is_written),
                cmocka_unit_test(a_group_of_one_thing_shares_its_line),
                cmocka_unit_test(codes_of_twelve_months_are_one_line),
                cmocka_unit_test(an_empty_certificate_is_its_facts),
                cmocka_unit_test(what_was_refused_has_findings_and_no_values),
                cmocka_unit_test(errors_stand_before_warnings),
                cmocka_unit_test(the_sender_is_told_of_when_there_is_a_letter),
                cmocka_unit_test(a_doc_deeper_than_any_form_is_shown_whole),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
