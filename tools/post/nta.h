/* nta.h - what 'nta convert' and 'nta run' share: a sender's CSV, checked and said; the signer; one
 * certificate after the other
 *
 * A job is opened in two steps, as a run that finds nothing missing needs no key: the CSV, which
 * says every finding, and the signer. */
#pragma once

#include "post/post.h"

#include "form/nta_csv.h"
#include "xml/sign.h"
#include "xml/write.h"

struct nta {
        struct cli *cli;
        const char *path; /* of the CSV */
        struct nta_csv *csv;
        struct xml_signer *signer; /* NULL before nta_signer() */
        instant now;               /* that of every id and day of the run */
        unsigned first;            /* number of the first id */
        struct doc doc;            /* the certificate made last; borrows from @csv and @stamp */
        struct xml_stamp stamp;    /* its id */
        unsigned findings;
        uint64_t said; /* codes whose advice was given */
};

/* Options of the command that nta_signer() reads, for its table. */
#define NTA_KEY_OPTIONS                                                                            \
        { "key", "FILE", "the signing key, PEM" },                                                 \
                { "certificate", "FILE", "its certificate, PEM" },                                 \
                { "pkcs12", "FILE", "key and certificate in one file" },                           \
                { "token", "URI", "the key on a token, pkcs11:token=...;object=..." },             \
                { "module", "FILE", "the token's PKCS#11 module, if the URI names none" },         \
        {                                                                                          \
                "passphrase-fd", "N", "read pass-phrase or PIN from this file descriptor"          \
        }

/* Read and check the CSV; every finding is said in the reader's language, as a line of text on
 * standard error or of JSON on standard output. 0, or an exit code. To be closed in any case. */
int nta_open(struct nta *n, struct cli *c, const char *path);
/* Open the signer that the options name. 0, or an exit code after saying why. */
int nta_signer(struct nta *n);
void nta_close(struct nta *n);

/* Certificate @i, from 0, signed, appended to @out; its id is @n->stamp.id and its values are
 * @n->doc until the next call. 0, or what nta_refuse() says. */
int nta_make(struct nta *n, size_t i, struct buf *out);
/* Its values alone, root's attributes included, without a signature. 0, -ENOMEM. */
int nta_values(struct nta *n, size_t i);
/* Say what nta_make() could not; the exit code. */
int nta_refuse(struct nta *n, size_t i, int result);
