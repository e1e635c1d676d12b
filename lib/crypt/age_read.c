/* age_read.c - an age file as it comes in: header, nonce, chunks
 *
 * Bytes go through three stages. Whatever goes wrong in one of them is kept as the reader's result
 * and said again for every later byte. A full chunk is opened at once, as one with more behind it
 * and, if it is not that, as the last; so the reader never holds more than one chunk. */
#include "crypt/age_impl.h"

#include "base/fault.h"
#include "base/secret.h"

#include <errno.h>
#include <stdlib.h>

struct identity {
        struct seal_sec sec;
        struct seal_pub pub;
};

enum stage { IN_HEADER, IN_NONCE, IN_CHUNKS, BEHIND_LAST };

/* In secret memory. */
struct keys {
        struct age_file_key file;
        struct age_stream stream;
};

struct age_reader {
        enum stage stage;
        int result;
        struct age_header header;
        struct identity *ids; /* secret memory */
        size_t count, room;
        uint8_t *passphrase; /* secret memory, or NULL */
        size_t passphrase_len;
        struct keys *keys; /* secret memory */
        uint8_t *held;     /* AGE_CHUNK_SEALED bytes of room: the nonce, later a chunk */
        size_t have;
};

struct age_reader *age_reader_new(void)
{
        struct age_reader *r = calloc(1, sizeof(*r));

        if (!r)
                return NULL;
        r->keys = secret_new(sizeof(*r->keys));
        r->held = malloc(AGE_CHUNK_SEALED);
        if (r->keys && r->held)
                return r;
        age_reader_free(r);
        return NULL;
}

void age_reader_free(struct age_reader *r)
{
        if (!r)
                return;
        buf_free(&r->header.text);
        secret_free(r->ids);
        secret_free(r->passphrase);
        secret_free(r->keys);
        free(r->held);
        free(r);
}

int age_reader_add_identity(struct age_reader *r, const struct seal_sec *sec)
{
        struct seal_pub pub;
        int e = keys_seal_pub(&pub, sec);

        if (e)
                return e;
        if (r->count == r->room) {
                size_t room = r->room ? r->room * 2 : 4;
                struct identity *ids = secret_new(room * sizeof(*ids));

                if (!ids)
                        return fault(-ENOMEM);
                if (r->count)
                        memcpy(ids, r->ids, r->count * sizeof(*ids));
                secret_free(r->ids);
                r->ids = ids;
                r->room = room;
        }
        r->ids[r->count].sec = *sec;
        r->ids[r->count].pub = pub;
        r->count++;
        return 0;
}

int age_reader_set_passphrase(struct age_reader *r, struct slice passphrase)
{
        uint8_t *copy = secret_new(passphrase.len);

        if (!copy)
                return fault(-ENOMEM);
        if (passphrase.len)
                memcpy(copy, passphrase.at, passphrase.len);
        secret_free(r->passphrase);
        r->passphrase = copy;
        r->passphrase_len = passphrase.len;
        return 0;
}

static int unwrap(struct age_reader *r, const struct age_stanza *s)
{
        int e = AGE_NO_MATCH;

        if (s->type == AGE_STANZA_SCRYPT && r->passphrase)
                return age_stanza_open_scrypt(&r->keys->file, s,
                                              slice_of(r->passphrase, r->passphrase_len));
        if (s->type == AGE_STANZA_X25519)
                for (size_t i = 0; i < r->count && e == AGE_NO_MATCH; i++)
                        e = age_stanza_open_x25519(&r->keys->file, s, &r->ids[i].sec,
                                                   &r->ids[i].pub);
        return e;
}

static int take_header(struct age_reader *r, struct slice *in)
{
        const struct age_header *h = &r->header;
        int e = age_header_take(&r->header, in);

        if (e || h->expect != AGE_HEADER_WHOLE)
                return e;
        e = AGE_NO_MATCH;
        for (size_t i = 0; i < h->count && e == AGE_NO_MATCH; i++)
                e = unwrap(r, &h->stanza[i]);
        if (e)
                return e;
        if (!age_header_mac_holds(h, &r->keys->file))
                return AGE_BAD_MAC;
        r->stage = IN_NONCE;
        return 0;
}

/* Step @in over what is missing until @want bytes are held; true when they are. */
static bool hold(struct age_reader *r, struct slice *in, size_t want)
{
        struct slice piece = slice_upto(*in, want - r->have);

        memcpy(r->held + r->have, piece.at, piece.len);
        r->have += piece.len;
        *in = slice_from(*in, piece.len);
        return r->have == want;
}

static void take_nonce(struct age_reader *r, struct slice *in)
{
        if (!hold(r, in, AGE_NONCE))
                return;
        age_stream_begin(&r->keys->stream, &r->keys->file, r->held);
        r->have = 0;
        r->stage = IN_CHUNKS;
}

static int take_chunk(struct age_reader *r, struct slice *in, struct buf *plain)
{
        struct slice chunk = slice_upto(*in, AGE_CHUNK_SEALED);
        int e;

        if (r->have == 0 && chunk.len == AGE_CHUNK_SEALED) {
                *in = slice_from(*in, chunk.len);
        } else {
                if (!hold(r, in, AGE_CHUNK_SEALED))
                        return 0;
                chunk = slice_of(r->held, AGE_CHUNK_SEALED);
                r->have = 0;
        }
        e = age_stream_open(&r->keys->stream, chunk, false, plain);
        if (e != AGE_BAD_PAYLOAD)
                return e;
        r->stage = BEHIND_LAST;
        return age_stream_open(&r->keys->stream, chunk, true, plain);
}

int age_read(struct age_reader *r, struct slice sealed, struct buf *plain)
{
        while (sealed.len && r->result == 0) {
                switch (r->stage) {
                case IN_HEADER:
                        r->result = take_header(r, &sealed);
                        break;
                case IN_NONCE:
                        take_nonce(r, &sealed);
                        break;
                case IN_CHUNKS:
                        r->result = take_chunk(r, &sealed, plain);
                        break;
                case BEHIND_LAST:
                        r->result = AGE_BAD_PAYLOAD;
                        break;
                }
        }
        return r->result;
}

int age_read_end(struct age_reader *r, struct buf *plain)
{
        if (r->result || r->stage == BEHIND_LAST)
                return r->result;
        if (r->stage != IN_CHUNKS)
                r->result = AGE_BAD_HEADER;
        else if (r->have == AGE_TAG && r->keys->stream.chunk > 0)
                /* Only an empty file may end in an empty chunk, so each length has one form. */
                r->result = AGE_BAD_PAYLOAD;
        else
                r->result =
                        age_stream_open(&r->keys->stream, slice_of(r->held, r->have), true, plain);
        r->stage = BEHIND_LAST;
        return r->result;
}
