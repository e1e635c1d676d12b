/* field.h - one engine that walks the tables of schemas/messages.toml and rows.toml
 *
 * For every record R schemac.py gives `struct R { ... }` and `extern const struct field_table R_table`
 * (schemas/messages.h and rows.h in the build folder; requests: struct ask_VERB and answer_VERB with
 * ask_VERB_table and answer_VERB_table; rows: struct row_NAME and row_NAME_table).
 *
 *   u64      uint64_t name              fixed     uint8_t name[size]
 *   bool     bool name                  hash      struct hash name
 *   str/text/bin  struct slice name     hashes    struct slice name (32 bytes each)
 *   numbers  struct field_numbers name  list      struct field_list name
 *   record   struct slice name (encoded; read it with its own table)
 *   optional fields also have: bool has_name
 *
 * Slices borrow from the bytes that were read. Reading never allocates. */
#pragma once

#include "base/buf.h"

struct field_table;

enum { FIELD_NUMBERS_MOST = 256 };

/* A list as it lies in the message: validated by field_read, walked by field_list_next. To write one,
 * append the items with field_write to a buffer and set both members. */
struct field_list {
        struct slice items;             /* encoded items, one after the other, without the array header */
        uint32_t count;
};

/* The same for an array of integers. */
struct field_numbers {
        struct slice items;
        uint32_t count;
};

enum field_outcome { FIELD_MALFORMED = 1 };

/* The first thing wrong: "letters[3].header"; a key nobody knows as its number: "letters[3].31"; empty
 * when the message as a whole is no map, has bytes behind it, or has more than 64 keys. */
struct field_trouble {
        char where[96];
};

/* Fill the struct from one encoded map, validating everything inside it (types, limits, rising keys,
 * nothing missing, nothing unknown below 32, nothing behind it). @out is zeroed first and must not be
 * used unless the result is 0. @why may be NULL. */
int field_read(const struct field_table *t, struct slice bytes, void *out, struct field_trouble *why);
/* As field_read, skipping the message keys 0-3 (verb, number, code, where). */
int field_read_message(const struct field_table *t, struct slice bytes, void *out, struct field_trouble *why);

/* Append the struct as a map. Asserts that it keeps the table's limits: our own messages are right. */
void field_write(const struct field_table *t, struct buf *out, const void *in);

/* Next item of a list that field_read accepted; false at the end. @l is a walking copy. */
bool field_list_next(struct field_list *l, const struct field_table *of, void *item);
bool field_numbers_next(struct field_numbers *n, uint64_t *v);
/* Append a number to an array being built in @items; sets @n to what is in there. The caller looks at
 * buf_fault(@items) before the array is written. */
void field_numbers_put(struct field_numbers *n, struct buf *items, uint64_t v);
