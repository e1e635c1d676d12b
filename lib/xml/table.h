/* table.h - values against the table of their form: is all of it there, and of its kind? (N3.3) */
#pragma once

#include "xml/contents.h"

/* Elements: those that have to be there, how often, in which order; parts likewise. */
void table_elements_hold(const struct contents *c, struct findings *f);

/* Values: kinds, lengths, characters, codes; then what no schema says: days that exist, check
 * digits, months in order. */
void table_values_hold(const struct contents *c, struct findings *f);
