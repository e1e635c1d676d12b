/* tax.h - a collection of certificates, for the files of this room
 *
 *      bytes, files, ZIPs, letters -> item.c: judged, its facts and bytes kept
 *      all items                   -> settle.c: what counts, what is there twice, what is
 * superseded what counts                 -> totals.c, export.c
 *
 * What was judged is not kept but its outcome: ten thousand certificates are their bytes and a few
 * strings each. States depend on all items together, so they are settled when somebody asks. */
#pragma once

#include "base/buf.h"
#include "tax/facts.h"
#include "xml/judge.h"

enum {
        TAX_WHY = 512,
        TAX_REMARKS = 2, /* findings that settling adds to a certificate, at most */
        TAX_CERTIFICATES_MOST = 200000,
        TAX_BYTES_MOST = 1 << 30, /* of all certificates of a collection */
};

/* Where a certificate's bytes come from. Everything is borrowed. */
struct tax_source {
        const char *name;
        struct slice bytes;
        int refused;           /* an outcome: it could not be read at all, and @bytes is empty */
        const fumi_id *letter; /* NULL: out of no letter */
        const char *from, *from_name, *from_number;
};

struct tax_item {
        struct fumi_certificate c;
        struct keep keep;
        struct facts facts;
        struct fumi_tax_finding *finding; /* room for @judged and TAX_REMARKS more */
        size_t judged;
        const char *made_by;  /* sakuseiNM; "" */
        struct hash contents; /* of what it says, whoever signed it under whatever id */
        int against;          /* 0, or the outcome that keeps it out of every sum (N4.4) */
        bool contradicted; /* its sender or signer is known to be another than its issuer (N4.3) */
        bool vouched;      /* its sender or signer is known to be its issuer */
        bool ahead;        /* it is of a day that has not come yet */
        uint8_t *bytes;
        struct tax_item *duplicate; /* what settling found it to be the same as; NULL */
};

struct fumi_tax {
        struct judge *judge;
        bool anchors;
        instant at; /* of judging; 0: now */
        struct tax_item **item;
        size_t count, room;
        size_t bytes; /* taken of TAX_BYTES_MOST */
        bool settled;
        char error[TAX_WHY];
};

/* ---- collection.c ---- */

/* Leave a sentence in t->error; gives @r back. */
int tax_say(fumi_tax *t, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#ifdef __clang_analyzer__
#include "base/fault.h"
#define tax_say(...) never_zero(tax_say(__VA_ARGS__))
#endif
/* Judge it and put it in. TAX_TOO_MUCH. */
int tax_put(fumi_tax *t, const struct tax_source *s);
/* So many bytes more were read. TAX_TOO_MUCH. */
int tax_charge(fumi_tax *t, size_t bytes);
/* Take back everything behind the first @count. */
void tax_back(fumi_tax *t, size_t count, size_t bytes);

/* ---- item.c ---- */
/* As @t judges. */
int item_new(struct tax_item **out, const fumi_tax *t, const struct tax_source *s);
void item_free(struct tax_item *i);

/* ---- sender.c: N3.6 ---- */
enum fumi_tax_sender sender_of(struct tax_item *i, const struct tax_source *s);
/* Is it known that somebody else sent or signed it? */
bool sender_contradicts(const struct tax_item *i, const char *signer_number);
/* Is it known that the issuer sent or signed it? */
bool sender_vouches(const struct tax_item *i, const char *signer_number);

/* ---- twice.c: N4.2 ---- */
/* Put into each what it is a duplicate of, which is none itself. 0, -ENOMEM. */
int twice_mark(fumi_tax *t);

/* ---- settle.c ---- */
int settle(fumi_tax *t);

/* ---- unzip.c ---- */
/* Put in what a ZIP of certificates holds: a file, or bytes. */
int unzip_file(fumi_tax *t, const char *path);
int unzip_bytes(fumi_tax *t, const char *name, struct slice bytes);
