/* signer.c - the certificate that came with a signature */
#include "xml/signer.h"

#include "base/fault.h"
#include "base/text.h"
#include "xml/corporation.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

void signer_free(struct signer *s)
{
        X509_free(s->certificate);
        sk_X509_pop_free(s->others, X509_free);
        buf_free(&s->subject);
        buf_free(&s->name);
        *s = (struct signer){ 0 };
}

/* Lines end as they like, with carriage returns too (the pension service's do). */
static int decode(struct buf *out, struct slice base64)
{
        BUF_OWNED plain = { 0 };

        for (size_t i = 0; i < base64.len; i++)
                if (!strchr(" \t\r\n", base64.at[i]) || !base64.at[i])
                        buf_putc(&plain, base64.at[i]);
        if (!buf_fault(&plain) && !text_get_base64_any(buf_slice(&plain), out) && !buf_fault(out))
                return SIGNER_BAD;
        return buf_fault(&plain) || buf_fault(out) ? fault(-ENOMEM) : 0;
}

static int certificate_of(X509 **out, struct slice base64)
{
        BUF_OWNED der = { 0 };
        const unsigned char *at;
        int r = decode(&der, base64);

        if (r)
                return r;
        at = der.at;
        *out = d2i_X509(NULL, &at, (long)der.len);
        ERR_clear_error();
        return *out && at == der.at + der.len ? 0 : SIGNER_BAD;
}

static bool issued_one(X509 *c, X509 *const *all, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (all[i] != c &&
                    X509_NAME_cmp(X509_get_issuer_name(all[i]), X509_get_subject_name(c)) == 0)
                        return true;
        return false;
}

/* Sort @all into the signer's own and the others. SIGNER_BAD when that is not clear; what was taken
 * is NULL in @all. */
static int take_own(struct signer *s, X509 **all, size_t count)
{
        size_t own = count;

        for (size_t i = 0; i < count; i++) {
                if (issued_one(all[i], all, count))
                        continue;
                if (own < count)
                        return SIGNER_BAD;
                own = i;
        }
        if (own == count)
                return SIGNER_BAD;
        for (size_t i = 0; i < count; i++) {
                if (i == own)
                        s->certificate = all[i];
                else if (!sk_X509_push(s->others, all[i]))
                        return fault(-ENOMEM);
                all[i] = NULL;
        }
        return 0;
}

static void put_name(struct buf *out, const X509_NAME *name, int nid)
{
        int at = X509_NAME_get_index_by_NID(name, nid, -1);
        unsigned char *utf8;
        int len;

        if (at < 0)
                return;
        len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        if (len < 0)
                return;
        if (out->len)
                buf_putc(out, ' ');
        buf_put(out, slice_of(utf8, (size_t)len));
        OPENSSL_free(utf8);
}

/* The government's certificates are in English and say it again in Japanese: 日本国政府 厚生労働省
 * 年金局事業管理課長. */
static void put_other_name(struct buf *out, const X509 *c)
{
        GENERAL_NAMES *names = X509_get_ext_d2i(c, NID_subject_alt_name, NULL, NULL);

        for (int i = 0; i < sk_GENERAL_NAME_num(names) && !out->len; i++) {
                const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);

                if (n->type != GEN_DIRNAME)
                        continue;
                put_name(out, n->d.directoryName, NID_organizationName);
                put_name(out, n->d.directoryName, NID_organizationalUnitName);
                put_name(out, n->d.directoryName, NID_commonName);
        }
        GENERAL_NAMES_free(names);
}

static int put_subject(struct buf *out, const X509 *c)
{
        BIO *bio = BIO_new(BIO_s_mem());
        char *text;
        long len;

        if (!bio || X509_NAME_print_ex(bio, X509_get_subject_name(c), 0,
                                       XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
                BIO_free(bio);
                return fault(-ENOMEM);
        }
        len = BIO_get_mem_data(bio, &text);
        buf_put(out, slice_of(text, (size_t)len));
        BIO_free(bio);
        return 0;
}

static int read_names(struct signer *s)
{
        const X509_NAME *subject = X509_get_subject_name(s->certificate);

        corporation_read(s->certificate, &s->name, s->number);
        if (!s->name.len)
                put_other_name(&s->name, s->certificate);
        if (!s->name.len)
                put_name(&s->name, subject, NID_organizationName);
        if (!s->name.len)
                put_name(&s->name, subject, NID_commonName);
        ERR_clear_error();
        if (put_subject(&s->subject, s->certificate) < 0 || buf_fault(&s->subject) ||
            buf_fault(&s->name))
                return fault(-ENOMEM);
        return 0;
}

int signer_read(struct signer *out, const struct slice *base64, size_t count)
{
        struct signer s = { .others = sk_X509_new_null() };
        X509 *all[SIGNER_MOST] = { 0 };
        int r = count && count <= SIGNER_MOST ? 0 : SIGNER_BAD;

        if (!s.others)
                return fault(-ENOMEM);
        for (size_t i = 0; i < count && !r; i++)
                r = certificate_of(&all[i], base64[i]);
        if (!r)
                r = take_own(&s, all, count);
        for (size_t i = 0; i < SIGNER_MOST; i++)
                X509_free(all[i]);
        if (!r)
                r = read_names(&s);
        if (r)
                signer_free(&s);
        else
                *out = s;
        return r;
}

bool signer_key_ok(const struct signer *s)
{
        EVP_PKEY *key = X509_get0_pubkey(s->certificate);

        return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
               EVP_PKEY_get_bits(key) >= SIGNER_BITS_LEAST;
}
