/* identity.c - one seed, and every key of a holder from it
 *
 *      fumibako identity v1                inside an age file under a pass-phrase, so that a holder
 *      seed <base64 of 32 bytes>           can get at it with the stock tool: age -d
 *
 * The seed and the mailbox's key, which signs often, are kept; other keys are derived when asked
 * for. */
#include "letter/identity.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypt/age.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

enum { FILE_MOST = 4096, LABEL = 64 };

static const char head[] = "fumibako identity v1\nseed ";

struct identity {
        struct seed seed;
        struct sign_sec mailbox;
};

/* A buffer over secret memory. It must not grow: realloc() would take the secret into the heap. */
struct secret_text {
        struct buf text;
        uint8_t *at;
};

static int secret_text_new(struct secret_text *s)
{
        s->at = secret_new(FILE_MOST);
        s->text = (struct buf){ .at = s->at, .cap = FILE_MOST };
        return s->at ? 0 : fault(-ENOMEM);
}

static void secret_text_free(struct secret_text *s)
{
        assert(s->text.at == s->at);
        secret_free(s->at);
}

int identity_of_seed(struct identity **out, const struct seed *seed)
{
        struct identity *id = secret_new(sizeof(*id));

        if (!id)
                return fault(-ENOMEM);
        id->seed = *seed;
        keys_derive_sign(&id->mailbox, &id->seed, "mailbox sign", 0);
        *out = id;
        return 0;
}

void identity_free(struct identity *id)
{
        secret_free(id);
}

static int write_file(const char *path, const struct seed *seed, struct slice passphrase,
                      unsigned work)
{
        struct secret_text plain;
        BUF_OWNED sealed = { 0 };
        int r = secret_text_new(&plain);

        if (r)
                return r;
        buf_puts(&plain.text, head);
        text_put_base64(&plain.text, slice_of(seed->b, sizeof(seed->b)));
        buf_putc(&plain.text, '\n');
        r = age_seal_passphrase(&sealed, buf_slice(&plain.text), passphrase, work);
        secret_text_free(&plain);
        if (r)
                return r;
        r = file_create(path, buf_slice(&sealed), 0600);
        return r == FILE_EXISTS ? IDENTITY_EXISTS : r;
}

int identity_create(struct identity **out, const char *path, struct slice passphrase, unsigned work)
{
        SECRET_OWNED struct seed *seed = secret_new(sizeof(*seed));

        if (!seed)
                return fault(-ENOMEM);
        keys_random(seed->b, sizeof(seed->b));
        return identity_restore(out, path, seed, passphrase, work);
}

int identity_restore(struct identity **out, const char *path, const struct seed *seed,
                     struct slice passphrase, unsigned work)
{
        struct identity *id = NULL;
        int r = identity_of_seed(&id, seed);

        if (r == 0)
                r = write_file(path, seed, passphrase, work);
        if (r)
                identity_free(id);
        else
                *out = id;
        return r;
}

static int read_text(struct identity **out, struct slice text)
{
        const size_t len = sizeof(head) - 1;
        struct seed *seed;
        int r = IDENTITY_BAD;

        if (!slice_is(slice_upto(text, len), head) || text.at[text.len - 1] != '\n')
                return IDENTITY_BAD;
        seed = secret_new(sizeof(*seed));
        if (!seed)
                return fault(-ENOMEM);
        text = slice_upto(slice_from(text, len), text.len - len - 1);
        if (text_get_base64(text, seed->b, sizeof(seed->b)))
                r = identity_of_seed(out, seed);
        secret_free(seed);
        return r;
}

/* A pass-phrase stanza says nothing else than that it does not open. */
static int outcome_of(int r)
{
        if (r == AGE_NO_MATCH)
                return IDENTITY_PASSPHRASE;
        return r > 0 ? IDENTITY_BAD : r;
}

int identity_open(struct identity **out, const char *path, struct slice passphrase)
{
        BUF_OWNED sealed = { 0 };
        struct secret_text plain;
        int r = file_read(&sealed, path, FILE_MOST);

        if (r == FILE_ABSENT)
                return IDENTITY_ABSENT;
        if (r)
                return r > 0 ? IDENTITY_BAD : r;
        r = secret_text_new(&plain);
        if (r)
                return r;
        r = outcome_of(age_open_passphrase(&plain.text, buf_slice(&sealed), passphrase));
        if (r == 0)
                r = read_text(out, buf_slice(&plain.text));
        secret_text_free(&plain);
        return r;
}

void identity_seed(const struct identity *id, struct seed *out)
{
        *out = id->seed;
}

void identity_mailbox(const struct identity *id, struct mailbox *name, struct sign_pub *pub)
{
        keys_sign_pub(pub, &id->mailbox);
        name_mailbox_of(name, pub);
}

void identity_mailbox_sign(const struct identity *id, struct signature *out, struct slice msg)
{
        sign_make(out, msg, &id->mailbox);
}

void identity_mailbox_secret(const struct identity *id, struct sign_sec *out)
{
        *out = id->mailbox;
}

void identity_transport(const struct identity *id, const char *device, struct curve_pub *pub,
                        struct curve_sec *sec)
{
        char label[LABEL];
        int r;

        assert(name_device_ok(slice_str(device)));
        snprintf(label, sizeof(label), "transport %s", device);
        keys_derive_curve(sec, &id->seed, label, 0);
        r = keys_curve_pub(pub, sec);
        assert(r == 0);
}

/* E2.2 */
static void address_label(char label[static LABEL], uint32_t n, const char *use)
{
        assert(n >= 1);
        snprintf(label, LABEL, "address %lu %s", (unsigned long)n, use);
}

void identity_address_secret(const struct identity *id, uint32_t n, struct sign_sec *out)
{
        char label[LABEL];

        address_label(label, n, "sign");
        keys_derive_sign(out, &id->seed, label, 0);
}

void identity_address(const struct identity *id, uint32_t n, struct address *name,
                      struct sign_pub *pub)
{
        struct sign_sec sec;

        identity_address_secret(id, n, &sec);
        keys_sign_pub(pub, &sec);
        secret_wipe(&sec, sizeof(sec));
        name_address_of(name, pub);
}

void identity_address_seal(const struct identity *id, uint32_t n, uint32_t epoch,
                           struct seal_pub *pub, struct seal_sec *sec)
{
        char label[LABEL];
        int r;

        address_label(label, n, "seal");
        keys_derive_seal(sec, &id->seed, label, epoch);
        r = keys_seal_pub(pub, sec);
        assert(r == 0);
}
