/* age_impl.h - what the rooms of age v1 share; included by age*.c only
 *
 *      age-encryption.org/v1
 *      -> X25519 <ephemeral share>             age_stanza: the file key, wrapped for one reader
 *      <wrapped file key>
 *      --- <mac>                               age_header: the grammar of these lines
 *      nonce, sealed chunks                    age_stream */
#pragma once

#include "crypt/age.h"

enum { AGE_NONCE = 16, AGE_BODY = 32, AGE_SALT = 16, AGE_CHUNK_SEALED = AGE_CHUNK + AGE_TAG };

struct age_file_key {
        uint8_t b[16];
};

/* ---- age_stanza ---- */
enum age_stanza_type { AGE_STANZA_OTHER, AGE_STANZA_X25519, AGE_STANZA_SCRYPT };

struct age_stanza {
        enum age_stanza_type type;
        struct seal_pub share;  /* X25519 */
        uint8_t salt[AGE_SALT]; /* scrypt */
        uint64_t work;          /* scrypt: log2(N); UINT64_MAX for anything larger */
        uint8_t body[AGE_BODY]; /* the wrapped file key, when body_len is AGE_BODY */
        size_t body_len;
};

/* Append a stanza that wraps @key. -EINVAL for a low-order recipient, -ENOMEM. */
int age_stanza_put_x25519(struct buf *out, const struct age_file_key *key,
                          const struct seal_pub *to);
int age_stanza_put_scrypt(struct buf *out, const struct age_file_key *key, struct slice passphrase,
                          unsigned work);

/* Unwrap. 0, AGE_NO_MATCH, AGE_BAD_HEADER (a low-order share), AGE_WORK_TOO_HIGH, -ENOMEM. */
int age_stanza_open_x25519(struct age_file_key *key, const struct age_stanza *s,
                           const struct seal_sec *sec, const struct seal_pub *pub);
int age_stanza_open_scrypt(struct age_file_key *key, const struct age_stanza *s,
                           struct slice passphrase);

/* ---- age_header ---- */
enum age_header_expect { AGE_EXPECT_VERSION, AGE_EXPECT_STANZA, AGE_EXPECT_BODY, AGE_HEADER_WHOLE };

struct age_header {
        struct buf text; /* all lines so far */
        size_t line;     /* where the line in hand begins */
        enum age_header_expect expect;
        struct age_stanza stanza[AGE_STANZAS_MOST];
        size_t count;
        uint8_t mac[32];
        size_t mac_covers; /* so many bytes of text */
};

void age_header_put_version(struct buf *out);
/* Close the header, of which the first byte is @out->at[@start]. */
void age_header_put_mac(struct buf *out, size_t start, const struct age_file_key *key);

/* Step @in over what belongs to the header; it is whole when expect says so. AGE_BAD_HEADER,
 * -ENOMEM. Stanzas of the native types are well-formed afterwards, and a scrypt stanza is alone. */
int age_header_take(struct age_header *h, struct slice *in);
bool age_header_mac_holds(const struct age_header *h, const struct age_file_key *key);

/* ---- age_stream ---- */
struct age_stream { /* in secret memory */
        uint8_t key[32];
        uint64_t chunk; /* number of the next one */
};

void age_stream_begin(struct age_stream *st, const struct age_file_key *key,
                      const uint8_t nonce[static AGE_NONCE]);
/* Append the next chunk, at most AGE_CHUNK bytes of @plain. -ENOMEM. */
int age_stream_seal(struct age_stream *st, struct slice plain, bool last, struct buf *out);
/* Append the plaintext of the next chunk. AGE_BAD_PAYLOAD (and still the same chunk next), -ENOMEM.
 */
int age_stream_open(struct age_stream *st, struct slice sealed, bool last, struct buf *plain);
