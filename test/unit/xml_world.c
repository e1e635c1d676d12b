/* xml_world.c - keys and certificates in files, made for one test, and documents to sign */
#include "xml_world.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

EVP_PKEY *xml_world_key(void)
{
        static EVP_PKEY *key;

        if (!key)
                key = EVP_RSA_gen(2048);
        assert_non_null(key);
        return key;
}

X509 *xml_world_certificate(EVP_PKEY *key, const char *name)
{
        X509 *x = X509_new();
        X509_NAME *subject = X509_get_subject_name(x);

        X509_set_version(x, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
        ASN1_TIME_set_string_X509(X509_getm_notBefore(x), "19700101000000Z");
        ASN1_TIME_set_string_X509(X509_getm_notAfter(x), "20600101000000Z");
        X509_set_pubkey(x, key);
        X509_NAME_add_entry_by_txt(subject, "C", MBSTRING_ASC, (const uint8_t *)"JP", -1, -1, 0);
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8_t *)name, -1, -1, 0);
        X509_set_issuer_name(x, subject);
        assert_true(X509_sign(x, key, EVP_sha256()) > 0);
        return x;
}

void xml_world_put_key(const char *path, EVP_PKEY *key, const char *passphrase)
{
        FILE *f = fopen(path, "w");

        assert_non_null(f);
        assert_int_equal(PEM_write_PKCS8PrivateKey(f, key, passphrase ? EVP_aes_256_cbc() : NULL,
                                                   NULL, 0, NULL, (void *)(uintptr_t)passphrase),
                         1);
        fclose(f);
}

void xml_world_put_certificate(const char *path, X509 *x, const char *mode)
{
        FILE *f = fopen(path, mode);

        assert_non_null(f);
        assert_int_equal(PEM_write_X509(f, x), 1);
        fclose(f);
}

void xml_world_put_pkcs12(const char *path, EVP_PKEY *key, X509 *x, const char *passphrase)
{
        PKCS12 *p = PKCS12_create(passphrase, NULL, key, x, NULL, 0, 0, 0, 0, 0);
        FILE *f = fopen(path, "w");

        assert_true(f && p && i2d_PKCS12_fp(f, p) == 1);
        fclose(f);
        PKCS12_free(p);
}

static void fill_node(const struct form_element *e, struct doc_node *n)
{
        const struct form_part *part = form_parts[e->type];

        if (e->type != FORM_GROUP && !part[0].name)
                n->part[0] = slice_str(e->type == FORM_STR ? "文箱＜&<>\"' \t\n\r髙﨑" : "12");
        for (int i = 0; i < FORM_PARTS && part[i].name; i++)
                if (e->type != FORM_BANGO || i == 1)
                        n->part[i] = slice_str(part[i].text ? "第<１>種 & ほか" : "1");
}

/* As often as it must be there, or twice when it may be. */
static unsigned times(const struct form_element *e)
{
        return e->least > 1 ? e->least : e->most > 1 ? 2 : 1;
}

static void fill_inside(struct doc *d, uint32_t up, uint16_t from, uint16_t to)
{
        const struct form_element *e = d->form->element;

        for (uint16_t i = from; i < to; i = e[i].end)
                for (unsigned n = 0; n < times(&e[i]); n++) {
                        uint32_t at = doc_add(d, up, i);

                        assert_true(at != DOC_TOP);
                        fill_node(&e[i], &d->node[at]);
                        fill_inside(d, at, i + 1, e[i].end);
                }
}

void xml_world_fill(struct doc *d, const struct form *f)
{
        doc_clear(d);
        d->form = f;
        fill_inside(d, DOC_TOP, 0, f->elements);
}
