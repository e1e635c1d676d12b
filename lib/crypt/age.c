/* age.c - whole age files in memory */
#include "crypt/age.h"

#include "base/fault.h"
#include "base/secret.h"

#include <errno.h>

uint64_t age_sealed_size(uint64_t plain, size_t recipients)
{
        const uint64_t version = 22, stanza = 98, mac = 48, nonce = 16;
        uint64_t chunks = plain / AGE_CHUNK + (plain % AGE_CHUNK != 0);

        if (chunks == 0)
                chunks = 1;
        return version + recipients * stanza + mac + nonce + plain + chunks * AGE_TAG;
}

static int open_all(struct buf *plain, struct slice sealed, struct age_reader *r)
{
        size_t before = plain->len;
        int e;

        /* Room for all of it at once, so that no outgrown copy of the plaintext stays in the heap.
         */
        if (sealed.len && !buf_extend(plain, sealed.len))
                return fault(-ENOMEM);
        plain->len = before;
        e = age_read(r, sealed, plain);
        return e ? e : age_read_end(r, plain);
}

static int opened(struct buf *plain, struct age_reader *r, int e)
{
        age_reader_free(r);
        if (e) {
                if (plain->at)
                        secret_wipe(plain->at, plain->cap);
                buf_clear(plain);
        }
        return e;
}

int age_open(struct buf *plain, struct slice sealed, const struct seal_sec *ids, size_t count)
{
        struct age_reader *r = age_reader_new();
        int e = r ? 0 : fault(-ENOMEM);

        for (size_t i = 0; i < count && e == 0; i++)
                e = age_reader_add_identity(r, &ids[i]);
        if (e == 0)
                e = open_all(plain, sealed, r);
        return opened(plain, r, e);
}

int age_open_passphrase(struct buf *plain, struct slice sealed, struct slice passphrase)
{
        struct age_reader *r = age_reader_new();
        int e = r ? age_reader_set_passphrase(r, passphrase) : fault(-ENOMEM);

        if (e == 0)
                e = open_all(plain, sealed, r);
        return opened(plain, r, e);
}

/* The body and end of a file that was begun with result @r. A fault takes back the whole file. */
static int seal_rest(struct age_writer *w, struct buf *out, size_t before, struct slice plain,
                     int r)
{
        if (r == 0)
                r = age_write(w, plain, out);
        if (r == 0)
                r = age_write_end(w, out);
        if (r)
                out->len = before;
        age_writer_free(w);
        return r;
}

int age_seal(struct buf *out, struct slice plain, const struct seal_pub *to, size_t count)
{
        struct age_writer *w = NULL;
        size_t before = out->len;
        int r = age_write_x25519(&w, out, to, count);

        return seal_rest(w, out, before, plain, r);
}

int age_seal_passphrase(struct buf *out, struct slice plain, struct slice passphrase, unsigned work)
{
        struct age_writer *w = NULL;
        size_t before = out->len;
        int r = age_write_scrypt(&w, out, passphrase, work);

        return seal_rest(w, out, before, plain, r);
}
