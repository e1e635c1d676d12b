/* envelope.h - what proves a letter alone, without its seal: header, envelope, registration (E3.5,
 * E4.4) */
#pragma once

#include "letter/statement.h"
#include "schemas/messages.h"

/* Everything that was believed. Slices borrow from the bytes that were checked. */
struct envelope_facts {
        struct hash id; /* of the letter */
        struct header header;
        struct envelope envelope;
        struct sender_statement sender;
};

/* 0: the batch signature covers the header, by the key of a registration that one of @registrars
 * signed and that was in force when the broker says it filed the letter. Else an outcome of
 * schemas/outcomes.h (the first row in open.h), and @out is not to be used. */
int envelope_check(struct envelope_facts *out, struct slice header, struct slice envelope,
                   const struct note_key *registrars, size_t count);
