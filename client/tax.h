/* tax.h - what the commands about tax certificates share */
#pragma once

#include "client/client.h"
#include "fumibako_tax.h"

struct tax_collected {
        struct cli *c;
        fumi_tax *t;
        struct buf refused; /* letters that did not open, as a JSON list's inside */
        size_t refusals;
};

/* The files and folders named from argument @first on, or without any the mailbox's letters; judged
 * as --anchors, --crls and --at say. Letters that do not open have been told of. Exit code or 0. */
int tax_collect(struct cli *c, int first, struct tax_collected *out);
void tax_collected_free(struct tax_collected *x);
#define TAX_COLLECTED_OWNED __attribute__((cleanup(tax_collected_free))) struct tax_collected

/* --year; 0 when it is not given. A bad one ends the program. */
int tax_year(struct cli *c);

/* ---- tax_print.c ---- */

/* "1,234,567 円", in @columns from the right */
void tax_print_amount(struct buf *out, int64_t amount, size_t columns);
/* The category's sums of a year, a line each; nothing when nothing counts. 0 or a result of the
 * library's. */
int tax_print_totals(struct buf *out, fumi_tax *t, int year);
int tax_json_totals(struct buf *out, fumi_tax *t, int year);
/* A certificate and its entries of the year. 0: all of them. */
void tax_print_certificate(struct buf *out, const struct fumi_certificate *c, int year);

/* What a file is that is often taken for a certificate, and what to do with it; NULL: nothing that
 * is known. */
const char *tax_guess(struct slice bytes);
