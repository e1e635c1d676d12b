/* bytes.h - slices: bytes travel as one value, never pointer and length apart
 *
 * A slice borrows. Whoever made it says how long the bytes live. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
        const uint8_t *at;
        size_t len;
};

/* Thirty-two bytes that are a SHA-256 value: letter ids, digests, tree hashes. */
struct hash {
        uint8_t b[32];
};

static inline struct slice slice_of(const void *at, size_t len)
{
        return (struct slice){ at, len };
}

/* The bytes of a string, without its terminator. NULL gives the empty slice. */
static inline struct slice slice_str(const char *s)
{
        return (struct slice){ (const uint8_t *)s, s ? strlen(s) : 0 };
}

static inline struct slice slice_hash(const struct hash *h)
{
        return (struct slice){ h->b, sizeof(h->b) };
}

/* Equality for public bytes. Secrets are compared by secret_equal(). */
static inline bool slice_eq(struct slice a, struct slice b)
{
        return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *s)
{
        return slice_eq(a, slice_str(s));
}

static inline bool hash_eq(const struct hash *a, const struct hash *b)
{
        return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

/* @s without its first @n bytes; @n beyond the end gives the empty slice. */
static inline struct slice slice_from(struct slice s, size_t n)
{
        if (n > s.len)
                n = s.len;
        return (struct slice){ s.at + n, s.len - n };
}

static inline struct slice slice_upto(struct slice s, size_t n)
{
        return (struct slice){ s.at, n < s.len ? n : s.len };
}

/* Order as memcmp, a prefix before what it begins. */
int slice_cmp(struct slice a, struct slice b);

/* Take the bytes of @rest before the first @mark into @head and step @rest behind the mark.
 * False, and nothing moved, when there is no @mark. */
bool slice_split(struct slice *rest, uint8_t mark, struct slice *head);

/* Big-endian integers, as keys and frames use them. */
static inline void put_be32(uint8_t *at, uint32_t v)
{
        at[0] = v >> 24, at[1] = v >> 16, at[2] = v >> 8, at[3] = v;
}

static inline void put_be64(uint8_t *at, uint64_t v)
{
        put_be32(at, v >> 32);
        put_be32(at + 4, v);
}

static inline uint32_t get_be32(const uint8_t *at)
{
        return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint64_t get_be64(const uint8_t *at)
{
        return (uint64_t)get_be32(at) << 32 | get_be32(at + 4);
}
