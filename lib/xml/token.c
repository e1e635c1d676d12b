/* token.c - a signing key on a PKCS#11 token: a card, an HSM, SoftHSM in tests
 *
 * The URI (RFC 7512) names module, token and key; p11-kit reads it, and says whether a token and an
 * object fit. libp11 makes an OpenSSL key of the object, with which xmlsec1 signs as with any
 * other. A PIN in the URI would stand in everybody's list of processes: refused. */
#include "xml/key.h"

#include "base/fault.h"
#include "base/secret.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <libp11.h>
#include <openssl/err.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIN_ROOM = 256 };

/* Every token that the machine's p11-kit knows. */
#define ANY_MODULE "libp11-kit.so.0" /* whose proxy it is */

struct xml_token {
        PKCS11_CTX *ctx;
        bool loaded;
        PKCS11_SLOT *slot;
        unsigned slots;
};

static int say(char why[static XML_WHY], int outcome, const char *uri, const char *what)
{
        snprintf(why, XML_WHY, "%s: %s", uri, what);
        return outcome;
}

static int read_uri(P11KitUri **out, const char *text, char why[static XML_WHY])
{
        P11KitUri *uri = p11_kit_uri_new();
        int r;

        if (!uri)
                return fault(-ENOMEM);
        r = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri);
        if (r != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(uri)) {
                p11_kit_uri_free(uri);
                return say(why, OUTCOME_TOKEN_URI, text, "is no PKCS#11 URI (RFC 7512)");
        }
        if (p11_kit_uri_get_pin_value(uri) || p11_kit_uri_get_pin_source(uri)) {
                p11_kit_uri_free(uri); /* and not the URI in @why: it holds the PIN */
                return say(why, OUTCOME_TOKEN_URI,
                           "pkcs11:", "a PIN does not belong into the URI: it is asked for");
        }
        p11_kit_uri_clear_attribute(uri, CKA_CLASS); /* it is the private key that we look for */
        *out = uri;
        return 0;
}

static int load_module(struct xml_token *t, P11KitUri *uri, const struct xml_key_from *from,
                       char why[static XML_WHY])
{
        const char *module = from->module ? from->module : p11_kit_uri_get_module_path(uri);

        if (!module)
                module = ANY_MODULE;
        t->ctx = PKCS11_CTX_new();
        if (!t->ctx)
                return fault(-ENOMEM);
        if (PKCS11_CTX_load(t->ctx, module))
                return say(why, OUTCOME_TOKEN_ABSENT, module, "no PKCS#11 module can be loaded");
        t->loaded = true;
        if (PKCS11_enumerate_slots(t->ctx, &t->slot, &t->slots))
                return say(why, OUTCOME_TOKEN_ABSENT, module, "its tokens cannot be listed");
        return 0;
}

/* PKCS#11 pads its texts with blanks. */
static void pad(unsigned char *to, size_t room, const char *s)
{
        size_t n = s ? strnlen(s, room) : 0;

        memset(to, ' ', room);
        if (n)
                memcpy(to, s, n);
}

static bool token_fits(P11KitUri *uri, const PKCS11_TOKEN *t)
{
        CK_TOKEN_INFO info = { 0 };

        pad(info.label, sizeof(info.label), t->label);
        pad(info.manufacturerID, sizeof(info.manufacturerID), t->manufacturer);
        pad(info.model, sizeof(info.model), t->model);
        pad(info.serialNumber, sizeof(info.serialNumber), t->serialnr);
        return p11_kit_uri_match_token_info(uri, &info) == 1;
}

static bool key_fits(P11KitUri *uri, const PKCS11_KEY *k)
{
        CK_ATTRIBUTE a[] = {
                { CKA_LABEL, k->label, k->label ? strlen(k->label) : 0 },
                { CKA_ID, k->id, k->id_len },
        };

        return p11_kit_uri_match_attributes(uri, a, 2) == 1;
}

static int find_token(PKCS11_SLOT **out, struct xml_token *t, P11KitUri *uri, const char *text,
                      char why[static XML_WHY])
{
        PKCS11_SLOT *found = NULL;

        for (unsigned i = 0; i < t->slots; i++) {
                const PKCS11_TOKEN *token = t->slot[i].token;

                if (!token || !token->initialized || !token_fits(uri, token))
                        continue;
                if (found)
                        return say(why, OUTCOME_TOKEN_ABSENT, text,
                                   "more than one token fits: name it by token= or serial=");
                found = &t->slot[i];
        }
        if (!found)
                return say(why, OUTCOME_TOKEN_ABSENT, text, "no such token");
        *out = found;
        return 0;
}

static int log_in(PKCS11_SLOT *slot, const struct xml_key_from *from, char why[static XML_WHY])
{
        const char *label = slot->token->label;
        SECRET_OWNED char *pin = NULL;
        size_t len;
        int r;

        if (!slot->token->loginRequired)
                return 0;
        if (slot->token->userPinLocked)
                return say(why, OUTCOME_KEY_LOCKED, label, "the token's PIN is locked");
        if (slot->token->secureLogin) /* the reader has keys of its own */
                return PKCS11_login(slot, 0, NULL)
                               ? say(why, OUTCOME_KEY_LOCKED, label, "the token refused the PIN")
                               : 0;
        pin = secret_new(PIN_ROOM);
        if (!pin)
                return fault(-ENOMEM);
        r = from->ask ? from->ask(from->ctx, label, true, pin, PIN_ROOM, &len) : OUTCOME_KEY_LOCKED;
        if (r == OUTCOME_KEY_LOCKED)
                return say(why, r, label, "it wants a PIN, and there is none to be had");
        if (r)
                return r;
        if (PKCS11_login(slot, 0, pin))
                return say(why, OUTCOME_KEY_LOCKED, label, "the token refused the PIN");
        return 0;
}

static int find_key(PKCS11_KEY **out, PKCS11_TOKEN *token, P11KitUri *uri, const char *text,
                    char why[static XML_WHY])
{
        PKCS11_KEY *key, *found = NULL;
        unsigned n;

        if (PKCS11_enumerate_keys(token, &key, &n))
                return say(why, OUTCOME_TOKEN_ABSENT, text, "the token's keys cannot be listed");
        for (unsigned i = 0; i < n; i++) {
                if (!key_fits(uri, &key[i]))
                        continue;
                if (found)
                        return say(why, OUTCOME_TOKEN_ABSENT, text,
                                   "more than one key fits: name it by object= or id=");
                found = &key[i];
        }
        if (!found)
                return say(why, OUTCOME_TOKEN_ABSENT, text, "the token has no such private key");
        *out = found;
        return 0;
}

static int take_key(struct xml_key *k, PKCS11_KEY *key, const char *text, char why[static XML_WHY])
{
        PKCS11_CERT *certificate = PKCS11_find_certificate(key);

        k->key = PKCS11_get_private_key(key);
        if (!k->key)
                return say(why, OUTCOME_KEY_UNFIT, text, "no key that can sign with RSA");
        if (certificate && certificate->x509 && X509_up_ref(certificate->x509))
                k->certificate = certificate->x509;
        return 0;
}

int xml_token_open(struct xml_key *k, const struct xml_key_from *from, char why[static XML_WHY])
{
        P11KitUri *uri = NULL;
        PKCS11_SLOT *slot = NULL;
        PKCS11_KEY *key = NULL;
        int r = read_uri(&uri, from->token, why);

        if (r)
                return r;
        k->token = calloc(1, sizeof(*k->token));
        r = k->token ? load_module(k->token, uri, from, why) : fault(-ENOMEM);
        if (!r)
                r = find_token(&slot, k->token, uri, from->token, why);
        if (!r)
                r = log_in(slot, from, why);
        if (!r)
                r = find_key(&key, slot->token, uri, from->token, why);
        if (!r)
                r = take_key(k, key, from->token, why);
        p11_kit_uri_free(uri);
        return r;
}

void xml_token_free(struct xml_token *t)
{
        if (!t)
                return;
        if (t->slot)
                PKCS11_release_all_slots(t->ctx, t->slot, t->slots);
        if (t->loaded)
                PKCS11_CTX_unload(t->ctx);
        if (t->ctx)
                PKCS11_CTX_free(t->ctx);
        free(t);
}
