/* nta_csv.h - a sender's CSV, as the NTA lays it down, becomes certificates (CSV記載要領)
 *
 * One form a file, at most 10,000 records, CP932. The whole file is read and checked first: every
 * finding of every record is said, and a file with any gives no certificate at all. Then the
 * certificates are made one at a time, so that ten thousand take no more memory than one and the
 * file. */
#pragma once

#include "base/buf.h"
#include "form/doc.h"

enum {
        NTA_CSV_RECORDS_MOST = 10000,
        NTA_CSV_BYTES_MOST = 256 << 20,
        NTA_CSV_VALUE = 96, /* bytes of a finding's excerpt */
};

/* One thing wrong. @code is one of schemas/outcomes.h (700-739); the sentence for a person is its.
 */
struct nta_finding {
        int code;
        unsigned record;           /* from 1; 0: the file as a whole */
        unsigned line;             /* of the file, from 1 */
        unsigned column;           /* from 1, as the NTA counts them; 0: the record as a whole */
        const char *name;          /* of the column, or "" */
        char value[NTA_CSV_VALUE]; /* what stands there, cut and made safe to print; "" when nothing
                                      does */
        /* What was expected or found, in signs that both languages share: "36 > 35", "1, 2, 3", the
         * character and its place "U+2605 ★ #3" (the third). "" when there is nothing to add. */
        char detail[NTA_CSV_VALUE];
};
typedef void (*nta_say)(void *ctx, const struct nta_finding *f);

struct nta_csv;

/* Read and check @path. 0: it passed. Otherwise the number of the first finding's outcome (700-739)
 * after @say heard of each, or -errno; then there is no @out. */
int nta_csv_open(struct nta_csv **out, const char *path, nta_say say, void *ctx);
/* The same for bytes that are copied; for tests and fuzzing. */
int nta_csv_open_bytes(struct nta_csv **out, struct slice bytes, nta_say say, void *ctx);
void nta_csv_free(struct nta_csv *c); /* NULL is fine */

const struct form *nta_csv_form(const struct nta_csv *c);
size_t nta_csv_records(const struct nta_csv *c);
/* Certificates, after grouping: in the order of each one's first record. */
size_t nta_csv_certificates(const struct nta_csv *c);

/* Certificate @i, from 0. The values are UTF-8 and borrowed until the next call or nta_csv_free();
 * root attributes are left to the caller. 0, -ENOMEM. */
int nta_csv_certificate(struct nta_csv *c, size_t i, struct doc *out);
/* Where it comes from: its first record's number and line, and how many records went into it. */
void nta_csv_origin(const struct nta_csv *c, size_t i, unsigned *record, unsigned *line,
                    unsigned *records);
/* Column @column (from 1) of record @n (from 0) of certificate @i, as UTF-8, appended to @out. */
void nta_csv_value(const struct nta_csv *c, size_t i, unsigned n, unsigned column, struct buf *out);
/* Record @n (from 0) of certificate @i, as its bytes stand in the file, without the line's end. A
 * posting run's key follows from these (N5.2). Borrowed as long as @c lives. */
struct slice nta_csv_record(const struct nta_csv *c, size_t i, unsigned n);
