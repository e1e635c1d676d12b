/* xml_signer.c - who a signer is by its certificate, and as of when it was revoked (N3.4, N3.6) */
#include "xml_world.h"
#include "xml/chain.h"
#include "xml/corporation.h"
#include "xml/signer.h"

#include "base/text.h"
#include "schemas/outcomes.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define REGISTER "1.2.392.100300.1.1.3"
#define MAY      INT64_C(1777593600000) /* 2026-05-01 */
#define JULY     INT64_C(1782864000000) /* 2026-07-01 */

/* As the commercial register writes it: [0] trade name, [1] number, [2] head office. */
#define NAME   "文箱株式会社"
#define NUMBER "010001000123"
static const char info[] = "\x30\x31"
                           "\xA0\x14\x0C\x12" NAME "\xA1\x0E\x13\x0C" NUMBER "\xA2\x09\x0C\x07"
                           "\xE6\x9D\xB1\xE4\xBA\xAC!";

/* Its signature does not matter here, and takes time. */
static X509 *plain(void)
{
        static X509 *once;

        if (!once)
                once = xml_world_certificate(xml_world_key(), "文箱");
        return X509_dup(once);
}

static X509 *with_extension(const char *oid, const void *der, size_t len)
{
        X509 *x = plain();
        ASN1_OBJECT *id = OBJ_txt2obj(oid, 1);
        ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
        X509_EXTENSION *e;

        ASN1_OCTET_STRING_set(value, der, (int)len);
        e = X509_EXTENSION_create_by_OBJ(NULL, id, 0, value);
        assert_int_equal(X509_add_ext(x, e, -1), 1);
        X509_EXTENSION_free(e);
        ASN1_OCTET_STRING_free(value);
        ASN1_OBJECT_free(id);
        return x;
}

static void read_corporation(const void *der, size_t len, struct buf *name, char number[static 16])
{
        X509 *x = with_extension(REGISTER, der, len);

        buf_clear(name);
        memset(number, 0, 16);
        corporation_read(x, name, number);
        X509_free(x);
}

static void a_certificate_of_the_commercial_register_names_its_corporation(void **state)
{
        BUF_OWNED name = { 0 };
        char number[16];

        read_corporation(info, sizeof(info) - 1, &name, number);
        assert_true(slice_is(buf_slice(&name), NAME));
        assert_string_equal(number, "8010001000123");
}

static void tags_may_be_implicit(void **state)
{
        static const char implicit[] = "\x30\x22"
                                       "\x80\x12" NAME "\x81\x0C" NUMBER;
        BUF_OWNED name = { 0 };
        char number[16];

        read_corporation(implicit, sizeof(implicit) - 1, &name, number);
        assert_true(slice_is(buf_slice(&name), NAME));
        assert_string_equal(number, "8010001000123");
}

static void an_extension_that_is_cut_or_bent_names_nobody_else(void **state)
{
        BUF_OWNED name = { 0 };
        char number[16], bent[sizeof(info)];

        for (size_t n = 0; n < sizeof(info) - 1; n++) {
                read_corporation(info, n, &name, number);
                assert_int_equal(name.len, 0);
                assert_string_equal(number, "");
        }
        for (size_t bit = 0; bit < (sizeof(info) - 1) * 8; bit++) {
                memcpy(bent, info, sizeof(info));
                bent[bit / 8] = (char)(bent[bit / 8] ^ (1 << bit % 8));
                read_corporation(bent, sizeof(info) - 1, &name, number);
                assert_true(text_is_utf8(buf_slice(&name)));
                assert_true(strlen(number) == 0 || strlen(number) == 13);
        }
}

static void another_extension_names_nobody(void **state)
{
        X509 *x = with_extension("1.2.392.100300.1.1.4", info, sizeof(info) - 1);
        BUF_OWNED name = { 0 };
        char number[16] = "";

        corporation_read(x, &name, number);
        assert_int_equal(name.len, 0);
        assert_string_equal(number, "");
        X509_free(x);
}

static void organization_identifiers_of_japan_are_numbers(void **state)
{
        static const struct {
                const char *identifier, *number;
        } cases[] = { { "NTRJP-8010001000123", "8010001000123" },
                      { "NTRJP-9010001000123", "" }, /* the check digit */
                      { "NTRDE-8010001000123", "" },
                      { "VATJP-8010001000123", "" },
                      { "NTRJP-801000100012", "" },
                      { "8010001000123", "" } };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                X509 *x = plain();
                BUF_OWNED name = { 0 };
                char number[16] = "";

                X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_organizationIdentifier,
                                           MBSTRING_UTF8, (const uint8_t *)cases[i].identifier, -1,
                                           -1, 0);
                corporation_read(x, &name, number);
                assert_string_equal(number, cases[i].number);
                X509_free(x);
        }
}

/* ---- revocation, by a list of the signer itself, which is its own anchor ---- */

static char anchor[64], list[64];

/* A list of the authority @x, in which its own certificate stands as taken back in June. */
static void put_list(X509 *x, long reason, const char *mode)
{
        X509_CRL *crl = X509_CRL_new();
        X509_REVOKED *entry = X509_REVOKED_new();
        ASN1_TIME *t = ASN1_TIME_new();
        FILE *f = fopen(list, mode);

        X509_CRL_set_version(crl, X509_CRL_VERSION_2);
        X509_CRL_set_issuer_name(crl, X509_get_subject_name(x));
        ASN1_TIME_set_string_X509(t, "20260610000000Z");
        X509_CRL_set1_lastUpdate(crl, t);
        ASN1_TIME_set_string_X509(t, "20500101000000Z");
        X509_CRL_set1_nextUpdate(crl, t);
        ASN1_TIME_set_string_X509(t, "20260601000000Z");
        X509_REVOKED_set_revocationDate(entry, t);
        X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(x));
        if (reason) {
                ASN1_ENUMERATED *why = ASN1_ENUMERATED_new();

                ASN1_ENUMERATED_set(why, reason);
                X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, why, 0, 0);
                ASN1_ENUMERATED_free(why);
        }
        X509_CRL_add0_revoked(crl, entry);
        assert_true(X509_CRL_sign(crl, xml_world_key(), EVP_sha256()) > 0);
        assert_true(f && PEM_write_X509_CRL(f, crl) == 1);
        fclose(f);
        ASN1_TIME_free(t);
        X509_CRL_free(crl);
}

static enum judge_revocation revocation_as_of(X509 *x, instant at)
{
        struct judge_trust trust = { .anchors = anchor, .crls = list };
        struct signer s = { .certificate = x, .others = sk_X509_new_null() };
        struct chain_verdict v;
        char why[JUDGE_WHY];
        struct chain *c;

        assert_int_equal(chain_new(&c, &trust, why), 0);
        assert_int_equal(chain_judge(&v, c, &s, at), 0);
        assert_int_equal(v.issuer, JUDGE_TRUSTED);
        assert_int_equal(v.revocation == JUDGE_REVOKED,
                         v.revocation_code == OUTCOME_SIGNER_REVOKED);
        chain_free(c);
        sk_X509_free(s.others);
        return v.revocation;
}

static void what_was_signed_before_a_signer_retired_stays_good(void **state)
{
        X509 *x = xml_world_certificate(xml_world_key(), "文箱");

        snprintf(anchor, sizeof(anchor), "/tmp/xml_signer.%d.pem", (int)getpid());
        snprintf(list, sizeof(list), "/tmp/xml_signer.%d.crl", (int)getpid());
        xml_world_put_certificate(anchor, x, "w");
        put_list(x, CRL_REASON_CESSATION_OF_OPERATION, "w");
        assert_int_equal(revocation_as_of(x, MAY), JUDGE_GOOD);
        assert_int_equal(revocation_as_of(x, JULY), JUDGE_REVOKED);
        put_list(x, 0, "w");
        assert_int_equal(revocation_as_of(x, MAY), JUDGE_GOOD);
        assert_int_equal(revocation_as_of(x, JULY), JUDGE_REVOKED);
        /* Who had the key in June may have had it in May. */
        put_list(x, CRL_REASON_KEY_COMPROMISE, "w");
        assert_int_equal(revocation_as_of(x, MAY), JUDGE_REVOKED);
        assert_int_equal(revocation_as_of(x, JULY), JUDGE_REVOKED);
        put_list(x, CRL_REASON_CA_COMPROMISE, "w");
        assert_int_equal(revocation_as_of(x, MAY), JUDGE_REVOKED);
        assert_int_equal(revocation_as_of(x, JULY), JUDGE_REVOKED);
        /* Of two lists that differ, the worse one counts. */
        put_list(x, 0, "a");
        assert_int_equal(revocation_as_of(x, MAY), JUDGE_REVOKED);
        X509_free(x);
}

static int remove_files(void **state)
{
        unlink(anchor);
        unlink(list);
        return 0;
}

/* What signer_read() says of @x with @more bytes behind its DER. */
static int read_with_more(X509 *x, size_t more)
{
        uint8_t *der = NULL;
        int r, len = i2d_X509(x, &der);
        BUF_OWNED bytes = { 0 };
        BUF_OWNED base64 = { 0 };
        struct signer s;
        struct slice one;

        buf_put(&bytes, slice_of(der, (size_t)len));
        for (size_t i = 0; i < more; i++)
                buf_putc(&bytes, 0);
        text_put_base64(&base64, buf_slice(&bytes));
        one = buf_slice(&base64);
        r = signer_read(&s, &one, 1);
        if (!r)
                signer_free(&s);
        OPENSSL_free(der);
        return r;
}

static void nothing_stands_behind_a_certificate(void **state)
{
        X509 *x = plain();

        assert_int_equal(read_with_more(x, 0), 0);
        assert_int_equal(read_with_more(x, 1), SIGNER_BAD);
        assert_int_equal(read_with_more(x, 3), SIGNER_BAD);
        X509_free(x);
}

static void files_without_what_was_asked_for_are_named(void **state)
{
        struct judge_trust trust = { .anchors = "/tmp/nowhere/anchors.pem" };
        char why[JUDGE_WHY];
        struct judge *j;

        assert_true(judge_new(&j, &trust, why) < 0);
        assert_non_null(strstr(why, "/tmp/nowhere/anchors.pem"));
        trust.anchors = "/proc/self/cmdline"; /* not a certificate */
        assert_true(judge_new(&j, &trust, why) < 0);
        assert_non_null(strstr(why, "/proc/self/cmdline"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_certificate_of_the_commercial_register_names_its_corporation),
                cmocka_unit_test(tags_may_be_implicit),
                cmocka_unit_test(an_extension_that_is_cut_or_bent_names_nobody_else),
                cmocka_unit_test(another_extension_names_nobody),
                cmocka_unit_test(organization_identifiers_of_japan_are_numbers),
                cmocka_unit_test_teardown(what_was_signed_before_a_signer_retired_stays_good,
                                          remove_files),
                cmocka_unit_test(nothing_stands_behind_a_certificate),
                cmocka_unit_test(files_without_what_was_asked_for_are_named),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
