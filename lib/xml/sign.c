/* sign.c - from values to the very file that the issuer signed (N2.3)
 *
 * write.c writes the root as canonical XML would, so its digest is that of the bytes that stand in
 * the file; a tree of the whole certificate, its transforms and back into bytes would cost a third
 * of an RSA signature. What is signed, SignedInfo, is read by libxml2 out of the text that goes
 * into the file, made canonical and signed by xmlsec1. Tests sign the same certificates by the
 * plain recipe (xmlSecDSigCtxSign() on the whole tree) and get the same bytes. */
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
        xmlParserCtxtPtr parser;
        char *subject;
        struct buf certificate; /* base64 */
        struct buf info;        /* SignedInfo of the certificate at hand */
};

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
        if (!r && !(s->parser = xmlNewParserCtxt()))
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
        if (s->parser)
                xmlFreeParserCtxt(s->parser);
        buf_free(&s->certificate);
        buf_free(&s->info);
        free(s->subject);
        free(s);
}

const char *xml_signer_subject(const struct xml_signer *s)
{
        return s->subject;
}

/* ---- a signature ---- */

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

/* C14N, then RSA with SHA-256, over a document; @out takes the signature. */
static int sign_document(struct buf *out, struct xml_signer *s, xmlDocPtr doc)
{
        xmlSecNodeSetPtr all = xmlSecNodeSetCreate(doc, NULL, xmlSecNodeSetNormal);
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

/* The signature over SignedInfo. By itself, with the namespaces of the root and of Signature, it
 * has the same canonical form as within them. */
static int put_value(struct buf *out, struct xml_signer *s, struct slice id,
                     const uint8_t digest[static 32])
{
        static const char in_scope[] = " xmlns=\"" XML_KYOTSU "\" xmlns:gen=\"" XML_GENERAL
                                       "\" xmlns:dsig=\"" XMLDSIG "\"";
        xmlDocPtr doc;
        int r;

        buf_clear(&s->info);
        put_signed_info(&s->info, in_scope, id, digest);
        if (buf_fault(&s->info))
                return buf_fault(&s->info);
        doc = xmlCtxtReadMemory(s->parser, (const char *)s->info.at, (int)s->info.len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        if (!doc)
                return fault(-ENOMEM);
        r = sign_document(out, s, doc);
        xmlFreeDoc(doc);
        return r;
}

static int put_signature(struct buf *out, struct xml_signer *s, struct slice id,
                         const uint8_t digest[static 32])
{
        int r;

        buf_puts(out, "<dsig:Signature xmlns:dsig=\"" XMLDSIG "\" Id=\"_");
        buf_put(out, id); /* an NCName, as the root's is, and not the root's */
        buf_puts(out, "\">");
        put_signed_info(out, "", id, digest);
        buf_puts(out, "<dsig:SignatureValue>");
        r = put_value(out, s, id, digest);
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
        if (!EVP_Digest(out->at + root, out->len - root, digest, NULL, EVP_sha256(), NULL))
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
