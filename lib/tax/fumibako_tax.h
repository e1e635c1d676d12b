/* fumibako_tax.h - take tax certificates out of a mailbox, or a folder, into a tax return
 *
 * For tax and payroll software. A fumi_tax is a collection: put in whatever there is (a mailbox, folders,
 * files, bytes), then ask by year. Certificates are the NTA's forms (TEG800 生命保険料控除証明書 and so on),
 * handed over as values with a meaning and as the very bytes that the issuer signed.
 *
 * THREADS, OWNERSHIP, RESULTS are as fumibako.h has them: one thread at a time for one fumi_tax; what a
 * callback is handed is valid until the fumi_tax changes or is closed; 0, a positive outcome (fumi_outcome()),
 * or -errno, and fumi_tax_error() says more.
 *
 * NOTHING IS HIDDEN. A certificate whose signature fails, or that is of no known form, is there too, and says
 * so. What counts in a sum is intact, or was at least not shown to be broken: see fumi_tax_state.
 *
 * Amounts are yen. Years are Gregorian, days yyyymmdd as a number. Text is UTF-8. */
#ifndef FUMIBAKO_TAX_H
#define FUMIBAKO_TAX_H

#include <fumibako.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fumi_tax fumi_tax;

struct fumi_tax_trust {
        const char *anchors;            /* PEM file or folder: who may have issued signers' certificates; NULL: none */
        const char *crls;               /* revocation lists, file or folder; NULL: revocation is not checked */
        int64_t at;                     /* judge as of this time (ms); 0: now */
};
/* @trust may be NULL. @why, if not NULL, takes a sentence (512 bytes). */
FUMI_API int fumi_tax_open(fumi_tax **out, const struct fumi_tax_trust *trust, char *why);
FUMI_API void fumi_tax_close(fumi_tax *t);
FUMI_API const char *fumi_tax_error(const fumi_tax *t);

/* One certificate's bytes, copied. @name is for people: a file's name. Never refused for what it says:
 * fumi_tax_each() tells what it is. TAX_TOO_MUCH: a collection holds 200,000 certificates and 1 GiB at most. */
FUMI_API int fumi_tax_add(fumi_tax *t, const char *name, const void *bytes, size_t size);
/* A certificate's file, a ZIP of them, or a folder with such files in it (not deeper). Of a folder and a ZIP only what
 * ends with .xml. Something in a ZIP that is damaged, locked or too large is there as refused. All or nothing:
 * TAX_NOT_READ, TAX_TOO_MUCH. */
FUMI_API int fumi_tax_add_path(fumi_tax *t, const char *path);
/* Every XML part of every letter that is on this device. Letters that do not open are told to @on_refused (NULL is
 * fine) and left out. */
FUMI_API int fumi_tax_add_box(fumi_tax *t, fumi_box *box, void (*on_refused)(void *ctx, const fumi_id *id, int result),
                              void *ctx);

enum fumi_tax_integrity { FUMI_TAX_NOT_JUDGED = 0, FUMI_TAX_INTACT = 1, FUMI_TAX_BROKEN = 2 };
enum fumi_tax_issuer { FUMI_TAX_NO_ANCHORS = 0, FUMI_TAX_TRUSTED = 1, FUMI_TAX_UNTRUSTED = 2 };
enum fumi_tax_revocation { FUMI_TAX_NOT_CHECKED = 0, FUMI_TAX_GOOD = 1, FUMI_TAX_REVOKED = 2 };
/* Is the issuer that the certificate names the registered sender of its letter? By 法人番号, or by name when the form
 * has none. */
enum fumi_tax_sender { FUMI_TAX_NO_LETTER = 0, FUMI_TAX_SAME = 1, FUMI_TAX_OTHER = 2, FUMI_TAX_CANNOT_TELL = 3 };

enum fumi_tax_state {
        FUMI_TAX_COUNTS = 0,
        FUMI_TAX_DUPLICATE = 1,         /* the same bytes, or the same contents, are there already */
        FUMI_TAX_SUPERSEDED = 2,        /* a later one (再交付, 訂正) of the same contract and year is there */
        FUMI_TAX_SHOWN = 3,             /* in no sum for another reason: broken, revoked, untrusted, not valid, refused, ... */
};

struct fumi_certificate;

struct fumi_tax_entry {                 /* one line of a return that it fills in, or a part of it */
        int year;
        bool year_assumed;              /* the form left the year out: it is that of the day of issue */
        const char *number;             /* of the policy, contract, receipt; "" */
        const char *label;              /* what it is called: the title, the kind; "" */
        const char *issuer;
        const char *category;           /* "life-general-new"; see schemas/nta/common.toml */
        const char *category_name;      /* "生命保険料（新・一般）" */
        bool deduction;                 /* false: of a 源泉徴収票, in no sum of deductions */
        bool has_declared, has_projected;
        int64_t declared;               /* as certified */
        int64_t projected;              /* expected by December (12月期想定) */
        int64_t carried;                /* what goes into the return: projected when there is one, else declared */
        enum fumi_tax_state state;
        int why;                        /* 0: it counts; else the outcome that says why not */
        const struct fumi_certificate *by;      /* the one that it duplicates or that supersedes it; NULL */
};

/* What was found about a certificate. Besides what judging finds: TAX_YEAR_ASSUMED, ISSUER_OTHER (than the letter's
 * sender), TAX_AMBIGUOUS (it says something else than another one, or no amount where the other has one, and
 * nothing proves which is right), TAX_DOUBTFUL (it would supersede a certificate that there is less to say against),
 * TAX_DAY_AHEAD (it is of a day after that of judging). */
struct fumi_tax_finding {
        int code;                       /* fumi_outcome() */
        bool warning;
        unsigned line;                  /* of the file, from 1; 0: none */
        const char *where, *detail;
};

struct fumi_certificate {
        size_t number;                  /* from 0, in the order in which they were added */
        const char *name;               /* the file's or part's name */
        const fumi_id *letter;          /* NULL: not out of a letter */
        const char *from, *from_name;   /* the letter's registered sender, and the organisation's own name; "" */
        const void *bytes;              /* as the issuer signed it */
        size_t size;
        uint8_t sha256[32];
        const char *form;               /* "TEG800"; "" when it is none we know */
        const char *form_name, *version, *id;
        const char *issuer, *issuer_number, *person, *unique;   /* "" when it does not say */
        int issued, made;               /* yyyymmdd: the day of issue, the day the file was written; 0: it does not say */
        int refused;                    /* 0, or why it was not read at all: an outcome */
        bool valid;                     /* by the table of its form */
        enum fumi_tax_integrity integrity;
        enum fumi_tax_issuer issuer_trust;
        enum fumi_tax_revocation revocation;
        enum fumi_tax_sender sender;
        const char *signer, *signer_name;       /* the signing certificate's subject, and its organisation or name; "" */
        const struct fumi_tax_finding *finding;
        size_t findings;
        enum fumi_tax_state state;      /* counts as soon as one entry does, of whatever year */
        int why;                        /* 0: it counts; else the outcome that says why not */
        const struct fumi_certificate *by;      /* the one that it duplicates or that supersedes it; NULL */
        const struct fumi_tax_entry *entry;
        size_t entries;
};

/* Certificates with an entry of @year, in the order in which they were added; 0: every one, also those without. What
 * the callback gives other than 0 ends it and is given back. */
FUMI_API int fumi_tax_each(fumi_tax *t, int year, int (*on)(void *ctx, const struct fumi_certificate *c), void *ctx);

struct fumi_tax_total {
        const char *category, *category_name;
        bool deduction;
        size_t entries;
        int64_t declared, projected, carried;   /* sums of the entries that count; projected only of those that say it */
};
/* Every category that has an entry in @year that counts, in the order of a return. TAX_SUM when a sum does not fit. */
FUMI_API int fumi_tax_totals(fumi_tax *t, int year, int (*on)(void *ctx, const struct fumi_tax_total *t), void *ctx);
/* The years there are entries of, newest first; returns how many there are, and puts at most @room into @years. */
FUMI_API size_t fumi_tax_years(fumi_tax *t, int *years, size_t room);

/* Write what counts in @year to @path: a folder that is not there yet or is empty, or a file that ends with .zip and is not
 * there: the issuers' files untouched, one per certificate, and summary.csv (UTF-8 with BOM) and summary.json. Whole or
 * not at all, and durable. @on_file (NULL is fine) hears of each name in it, once it is there; @c is NULL for the summaries. TAX_NO_YEAR: there is
 * nothing of that year; TAX_SUM; -EEXIST, -ENOTEMPTY. */
FUMI_API int fumi_tax_export(fumi_tax *t, int year, const char *path,
                             void (*on_file)(void *ctx, const char *name, const struct fumi_certificate *c), void *ctx);

enum fumi_tax_shown { FUMI_TAX_TEXT = 0, FUMI_TAX_JSON = 1, FUMI_TAX_TEXT_ENGLISH = 2 };
/* A certificate as a person knows it: labels of the form, eras, thousands separators. What the file says is made safe for
 * a terminal; what was found is said in Japanese or English. -EINVAL: there is none of that number, or no such way. */
FUMI_API int fumi_tax_show(fumi_tax *t, size_t number, enum fumi_tax_shown how,
                           void (*take)(void *ctx, const void *bytes, size_t size), void *ctx);

#ifdef __cplusplus
}
#endif
#endif
