/* span.c - where a visit starts, the same for every engine */
#include "store/span.h"

static bool begins_with(struct slice key, struct slice prefix)
{
        return slice_eq(slice_upto(key, prefix.len), prefix);
}

/* The least key behind all keys that begin with the prefix: its last byte that can grow, grown.
 * Empty when there is none, for an empty prefix or one of 0xff only. */
static struct slice behind(struct span *s)
{
        size_t n = s->prefix.len;

        while (n && s->prefix.at[n - 1] == 0xff)
                n--;
        if (!n)
                return (struct slice){ 0 };
        memcpy(s->room, s->prefix.at, n);
        s->room[n - 1]++;
        return slice_of(s->room, n);
}

void span_set(struct span *out, struct slice prefix, struct slice from, bool down)
{
        out->prefix = prefix;
        out->down = down;
        out->open = false;
        if (!down) {
                out->start = slice_cmp(from, prefix) > 0 ? from : prefix;
        } else if (from.len && (begins_with(from, prefix) || slice_cmp(from, prefix) < 0)) {
                out->start = from;
        } else {
                /* No @from, or one behind the whole prefix: the prefix's end either way. */
                out->start = behind(out);
                out->open = true;
        }
}

bool span_covers(const struct span *s, struct slice key)
{
        return begins_with(key, s->prefix);
}
