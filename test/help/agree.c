/* agree.c - the same bytes through two readers */
#include "help/agree.h"

#include "base/text.h"
#include "wire/mp.h"

#include <msgpack.h>

/* Does the cursor read @o, and what is in it? Numbers we have no reader for are stepped over. */
static bool reads_as(struct mp *m, const msgpack_object *o)
{
        switch (o->type) {
        case MSGPACK_OBJECT_BOOLEAN:
                return mp_bool(m) == o->via.boolean && mp_ok(m);
        case MSGPACK_OBJECT_POSITIVE_INTEGER:
                return mp_u64(m, UINT64_MAX) == o->via.u64 && mp_ok(m);
        case MSGPACK_OBJECT_STR:
                return slice_eq(mp_str(m, SIZE_MAX), slice_of(o->via.str.ptr, o->via.str.size)) &&
                       mp_ok(m);
        case MSGPACK_OBJECT_BIN:
                return slice_eq(mp_bin(m, 0, SIZE_MAX),
                                slice_of(o->via.bin.ptr, o->via.bin.size)) &&
                       mp_ok(m);
        case MSGPACK_OBJECT_ARRAY:
                if (mp_array(m, UINT32_MAX) != o->via.array.size || !mp_ok(m))
                        return false;
                for (uint32_t i = 0; i < o->via.array.size; i++)
                        if (!reads_as(m, &o->via.array.ptr[i]))
                                return false;
                return true;
        case MSGPACK_OBJECT_MAP:
                if (mp_map(m, UINT32_MAX) != o->via.map.size || !mp_ok(m))
                        return false;
                for (uint32_t i = 0; i < o->via.map.size; i++)
                        if (!reads_as(m, &o->via.map.ptr[i].key) ||
                            !reads_as(m, &o->via.map.ptr[i].val))
                                return false;
                return true;
        default:
                mp_skip(m);
                return mp_ok(m);
        }
}

/* Is @o something that we promise to read: not too deep, text well-formed? Floats are left out, as
 * msgpack-c turns one kind of not-a-number into another on the way. */
static bool ours(const msgpack_object *o, unsigned depth)
{
        bool container = o->type == MSGPACK_OBJECT_ARRAY || o->type == MSGPACK_OBJECT_MAP;

        if (o->type == MSGPACK_OBJECT_FLOAT32 || o->type == MSGPACK_OBJECT_FLOAT64)
                return false;
        if (o->type == MSGPACK_OBJECT_STR)
                return text_is_utf8(slice_of(o->via.str.ptr, o->via.str.size));
        if (container && depth == MP_DEPTH_MOST)
                return false;
        if (o->type == MSGPACK_OBJECT_ARRAY)
                for (uint32_t i = 0; i < o->via.array.size; i++)
                        if (!ours(&o->via.array.ptr[i], depth + 1))
                                return false;
        if (o->type == MSGPACK_OBJECT_MAP)
                for (uint32_t i = 0; i < o->via.map.size; i++)
                        if (!ours(&o->via.map.ptr[i].key, depth + 1) ||
                            !ours(&o->via.map.ptr[i].val, depth + 1))
                                return false;
        return true;
}

static bool written_as(const msgpack_object *o, struct slice bytes)
{
        msgpack_sbuffer again;
        msgpack_packer pk;
        bool same;

        msgpack_sbuffer_init(&again);
        msgpack_packer_init(&pk, &again, msgpack_sbuffer_write);
        same = msgpack_pack_object(&pk, *o) == 0 &&
               slice_eq(slice_of(again.data, again.size), bytes);
        msgpack_sbuffer_destroy(&again);
        return same;
}

static const char *compare(struct slice bytes, bool accepted, struct slice value,
                           msgpack_unpack_return r, const msgpack_object *o, size_t len)
{
        bool theirs = r == MSGPACK_UNPACK_SUCCESS || r == MSGPACK_UNPACK_EXTRA_BYTES;
        struct mp m = mp_of(value);

        if (accepted && !theirs)
                return "we accept what msgpack-c refuses";
        if (accepted && len != value.len)
                return "the value ends elsewhere";
        if (accepted && (!reads_as(&m, o) || !mp_end(&m)))
                return "the value reads differently";
        if (!accepted && theirs && ours(o, 0) && written_as(o, slice_upto(bytes, len)))
                return "we refuse what is spelled as it should be";
        return NULL;
}

/* msgpack-c makes room for as many items as a head claims before it looks whether they are there.
 * So it gets what we accepted, and of the rest only what cannot claim more than 255. */
static bool bearable(struct slice bytes)
{
        for (size_t i = 0; i < bytes.len; i++) {
                uint8_t b = bytes.at[i];

                if (b == 0xdd || b == 0xdf)
                        return false;
                if ((b == 0xdc || b == 0xde) && i + 1 < bytes.len && bytes.at[i + 1])
                        return false;
        }
        return true;
}

const char *agree_on(struct slice bytes)
{
        struct mp m = mp_of(bytes);
        struct slice value = mp_skip(&m);
        msgpack_unpacked u;
        msgpack_unpack_return r;
        const char *why;
        size_t len = 0;

        if (!mp_ok(&m) && !bearable(bytes))
                return NULL;
        if (mp_ok(&m))
                bytes = value;
        msgpack_unpacked_init(&u);
        r = msgpack_unpack_next(&u, (const char *)bytes.at, bytes.len, &len);
        why = compare(bytes, mp_ok(&m), value, r, &u.data, len);
        msgpack_unpacked_destroy(&u);
        return why;
}
