/* field_write.c - structs into maps, by the same tables that field.c reads with
 *
 * What we write is our own doing, so a value beyond its table's limits is an assert and no outcome.
 */
#include "wire/field_table.h"

#include "base/text.h"
#include "wire/mp.h"

#include <assert.h>

static bool present(const struct field_entry *f, const uint8_t *in)
{
        return !f->has || *(const bool *)(in + f->has);
}

static void str_write(const struct field_entry *f, struct buf *out, struct slice s)
{
        assert(s.len >= f->least && s.len <= f->most);
        assert(text_is_utf8(s) && field_printable(s, f->type == FIELD_TEXT));
        mp_put_str(out, s);
}

static void bin_write(const struct field_entry *f, struct buf *out, struct slice s, size_t unit)
{
        assert(s.len % unit == 0);
        assert(s.len / unit >= f->least && s.len / unit <= f->most);
        mp_put_bin(out, s);
}

static void items_write(const struct field_entry *f, struct buf *out, struct slice items,
                        uint32_t count)
{
        assert(count >= f->least && count <= f->most);
        assert(items.len >= count);
        mp_put_array(out, count);
        buf_put(out, items);
}

static void value_write(const struct field_entry *f, struct buf *out, const uint8_t *in)
{
        const void *at = in + f->at;

        switch ((enum field_type)f->type) {
        case FIELD_U64:
                assert(*(const uint64_t *)at >= f->least && *(const uint64_t *)at <= f->most);
                mp_put_u64(out, *(const uint64_t *)at);
                break;
        case FIELD_BOOL:
                mp_put_bool(out, *(const bool *)at);
                break;
        case FIELD_STR:
        case FIELD_TEXT:
                str_write(f, out, *(const struct slice *)at);
                break;
        case FIELD_BIN:
                bin_write(f, out, *(const struct slice *)at, 1);
                break;
        case FIELD_FIXED:
        case FIELD_HASH:
                mp_put_bin(out, slice_of(at, f->most));
                break;
        case FIELD_HASHES:
                bin_write(f, out, *(const struct slice *)at, sizeof(struct hash));
                break;
        case FIELD_NUMBERS: {
                const struct field_numbers *n = at;

                items_write(f, out, n->items, n->count);
                break;
        }
        case FIELD_RECORD:
                assert(((const struct slice *)at)->len);
                buf_put(out, *(const struct slice *)at);
                break;
        case FIELD_LIST: {
                const struct field_list *l = at;

                items_write(f, out, l->items, l->count);
                break;
        }
        }
}

uint32_t field_count(const struct field_table *t, const void *in)
{
        uint32_t n = 0;

        for (unsigned i = 0; i < t->count; i++)
                n += present(&t->fields[i], in);
        return n;
}

void field_write_entries(const struct field_table *t, struct buf *out, const void *in)
{
        for (unsigned i = 0; i < t->count; i++) {
                if (!present(&t->fields[i], in))
                        continue;
                mp_put_u64(out, t->fields[i].key);
                value_write(&t->fields[i], out, in);
        }
}

void field_write(const struct field_table *t, struct buf *out, const void *in)
{
        mp_put_map(out, field_count(t, in));
        field_write_entries(t, out, in);
}

void field_numbers_put(struct field_numbers *n, struct buf *items, uint64_t v)
{
        mp_put_u64(items, v);
        if (buf_fault(items))
                return;
        n->items = buf_slice(items);
        n->count++;
}
