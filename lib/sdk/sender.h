/* sender.h - what lies behind a fumi_sender, for the files of the sender's half
 *
 *      sender.c     profile, errors, connection        compose.c   a letter into the spool
 *      lookup.c     address statements                 send*.c     the spool to the broker
 *      results.c    what became of letters             receipts.c  their receipts */
#pragma once

#include "letter/trust.h"
#include "sdk/address_book.h"
#include "sdk/fumibako.h"
#include "sdk/nonce.h"
#include "sdk/session.h"
#include "sdk/spool.h"

enum { SENDER_ERROR = 512, SENDER_ASK = 3 * SESSION_TIMEOUT };

struct fumi_sender {
        char name[NAME_PARTY_MOST + 1];
        struct sign_sec *sign; /* secret memory */
        struct curve_sec *curve;
        struct curve_pub curve_pub;
        struct trust trust;
        struct buf note; /* the registration, and what it says */
        struct sender_statement registration;
        struct spool *spool;
        struct session *session; /* NULL until something is asked */
        struct nonce_source nonces;
        char error[SENDER_ERROR];
};

/* A call of the API begins: what an earlier one said is over. */
static inline void sender_begin(struct fumi_sender *s)
{
        s->error[0] = 0;
}
/* Keep a sentence for fumi_sender_error() and give @result back. */
int sender_say(struct fumi_sender *s, int result, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
#ifdef __clang_analyzer__
#include "base/fault.h"
#define sender_say(...) never_zero(sender_say(__VA_ARGS__))
#endif
/* The same with the outcome's or the fault's own sentence about @about. */
int sender_tell(struct fumi_sender *s, int result, const char *about);
/* Connect when there is no connection yet. */
int sender_connect(struct fumi_sender *s);
/* A result of the spool as one of the API: SPOOL_NO_ROOM becomes SPOOL_FULL. */
int sender_spool(struct fumi_sender *s, int result);
/* Make the spool durable; said as above. */
int sender_commit(struct fumi_sender *s);

/* lookup.c: the address statement to seal by; asks the broker when the one at hand is old or does
 * not allow the letter. An outcome as fumi_compose(). */
int lookup_address(struct fumi_sender *s, const char *address, unsigned class, unsigned assurance,
                   struct address_book_entry *out);
/* The same, whatever is at hand. */
int lookup_afresh(struct fumi_sender *s, const char *address, unsigned class, unsigned assurance,
                  struct address_book_entry *out);

/* compose.c: seal the letter at @place again, as a new letter: by @newer, the statement that the
 * broker says is in force, or (empty) by that which it gives when asked. An outcome as
 * fumi_compose(). */
int compose_again(struct fumi_sender *s, uint64_t place, struct slice newer);

/* send_answer.c: did a log of the trust file sign @checkpoint, and does its tree hold @leaf? */
bool send_answer_proved(const struct trust *trust, struct slice checkpoint, uint64_t leaf);
