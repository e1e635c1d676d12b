/* summary.h - an export's tables: what was found, entry by entry, and the sums (N4.5) */
#pragma once

#include "tax/totals.h"

struct summary {
        fumi_tax *t;
        int year;
        char *const *name; /* of the file of each certificate, or NULL */
        const struct totals *totals;
};

/* Certificates that have an entry of the year, and those that have none of any. */
bool summary_has(const struct summary *s, const struct tax_item *i);

/* ---- summary_csv.c: for a spreadsheet ---- */
void summary_csv(struct buf *out, const struct summary *s);

/* ---- summary_json.c: for a program ---- */
void summary_json(struct buf *out, const struct summary *s);
/* One certificate with its entries of @year (0: all), as an object. @file NULL: in no export. */
void summary_json_certificate(struct buf *out, const struct fumi_certificate *c, int year,
                              const char *file);
void summary_json_total(struct buf *out, const struct fumi_tax_total *t);

/* ---- summary_word.c: the enums of fumibako_tax.h ---- */
struct summary_word {
        const char *id; /* for programs */
        const char *english, *japanese;
};
const struct summary_word *summary_state(enum fumi_tax_state s);
const struct summary_word *summary_integrity(enum fumi_tax_integrity i);
const struct summary_word *summary_issuer(enum fumi_tax_issuer i);
const struct summary_word *summary_revocation(enum fumi_tax_revocation r);
const struct summary_word *summary_sender(enum fumi_tax_sender s);
