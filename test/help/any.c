/* any.c - random contents, leaning towards the limits where things break */
#include "help/any.h"

#include <assert.h>
#include <stdlib.h>

void any_begin(struct any *a, uint64_t seed)
{
        *a = (struct any){ .state = seed * 2 + 1 };
}

void any_end(struct any *a)
{
        for (size_t i = 0; i < a->count; i++)
                free(a->kept[i]);
        free(a->kept);
        *a = (struct any){ 0 };
}

/* splitmix64 */
static uint64_t next(struct any *a)
{
        uint64_t z = a->state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

uint64_t any_u64(struct any *a, uint64_t most)
{
        return most == UINT64_MAX ? next(a) : next(a) % (most + 1);
}

static void *keep(struct any *a, void *p)
{
        a->kept = realloc(a->kept, (a->count + 1) * sizeof(*a->kept));
        assert(a->kept);
        a->kept[a->count++] = p;
        return p;
}

uint8_t *any_bytes(struct any *a, size_t len)
{
        uint8_t *at = keep(a, malloc(len + 1));

        assert(at);
        for (size_t i = 0; i < len; i++)
                at[i] = (uint8_t)next(a);
        return at;
}

/* One of: the least, the most if that is not much, something near the least. */
static size_t any_len(struct any *a, size_t least, size_t most)
{
        size_t near = most - least > 40 ? 40 : most - least;

        switch (any_u64(a, 3)) {
        case 0:
                return least;
        case 1:
                return most <= 4096 ? most : least + near;
        default:
                return least + any_u64(a, near);
        }
}

/* A value of any width: all sizes of msgpack integers come up. */
static uint64_t any_wide(struct any *a, uint64_t least, uint64_t most)
{
        uint64_t v = next(a) >> any_u64(a, 63);

        if (any_u64(a, 9) == 0)
                return most;
        return v < least || v > most ? least + any_u64(a, most - least) : v;
}

static struct slice any_text(struct any *a, size_t len, bool newlines)
{
        static const char *const wide[] = { "\u00e9", "\u8a3c", "\U00020bb7" };
        uint8_t *at = any_bytes(a, len);

        for (size_t i = 0; i < len;) {
                struct slice w = slice_str(wide[any_u64(a, 2)]);

                if (any_u64(a, 5) == 0 && w.len <= len - i) {
                        memcpy(at + i, w.at, w.len);
                        i += w.len;
                } else if (newlines && any_u64(a, 9) == 0) {
                        at[i++] = '\n';
                } else {
                        at[i++] = (uint8_t)(' ' + any_u64(a, '~' - ' '));
                }
        }
        return slice_of(at, len);
}

static struct slice any_record(struct any *a, const struct field_table *t, size_t count, bool all)
{
        BUF_OWNED items = { 0 };
        uint8_t *kept;
        void *item = keep(a, calloc(1, t->size));

        for (size_t i = 0; i < count; i++) {
                any_fill(a, t, item, all);
                field_write(t, &items, item);
        }
        kept = any_bytes(a, items.len);
        if (items.len)
                memcpy(kept, items.at, items.len);
        return slice_of(kept, items.len);
}

static struct field_numbers any_numbers(struct any *a, size_t count)
{
        struct field_numbers n = { 0 };
        BUF_OWNED items = { 0 };
        uint8_t *kept;

        while (count--)
                field_numbers_put(&n, &items, any_wide(a, 0, UINT64_MAX));
        kept = any_bytes(a, items.len);
        if (items.len)
                memcpy(kept, items.at, items.len);
        n.items.at = kept;
        return n;
}

static void any_value(struct any *a, const struct field_entry *f, void *at, bool all)
{
        size_t len;

        switch ((enum field_type)f->type) {
        case FIELD_U64:
                *(uint64_t *)at = any_wide(a, f->least, f->most);
                break;
        case FIELD_BOOL:
                *(bool *)at = any_u64(a, 1);
                break;
        case FIELD_STR:
        case FIELD_TEXT:
                len = any_len(a, f->least, f->most);
                *(struct slice *)at = any_text(a, len, f->type == FIELD_TEXT);
                break;
        case FIELD_BIN:
                len = any_len(a, f->least, f->most);
                *(struct slice *)at = slice_of(any_bytes(a, len), len);
                break;
        case FIELD_FIXED:
        case FIELD_HASH:
                memcpy(at, any_bytes(a, f->most), f->most);
                break;
        case FIELD_HASHES:
                len = any_len(a, f->least, f->most) * sizeof(struct hash);
                *(struct slice *)at = slice_of(any_bytes(a, len), len);
                break;
        case FIELD_NUMBERS:
                *(struct field_numbers *)at = any_numbers(a, any_len(a, f->least, f->most));
                break;
        case FIELD_RECORD:
                *(struct slice *)at = any_record(a, f->of, 1, all);
                break;
        case FIELD_LIST:
                len = f->least + any_u64(a, f->most - f->least > 3 ? 3 : f->most - f->least);
                *(struct field_list *)at =
                        (struct field_list){ any_record(a, f->of, len, all), (uint32_t)len };
                break;
        }
}

void any_fill(struct any *a, const struct field_table *t, void *out, bool all)
{
        uint8_t *at = out;

        memset(out, 0, t->size);
        for (unsigned i = 0; i < t->count; i++) {
                const struct field_entry *f = &t->fields[i];
                bool there = !f->has || all || any_u64(a, 1);

                if (f->has)
                        *(bool *)(at + f->has) = there;
                if (there)
                        any_value(a, f, at + f->at, all);
        }
}

static bool same_lists(const struct field_table *of, struct field_list x, struct field_list y)
{
        void *a = calloc(1, of->size);
        void *b = calloc(1, of->size);
        bool same = x.count == y.count;

        assert(a && b);
        while (same && field_list_next(&x, of, a))
                same = field_list_next(&y, of, b) && any_same(of, a, b);
        free(a);
        free(b);
        return same && !x.count && !y.count;
}

static bool same_numbers(struct field_numbers x, struct field_numbers y)
{
        uint64_t a, b;

        while (field_numbers_next(&x, &a))
                if (!field_numbers_next(&y, &b) || a != b)
                        return false;
        return !y.count;
}

static bool same_value(const struct field_entry *f, const uint8_t *x, const uint8_t *y)
{
        switch ((enum field_type)f->type) {
        case FIELD_U64:
                return *(const uint64_t *)x == *(const uint64_t *)y;
        case FIELD_BOOL:
                return *(const bool *)x == *(const bool *)y;
        case FIELD_FIXED:
        case FIELD_HASH:
                return memcmp(x, y, f->most) == 0;
        case FIELD_NUMBERS:
                return same_numbers(*(const struct field_numbers *)x,
                                    *(const struct field_numbers *)y);
        case FIELD_LIST:
                return same_lists(f->of, *(const struct field_list *)x,
                                  *(const struct field_list *)y);
        case FIELD_RECORD:
                return same_lists(f->of, (struct field_list){ *(const struct slice *)x, 1 },
                                  (struct field_list){ *(const struct slice *)y, 1 });
        default:
                return slice_eq(*(const struct slice *)x, *(const struct slice *)y);
        }
}

bool any_same(const struct field_table *t, const void *x, const void *y)
{
        const uint8_t *a = x, *b = y;

        for (unsigned i = 0; i < t->count; i++) {
                const struct field_entry *f = &t->fields[i];
                bool in_x = !f->has || *(const bool *)(a + f->has);
                bool in_y = !f->has || *(const bool *)(b + f->has);

                if (in_x != in_y || (in_x && !same_value(f, a + f->at, b + f->at)))
                        return false;
        }
        return true;
}
