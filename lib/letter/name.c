/* name.c - who is who: names that certify a key, names that are registered, classes of letters
 *
 * An address is its key's fingerprint in letters that survive a slip of the pen:
 *
 *      bech32( "fumi", 0x01 || first 20 bytes of SHA-256(Ed25519 public key) )
 *
 * so whoever hands out another key for it is found out without asking anybody. A mailbox name is
 * the same with another prefix, so that neither passes for the other. Lower case is the only
 * spelling. */
#include "letter/name.h"

#include "crypt/bech32.h"
#include "crypt/hash.h"

#include <assert.h>

enum { VERSION = 1, PRINT = 20, CODED = 1 + PRINT };

static const char address_prefix[] = "fumi";
static const char mailbox_prefix[] = "fumibox";

static const char *const class_names[] = {
        [CLASS_CERTIFICATE] = "certificate", [CLASS_NOTICE] = "notice",
        [CLASS_REFERRAL] = "referral",       [CLASS_APPLICATION] = "application",
        [CLASS_DECISION] = "decision",       [CLASS_RECORD] = "record",
        [CLASS_MESSAGE] = "message",
};

static void fingerprint(uint8_t out[static CODED], const struct sign_pub *key)
{
        struct hash h;

        hash_sha256(&h, slice_of(key->b, sizeof(key->b)));
        out[0] = VERSION;
        memcpy(out + 1, h.b, PRINT);
}

/* The text goes straight into the name: a buffer that has room never asks for memory. */
static void encode(char *out, size_t room, const char *prefix, const struct sign_pub *key)
{
        struct buf text = { .at = (uint8_t *)out, .cap = room - 1 };
        uint8_t coded[CODED];

        memset(out, 0, room);
        fingerprint(coded, key);
        bech32_put(&text, prefix, slice_of(coded, CODED));
        assert(text.at == (uint8_t *)out && !buf_fault(&text));
}

/* bech32 takes upper case as well; a name has one spelling. */
static bool decode(uint8_t out[static CODED], const char *prefix, struct slice text)
{
        return text.len && text.at[0] == (uint8_t)prefix[0] &&
               bech32_get(text, prefix, out, CODED) && out[0] == VERSION;
}

static bool certifies(const char *name, const char *prefix, const struct sign_pub *key)
{
        uint8_t said[CODED], is[CODED];

        if (!decode(said, prefix, slice_str(name)))
                return false;
        fingerprint(is, key);
        return memcmp(said, is, CODED) == 0;
}

void name_address_of(struct address *out, const struct sign_pub *key)
{
        encode(out->s, sizeof(out->s), address_prefix, key);
}

void name_mailbox_of(struct mailbox *out, const struct sign_pub *key)
{
        encode(out->s, sizeof(out->s), mailbox_prefix, key);
}

/* Prefix and payload have fixed lengths, so whatever decodes fits. */
static bool get(char *out, size_t room, const char *prefix, struct slice text)
{
        uint8_t coded[CODED];

        if (!decode(coded, prefix, text))
                return false;
        assert(text.len < room);
        if (out) {
                memset(out, 0, room);
                memcpy(out, text.at, text.len);
        }
        return true;
}

bool name_address_get(struct slice text, struct address *out)
{
        return get(out ? out->s : NULL, sizeof(out->s), address_prefix, text);
}

bool name_mailbox_get(struct slice text, struct mailbox *out)
{
        return get(out ? out->s : NULL, sizeof(out->s), mailbox_prefix, text);
}

bool name_address_certifies(const struct address *a, const struct sign_pub *key)
{
        return certifies(a->s, address_prefix, key);
}

bool name_mailbox_certifies(const struct mailbox *m, const struct sign_pub *key)
{
        return certifies(m->s, mailbox_prefix, key);
}

static bool is_small(uint8_t c)
{
        return c >= 'a' && c <= 'z';
}

static bool is_digit(uint8_t c)
{
        return c >= '0' && c <= '9';
}

bool name_party_ok(struct slice s)
{
        if (s.len == 0 || s.len > NAME_PARTY_MOST || !is_small(s.at[0]))
                return false;
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];

                if (!is_small(c) && !is_digit(c) && c != '.' && c != '-' && c != '/')
                        return false;
        }
        return true;
}

bool name_device_ok(struct slice s)
{
        if (s.len == 0 || s.len > NAME_DEVICE_MOST)
                return false;
        for (size_t i = 0; i < s.len; i++)
                if (!is_small(s.at[i]) && !is_digit(s.at[i]) && s.at[i] != '-')
                        return false;
        return true;
}

const char *name_class(unsigned class)
{
        return class <= CLASS_LAST ? class_names[class] : NULL;
}

unsigned name_class_get(struct slice word)
{
        for (unsigned class = 1; class <= CLASS_LAST; class ++)
                if (slice_is(word, class_names[class]))
                        return class;
        return 0;
}

/* E1.4: rising order, so that a set has one spelling. The empty list is none. */
bool name_classes_get(struct slice list, uint32_t *set)
{
        unsigned last = 0;
        uint32_t got = 0;
        bool more = true;

        while (more) {
                struct slice word = list;
                unsigned class;

                more = slice_split(&list, ',', &word);
                class = name_class_get(word);
                if (class <= last)
                        return false;
                got |= UINT32_C(1) << class;
                last = class;
        }
        *set = got;
        return true;
}

void name_classes_put(struct buf *out, uint32_t set)
{
        const char *comma = "";

        for (unsigned class = 1; class <= CLASS_LAST; class ++) {
                if (!(set >> class & 1))
                        continue;
                buf_puts(out, comma);
                buf_puts(out, class_names[class]);
                comma = ",";
        }
}
