/* letter_statement.h - what the tests of the statements share: keys, and texts with one thing wrong
 *
 * A text that breaks the grammar is signed anew by the right key, so that it is refused for the
 * grammar and for nothing else. */
#pragma once

#include "letter/statement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* Replace the first @find in the text by @put; an empty @put takes it out. */
struct edit {
        const char *find;
        const char *put;
};

static inline void secret_of(struct sign_sec *sec, const char *label)
{
        const struct seed seed = { "a seed for tests of statements." };

        keys_derive_sign(sec, &seed, label, 0);
}

static inline struct note_key note_key_of(const char *name, const struct sign_sec *sec)
{
        struct note_key key = { 0 };

        memcpy(key.name, name, strlen(name));
        keys_sign_pub(&key.pub, sec);
        return key;
}

/* The text of a note, without its signatures. */
static inline struct slice text_of(const struct buf *note)
{
        struct note n;

        assert_int_equal(note_read(&n, buf_slice(note)), 0);
        return n.text;
}

static inline void edit(struct buf *out, struct slice text, const struct edit *e)
{
        const uint8_t *at = memmem(text.at, text.len, e->find, strlen(e->find));

        assert_non_null(at);
        buf_put(out, slice_of(text.at, (size_t)(at - text.at)));
        buf_puts(out, e->put);
        buf_put(out, slice_from(text, (size_t)(at - text.at) + strlen(e->find)));
}

/* Call @read for each edit of the note's text, signed under @name. Each must give @expected. */
static inline void check_edits(const struct buf *note, const struct edit *edits, size_t count,
                               const char *name, const struct sign_sec *sec, int expected,
                               int (*read)(struct slice))
{
        for (size_t i = 0; i < count; i++) {
                BUF_OWNED text = { 0 };
                BUF_OWNED again = { 0 };
                int r;

                edit(&text, text_of(note), &edits[i]);
                note_sign(&again, buf_slice(&text), name, sec);
                /* What cannot even be signed is no note. */
                r = buf_fault(&again) ? expected : read(buf_slice(&again));
                if (r != expected)
                        fail_msg("edit %zu, \"%s\" to \"%s\": %d, not %d", i, edits[i].find,
                                 edits[i].put, r, expected);
        }
}

/* No byte of a note may change in any bit without it being refused. */
static inline void check_bit_flips(const struct buf *note, int (*read)(struct slice))
{
        BUF_OWNED copy = { 0 };

        buf_put(&copy, buf_slice(note));
        assert_int_equal(read(buf_slice(&copy)), 0);
        for (size_t bit = 0; bit < 8 * copy.len; bit++) {
                copy.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_int_not_equal(read(buf_slice(&copy)), 0);
                copy.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t len = 0; len < copy.len; len++)
                assert_int_not_equal(read(slice_of(copy.at, len)), 0);
}

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
