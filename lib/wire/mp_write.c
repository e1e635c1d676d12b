/* mp_write.c - msgpack written by msgpack-c, which always takes the shortest spelling */
#include "wire/mp.h"

#include <assert.h>
#include <msgpack/pack.h>

/* msgpack-c would stop at a failed write; struct buf remembers the fault by itself. */
static int append(void *out, const char *bytes, size_t len)
{
        buf_put(out, slice_of(bytes, len));
        return 0;
}

static msgpack_packer packer(struct buf *out)
{
        msgpack_packer pk;

        msgpack_packer_init(&pk, out, append);
        return pk;
}

void mp_put_u64(struct buf *out, uint64_t v)
{
        msgpack_packer pk = packer(out);

        msgpack_pack_uint64(&pk, v);
}

void mp_put_bool(struct buf *out, bool v)
{
        msgpack_packer pk = packer(out);

        if (v)
                msgpack_pack_true(&pk);
        else
                msgpack_pack_false(&pk);
}

void mp_put_bin_head(struct buf *out, uint32_t len)
{
        msgpack_packer pk = packer(out);

        msgpack_pack_bin(&pk, len);
}

void mp_put_bin(struct buf *out, struct slice s)
{
        assert(s.len <= UINT32_MAX);
        mp_put_bin_head(out, (uint32_t)s.len);
        buf_put(out, s);
}

void mp_put_str(struct buf *out, struct slice s)
{
        msgpack_packer pk = packer(out);

        assert(s.len <= UINT32_MAX);
        msgpack_pack_str(&pk, s.len);
        buf_put(out, s);
}

void mp_put_array(struct buf *out, uint32_t count)
{
        msgpack_packer pk = packer(out);

        msgpack_pack_array(&pk, count);
}

void mp_put_map(struct buf *out, uint32_t count)
{
        msgpack_packer pk = packer(out);

        msgpack_pack_map(&pk, count);
}
