/* slip39_vectors.c - our shares against the official vectors of SLIP-0039
 *
 *      slip39_vectors FILE     (or the file in FUMIBAKO_SLIP39; without one the test is skipped)
 *
 * The file is what slip39_unpack.py wrote. A vector that must be refused may be refused at any
 * share or when they are put together. */
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypt/slip39_mnemonic.h"
#include "crypt/slip39_words.h"

#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED_TEST = 77, FILE_MOST = 1 << 20, SHARES = 16, VECTORS = 45 };

struct vector {
        struct slice name, secret;
        struct slip39_share *share;
        size_t shares;
        int refused; /* reading a share */
};

static int read_share(struct slip39_share *out, struct slice text)
{
        uint16_t words[SLIP39_MNEMONIC_MOST];
        size_t count = 0;
        struct slice word;

        for (;;) {
                bool more = slice_split(&text, ' ', &word);
                int n = slip39_words_find(more ? word : text);

                if (n < 0 || count == SLIP39_MNEMONIC_MOST)
                        return -1;
                words[count++] = (uint16_t)n;
                if (!more)
                        return slip39_mnemonic_read(out, words, count);
        }
}

/* 0, or what is wrong with what became of the vector. */
static const char *judge(const struct vector *v)
{
        SECRET_OWNED struct shamir_value *secret = secret_new(sizeof(*secret));
        uint8_t wanted[SHAMIR_MOST];
        size_t len = v->secret.len / 2;
        int r = v->refused;

        if (!r)
                r = slip39_join(secret, &len, v->share, v->shares, slice_str("TREZOR"));
        if (r < 0)
                return "a fault";
        if (v->secret.len == 0)
                return r ? NULL : "taken, and should have been refused";
        if (r)
                return "refused, and should have been taken";
        if (len != v->secret.len / 2 || !text_get_hex(v->secret, wanted, len))
                return "another length";
        return secret_equal(slice_of(secret->b, len), slice_of(wanted, len)) ? NULL
                                                                             : "another secret";
}

static int say(const struct vector *v, const char *trouble)
{
        printf("%.*s: %s\n", (int)v->name.len, (const char *)v->name.at,
               trouble ? trouble : "held");
        return trouble != NULL;
}

static void take_line(struct vector *v, struct slice line)
{
        if (slice_is(slice_upto(line, 6), "share ")) {
                int r = v->shares < SHARES ? read_share(&v->share[v->shares], slice_from(line, 6))
                                           : 1;

                v->refused = v->refused ? v->refused : r > 0 ? r : -r;
                v->shares++;
        } else if (slice_is(slice_upto(line, 7), "secret ")) {
                v->secret = slice_from(line, 7);
        }
}

static int run(struct slice text)
{
        struct vector v = { .share = secret_new(SHARES * sizeof(*v.share)) };
        int count = 0, bad = 0;
        struct slice line;

        while (slice_split(&text, '\n', &line)) {
                if (!slice_is(slice_upto(line, 7), "vector ")) {
                        take_line(&v, line);
                        continue;
                }
                if (count++)
                        bad += say(&v, judge(&v));
                v = (struct vector){ .share = v.share, .name = slice_from(line, 7) };
        }
        bad += say(&v, judge(&v));
        secret_free(v.share);
        printf("%d vectors, %d not as they should be\n", count, bad);
        return bad || count < VECTORS;
}

int main(int argc, char **argv)
{
        const char *path = argc > 1 ? argv[1] : getenv("FUMIBAKO_SLIP39");
        BUF_OWNED text = { 0 };

        if (!path)
                return SKIPPED_TEST;
        if (secret_init() || file_read(&text, path, FILE_MOST)) {
                printf("%s: cannot be read\n", path);
                return 1;
        }
        return run(buf_slice(&text));
}
