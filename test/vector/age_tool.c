/* age_tool.c - our age reader and writer as a filter, so that scripts can hold them against other
 * tools
 *
 *      age_tool seal RECIPIENT...              standard input to output
 *      age_tool open IDENTITY_FILE             lines as age-keygen writes them
 *      age_tool seal-pass PASSPHRASE_FILE      work factor 10
 *      age_tool open-pass PASSPHRASE_FILE
 *
 * Exit status 0, or the outcome of age.h, or 99. A test tool: it is never installed. */
#include "base/file.h"
#include "base/secret.h"
#include "crypt/age.h"
#include "crypt/bech32.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TROUBLE = 99, WORK = 10, PIECE = 50000, FILE_MOST = 65536 };

static bool put_out(struct buf *b)
{
        bool ok = fwrite(b->at, 1, b->len, stdout) == b->len;

        buf_clear(b);
        return ok;
}

static int seal_stream(struct age_writer *w, struct buf *out)
{
        static uint8_t piece[PIECE];
        size_t n;

        while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0)
                if (age_write(w, slice_of(piece, n), out) || !put_out(out))
                        return TROUBLE;
        if (age_write_end(w, out) || !put_out(out))
                return TROUBLE;
        age_writer_free(w);
        return 0;
}

static int open_stream(struct age_reader *r)
{
        static uint8_t piece[PIECE];
        BUF_OWNED out = { 0 };
        size_t n;
        int e = 0;

        while (e == 0 && (n = fread(piece, 1, sizeof(piece), stdin)) > 0) {
                e = age_read(r, slice_of(piece, n), &out);
                if (!put_out(&out))
                        return TROUBLE;
        }
        e = age_read_end(r, &out);
        if (!put_out(&out))
                return TROUBLE;
        age_reader_free(r);
        return e < 0 ? TROUBLE : e;
}

static int seal_to(char **recipient, int count)
{
        static struct seal_pub to[AGE_STANZAS_MOST];
        struct age_writer *w;
        BUF_OWNED out = { 0 };

        if (count > AGE_STANZAS_MOST)
                return TROUBLE;
        for (int i = 0; i < count; i++)
                if (!bech32_get_recipient(slice_str(recipient[i]), &to[i]))
                        return TROUBLE;
        if (age_write_x25519(&w, &out, to, (size_t)count))
                return TROUBLE;
        return seal_stream(w, &out);
}

static int open_by(struct slice identities)
{
        struct age_reader *r = age_reader_new();
        struct seal_sec *sec = secret_new(sizeof(*sec));
        struct slice line;

        if (!r || !sec)
                return TROUBLE;
        while (slice_split(&identities, '\n', &line))
                if (line.len && line.at[0] != '#' &&
                    (!bech32_get_identity(line, sec) || age_reader_add_identity(r, sec)))
                        return TROUBLE;
        secret_free(sec);
        return open_stream(r);
}

static int seal_pass(struct slice passphrase)
{
        struct age_writer *w;
        BUF_OWNED out = { 0 };

        if (age_write_scrypt(&w, &out, passphrase, WORK))
                return TROUBLE;
        return seal_stream(w, &out);
}

static int open_pass(struct slice passphrase)
{
        struct age_reader *r = age_reader_new();

        if (!r || age_reader_set_passphrase(r, passphrase))
                return TROUBLE;
        return open_stream(r);
}

int main(int argc, char **argv)
{
        struct slice verb = slice_str(argc > 2 ? argv[1] : NULL);
        uint8_t *at = NULL;
        size_t len = 0;
        int r = TROUBLE;

        if (secret_init())
                return TROUBLE;
        if (slice_is(verb, "seal"))
                return seal_to(argv + 2, argc - 2);
        if (verb.len == 0 || file_read_secret(&at, &len, argv[2], FILE_MOST) != 0)
                return TROUBLE;
        if (slice_is(verb, "open"))
                r = open_by(slice_of(at, len));
        else if (slice_is(verb, "seal-pass"))
                r = seal_pass(slice_of(at, len));
        else if (slice_is(verb, "open-pass"))
                r = open_pass(slice_of(at, len));
        secret_free(at);
        return r;
}
