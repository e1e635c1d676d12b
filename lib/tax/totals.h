/* totals.h - the sums of a year by category, for the files of this room */
#pragma once

#include "tax/tax.h"

enum { TOTALS_MOST = 32 };

struct totals {
        struct fumi_tax_total at[TOTALS_MOST]; /* every category, in the order of a return */
        size_t count;
};

/* TAX_SUM when one does not fit; then t->error says which. */
int totals_of(fumi_tax *t, int year, struct totals *out);
/* Has it an entry of that year? */
bool totals_has_year(const struct tax_item *i, int year);
