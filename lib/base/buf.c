/* buf.c - a growing run of bytes with a sticky fault */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_free(struct buf *b)
{
        free(b->at);
        *b = (struct buf){ 0 };
}

void buf_clear(struct buf *b)
{
        b->len = 0;
        b->fault = 0;
}

/* Room for @n more bytes, doubling so that a long run of appends stays linear. */
static bool buf_room(struct buf *b, size_t n)
{
        size_t cap = b->cap ? b->cap : 256;
        uint8_t *at;

        if (b->fault)
                return false;
        if (n <= b->cap - b->len)
                return true;
        if (n > SIZE_MAX / 4 - b->len) {
                b->fault = -ENOMEM;
                return false;
        }
        while (cap < b->len + n)
                cap *= 2;
        at = realloc(b->at, cap);
        if (!at) {
                b->fault = -ENOMEM;
                return false;
        }
        b->at = at;
        b->cap = cap;
        return true;
}

uint8_t *buf_extend(struct buf *b, size_t n)
{
        if (!buf_room(b, n))
                return NULL;
        b->len += n;
        return b->at + b->len - n;
}

void buf_put(struct buf *b, struct slice s)
{
        uint8_t *at;

        if (s.len == 0)
                return;
        at = buf_extend(b, s.len);
        if (at)
                memcpy(at, s.at, s.len);
}

void buf_putc(struct buf *b, uint8_t c)
{
        buf_put(b, slice_of(&c, 1));
}

void buf_puts(struct buf *b, const char *s)
{
        buf_put(b, slice_str(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(NULL, 0, fmt, ap);
        va_end(ap);
        if (n < 0 || !buf_room(b, (size_t)n + 1)) {
                if (!b->fault)
                        b->fault = -ENOMEM;
                return;
        }
        va_start(ap, fmt);
        vsnprintf((char *)b->at + b->len, (size_t)n + 1, fmt, ap);
        va_end(ap);
        b->len += (size_t)n;
}

const char *buf_cstr(struct buf *b)
{
        if (!buf_room(b, 1))
                return "";
        b->at[b->len] = 0;
        return (const char *)b->at;
}
