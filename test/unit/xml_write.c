/* xml_write.c - a certificate's root stands in the file as canonical XML has it (N2.1, N2.2) */
#include "xml_world.h"
#include "xml/write.h"

#include <errno.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define NOON INT64_C(1791948896000) /* 2026-10-14T03:34:56Z */

static struct doc doc;
static struct xml_stamp stamp;
static struct buf out;

static int tear_down(void **state)
{
        doc_free(&doc);
        buf_free(&out);
        return 0;
}

static void write_whole(void)
{
        buf_clear(&out);
        xml_write_root(&out, &doc);
        xml_write_end(&out, doc.form);
}

static void check_canonical(void)
{
        xmlDocPtr read =
                xmlReadMemory((const char *)out.at, (int)out.len, NULL, NULL, XML_PARSE_NONET);
        xmlChar *canonical = NULL;
        int len;

        assert_non_null(read);
        len = xmlC14NDocDumpMemory(read, NULL, XML_C14N_1_0, NULL, 0, &canonical);
        assert_int_equal(len, out.len);
        assert_memory_equal(canonical, out.at, out.len);
        xmlFree(canonical);
        xmlFreeDoc(read);
}

static void every_form_is_canonical_as_it_is_written(void **state)
{
        for (const struct form *const *f = form_list; *f; f++) {
                xml_world_fill(&doc, *f);
                xml_stamp(&doc, &stamp, NOON, 1, "A \"soft\" <ware> & \t\r\n more");
                write_whole();
                assert_int_equal(buf_fault(&out), 0);
                check_canonical();
        }
}

static void check_root(const char *form, instant now, unsigned number, const char *expected)
{
        doc_clear(&doc);
        doc.form = form_find(slice_str(form));
        xml_stamp(&doc, &stamp, now, number, "Fumibako 1");
        write_whole();
        assert_string_equal(buf_cstr(&out), expected);
}

#define NAMESPACES                                                                                 \
        " xmlns=\"http://xml.e-tax.nta.go.jp/XSD/kyotsu\" "                                        \
        "xmlns:gen=\"http://xml.e-tax.nta.go.jp/XSD/general\" "

static void the_root_says_version_id_page_day_maker_and_software(void **state)
{
        check_root("TEG800", NOON, 1,
                   "<TEG800" NAMESPACES "VR=\"1.1\" id=\"TEG800202610141234560000001\" page=\"1\" "
                   "sakuseiDay=\"2026-10-14\" sakuseiNM=\"\" softNM=\"Fumibako 1\"></TEG800>");
        /* The day begins in Japan nine hours before it does in Greenwich. */
        check_root("TEG840", INT64_C(1791990000000), 9999999,
                   "<TEG840" NAMESPACES "VR=\"1.0\" id=\"TEG840202610150000009999999\" page=\"1\" "
                   "sakuseiDay=\"2026-10-15\" sakuseiNM=\"\" softNM=\"Fumibako 1\"></TEG840>");
        check_root("TEG840", INT64_C(1791989999999), 1,
                   "<TEG840" NAMESPACES "VR=\"1.0\" id=\"TEG840202610142359590000001\" page=\"1\" "
                   "sakuseiDay=\"2026-10-14\" sakuseiNM=\"\" softNM=\"Fumibako 1\"></TEG840>");
}

static void add(const char *id, const char *text)
{
        uint32_t n = doc_add(&doc, DOC_TOP, form_element(doc.form, slice_str(id)));

        assert_true(n != DOC_TOP);
        doc.node[n].part[0] = slice_str(text);
}

static void who_made_it_is_the_issuer_or_the_one_its_first_entry_names(void **state)
{
        doc_clear(&doc);
        doc.form = form_find(slice_str("TEG800"));
        add("WCA00000", "エグザンプル生命保険株式会社");
        xml_stamp(&doc, &stamp, NOON, 1, "");
        assert_true(slice_is(doc.made_by, "エグザンプル生命保険株式会社"));
        doc_clear(&doc);
        doc.form = form_find(slice_str("TEG822"));
        add("WLA00000", "寄附した人");
        add("WLB00070", "認定特定非営利活動法人　文箱の森");
        xml_stamp(&doc, &stamp, NOON, 1, "");
        assert_true(slice_is(doc.made_by, "認定特定非営利活動法人　文箱の森"));
}

static void before_the_root_stands_the_official_stylesheet(void **state)
{
        buf_clear(&out);
        xml_write_head(&out, form_find(slice_str("TEG810")));
        assert_string_equal(buf_cstr(&out),
                            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<?xml-stylesheet type=\"text/xsl\" "
                            "href=\"https://xml.e-tax.nta.go.jp/xsl/1.0/CMTEG810-001.xsl\"?>\n");
}

static void what_is_not_there_is_not_written_and_pages_are_numbered(void **state)
{
        const struct form *f = form_find(slice_str("TEG830"));
        uint32_t page, year;

        doc_clear(&doc);
        doc.form = f;
        doc.id = slice_str("x");
        page = doc_add(&doc, DOC_TOP, form_element(f, slice_str("TEG830-1")));
        year = doc_add(&doc, page, form_element(f, slice_str("WMA00000")));
        doc.node[year].part[1] = slice_str("8");
        doc_add(&doc, DOC_TOP, form_element(f, slice_str("TEG830-2")));
        write_whole();
        assert_string_equal(buf_cstr(&out),
                            "<TEG830" NAMESPACES "id=\"x\"><TEG830-1 page=\"1\"><WMA00000><gen:yy>8"
                            "</gen:yy></WMA00000></TEG830-1><TEG830-2 page=\"2\">"
                            "</TEG830-2></TEG830>");
        check_canonical();
}

static void what_no_xml_can_hold_is_a_fault(void **state)
{
        static const char *const bad[] = { "\x01",          "a\x0b",        "\x1f",
                                           "\xff",          "\xed\xa0\x80", "\xef\xbf\xbe",
                                           "x\xef\xbf\xbf", "\xe6\x96" };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                doc_clear(&doc);
                doc.form = form_find(slice_str("TEG800"));
                add("WCA00000", bad[i]);
                write_whole();
                assert_int_equal(buf_fault(&out), -EINVAL);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_form_is_canonical_as_it_is_written),
                cmocka_unit_test(the_root_says_version_id_page_day_maker_and_software),
                cmocka_unit_test(who_made_it_is_the_issuer_or_the_one_its_first_entry_names),
                cmocka_unit_test(before_the_root_stands_the_official_stylesheet),
                cmocka_unit_test(what_is_not_there_is_not_written_and_pages_are_numbered),
                cmocka_unit_test(what_no_xml_can_hold_is_a_fault),
        };

        return cmocka_run_group_tests_name("xml_write", tests, NULL, tear_down);
}
