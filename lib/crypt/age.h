/* age.h - age v1 files (C2SP age.md): X25519 and scrypt recipients, streamed payload
 *
 * Both directions stream in 64 KiB chunks with memory that does not grow with the file, apart from a
 * header of at most AGE_HEADER_MOST bytes. Armor is not read or written. */
#pragma once

#include "base/buf.h"
#include "crypt/keys.h"

enum {
        AGE_CHUNK = 65536,              /* plaintext bytes of a full chunk */
        AGE_TAG = 16,
        AGE_HEADER_MOST = 16384,
        AGE_STANZAS_MOST = 64,
        AGE_WORK_DEFAULT = 18,          /* log2 of scrypt's N when writing */
        AGE_WORK_MOST = 22,             /* and the most we are willing to do when reading */
};

/* Outcomes of reading. The values are stable: they are shown to people. */
enum age_outcome {
        AGE_BAD_HEADER = 1,             /* not an age v1 header, or one that breaks the grammar */
        AGE_NO_MATCH = 2,               /* well-formed, but none of our identities opens it */
        AGE_BAD_MAC = 3,                /* opened, but the header was changed */
        AGE_BAD_PAYLOAD = 4,            /* a chunk was changed, cut or added */
        AGE_WORK_TOO_HIGH = 5,          /* scrypt work factor above AGE_WORK_MOST */
};

/* Exact size of the age file for @plain bytes sealed to @recipients X25519 recipients. */
uint64_t age_sealed_size(uint64_t plain, size_t recipients);

/* ---- writing ---- */
struct age_writer;
/* Starts a file and appends its header to @out. -ENOMEM, or -EINVAL for a low-order recipient. */
int age_write_x25519(struct age_writer **w, struct buf *out, const struct seal_pub *to, size_t count);
int age_write_scrypt(struct age_writer **w, struct buf *out, struct slice passphrase, unsigned work);
/* Takes plaintext, appends whatever chunks are complete to @out. */
int age_write(struct age_writer *w, struct slice plain, struct buf *out);
int age_write_end(struct age_writer *w, struct buf *out);       /* the final chunk */
void age_writer_free(struct age_writer *w);

/* ---- reading ---- */
struct age_reader;
struct age_reader *age_reader_new(void);
void age_reader_free(struct age_reader *r);
/* What may open it. Copied into secret memory. Any number of X25519 identities, or one pass-phrase. */
int age_reader_add_identity(struct age_reader *r, const struct seal_sec *sec);
int age_reader_set_passphrase(struct age_reader *r, struct slice passphrase);
/* Feed sealed bytes in pieces of any size; plaintext of complete, authenticated chunks is appended
 * to @plain. A positive outcome is final: nothing more comes out of this reader. */
int age_read(struct age_reader *r, struct slice sealed, struct buf *plain);
/* The file ended here. Must be 0, or all that came before is not to be believed. */
int age_read_end(struct age_reader *r, struct buf *plain);

/* Whole files in memory. @plain is wiped and emptied on any result but 0. */
int age_open(struct buf *plain, struct slice sealed, const struct seal_sec *ids, size_t count);
int age_open_passphrase(struct buf *plain, struct slice sealed, struct slice passphrase);
int age_seal(struct buf *out, struct slice plain, const struct seal_pub *to, size_t count);
int age_seal_passphrase(struct buf *out, struct slice plain, struct slice passphrase, unsigned work);
