/* sign.c - from values to the very file that the issuer signed (N2.3)
 *
 * write.c writes the root as canonical XML would, so its digest is that of the bytes that stand in
 * the file; a tree of the whole certificate, its transforms and back into bytes would cost a third
 * of an RSA signature. What is signed, SignedInfo, is a tree of its own, filled in for each file,
 * made canonical and signed by xmlsec1. Tests sign the same certificates by the plain recipe
 * (xmlSecDSigCtxSign() on the whole tree) and get the same bytes. */
#include "xml/sign.h"

#include "base/fault.h"
#include "base/text.h"
#include "schemas/outcomes.h"
#include "xml/key.h"
#include "xml/start.h"
#include "xml/write.h"

#include <errno.h>
#include <libxml/parser.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/buffer.h>
#include <xmlsec/keys.h>
#include <xmlsec/nodeset.h>
#include <xmlsec/transforms.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>

#define XMLDSIG "http://www.w3.org/2000/09/xmldsig#"
#define C14N    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"

struct xml_signer {
        struct xml_key key;
        xmlSecKeyPtr sec_key;
        char *subject;
        struct buf certificate; /* base64 */
        EVP_MD *sha256;
        /* SignedInfo by itself, and where in it stands what differs from file to file. */
        xmlDocPtr info;
        xmlNodePtr uri, digest;
};

/* ---- what is signed ---- */

/* @in_scope: the namespaces of what stands around it, when nothing does. */
static void put_signed_info(struct buf *out, const char *in_scope, struct slice id,
                            const uint8_t digest[static 32])
{
        buf_puts(out, "<dsig:SignedInfo");
        buf_puts(out, in_scope);
        buf_puts(out, "><dsig:CanonicalizationMethod Algorithm=\"" C14N "\"/>"
                      "<dsig:SignatureMethod Algorithm=\""
                      "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>"
                      "<dsig:Reference URI=\"#");
        buf_put(out, id);
        buf_puts(out, "\"><dsig:Transforms><dsig:Transform Algorithm=\"" XMLDSIG
                      "enveloped-signature\"/>"
                      "<dsig:Transform Algorithm=\"" C14N "\"/></dsig:Transforms>"
                      "<dsig:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
                      "<dsig:DigestValue>");
        text_put_base64(out, slice_of(digest, 32));
        buf_puts(out, "</dsig:DigestValue></dsig:Reference></dsig:SignedInfo>");
}

/* A tree of SignedInfo, to be filled in for each file. By itself, with the namespaces of the root
 * and of Signature, it has the same canonical form as within them. */
static int make_info(struct xml_signer *s)
{
        static const char in_scope[] = " xmlns=\"" XML_KYOTSU "\" xmlns:gen=\"" XML_GENERAL
                                       "\" xmlns:dsig=\"" XMLDSIG "\"";
        static const uint8_t none[32];
        BUF_OWNED text = { 0 };
        xmlNodePtr reference;

        put_signed_info(&text, in_scope, slice_str("id"), none);
        if (buf_fault(&text))
                return buf_fault(&text);
        s->info = xmlReadMemory((const char *)text.at, (int)text.len, NULL, NULL, XML_PARSE_NONET);
        if (!s->info)
                return fault(-ENOMEM);
        reference = xmlGetLastChild(xmlDocGetRootElement(s->info));
        s->uri = reference->properties->children;
        s->digest = xmlGetLastChild(reference)->children;
        return 0;
}

static int fill_info(struct xml_signer *s, struct slice id, const uint8_t digest[static 32])
{
        BUF_OWNED text = { 0 };
        size_t n;

        buf_putc(&text, '#');
        buf_put(&text, id);
        buf_putc(&text, 0);
        n = text.len;
        text_put_base64(&text, slice_of(digest, 32));
        if (buf_fault(&text) || !buf_cstr(&text))
                return fault(-ENOMEM);
        xmlNodeSetContent(s->uri, text.at);
        xmlNodeSetContent(s->digest, text.at + n);
        return s->uri->content && s->digest->content ? 0 : fault(-ENOMEM);
}

/* ---- the signer ---- */

static int take_subject(struct xml_signer *s)
{
        BIO *bio = BIO_new(BIO_s_mem());
        char *at;
        long len;

        if (!bio)
                return fault(-ENOMEM);
        X509_NAME_print_ex(bio, X509_get_subject_name(s->key.certificate), 0,
                           XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
        len = BIO_get_mem_data(bio, &at);
        s->subject = strndup(at, (size_t)len);
        BIO_free(bio);
        return s->subject ? 0 : fault(-ENOMEM);
}

static int take_certificate(struct xml_signer *s)
{
        uint8_t *der = NULL;
        int len = i2d_X509(s->key.certificate, &der);

        if (len < 0)
                return fault(-ENOMEM);
        text_put_base64(&s->certificate, slice_of(der, (size_t)len));
        OPENSSL_free(der);
        return buf_fault(&s->certificate);
}

/* The same key as xmlsec1 has it. */
static int take_key(struct xml_signer *s)
{
        xmlSecKeyDataPtr data = NULL;

        s->sec_key = xmlSecKeyCreate();
        if (!s->sec_key || !EVP_PKEY_up_ref(s->key.key))
                return fault(-ENOMEM);
        data = xmlSecOpenSSLEvpKeyAdopt(s->key.key);
        if (!data) {
                EVP_PKEY_free(s->key.key);
                return fault(-ENOMEM);
        }
        if (xmlSecKeySetValue(s->sec_key, data) < 0) {
                xmlSecKeyDataDestroy(data);
                return fault(-ENOMEM);
        }
        return 0;
}

int xml_signer_open(struct xml_signer **out, const struct xml_key_from *from, instant now,
                    char why[static XML_WHY])
{
        struct xml_signer *s;
        int r = xml_start();

        why[0] = 0;
        if (r)
                return r;
        s = calloc(1, sizeof(*s));
        if (!s)
                return fault(-ENOMEM);
        r = xml_key_open(&s->key, from, now, why);
        if (!r)
                r = take_key(s);
        if (!r)
                r = take_subject(s);
        if (!r)
                r = take_certificate(s);
        if (!r)
                r = make_info(s);
        if (!r && !(s->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL)))
                r = fault(-ENOMEM);
        if (r)
                xml_signer_free(s);
        else
                *out = s;
        return r;
}

void xml_signer_free(struct xml_signer *s)
{
        if (!s)
                return;
        if (s->sec_key)
                xmlSecKeyDestroy(s->sec_key);
        xml_key_free(&s->key);
        if (s->info)
                xmlFreeDoc(s->info);
        EVP_MD_free(s->sha256);
        buf_free(&s->certificate);
        free(s->subject);
        free(s);
}

const char *xml_signer_subject(const struct xml_signer *s)
{
        return s->subject;
}

/* ---- a signature ---- */

/* C14N, then RSA with SHA-256, over SignedInfo; @out takes the signature. */
static int put_value(struct buf *out, struct xml_signer *s)
{
        xmlSecNodeSetPtr all = xmlSecNodeSetCreate(s->info, NULL, xmlSecNodeSetNormal);
        xmlSecTransformPtr sign = NULL;
        xmlSecTransformCtx ctx;
        int r = OUTCOME_SIGNING_FAILED;

        if (!all)
                return fault(-ENOMEM);
        if (xmlSecTransformCtxInitialize(&ctx) < 0) {
                xmlSecNodeSetDestroy(all);
                return fault(-ENOMEM);
        }
        if (xmlSecTransformCtxCreateAndAppend(&ctx, xmlSecTransformInclC14NId))
                sign = xmlSecTransformCtxCreateAndAppend(&ctx, xmlSecOpenSSLTransformRsaSha256Id);
        if (sign) {
                sign->operation = xmlSecTransformOperationSign;
                if (xmlSecTransformSetKey(sign, s->sec_key) == 0 &&
                    xmlSecTransformCtxXmlExecute(&ctx, all) == 0 && ctx.result)
                        r = 0;
        }
        if (!r)
                text_put_base64(out, slice_of(xmlSecBufferGetData(ctx.result),
                                              xmlSecBufferGetSize(ctx.result)));
        xmlSecTransformCtxFinalize(&ctx);
        xmlSecNodeSetDestroy(all);
        ERR_clear_error();
        return r;
}

static int put_signature(struct buf *out, struct xml_signer *s, struct slice id,
                         const uint8_t digest[static 32])
{
        int r = fill_info(s, id, digest);

        if (r)
                return r;
        buf_puts(out, "<dsig:Signature xmlns:dsig=\"" XMLDSIG "\" Id=\"_");
        buf_put(out, id); /* an NCName, as the root's is, and not the root's */
        buf_puts(out, "\">");
        put_signed_info(out, "", id, digest);
        buf_puts(out, "<dsig:SignatureValue>");
        r = put_value(out, s);
        buf_puts(out, "</dsig:SignatureValue><dsig:KeyInfo><dsig:X509Data><dsig:X509Certificate>");
        buf_put(out, buf_slice(&s->certificate));
        buf_puts(out, "</dsig:X509Certificate></dsig:X509Data></dsig:KeyInfo></dsig:Signature>");
        return r;
}

/* The id stands in the text as it is: no character of it may mean something there. */
static bool is_plain(struct slice id)
{
        for (size_t i = 0; i < id.len; i++) {
                uint8_t c = id.at[i];

                if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
                        return false;
        }
        return id.len > 0;
}

static int put_certificate(struct buf *out, struct xml_signer *s, const struct doc *d)
{
        uint8_t digest[EVP_MAX_MD_SIZE];
        size_t root, end;
        int r;

        if (!is_plain(d->id))
                return fault(-EINVAL);
        xml_write_head(out, d->form);
        root = out->len;
        xml_write_root(out, d);
        end = out->len;
        xml_write_end(out, d->form);
        if (buf_fault(out))
                return buf_fault(out);
        if (!EVP_Digest(out->at + root, out->len - root, digest, NULL, s->sha256, NULL))
                return fault(-ENOMEM);
        out->len = end; /* the enveloped signature comes before the end tag, and is not digested */
        r = put_signature(out, s, d->id, digest);
        xml_write_end(out, d->form);
        buf_putc(out, '\n');
        return r ? r : buf_fault(out);
}

int xml_certificate(struct buf *out, struct xml_signer *s, const struct doc *d)
{
        size_t before = out->len;
        int r = put_certificate(out, s, d);

        if (r) {
                out->len = before;
                out->fault = 0;
        }
        return r;
}
