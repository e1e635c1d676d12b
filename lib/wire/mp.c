/* mp.c - a bounded cursor over msgpack that strangers wrote (P3.2)
 *
 * Every read asks first whether the bytes are there, and takes only the shortest spelling: of any
 * value there is then exactly one encoding, so that equal values are equal bytes. Trouble is sticky
 * and moves the cursor to nowhere, so a loop over a failed cursor ends by itself. */
#include "wire/mp.h"

#include "base/text.h"

/* First bytes, by the msgpack specification. */
enum {
        NIL = 0xc0,
        FALSE = 0xc2,
        TRUE = 0xc3,
        BIN8 = 0xc4,
        EXT8 = 0xc7,
        FLOAT32 = 0xca,
        FLOAT64 = 0xcb,
        UINT8 = 0xcc,
        INT8 = 0xd0,
        FIXEXT1 = 0xd4,
        STR8 = 0xd9,
        ARRAY16 = 0xdc,
        MAP16 = 0xde,
};

struct mp mp_of(struct slice bytes)
{
        return (struct mp){ .at = bytes.at, .end = bytes.len ? bytes.at + bytes.len : bytes.at };
}

bool mp_ok(const struct mp *m)
{
        return !m->trouble;
}

bool mp_end(const struct mp *m)
{
        return !m->trouble && m->at == m->end;
}

void mp_fail(struct mp *m)
{
        m->trouble = true;
        m->at = m->end;
}

static size_t left(const struct mp *m)
{
        return m->end - m->at;
}

static struct slice take(struct mp *m, size_t n)
{
        struct slice s;

        if (n > left(m)) {
                mp_fail(m);
                return slice_of(NULL, 0);
        }
        s = slice_of(m->at, n);
        if (n) /* an empty cursor may stand at NULL, where not even 0 may be added */
                m->at += n;
        return s;
}

/* The next @width bytes, big-endian. */
static uint64_t take_be(struct mp *m, size_t width)
{
        struct slice s = take(m, width);
        uint64_t v = 0;

        for (size_t i = 0; i < s.len; i++)
                v = v << 8 | s.at[i];
        return v;
}

/* A number of 1, 2, 4 or 8 bytes that would not have fitted into fewer, nor below @least, where the
 * next shorter spelling ends. */
static uint64_t take_shortest(struct mp *m, size_t width, uint64_t least)
{
        uint64_t v = take_be(m, width);

        if (width > 1)
                least = (uint64_t)1 << width * 4;
        if (v < least) {
                mp_fail(m);
                return 0;
        }
        return v;
}

static uint8_t first(struct mp *m)
{
        if (m->at == m->end) {
                mp_fail(m);
                return NIL;
        }
        return *m->at++;
}

uint64_t mp_u64(struct mp *m, uint64_t most)
{
        uint8_t b = first(m);
        uint64_t v = b;

        if (b >= UINT8 && b < UINT8 + 4)
                v = take_shortest(m, (size_t)1 << (b - UINT8), 0x80);
        else if (b > 0x7f)
                mp_fail(m);
        if (v > most)
                mp_fail(m);
        return m->trouble ? 0 : v;
}

bool mp_bool(struct mp *m)
{
        uint8_t b = first(m);

        if (b != TRUE && b != FALSE)
                mp_fail(m);
        return b == TRUE;
}

struct slice mp_bin(struct mp *m, size_t least, size_t most)
{
        uint8_t b = first(m);
        uint64_t len = 0;

        if (b >= BIN8 && b < BIN8 + 3)
                len = take_shortest(m, (size_t)1 << (b - BIN8), 0);
        else
                mp_fail(m);
        if (len < least || len > most)
                mp_fail(m);
        return take(m, m->trouble ? 0 : len);
}

/* Most text is ASCII: eight bytes at a time, and a look at the characters only from where it is
 * not. */
static bool is_utf8(struct slice s)
{
        uint64_t eight;

        while (s.len >= sizeof(eight)) {
                memcpy(&eight, s.at, sizeof(eight));
                if (eight & UINT64_C(0x8080808080808080))
                        break;
                s = slice_from(s, sizeof(eight));
        }
        return text_is_utf8(s);
}

static uint64_t str_len(struct mp *m, uint8_t b)
{
        if (b >= 0xa0 && b <= 0xbf)
                return b & 0x1f;
        if (b >= STR8 && b < STR8 + 3)
                return take_shortest(m, (size_t)1 << (b - STR8), 0x20);
        mp_fail(m);
        return 0;
}

struct slice mp_str(struct mp *m, size_t most)
{
        uint64_t len = str_len(m, first(m));
        struct slice s;

        if (len > most)
                mp_fail(m);
        s = take(m, m->trouble ? 0 : len);
        if (!is_utf8(s)) {
                mp_fail(m);
                return slice_of(NULL, 0);
        }
        return s;
}

/* Count in the head of an array or a map: @few is the first byte of the short form. */
static uint64_t count_of(struct mp *m, uint8_t b, uint8_t few, uint8_t head)
{
        if ((b & 0xf0) == few)
                return b & 0x0f;
        /* The 32-bit count must not fit into 16 bits, nor the 16-bit one into the short form. */
        if (b == head)
                return take_be(m, 2);
        if (b == head + 1)
                return take_shortest(m, 4, 0);
        mp_fail(m);
        return 0;
}

static uint32_t count(struct mp *m, uint8_t b, uint8_t few, uint8_t head, size_t per_item)
{
        uint64_t n = count_of(m, b, few, head);

        if (b == head && n < 0x10)
                mp_fail(m);
        /* Each item takes a byte at least, so a count beyond what is left is a lie. */
        if (n * per_item > left(m))
                mp_fail(m);
        return m->trouble ? 0 : (uint32_t)n;
}

uint32_t mp_array(struct mp *m, uint32_t most)
{
        uint32_t n = count(m, first(m), 0x90, ARRAY16, 1);

        if (n > most) {
                mp_fail(m);
                return 0;
        }
        return n;
}

uint32_t mp_map(struct mp *m, uint32_t most)
{
        uint32_t n = count(m, first(m), 0x80, MAP16, 2);

        if (n > most) {
                mp_fail(m);
                return 0;
        }
        return n;
}

/* Behind int8..int64: a negative number that the next shorter spelling could not hold. */
static void skip_negative(struct mp *m, uint8_t b)
{
        size_t width = b == INT8 ? 1 : b == INT8 + 1 ? 2 : b == INT8 + 2 ? 4 : 8;
        uint64_t v = take_be(m, width);
        uint64_t sign = (uint64_t)1 << (width * 8 - 1);
        /* Magnitude minus one, which has no special case for the least value. */
        uint64_t below = (sign - 1) & ~v;
        uint64_t reach = width == 1 ? 32 : (uint64_t)1 << (width * 4 - 1);

        if (!(v & sign) || below < reach)
                mp_fail(m);
}

static void skip_ext(struct mp *m, uint8_t b)
{
        uint64_t len;

        if (b >= FIXEXT1) {
                take(m, ((size_t)1 << (b - FIXEXT1)) + 1);
                return;
        }
        len = take_shortest(m, (size_t)1 << (b - EXT8), 0);
        if (len == 1 || len == 2 || len == 4 || len == 8 || len == 16)
                mp_fail(m);
        take(m, m->trouble ? 0 : len + 1);
}

/* Step over a value, but of a container only over its head: true, and how many values are @inside.
 */
static bool skip_one(struct mp *m, uint64_t *inside)
{
        const uint8_t *at = m->at;
        uint8_t b = first(m);

        if (m->trouble || b <= 0x7f || b >= 0xe0 || b == NIL || b == FALSE || b == TRUE)
                return false;
        if ((b & 0xf0) == 0x80 || b == MAP16 || b == MAP16 + 1) {
                *inside = 2 * (uint64_t)count(m, b, 0x80, MAP16, 2);
                return true;
        }
        if ((b & 0xf0) == 0x90 || b == ARRAY16 || b == ARRAY16 + 1) {
                *inside = count(m, b, 0x90, ARRAY16, 1);
                return true;
        }
        if (b >= INT8 && b < INT8 + 4)
                skip_negative(m, b);
        else if ((b >= EXT8 && b < EXT8 + 3) || (b >= FIXEXT1 && b < FIXEXT1 + 5))
                skip_ext(m, b);
        else if (b == FLOAT32 || b == FLOAT64)
                take(m, b == FLOAT32 ? 4 : 8);
        else {
                m->at = at;
                if (b >= BIN8 && b < BIN8 + 3)
                        mp_bin(m, 0, SIZE_MAX);
                else if (b >= UINT8 && b < UINT8 + 4)
                        mp_u64(m, UINT64_MAX);
                else
                        mp_str(m, SIZE_MAX); /* and 0xc1, which is nothing */
        }
        return false;
}

struct slice mp_skip(struct mp *m)
{
        const uint8_t *from = m->at;
        uint64_t todo[MP_DEPTH_MOST + 1] = { 1 }; /* values still to step over, by depth */
        size_t depth = 0;

        while (!m->trouble) {
                uint64_t inside;

                while (depth && !todo[depth])
                        depth--;
                if (!todo[depth])
                        return slice_of(from, m->at - from);
                todo[depth]--;
                if (!skip_one(m, &inside))
                        continue;
                if (depth == MP_DEPTH_MOST)
                        mp_fail(m);
                else
                        todo[++depth] = inside;
        }
        return slice_of(NULL, 0);
}
