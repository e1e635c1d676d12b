/* name.h - addresses, mailbox names, party names, classes: E1.4, E2.3-E2.8 */
#pragma once

#include "crypt/keys.h"
#include "base/buf.h"

enum { NAME_PARTY_MOST = 128, NAME_DEVICE_MOST = 32 };

/* An address or mailbox name as text; "" is none. */
struct address { char s[48]; };
struct mailbox { char s[56]; };

void name_address_of(struct address *out, const struct sign_pub *key);
void name_mailbox_of(struct mailbox *out, const struct sign_pub *key);
/* True when the text is well-formed (prefix, checksum, version byte); @out may be NULL. */
bool name_address_get(struct slice text, struct address *out);
bool name_mailbox_get(struct slice text, struct mailbox *out);
/* True when @key is the one that the name certifies. */
bool name_address_certifies(const struct address *a, const struct sign_pub *key);
bool name_mailbox_certifies(const struct mailbox *m, const struct sign_pub *key);

bool name_party_ok(struct slice s);             /* E2.5 */
bool name_device_ok(struct slice s);            /* E2.8 */

enum letter_class {
        CLASS_CERTIFICATE = 1, CLASS_NOTICE, CLASS_REFERRAL, CLASS_APPLICATION, CLASS_DECISION,
        CLASS_RECORD, CLASS_MESSAGE, CLASS_LAST = CLASS_MESSAGE,
};
const char *name_class(unsigned class);         /* NULL for an unknown number */
unsigned name_class_get(struct slice word);     /* 0 for an unknown word */
/* Lists as bit sets: bit N for class N. */
bool name_classes_get(struct slice list, uint32_t *set);
void name_classes_put(struct buf *out, uint32_t set);
