/* any.h - any valid contents for any table, the same for the same seed */
#pragma once

#include "wire/field_table.h"

struct any {
        uint64_t state;
        void **kept; /* what filled structs borrow from */
        size_t count;
};

void any_begin(struct any *a, uint64_t seed);
void any_end(struct any *a); /* and everything filled with it */

uint64_t any_u64(struct any *a, uint64_t most);
/* @len random bytes. */
uint8_t *any_bytes(struct any *a, size_t len);
/* Fill a struct within its table's limits; optional fields by chance, or @all of them. */
void any_fill(struct any *a, const struct field_table *t, void *out, bool all);

/* Are two structs equal, field by field and down through lists and records? */
bool any_same(const struct field_table *t, const void *x, const void *y);
