/* ledger.h - numbered batches whose every row follows from their number, to be checked after a
 * crash
 *
 * Batch n appends rows to one table, puts a body into another, takes away the body of batch n -
 * KEPT (so that pages are used again) and notes n as the last. */
#pragma once

#include "world.h"

int ledger_write(struct store *s,
                 uint64_t batch); /* what store_commit said, or whatever came before */

uint64_t ledger_last(struct world *w); /* the last batch kept; 0 for none */
/* Every batch up to @last is there with all its rows, and not one row more. */
void ledger_check(struct world *w, uint64_t last);
