/* mp.h - msgpack, read in place by a bounded cursor, written through msgpack-c
 *
 * The reader is for strangers' bytes: it never allocates, never recurses, accepts only the shortest
 * spelling of every integer, length and header, and remembers the first trouble. Values read after
 * trouble are zero or empty; the one check is mp_end() or mp_ok(). */
#pragma once

#include "base/buf.h"

enum { MP_DEPTH_MOST = 8 };

struct mp {
        const uint8_t *at;
        const uint8_t *end;
        bool trouble;
};

struct mp mp_of(struct slice bytes);
bool mp_ok(const struct mp *m);
bool mp_end(const struct mp *m);                /* all read, no trouble: trailing bytes are trouble too */
void mp_fail(struct mp *m);                     /* trouble that only the caller can see */

uint64_t mp_u64(struct mp *m, uint64_t most);
bool mp_bool(struct mp *m);
struct slice mp_bin(struct mp *m, size_t least, size_t most);
struct slice mp_str(struct mp *m, size_t most); /* well-formed UTF-8 */
uint32_t mp_array(struct mp *m, uint32_t most); /* count of items that follow */
uint32_t mp_map(struct mp *m, uint32_t most);   /* count of key-value pairs that follow */
/* Step over one value of any type, at most MP_DEPTH_MOST deep; gives its bytes. */
struct slice mp_skip(struct mp *m);

/* ---- writing ---- */
void mp_put_u64(struct buf *out, uint64_t v);
void mp_put_bool(struct buf *out, bool v);
void mp_put_bin(struct buf *out, struct slice s);
void mp_put_bin_head(struct buf *out, uint32_t len);    /* the bytes follow by other means */
void mp_put_str(struct buf *out, struct slice s);
void mp_put_array(struct buf *out, uint32_t count);
void mp_put_map(struct buf *out, uint32_t count);
