/* bytes.c - the few slice functions too long for the header */
#include "base/bytes.h"

int slice_cmp(struct slice a, struct slice b)
{
        size_t n = a.len < b.len ? a.len : b.len;
        int r = n ? memcmp(a.at, b.at, n) : 0;

        if (r)
                return r;
        return (a.len > b.len) - (a.len < b.len);
}

bool slice_split(struct slice *rest, uint8_t mark, struct slice *head)
{
        const uint8_t *p = rest->len ? memchr(rest->at, mark, rest->len) : NULL;

        if (!p)
                return false;
        *head = slice_of(rest->at, p - rest->at);
        *rest = slice_from(*rest, head->len + 1);
        return true;
}
