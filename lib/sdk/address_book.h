/* address_book.h - the sender's memory of address statements, so that nobody can exchange a key
 * behind it
 *
 * A statement is believed when the address certifies its key and the key signed it (E5.1), and when
 * it does not go back behind one seen before: a smaller epoch, another statement of the same epoch,
 * or one that does not follow the one before are refused, and what was remembered stays. Lives in
 * the spool. */
#pragma once

#include "letter/trust.h"
#include "letter/statement.h"
#include "sdk/spool.h"

#define ADDRESS_BOOK_FRESH CLOCK_HOUR /* so long a statement is used without asking again */

/* What is known of one address. */
struct address_book_entry {
        struct address_statement statement; /* borrows from @note */
        unsigned level;                     /* as attested */
        instant asked;
        struct buf note;
};
void address_book_entry_free(struct address_book_entry *e);

/* 0: @out is filled, however old. SPOOL_ABSENT. */
int address_book_get(struct address_book_entry *out, struct spool *s, const char *address);

/* Take in what a broker said about @address: a statement and its attestation (empty: the level
 * known for this statement, or 0). 0 and @out (may be NULL) is filled, or an outcome code:
 * BAD_STATEMENT, BAD_SIGNATURE, KEY_MISMATCH, EPOCH_CONFLICT, NOT_TRUSTED (the attestation's key).
 */
int address_book_take(struct address_book_entry *out, struct spool *s, const struct trust *trust,
                      const char *address, struct slice statement, struct slice attestation,
                      instant now);

/* May @sender use it for a letter of @class now? NO, for these reasons: STATEMENT_EXPIRED,
 * ADDRESS_CLOSED, NOT_ACCEPTED, ASSURANCE_TOO_LOW. */
int address_book_usable(const struct address_book_entry *e, struct slice sender, unsigned class,
                        unsigned assurance, instant now);
