/* xml_sign.c - the file that a signer makes is what the plain recipe of libxml2 and xmlsec1 makes
 * (N2.3) */
#include "xml_world.h"
#include "xml/start.h"
#include "xml/write.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>
#include <xmlsec/crypto.h>
#include <cmocka.h>

#define NOON INT64_C(1791948896000)

static char key_path[64], certificate_path[64];
static struct xml_signer *signer;
static struct doc doc;
static struct xml_stamp stamp;
static struct buf out;

/* libxml2's own cast, BAD_CAST, drops the const. */
static const xmlChar *text(const char *s)
{
        return (const xmlChar *)s;
}

static int set_up(void **state)
{
        struct xml_key_from from = { .key = key_path, .certificate = certificate_path };
        X509 *x = xml_world_certificate(xml_world_key(), "文箱生命, Inc.");
        char why[XML_WHY];

        assert_int_equal(secret_init(), 0);
        snprintf(key_path, sizeof(key_path), "/tmp/xml_sign.%d.key", (int)getpid());
        snprintf(certificate_path, sizeof(certificate_path), "/tmp/xml_sign.%d.pem", (int)getpid());
        xml_world_put_key(key_path, xml_world_key(), NULL);
        xml_world_put_certificate(certificate_path, x, "w");
        X509_free(x);
        return xml_signer_open(&signer, &from, NOON, why);
}

static int tear_down(void **state)
{
        unlink(key_path);
        unlink(certificate_path);
        xml_signer_free(signer);
        doc_free(&doc);
        buf_free(&out);
        return 0;
}

static void sign(const struct form *f, unsigned number)
{
        xml_world_fill(&doc, f);
        xml_stamp(&doc, &stamp, NOON, number, "Fumibako");
        buf_clear(&out);
        assert_int_equal(xml_certificate(&out, signer, &doc), 0);
}

/* The file as a tree, its root's id known as one. */
static xmlDocPtr read_out(void)
{
        xmlDocPtr d =
                xmlReadMemory((const char *)out.at, (int)out.len, NULL, NULL, XML_PARSE_NONET);
        xmlAttrPtr id;

        assert_non_null(d);
        id = xmlHasProp(xmlDocGetRootElement(d), text("id"));
        assert_non_null(xmlAddID(NULL, d, id->children->content, id));
        return d;
}

static xmlNodePtr find(xmlDocPtr d, const char *name)
{
        return xmlSecFindNode(xmlDocGetRootElement(d), text(name), xmlSecDSigNs);
}

static char *take(xmlDocPtr d, const char *name)
{
        xmlNodePtr n = find(d, name);
        char *content = (char *)xmlNodeGetContent(n);

        xmlNodeSetContent(n, text(""));
        return content;
}

static void check_same(xmlDocPtr d, const char *name, const char *ours)
{
        xmlChar *theirs = xmlNodeGetContent(find(d, name));
        size_t n = 0;

        for (const xmlChar *p = theirs; *p; p++) /* they break the lines */
                if (*p != '\n')
                        theirs[n++] = *p;
        theirs[n] = 0;
        assert_string_equal(theirs, ours);
        xmlFree(theirs);
}

static void check_by_the_recipe(void)
{
        xmlDocPtr d = read_out();
        char *digest = take(d, "DigestValue"), *value = take(d, "SignatureValue");
        xmlSecDSigCtxPtr ctx = xmlSecDSigCtxCreate(NULL);

        ctx->signKey = xmlSecCryptoAppKeyLoad(key_path, xmlSecKeyDataFormatPem, NULL, NULL, NULL);
        assert_int_equal(xmlSecDSigCtxSign(ctx, find(d, "Signature")), 0);
        check_same(d, "DigestValue", digest);
        check_same(d, "SignatureValue", value);
        xmlSecDSigCtxDestroy(ctx);
        xmlFree(digest);
        xmlFree(value);
        xmlFreeDoc(d);
}

static void every_form_is_signed_as_the_plain_recipe_signs_it(void **state)
{
        unsigned number = 0;

        for (const struct form *const *f = form_list; *f; f++) {
                sign(*f, ++number);
                check_by_the_recipe();
        }
}

static xmlSecDSigStatus verify(void)
{
        xmlDocPtr d = read_out();
        xmlSecDSigCtxPtr ctx = xmlSecDSigCtxCreate(NULL);
        xmlSecDSigStatus status;

        ctx->signKey = xmlSecCryptoAppKeyLoad(certificate_path, xmlSecKeyDataFormatCertPem, NULL,
                                              NULL, NULL);
        assert_int_equal(xmlSecDSigCtxVerify(ctx, find(d, "Signature")), 0);
        status = ctx->status;
        xmlSecDSigCtxDestroy(ctx);
        xmlFreeDoc(d);
        return status;
}

static void a_changed_digit_breaks_the_signature(void **state)
{
        char *at;

        sign(form_find(slice_str("TEG800")), 1);
        assert_int_equal(verify(), xmlSecDSigStatusSucceeded);
        at = memmem(out.at, out.len, "sakuseiDay=\"2026", 16);
        assert_non_null(at);
        at[15]++;
        assert_int_equal(verify(), xmlSecDSigStatusInvalid);
}

static void check_attribute(xmlNodePtr n, const char *name, const char *expected)
{
        xmlChar *value = xmlGetNoNsProp(n, text(name));

        assert_string_equal(value, expected);
        xmlFree(value);
}

static void
the_signature_is_the_last_child_and_holds_one_reference_and_the_certificate(void **state)
{
        xmlDocPtr d;
        xmlNodePtr last, info, n;

        sign(form_find(slice_str("TEG850")), 7);
        d = read_out();
        last = xmlGetLastChild(xmlDocGetRootElement(d));
        assert_ptr_equal(last, find(d, "Signature"));
        check_attribute(last, "Id", "_TEG850202610141234560000007");
        info = find(d, "SignedInfo");
        assert_int_equal(xmlChildElementCount(info), 3);
        n = xmlLastElementChild(info);
        check_attribute(n, "URI", "#TEG850202610141234560000007");
        n = find(d, "KeyInfo");
        assert_int_equal(xmlChildElementCount(n), 1);
        n = xmlFirstElementChild(n);
        assert_string_equal(n->name, "X509Data");
        assert_int_equal(xmlChildElementCount(n), 1);
        assert_string_equal(xmlFirstElementChild(n)->name, "X509Certificate");
        xmlFreeDoc(d);
}

static void a_text_that_no_xml_holds_leaves_nothing_behind(void **state)
{
        xml_world_fill(&doc, form_find(slice_str("TEG800")));
        xml_stamp(&doc, &stamp, NOON, 1, "Fumibako");
        doc.node[0].part[0] = slice_str("\x01");
        buf_clear(&out);
        buf_puts(&out, "before");
        assert_int_equal(xml_certificate(&out, signer, &doc), -EINVAL);
        assert_string_equal(buf_cstr(&out), "before");
        doc.node[0].part[0] = slice_str("A");
        doc.id = slice_str("x\"/><y a=\"");
        assert_int_equal(xml_certificate(&out, signer, &doc), -EINVAL);
        assert_string_equal(buf_cstr(&out), "before");
        doc.id = slice_str(stamp.id);
        assert_int_equal(xml_certificate(&out, signer, &doc), 0);
}

static void the_signer_is_named_for_people(void **state)
{
        assert_string_equal(xml_signer_subject(signer), "CN=文箱生命\\, Inc.,C=JP");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_form_is_signed_as_the_plain_recipe_signs_it),
                cmocka_unit_test(a_changed_digit_breaks_the_signature),
                cmocka_unit_test(
                        the_signature_is_the_last_child_and_holds_one_reference_and_the_certificate),
                cmocka_unit_test(a_text_that_no_xml_holds_leaves_nothing_behind),
                cmocka_unit_test(the_signer_is_named_for_people),
        };

        return cmocka_run_group_tests_name("xml_sign", tests, set_up, tear_down);
}
