/* text.h - base64, hexadecimal and UTF-8, the letters in which binary things are written down */
#pragma once

#include "base/buf.h"

/* RFC 4648 section 4 with padding, as C2SP notes use it. */
void text_put_base64(struct buf *out, struct slice bytes);
/* The same without padding, as age uses it. */
void text_put_base64_raw(struct buf *out, struct slice bytes);

/* Decode exactly @len bytes. False for anything not canonical (RFC 4648 3.5), of another length or
 * with another padding than asked for. */
bool text_get_base64(struct slice text, uint8_t *out, size_t len);
bool text_get_base64_raw(struct slice text, uint8_t *out, size_t len);
/* The same for bytes of any length, appended to @out. Untouched on false. */
bool text_get_base64_any(struct slice text, struct buf *out);

void text_put_hex(struct buf *out, struct slice bytes);
bool text_get_hex(struct slice text, uint8_t *out, size_t len); /* lower case only */

/* True for well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool text_is_utf8(struct slice s);

/* A decimal number without sign or leading zeros. */
bool text_get_u64(struct slice s, uint64_t *out);

/* @s as a JSON string, quotes included. Bytes that are no UTF-8 become U+FFFD. */
void text_put_json(struct buf *out, struct slice s);
