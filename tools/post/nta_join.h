/* nta_join.h - certificates meet addresses: which column is looked up, and who is not found (N5.1)
 */
#pragma once

#include "post/nta.h"
#include "post/nta_map.h"

/* The column of @f that holds the numbers: @by (its number or name), or, when NULL, the first that
 * goes into the number of the form's first entry. 0 after saying why there is none. */
unsigned nta_join_column(struct cli *c, const struct form *f, const char *by);

/* The address of each certificate into @to, NULL for one without; @missing of them are listed on
 * standard error, but not with --json. The records of a certificate may carry several numbers: the
 * mapping has to lead those that it knows to one address. 0, or an exit code after saying which do
 * not. */
int nta_join(const struct nta *n, struct nta_map *m, unsigned column, const char **to,
             size_t *missing);
