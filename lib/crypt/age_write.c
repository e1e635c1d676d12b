/* age_write.c - an age file as it grows: header, nonce, chunks
 *
 * A chunk is sealed only when a byte behind it has come, or the end: until then nobody knows
 * whether it is the last. */
#include "crypt/age_impl.h"

#include "base/fault.h"
#include "base/secret.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct age_writer {
        struct age_stream *stream; /* secret memory */
        uint8_t *held;             /* AGE_CHUNK bytes of room */
        size_t have;
        size_t touched; /* so much of held was ever used */
        bool ended;
};

static struct age_writer *writer_new(void)
{
        struct age_writer *w = calloc(1, sizeof(*w));

        if (!w)
                return NULL;
        w->stream = secret_new(sizeof(*w->stream));
        w->held = malloc(AGE_CHUNK);
        if (w->stream && w->held)
                return w;
        age_writer_free(w);
        return NULL;
}

void age_writer_free(struct age_writer *w)
{
        if (!w)
                return;
        if (w->held)
                secret_wipe(w->held, w->touched);
        free(w->held);
        secret_free(w->stream);
        free(w);
}

/* What both kinds of files have behind their stanzas. */
static void put_mac_and_nonce(struct age_writer *w, struct buf *out, size_t start,
                              const struct age_file_key *key)
{
        uint8_t nonce[AGE_NONCE];

        age_header_put_mac(out, start, key);
        keys_random(nonce, sizeof(nonce));
        buf_put(out, slice_of(nonce, sizeof(nonce)));
        age_stream_begin(w->stream, key, nonce);
}

/* Hand over the begun file, or take back all that was written of it. */
static int begun(struct age_writer **out_w, struct age_writer *w, struct buf *out, size_t start,
                 int r)
{
        if (r == 0)
                r = buf_fault(out);
        if (r) {
                out->len = start;
                age_writer_free(w);
                return r;
        }
        *out_w = w;
        return 0;
}

int age_write_x25519(struct age_writer **out_w, struct buf *out, const struct seal_pub *to,
                     size_t count)
{
        struct age_file_key key;
        struct age_writer *w;
        size_t start = out->len;
        int r = 0;

        if (count == 0 || count > AGE_STANZAS_MOST)
                return fault(-EINVAL);
        w = writer_new();
        if (!w)
                return fault(-ENOMEM);
        keys_random(key.b, sizeof(key.b));
        age_header_put_version(out);
        for (size_t i = 0; i < count && r == 0; i++)
                r = age_stanza_put_x25519(out, &key, &to[i]);
        if (r == 0)
                put_mac_and_nonce(w, out, start, &key);
        secret_wipe(&key, sizeof(key));
        return begun(out_w, w, out, start, r);
}

int age_write_scrypt(struct age_writer **out_w, struct buf *out, struct slice passphrase,
                     unsigned work)
{
        struct age_file_key key;
        struct age_writer *w;
        size_t start = out->len;
        int r;

        if (work == 0 || work > AGE_WORK_MOST)
                return fault(-EINVAL);
        w = writer_new();
        if (!w)
                return fault(-ENOMEM);
        keys_random(key.b, sizeof(key.b));
        age_header_put_version(out);
        r = age_stanza_put_scrypt(out, &key, passphrase, work);
        if (r == 0)
                put_mac_and_nonce(w, out, start, &key);
        secret_wipe(&key, sizeof(key));
        return begun(out_w, w, out, start, r);
}

static void hold(struct age_writer *w, struct slice s)
{
        memcpy(w->held + w->have, s.at, s.len);
        w->have += s.len;
        if (w->touched < w->have)
                w->touched = w->have;
}

int age_write(struct age_writer *w, struct slice plain, struct buf *out)
{
        assert(!w->ended);
        while (plain.len) {
                struct slice piece = slice_upto(plain, AGE_CHUNK - w->have);
                int r = 0;

                if (w->have == AGE_CHUNK) {
                        r = age_stream_seal(w->stream, slice_of(w->held, AGE_CHUNK), false, out);
                        w->have = 0;
                } else if (w->have == 0 && plain.len > AGE_CHUNK) {
                        r = age_stream_seal(w->stream, piece, false, out);
                } else {
                        hold(w, piece);
                }
                if (r)
                        return r;
                plain = slice_from(plain, piece.len);
        }
        return 0;
}

int age_write_end(struct age_writer *w, struct buf *out)
{
        assert(!w->ended);
        w->ended = true;
        return age_stream_seal(w->stream, slice_of(w->held, w->have), true, out);
}
