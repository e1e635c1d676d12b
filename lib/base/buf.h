/* buf.h - a growing run of bytes with a sticky fault
 *
 * Writers append without looking; the one check is buf_fault() at the end. After a fault every
 * further append does nothing. A zeroed struct is an empty buffer. Not shared between threads. */
#pragma once

#include "base/bytes.h"

struct buf {
        uint8_t *at;
        size_t len;
        size_t cap;
        int fault; /* 0, -ENOMEM, or what a writer left who refused the value */
};

void buf_free(struct buf *b);  /* and zeroes the struct */
void buf_clear(struct buf *b); /* empty, memory kept, fault forgotten */
void buf_put(struct buf *b, struct slice s);
void buf_putc(struct buf *b, uint8_t c);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* @n bytes of room at the end, counted as written; NULL after a fault. Valid until the next append.
 */
uint8_t *buf_extend(struct buf *b, size_t n);

/* A terminator behind the bytes (not counted), so that @b->at may be read as a C string. */
const char *buf_cstr(struct buf *b);

static inline struct slice buf_slice(const struct buf *b)
{
        return (struct slice){ b->at, b->len };
}

static inline int buf_fault(const struct buf *b)
{
        return b->fault;
}

#define BUF_OWNED __attribute__((cleanup(buf_free))) struct buf
