/* xml_key.c - which keys and certificates may sign, and what is said of those that may not (N2.4)
 */
#include "xml_world.h"

#include "base/file.h"
#include "base/secret.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define NOW INT64_C(1791948896000) /* 2026-10-14 */

static char folder[] = "/tmp/xml_key.XXXXXX";
static char why[XML_WHY];
static unsigned asked; /* how often somebody wanted a pass-phrase */

static const char *in_folder(const char *name)
{
        static char path[16][64];
        static unsigned turn;
        char *at = path[turn++ % 16];

        snprintf(at, 64, "%s/%s", folder, name);
        return at;
}

static int give(void *ctx, const char *about, bool pin, char *to, size_t room, size_t *len)
{
        asked++;
        assert_false(pin);
        assert_true(strncmp(about, folder, strlen(folder)) == 0);
        if (!ctx)
                return -ECANCELED;
        *len = (size_t)snprintf(to, room, "%s", (const char *)ctx);
        return 0;
}

static void make_files(void)
{
        EVP_PKEY *other = EVP_RSA_gen(2048), *weak = EVP_RSA_gen(1024),
                 *curve = EVP_EC_gen("P-256");
        X509 *x = xml_world_certificate(xml_world_key(), "signer");
        X509 *y = xml_world_certificate(other, "other");
        X509 *w = xml_world_certificate(weak, "weak"), *c = xml_world_certificate(curve, "curve");

        xml_world_put_key(in_folder("key"), xml_world_key(), NULL);
        xml_world_put_key(in_folder("sealed"), xml_world_key(), XML_PASSPHRASE);
        xml_world_put_key(in_folder("weak.key"), weak, NULL);
        xml_world_put_key(in_folder("curve.key"), curve, NULL);
        xml_world_put_certificate(in_folder("pem"), x, "w");
        xml_world_put_certificate(in_folder("other"), y, "w");
        xml_world_put_certificate(in_folder("chain"), y, "w");
        xml_world_put_certificate(in_folder("chain"), x, "a");
        xml_world_put_certificate(in_folder("weak"), w, "w");
        xml_world_put_certificate(in_folder("curve"), c, "w");
        xml_world_put_pkcs12(in_folder("p12"), xml_world_key(), x, XML_PASSPHRASE);
        xml_world_put_pkcs12(in_folder("open.p12"), xml_world_key(), x, "");
        assert_int_equal(file_replace(in_folder("junk"), slice_str("no key at all\n"), 0600), 0);
        X509_free(x);
        X509_free(y);
        X509_free(w);
        X509_free(c);
        EVP_PKEY_free(other);
        EVP_PKEY_free(weak);
        EVP_PKEY_free(curve);
}

static int set_up(void **state)
{
        assert_int_equal(secret_init(), 0);
        assert_non_null(mkdtemp(folder));
        make_files();
        return 0;
}

static int tear_down(void **state)
{
        static const char *const all[] = { "key",   "sealed", "weak.key", "curve.key",
                                           "pem",   "other",  "chain",    "weak",
                                           "curve", "p12",    "open.p12", "junk" };

        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
                unlink(in_folder(all[i]));
        return rmdir(folder);
}

static int open_at(struct xml_key_from from, instant now)
{
        struct xml_signer *s = NULL;
        int r;

        asked = 0;
        r = xml_signer_open(&s, &from, now, why);
        assert_true((r == 0) == (s != NULL));
        if (!r)
                assert_string_equal(strstr(xml_signer_subject(s), "CN="), "CN=signer,C=JP");
        xml_signer_free(s);
        return r;
}

static int open_pem(const char *key, const char *certificate, const char *passphrase)
{
        return open_at((struct xml_key_from){ .key = in_folder(key),
                                              .certificate = in_folder(certificate),
                                              .ask = give,
                                              .ctx = (void *)(uintptr_t)passphrase },
                       NOW);
}

static int open_p12(const char *file, const char *passphrase)
{
        return open_at((struct xml_key_from){ .pkcs12 = in_folder(file),
                                              .ask = give,
                                              .ctx = (void *)(uintptr_t)passphrase },
                       NOW);
}

static void check_why(const char *file, const char *what)
{
        char expected[XML_WHY];

        snprintf(expected, sizeof(expected), "%s: %s", in_folder(file), what);
        assert_string_equal(why, expected);
}

static void a_key_in_the_clear_asks_nobody(void **state)
{
        assert_int_equal(open_pem("key", "pem", NULL), 0);
        assert_int_equal(asked, 0);
        assert_int_equal(open_p12("open.p12", NULL), 0);
        assert_int_equal(asked, 0);
}

static void an_encrypted_key_opens_with_its_pass_phrase_only(void **state)
{
        assert_int_equal(open_pem("sealed", "pem", XML_PASSPHRASE), 0);
        assert_int_equal(asked, 1);
        assert_int_equal(open_pem("sealed", "pem", "wrong"), OUTCOME_KEY_LOCKED);
        check_why("sealed", "the pass-phrase does not open it");
        assert_int_equal(open_p12("p12", XML_PASSPHRASE), 0);
        assert_int_equal(asked, 1);
        assert_int_equal(open_p12("p12", "wrong"), OUTCOME_KEY_LOCKED);
        check_why("p12", "the pass-phrase does not open it");
        assert_null(strstr(why, "wrong"));
}

static void whoever_does_not_answer_ends_it(void **state)
{
        struct xml_key_from nobody = { .key = in_folder("sealed"),
                                       .certificate = in_folder("pem") };

        assert_int_equal(open_pem("sealed", "pem", NULL), -ECANCELED);
        assert_int_equal(open_p12("p12", NULL), -ECANCELED);
        assert_int_equal(open_at(nobody, NOW), OUTCOME_KEY_LOCKED);
}

static void a_chain_is_searched_for_the_keys_own(void **state)
{
        assert_int_equal(open_pem("key", "chain", NULL), 0);
}

static void what_is_no_key_is_named(void **state)
{
        assert_int_equal(open_pem("junk", "pem", NULL), OUTCOME_KEY_NOT_READ);
        check_why("junk", "holds no private key in PEM");
        assert_int_equal(open_pem("pem", "pem", NULL), OUTCOME_KEY_NOT_READ);
        assert_int_equal(open_pem("absent", "pem", NULL), OUTCOME_KEY_NOT_READ);
        check_why("absent", "no such file");
        assert_int_equal(open_p12("junk", NULL), OUTCOME_KEY_NOT_READ);
        check_why("junk", "is no PKCS#12 file");
}

static void short_keys_and_other_kinds_do_not_sign(void **state)
{
        assert_int_equal(open_pem("weak.key", "weak", NULL), OUTCOME_KEY_UNFIT);
        check_why("weak.key", "RSA of 1024 bits");
        assert_int_equal(open_pem("curve.key", "curve", NULL), OUTCOME_KEY_UNFIT);
        check_why("curve.key", "a key of kind id-ecPublicKey");
}

static void the_certificate_has_to_be_the_keys(void **state)
{
        assert_int_equal(open_pem("key", "other", NULL), OUTCOME_SIGNER_OTHER_KEY);
        check_why("other", "is the certificate of another key");
        assert_int_equal(open_pem("key", "junk", NULL), OUTCOME_SIGNER_NOT_READ);
        check_why("junk", "holds no certificate in PEM");
        assert_int_equal(open_pem("key", "absent", NULL), OUTCOME_SIGNER_NOT_READ);
        check_why("absent", "no such file");
}

static void it_has_to_be_in_force_on_the_day(void **state)
{
        struct xml_key_from from = { .key = in_folder("key"), .certificate = in_folder("pem") };

        assert_int_equal(open_at(from, INT64_C(2840140799999)), 0);
        assert_int_equal(open_at(from, INT64_C(2840140800000)), OUTCOME_SIGNER_NOT_IN_FORCE);
        check_why("pem", "in force until 2060-01-01T00:00:00Z");
        assert_int_equal(open_at(from, -1000), OUTCOME_SIGNER_NOT_IN_FORCE);
        check_why("pem", "in force from 1970-01-01T00:00:00Z");
}

static void a_pin_in_the_uri_is_not_repeated(void **state)
{
        struct xml_key_from from = { .token = "pkcs11:token=t?pin-value=8642" };

        assert_int_equal(open_at(from, NOW), OUTCOME_TOKEN_URI);
        assert_null(strstr(why, "8642"));
        from.token = "pkcs12:token=t";
        assert_int_equal(open_at(from, NOW), OUTCOME_TOKEN_URI);
        assert_string_equal(why, "pkcs12:token=t: is no PKCS#11 URI (RFC 7512)");
        from.token = "pkcs11:token=t";
        from.module = "/nonexistent.so";
        assert_int_equal(open_at(from, NOW), OUTCOME_TOKEN_ABSENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_key_in_the_clear_asks_nobody),
                cmocka_unit_test(an_encrypted_key_opens_with_its_pass_phrase_only),
                cmocka_unit_test(whoever_does_not_answer_ends_it),
                cmocka_unit_test(a_chain_is_searched_for_the_keys_own),
                cmocka_unit_test(what_is_no_key_is_named),
                cmocka_unit_test(short_keys_and_other_kinds_do_not_sign),
                cmocka_unit_test(the_certificate_has_to_be_the_keys),
                cmocka_unit_test(it_has_to_be_in_force_on_the_day),
                cmocka_unit_test(a_pin_in_the_uri_is_not_repeated),
        };

        return cmocka_run_group_tests_name("xml_key", tests, set_up, tear_down);
}
