/* field.c - the one engine between maps on the wire and structs (P3.1, P3.3, P3.4)
 *
 * Reading is a merge of two rising sequences, the keys that came and the entries of the table: each
 * is looked at once, whatever is in one and not in the other is either skipped, missing or wrong.
 * What lies inside lists and records is walked by the same function without a struct to fill, so
 * that a caller who got 0 may trust every byte below and field_list_next cannot fail.
 *
 * The engine calls itself once for every level of records, which the schema (schemac.py: four) and
 * not the stranger decides. The path to the first thing wrong is put together on the way back. */
#include "wire/field_table.h"

#include "wire/mp.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static bool map_read(struct mp *m, const struct field_table *t, unsigned from, uint8_t *out,
                     struct field_trouble *why);

/* Put @part before what @why says already, with a full stop between. What does not fit is cut off
 * at the end: the beginning of a path is what a person looks for first. Gives false, as all
 * refusals. */
static bool blame(struct field_trouble *why, const char *part)
{
        char rest[sizeof(why->where)];

        if (!why)
                return false;
        memcpy(rest, why->where, sizeof(rest));
        snprintf(why->where, sizeof(why->where), "%.60s%s%.30s", part,
                 rest[0] && rest[0] != '[' ? "." : "", rest);
        return false;
}

static bool blame_key(struct field_trouble *why, uint64_t key)
{
        char number[24];

        snprintf(number, sizeof(number), "%" PRIu64, key);
        return blame(why, number);
}

static bool blame_item(struct field_trouble *why, uint32_t index)
{
        char number[16];

        snprintf(number, sizeof(number), "[%" PRIu32 "]", index);
        return blame(why, number);
}

bool field_printable(struct slice s, bool newlines)
{
        for (size_t i = 0; i < s.len; i++)
                if ((s.at[i] < 0x20 && !(newlines && s.at[i] == '\n')) || s.at[i] == 0x7f)
                        return false;
        return true;
}

static bool str_read(struct mp *m, const struct field_entry *f, struct slice *out)
{
        *out = mp_str(m, f->most);
        return mp_ok(m) && out->len >= f->least && field_printable(*out, f->type == FIELD_TEXT);
}

static bool fixed_read(struct mp *m, const struct field_entry *f, uint8_t *out)
{
        struct slice s = mp_bin(m, f->most, f->most);

        if (out && mp_ok(m))
                memcpy(out, s.at, s.len);
        return mp_ok(m);
}

static bool hashes_read(struct mp *m, const struct field_entry *f, struct slice *out)
{
        *out = mp_bin(m, (size_t)f->least * sizeof(struct hash), f->most * sizeof(struct hash));
        return mp_ok(m) && out->len % sizeof(struct hash) == 0;
}

static bool numbers_read(struct mp *m, const struct field_entry *f, struct field_numbers *out)
{
        const uint8_t *at;

        out->count = mp_array(m, (uint32_t)f->most);
        at = m->at;
        for (uint32_t i = 0; i < out->count; i++)
                mp_u64(m, UINT64_MAX);
        out->items = slice_of(at, m->at - at);
        return mp_ok(m) && out->count >= f->least;
}

static bool list_read(struct mp *m, const struct field_entry *f, struct field_list *out,
                      struct field_trouble *why)
{
        const uint8_t *at;

        out->count = mp_array(m, (uint32_t)f->most);
        at = m->at;
        for (uint32_t i = 0; i < out->count; i++)
                if (!map_read(m, f->of, 0, NULL, why))
                        return blame_item(why, i);
        out->items = slice_of(at, m->at - at);
        return mp_ok(m) && out->count >= f->least;
}

static bool record_read(struct mp *m, const struct field_entry *f, struct slice *out,
                        struct field_trouble *why)
{
        const uint8_t *at = m->at;

        if (!map_read(m, f->of, 0, NULL, why))
                return false;
        *out = slice_of(at, m->at - at);
        return true;
}

/* One value. Without a struct (@out NULL) the value is only judged. */
static bool value_read(struct mp *m, const struct field_entry *f, uint8_t *out,
                       struct field_trouble *why)
{
        /* Where the value goes when nobody wants it. */
        union {
                uint64_t number;
                bool yes;
                struct slice bytes;
                struct field_list list;
                struct field_numbers numbers;
        } unwanted;
        void *at = out ? (void *)(out + f->at) : &unwanted;

        switch ((enum field_type)f->type) {
        case FIELD_U64:
                *(uint64_t *)at = mp_u64(m, f->most);
                return mp_ok(m) && *(uint64_t *)at >= f->least;
        case FIELD_BOOL:
                *(bool *)at = mp_bool(m);
                return mp_ok(m);
        case FIELD_STR:
        case FIELD_TEXT:
                return str_read(m, f, at);
        case FIELD_BIN:
                *(struct slice *)at = mp_bin(m, f->least, f->most);
                return mp_ok(m);
        case FIELD_FIXED:
        case FIELD_HASH:
                return fixed_read(m, f, out ? at : NULL);
        case FIELD_HASHES:
                return hashes_read(m, f, at);
        case FIELD_NUMBERS:
                return numbers_read(m, f, at);
        case FIELD_RECORD:
                return record_read(m, f, at, why);
        case FIELD_LIST:
                return list_read(m, f, at, why);
        }
        assert(!"a type that schemac.py does not write");
        return false;
}

/* Step over the entries that lie before @key, or all that are left: none of them may be needed. */
static bool pass_missing(const struct field_table *t, unsigned *next, uint64_t key,
                         struct field_trouble *why)
{
        for (; *next < t->count && t->fields[*next].key < key; (*next)++)
                if (!t->fields[*next].has)
                        return blame(why, t->fields[*next].name);
        return true;
}

/* The name of a key, for keys that came where they should not. */
static bool blame_order(const struct field_table *t, uint64_t key, struct field_trouble *why)
{
        for (unsigned i = 0; i < t->count; i++)
                if (t->fields[i].key == key)
                        return blame(why, t->fields[i].name);
        return blame_key(why, key);
}

/* One map by its table; keys below @from belong to somebody else and are stepped over. */
static bool map_read(struct mp *m, const struct field_table *t, unsigned from, uint8_t *out,
                     struct field_trouble *why)
{
        uint32_t keys = mp_map(m, FIELD_KEYS_MOST);
        uint64_t least = 0;
        unsigned next = 0;

        while (keys--) {
                uint64_t key = mp_u64(m, UINT64_MAX - 1);
                const struct field_entry *f;

                if (!mp_ok(m))
                        return false;
                if (key < least)
                        return blame_order(t, key, why);
                least = key + 1;
                if (!pass_missing(t, &next, key, why))
                        return false;
                f = next < t->count && t->fields[next].key == key ? &t->fields[next++] : NULL;
                if (!f && key >= from && key < FIELD_FIRST_SKIPPED)
                        return blame_key(why, key);
                if (!f)
                        mp_skip(m);
                else if (!value_read(m, f, out, why))
                        return blame(why, f->name);
                else if (f->has && out)
                        *(bool *)(out + f->has) = true;
                if (!mp_ok(m))
                        return blame_key(why, key);
        }
        return mp_ok(m) && pass_missing(t, &next, UINT64_MAX, why);
}

static int read_from(const struct field_table *t, struct slice bytes, unsigned from, void *out,
                     struct field_trouble *why)
{
        struct mp m = mp_of(bytes);

        if (why)
                why->where[0] = 0;
        memset(out, 0, t->size);
        return map_read(&m, t, from, out, why) && mp_end(&m) ? 0 : FIELD_MALFORMED;
}

int field_read(const struct field_table *t, struct slice bytes, void *out,
               struct field_trouble *why)
{
        return read_from(t, bytes, 0, out, why);
}

int field_read_message(const struct field_table *t, struct slice bytes, void *out,
                       struct field_trouble *why)
{
        return read_from(t, bytes, FIELD_FIRST_OF_MESSAGE, out, why);
}

bool field_list_next(struct field_list *l, const struct field_table *of, void *item)
{
        struct mp m = mp_of(l->items);

        if (!l->count)
                return false;
        memset(item, 0, of->size);
        if (!map_read(&m, of, 0, item, NULL))
                assert(!"field_read accepted this list");
        l->items = slice_of(m.at, m.end - m.at);
        l->count--;
        return true;
}

bool field_numbers_next(struct field_numbers *n, uint64_t *v)
{
        struct mp m = mp_of(n->items);

        if (!n->count)
                return false;
        *v = mp_u64(&m, UINT64_MAX);
        assert(mp_ok(&m));
        n->items = slice_of(m.at, m.end - m.at);
        n->count--;
        return true;
}
