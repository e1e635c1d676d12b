/* verify.c - does the signature hold, for the key of its signer? (N3.2)
 *
 * xmlsec1 gets the key and never looks at KeyInfo, so nothing in there can make it fetch, search or
 * believe anything. It may use the algorithms and transforms of the one allowed shape and no
 * others, although the shape was checked: two locks, of two makers. */
#include "xml/verify.h"

#include "base/fault.h"

#include <errno.h>
#include <openssl/err.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/keysdata.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>

/* The context's key, for verifying only. */
static int give_key(xmlSecDSigCtx *ctx, EVP_PKEY *key)
{
        xmlSecKeyData *data;
        xmlSecKey *k = xmlSecKeyCreate();

        if (!k)
                return fault(-ENOMEM);
        ctx->signKey = k;
        if (!EVP_PKEY_up_ref(key))
                return fault(-ENOMEM);
        data = xmlSecOpenSSLEvpKeyAdopt(key);
        if (!data) {
                EVP_PKEY_free(key);
                return fault(-ENOMEM);
        }
        if (xmlSecKeySetValue(k, data) < 0) {
                xmlSecKeyDataDestroy(data);
                return fault(-ENOMEM);
        }
        return 0;
}

static int allow(xmlSecDSigCtx *ctx)
{
        /* A second lock, which no file reaches: the shape lets only the root's own id through. */
        ctx->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
        if (xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformEnvelopedId) < 0 ||
            xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformInclC14NId) < 0 ||
            xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecOpenSSLTransformSha256Id) < 0 ||
            xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecOpenSSLTransformSha1Id) < 0 ||
            xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformInclC14NId) < 0 ||
            xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecOpenSSLTransformRsaSha256Id) < 0 ||
            xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecOpenSSLTransformRsaSha1Id) < 0)
                return fault(-ENOMEM);
        return 0;
}

/* The reference finds the root, and only it, by the id. */
static bool set_id(const struct shape *shape)
{
        struct slice value;

        return shape->id && read_text(shape->id->children, &value) &&
               xmlAddID(NULL, shape->id->doc, value.at, shape->id) != NULL;
}

static int verify(const struct shape *shape, EVP_PKEY *key)
{
        xmlSecDSigCtx *ctx = xmlSecDSigCtxCreate(NULL);
        int r;

        if (!ctx)
                return fault(-ENOMEM);
        r = allow(ctx);
        if (!r)
                r = give_key(ctx, key);
        if (!r && (xmlSecDSigCtxVerify(ctx, shape->signature) < 0 ||
                   ctx->status != xmlSecDSigStatusSucceeded ||
                   xmlSecPtrListGetSize(&ctx->signedInfoReferences) != 1))
                r = VERIFY_BROKEN;
        xmlSecDSigCtxDestroy(ctx);
        return r;
}

int verify_signature(const struct shape *shape, EVP_PKEY *key)
{
        int r;

        if (!set_id(shape))
                return VERIFY_BROKEN;
        r = verify(shape, key);
        ERR_clear_error();
        return r;
}
