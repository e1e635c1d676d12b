/* facts.h - what a certificate says for a return, by its form's table (N4.1)
 *
 * One walk over the table for every form. What the file says is taken as it is written; whether it
 * may be counted is nobody's business here. */
#pragma once

#include "form/doc.h"
#include "tax/fumibako_tax.h"
#include "tax/keep.h"

/* What an entry has to share with that of another certificate to be about the same thing. */
struct facts_key {
        const char *number;        /* folded; "": none, so it is about nothing else's thing */
        const char *apart;         /* folded */
        const char *issuer;        /* folded name */
        const char *issuer_number; /* 法人番号, or "" */
        uint8_t category;          /* of form_category */
};

struct facts {
        const char *issuer, *issuer_number, *person, *unique; /* "" when it does not say */
        int issued, made;                                     /* yyyymmdd; 0 */
        struct fumi_tax_entry *entry;                         /* @room of them, and as many keys */
        struct facts_key *key;
        size_t entries;
        size_t silent, room; /* entry[silent] to entry[room - 1] name a thing and no amount of it */
};

/* Everything is borrowed from @keep. 0, -ENOMEM. */
int facts_read(struct facts *out, const struct doc *d, struct keep *keep);
