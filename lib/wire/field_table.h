/* field_table.h - what schemac.py writes and field.c walks
 *
 * A table is the shape of one map: its entries in rising order of their keys. Only the generated
 * files, the engine, frame.c and tests that visit every table look inside. */
#pragma once

#include "wire/field.h"

enum field_type {
        FIELD_U64, /* least and most: of the value */
        FIELD_BOOL,
        FIELD_STR, /* least and most: bytes, here and in the next two */
        FIELD_TEXT,
        FIELD_BIN,
        FIELD_FIXED, /* most: the size */
        FIELD_HASH,
        FIELD_HASHES, /* least and most: items, here and in the next two */
        FIELD_NUMBERS,
        FIELD_RECORD,
        FIELD_LIST,
};

enum {
        FIELD_FIRST_SKIPPED = 32,   /* unknown keys: below refused, else skipped (P2.7, P3.4) */
        FIELD_FIRST_OF_MESSAGE = 4, /* a message's keys below belong to frame.c */
        FIELD_KEYS_MOST = 64,       /* keys in one map, the skipped ones counted */
};

struct field_entry {
        uint8_t key;
        uint8_t type;
        uint16_t at;  /* offset of the member */
        uint16_t has; /* offset of has_NAME; 0 for a field that must be there */
        uint32_t least;
        uint64_t most;
        const struct field_table *of; /* records and lists */
        const char *name;
};

struct field_table {
        const char *name;
        const struct field_entry *fields;
        uint16_t count;
        uint16_t size; /* of the struct */
};

/* No control characters (U+0000-001F, U+007F): they would let a stranger draw on our terminals and
 * break our lines of text. */
bool field_printable(struct slice s, bool newlines);

/* How many fields of @in are there, and those fields without the map's head: for frame.c, which
 * puts its own keys before them. */
uint32_t field_count(const struct field_table *t, const void *in);
void field_write_entries(const struct field_table *t, struct buf *out, const void *in);
