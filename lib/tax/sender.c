/* sender.c - is the issuer that a certificate names the registered sender of its letter? (N3.6)
 *
 * The registrar vouches for the sender's name and number, the certificate only says its issuer's. A
 * number decides when both have one. Names that differ say less: the pension agency's certificates
 * name an office of the ministry, and are made by the agency. That the sender is named as their
 * maker is no proof of anything, but no contradiction either. */
#include "tax/tax.h"

#include "tax/fold.h"

static const char houjin[] = "houjin ";

/* Receipts of gifts have an issuer each. */
static bool same_in_every_entry(struct tax_item *i, const char *name)
{
        for (size_t n = 0; n < i->facts.entries; n++)
                if (!fold_same(&i->keep, i->facts.entry[n].issuer, name))
                        return false;
        return i->facts.entries > 0;
}

enum fumi_tax_sender sender_of(struct tax_item *i, const struct tax_source *s)
{
        const struct facts *f = &i->facts;
        const char *number = s->from_number ? s->from_number : "";

        if (!s->letter)
                return FUMI_TAX_NO_LETTER;
        if (!*i->c.form)
                return FUMI_TAX_CANNOT_TELL;
        if (*f->issuer_number && strncmp(number, houjin, strlen(houjin)) == 0)
                return strcmp(f->issuer_number, number + strlen(houjin)) == 0 ? FUMI_TAX_SAME
                                                                              : FUMI_TAX_OTHER;
        if (*f->issuer ? fold_same(&i->keep, f->issuer, s->from_name)
                       : same_in_every_entry(i, s->from_name))
                return FUMI_TAX_SAME;
        if (!*f->issuer || fold_same(&i->keep, i->made_by, s->from_name))
                return FUMI_TAX_CANNOT_TELL;
        return FUMI_TAX_OTHER;
}

/* The registered sender vouches for whoever signs for it. */
bool sender_contradicts(const struct tax_item *i, const char *signer_number)
{
        const char *number = i->c.issuer_number;

        if (i->c.sender == FUMI_TAX_SAME)
                return false;
        if (*number && signer_number && *signer_number)
                return strcmp(number, signer_number) != 0;
        return i->c.sender == FUMI_TAX_OTHER;
}

bool sender_vouches(const struct tax_item *i, const char *signer_number)
{
        const char *number = i->c.issuer_number;

        return i->c.sender == FUMI_TAX_SAME ||
               (*number && signer_number && strcmp(number, signer_number) == 0);
}
