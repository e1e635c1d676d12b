/* tax_world.h - certificates for the stories of lib/tax, written down as lines and signed
 *
 *      WCA00000=文箱生命㈱             an element's text; those above it are made as needed
 *      WCC00000.yyyy=2026              a part of it
 *      WCE00000*                       another one of an element that repeats
 */
#pragma once

#include "form/doc.h"
#include "tax/keep.h"
#include "tax/tax.h"
#include "xml/sign.h"

#define TAX_NOON INT64_C(1794798000000) /* 2026-11-16T12:00:00+09:00 */

struct tax_world {
        char root[64]; /* holds the signers' files, and what a test puts beside them */
        struct xml_signer *signer, *stranger;
        struct xml_signer *numbered; /* of the last tax_world_number() */
        struct keep keep;
        fumi_tax *t;
};
int tax_world_new(struct tax_world *w);
void tax_world_free(struct tax_world *w);
/* The collection empty again, trusting @anchors (NULL: nobody named). */
void tax_world_again(struct tax_world *w, const char *anchors);

/* Make @d what the lines say. They live as long as @keep. */
void tax_world_doc(struct doc *d, struct keep *keep, const char *form, const char *lines);

/* How a certificate is written down. */
struct tax_paper {
        const char *form, *lines;
        instant made;    /* 0: TAX_NOON */
        unsigned serial; /* 0: 1 */
        bool stranger;   /* signed by somebody whom signer.pem does not lead to */
        bool numbered;   /* signed by w->numbered */
        const char *id;  /* NULL: made up as N2.2 says */
        bool broken;     /* changed after it was signed */
};
/* A signer of another name and key, with @number in its certificate. */
void tax_world_number(struct tax_world *w, const char *number);
/* The signed file, borrowed from the world. */
struct slice tax_world_xml(struct tax_world *w, const struct tax_paper *p);
/* Add it under @name; its number. */
size_t tax_world_add(struct tax_world *w, const char *name, const struct tax_paper *p);

/* What fumi_tax_each() says of certificate @number. */
const struct fumi_certificate *tax_world_see(struct tax_world *w, size_t number);
/* The sum that goes into the return; @entries as many as counted. */
int64_t tax_world_sum(struct tax_world *w, int year, const char *category, size_t *entries);
bool tax_world_found(const struct fumi_certificate *c, int code);

/* Lines of a TEG800 of エグザンプル生命 with one contract of the new system, general. */
const char *tax_world_life(struct tax_world *w, const char *day, const char *number, int amount,
                           int projected);
