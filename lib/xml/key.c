/* key.c - a signing key and its certificate from files: PEM and PKCS#12 */
#include "xml/key.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <stdio.h>

enum { FILE_MOST = 1 << 20, PASSPHRASE_ROOM = 1024, BITS_LEAST = 2048 };

/* OpenSSL's memory for private parts: a few RSA keys of 4096 bits, in pieces of at least 16 bytes.
 */
enum { HEAP_ROOM = 1 << 16, HEAP_PIECE = 16 };

/* A pass-phrase on its way from whoever is asked to OpenSSL. */
struct asking {
        const struct xml_key_from *from;
        const char *about;
        bool asked;
        int refused; /* what the asked one gave instead */
};

static int say(char why[static XML_WHY], int outcome, const char *path, const char *what)
{
        snprintf(why, XML_WHY, "%s: %s", path, what);
        return outcome;
}

static int ask(struct asking *a, char *to, size_t room, size_t *len)
{
        a->asked = true;
        a->refused = a->from->ask ? a->from->ask(a->from->ctx, a->about, false, to, room, len)
                                  : OUTCOME_KEY_LOCKED;
        return a->refused;
}

/* OpenSSL's pem_password_cb; it wipes @to itself. */
static int give_passphrase(char *to, int room, int writing, void *ctx)
{
        SECRET_OWNED char *p = secret_new(PASSPHRASE_ROOM);
        struct asking *a = ctx;
        size_t len;

        if (!p || ask(a, p, PASSPHRASE_ROOM, &len) || len > (size_t)room)
                return -1;
        memcpy(to, p, len);
        return (int)len;
}

static int read_file(uint8_t **out, size_t *len, int outcome, const char *path,
                     char why[static XML_WHY])
{
        int r = file_read_secret(out, len, path, FILE_MOST);

        if (r == -ENOMEM)
                return r;
        if (r)
                return say(why, outcome, path,
                           r == FILE_ABSENT      ? "no such file"
                           : r == FILE_TOO_LARGE ? "too large to be one"
                                                 : strerror(-r));
        return 0;
}

static EVP_PKEY *decrypt_pkcs8(const uint8_t *der, long len, struct asking *a)
{
        SECRET_OWNED char *p = secret_new(PASSPHRASE_ROOM);
        X509_SIG *sealed = d2i_X509_SIG(NULL, &der, len);
        PKCS8_PRIV_KEY_INFO *plain = NULL;
        EVP_PKEY *key = NULL;
        size_t n = 0;

        if (p && sealed && ask(a, p, PASSPHRASE_ROOM, &n) == 0)
                plain = PKCS8_decrypt(sealed, p, (int)n);
        if (plain)
                key = EVP_PKCS82PKEY(plain);
        PKCS8_PRIV_KEY_INFO_free(plain);
        X509_SIG_free(sealed);
        return key;
}

/* By hand, not by PEM_read_bio_PrivateKey(): that one leaves the bytes between the lines of a plain
 * key in memory it does not wipe. */
static EVP_PKEY *parse_pem(BIO *bio, struct asking *a)
{
        EVP_PKEY *key = NULL;
        const uint8_t *at;
        uint8_t *der = NULL;
        char *name = NULL;
        long len = 0;

        if (PEM_bytes_read_bio_secmem(&der, &len, &name, "ANY PRIVATE KEY", bio, give_passphrase,
                                      a) != 1)
                return NULL;
        at = der;
        if (strcmp(name, "ENCRYPTED PRIVATE KEY") == 0)
                key = decrypt_pkcs8(der, len, a);
        else
                key = d2i_AutoPrivateKey(NULL, &at, len);
        OPENSSL_secure_clear_free(der, (size_t)len);
        OPENSSL_secure_free(name);
        return key;
}

static int locked(const struct asking *a, char why[static XML_WHY])
{
        if (a->refused && a->refused != OUTCOME_KEY_LOCKED)
                return a->refused;
        return say(why, OUTCOME_KEY_LOCKED, a->about,
                   a->refused ? "encrypted, and there is no pass-phrase to be had"
                              : "the pass-phrase does not open it");
}

static int open_pem(EVP_PKEY **out, const struct xml_key_from *from, char why[static XML_WHY])
{
        struct asking a = { .from = from, .about = from->key };
        uint8_t *bytes;
        size_t len;
        BIO *bio;
        int r = read_file(&bytes, &len, OUTCOME_KEY_NOT_READ, from->key, why);

        if (r)
                return r;
        bio = BIO_new_mem_buf(bytes, (int)len);
        *out = bio ? parse_pem(bio, &a) : NULL;
        BIO_free(bio);
        secret_free(bytes);
        if (*out)
                return 0;
        if (a.asked)
                return locked(&a, why);
        return say(why, OUTCOME_KEY_NOT_READ, from->key, "holds no private key in PEM");
}

/* What Windows and older Java write is encrypted with RC2, which OpenSSL 3 has put aside; it is
 * fetched for that long and not longer. */
static bool unpack(PKCS12 *p12, const char *passphrase, struct xml_key *k)
{
        OSSL_PROVIDER *legacy;
        bool ok = PKCS12_parse(p12, passphrase, &k->key, &k->certificate, NULL) == 1;

        if (ok || !(legacy = OSSL_PROVIDER_try_load(NULL, "legacy", 1)))
                return ok;
        ok = PKCS12_parse(p12, passphrase, &k->key, &k->certificate, NULL) == 1;
        OSSL_PROVIDER_unload(legacy);
        return ok;
}

/* With the pass-phrase that its seal (MAC) shows to be the right one; many have none. */
static int unlock(PKCS12 *p12, struct xml_key *k, struct asking *a, char why[static XML_WHY])
{
        SECRET_OWNED char *p = secret_new(PASSPHRASE_ROOM);
        size_t len = 0;

        if (!p)
                return fault(-ENOMEM);
        if (!PKCS12_verify_mac(p12, NULL, 0) && !PKCS12_verify_mac(p12, "", 0) &&
            (ask(a, p, PASSPHRASE_ROOM, &len) || !PKCS12_verify_mac(p12, p, (int)len)))
                return locked(a, why);
        if (!unpack(p12, p, k))
                return say(why, OUTCOME_KEY_NOT_READ, a->about, "its contents cannot be read");
        if (!k->key)
                return say(why, OUTCOME_KEY_NOT_READ, a->about, "there is no private key in it");
        if (!k->certificate)
                return say(why, OUTCOME_SIGNER_OTHER_KEY, a->about,
                           "there is no certificate of its key in it");
        return 0;
}

static int open_pkcs12(struct xml_key *k, const struct xml_key_from *from, char why[static XML_WHY])
{
        struct asking a = { .from = from, .about = from->pkcs12 };
        const uint8_t *at;
        uint8_t *bytes;
        PKCS12 *p12;
        size_t len;
        int r = read_file(&bytes, &len, OUTCOME_KEY_NOT_READ, from->pkcs12, why);

        if (r)
                return r;
        at = bytes;
        p12 = d2i_PKCS12(NULL, &at, (long)len);
        if (!p12)
                r = say(why, OUTCOME_KEY_NOT_READ, from->pkcs12, "is no PKCS#12 file");
        else if (!PKCS12_mac_present(p12))
                r = say(why, OUTCOME_KEY_NOT_READ, from->pkcs12, "bears no seal (MAC)");
        else
                r = unlock(p12, k, &a, why);
        PKCS12_free(p12);
        secret_free(bytes);
        return r;
}

/* Of the certificates in the file the one of the key; the others, the issuers', stay out (N2.3). */
static int find_certificate(struct xml_key *k, const char *path, char why[static XML_WHY])
{
        BUF_OWNED file = { 0 };
        int r = file_read(&file, path, FILE_MOST);
        unsigned seen = 0;
        BIO *bio;

        if (r == -ENOMEM)
                return r;
        if (r)
                return say(why, OUTCOME_SIGNER_NOT_READ, path,
                           r == FILE_ABSENT      ? "no such file"
                           : r == FILE_TOO_LARGE ? "too large to be one"
                                                 : strerror(-r));
        bio = BIO_new_mem_buf(file.at ? file.at : (const uint8_t *)"", (int)file.len);
        while (bio && !k->certificate) {
                X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);

                if (!x)
                        break;
                seen++;
                if (X509_check_private_key(x, k->key) == 1)
                        k->certificate = x;
                else
                        X509_free(x);
        }
        BIO_free(bio);
        if (k->certificate)
                return 0;
        if (!seen)
                return say(why, OUTCOME_SIGNER_NOT_READ, path, "holds no certificate in PEM");
        return say(why, OUTCOME_SIGNER_OTHER_KEY, path,
                   seen == 1 ? "is the certificate of another key"
                             : "none of its certificates is the key's");
}

static int check_strength(const EVP_PKEY *key, const char *about, char why[static XML_WHY])
{
        int bits = EVP_PKEY_get_bits(key);

        if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
                const char *name = OBJ_nid2sn(EVP_PKEY_get_base_id(key));

                snprintf(why, XML_WHY, "%s: a key of kind %s", about, name ? name : "unknown");
                return OUTCOME_KEY_UNFIT;
        }
        if (bits < BITS_LEAST) {
                snprintf(why, XML_WHY, "%s: RSA of %d bits", about, bits);
                return OUTCOME_KEY_UNFIT;
        }
        return 0;
}

static int check_dates(const X509 *x, instant now, const char *about, char why[static XML_WHY])
{
        const ASN1_TIME *from = X509_get0_notBefore(x), *until = X509_get0_notAfter(x);
        time_t t = (time_t)(now / 1000);
        bool early = X509_cmp_time(from, &t) > 0;
        struct tm tm = { 0 };

        if (!early && X509_cmp_time(until, &t) > 0)
                return 0;
        ASN1_TIME_to_tm(early ? from : until, &tm);
        snprintf(why, XML_WHY, "%s: %s %04d-%02d-%02dT%02d:%02d:%02dZ", about,
                 early ? "in force from" : "in force until", tm.tm_year + 1900, tm.tm_mon + 1,
                 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        return OUTCOME_SIGNER_NOT_IN_FORCE;
}

/* Key and certificate of one source, not yet judged; @about and @of name the two for people. */
static int load(struct xml_key *k, const struct xml_key_from *from, const char **about,
                const char **of, char why[static XML_WHY])
{
        *about = from->pkcs12 ? from->pkcs12 : from->token ? from->token : from->key;
        *of = from->certificate && !from->pkcs12 ? from->certificate : *about;
        if (from->pkcs12)
                return open_pkcs12(k, from, why);
        if (from->token)
                return xml_token_open(k, from, why);
        if (!from->key || !from->certificate)
                return fault(-EINVAL);
        return open_pem(&k->key, from, why);
}

int xml_key_open(struct xml_key *out, const struct xml_key_from *from, instant now,
                 char why[static XML_WHY])
{
        const char *about = "", *of = "";
        struct xml_key k = { 0 };
        int r;

        /* Locked, guarded, wiped. When somebody in this process has it already it stays as it is.
         */
        if (!CRYPTO_secure_malloc_initialized())
                (void)CRYPTO_secure_malloc_init(HEAP_ROOM, HEAP_PIECE);
        r = load(&k, from, &about, &of, why);
        if (!r)
                r = check_strength(k.key, about, why);
        if (!r && from->certificate && !from->pkcs12) {
                X509_free(k.certificate); /* the token's; who names a file means that one */
                k.certificate = NULL;
                r = find_certificate(&k, from->certificate, why);
        }
        if (!r && !k.certificate)
                r = say(why, OUTCOME_SIGNER_NOT_READ, about, "the token has no certificate of it");
        if (!r && X509_check_private_key(k.certificate, k.key) != 1)
                r = say(why, OUTCOME_SIGNER_OTHER_KEY, of, "is the certificate of another key");
        if (!r)
                r = check_dates(k.certificate, now, of, why);
        ERR_clear_error();
        if (r)
                xml_key_free(&k);
        else
                *out = k;
        return r;
}

void xml_key_free(struct xml_key *k)
{
        EVP_PKEY_free(k->key);
        X509_free(k->certificate);
        xml_token_free(k->token);
        *k = (struct xml_key){ 0 };
}
