/* lookup.c - the address statement that a letter is sealed by
 *
 * One that was asked for within the hour is used as it is. When it does not allow the letter the
 * broker is asked again all the same: the recipient may just have consented. */
#include "sdk/sender.h"

#include "base/fault.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>

enum { WINDOW = 64 }; /* questions in flight */

static bool fresh(instant asked, instant now)
{
        return now >= asked && now - asked < ADDRESS_BOOK_FRESH;
}

static int take_answer(struct fumi_sender *s, const char *address,
                       const struct answer_lookup *answer, struct address_book_entry *out)
{
        int r;

        if (!answer->has_statement)
                return sender_tell(s, fault(-EPROTO), address);
        r = address_book_take(out, s->spool, &s->trust, address, answer->statement,
                              answer->has_attestation ? answer->attestation : slice_str(""),
                              clock_now());
        return sender_tell(s, r, address);
}

static int ask(struct fumi_sender *s, const char *address, struct address_book_entry *out)
{
        const struct ask_lookup question = { .address = slice_str(address) };
        struct answer_lookup answer;
        BUF_OWNED bytes = { 0 };
        int r = sender_connect(s);

        if (r)
                return r;
        r = session_ask(s->session, VERB_LOOKUP, &question, &bytes, &answer, SENDER_ASK, NULL);
        if (r)
                return sender_tell(s, r, r == OUTCOME_NO_ANSWER ? s->trust.endpoint : address);
        return take_answer(s, address, &answer, out);
}

int lookup_address(struct fumi_sender *s, const char *address, unsigned class, unsigned assurance,
                   struct address_book_entry *out)
{
        struct slice name = slice_str(s->name);
        int r = address_book_get(out, s->spool, address);

        if (r < 0)
                return sender_tell(s, r, address);
        if (r == 0 && fresh(out->asked, clock_now()) &&
            address_book_usable(out, name, class, assurance, clock_now()) == 0)
                return 0;
        return lookup_afresh(s, address, class, assurance, out);
}

int lookup_afresh(struct fumi_sender *s, const char *address, unsigned class, unsigned assurance,
                  struct address_book_entry *out)
{
        int r = ask(s, address, out);

        if (!r)
                r = address_book_usable(out, slice_str(s->name), class, assurance, clock_now());
        return sender_tell(s, r, address);
}

/* ---- many at once, ahead of composing ---- */

struct ahead {
        struct fumi_sender *s;
        struct {
                uint64_t number;
                const char *address;
        } flying[WINDOW];
        size_t count;
        int64_t heard; /* monotonic ms of the last answer */
};

static bool needs_asking(struct fumi_sender *s, const char *address)
{
        struct row_known_address row;

        if (!name_address_get(slice_str(address), NULL))
                return false;
        return spool_address(s->spool, address, &row) != 0 ||
               !fresh((instant)row.asked, clock_now());
}

static int send_question(struct ahead *a, size_t i)
{
        const struct ask_lookup question = { .address = slice_str(a->flying[i].address) };

        return session_send(a->s->session, VERB_LOOKUP, &question, &a->flying[i].number);
}

/* What was in flight when the connection was lost, or a silence set in, is asked again. */
static int send_again(struct ahead *a, int why)
{
        int r = 0;

        if (clock_mono_us() / 1000 - a->heard > SENDER_ASK)
                return OUTCOME_NO_ANSWER;
        if (why == OUTCOME_NO_ANSWER)
                r = session_reconnect(a->s->session);
        for (size_t i = 0; i < a->count && !r; i++)
                r = send_question(a, i);
        return r;
}

/* One answer. What it refuses shows again, and is said, when a letter is composed to that address.
 */
static int take_one(struct ahead *a, struct buf *bytes)
{
        struct answer_lookup answer;
        struct frame frame;
        int r = session_hear(a->s->session, &frame, bytes, SESSION_TIMEOUT);

        if (r == SESSION_LOST || r == OUTCOME_NO_ANSWER)
                return send_again(a, r);
        if (r)
                return r == -EINTR ? 0 : r;
        a->heard = clock_mono_us() / 1000;
        for (size_t i = 0; i < a->count; i++) {
                if (a->flying[i].number != frame.number)
                        continue;
                if (frame.code == 0 && frame.verb == VERB_LOOKUP &&
                    !field_read_message(&answer_lookup_table, buf_slice(bytes), &answer, NULL))
                        r = take_answer(a->s, a->flying[i].address, &answer, NULL);
                a->flying[i] = a->flying[--a->count];
                break;
        }
        return r < 0 || r == OUTCOME_SPOOL_FULL ? r : 0;
}

int fumi_ask_ahead(fumi_sender *s, const char *const *to, size_t count)
{
        struct ahead a = { .s = s, .heard = clock_mono_us() / 1000 };
        BUF_OWNED bytes = { 0 };
        size_t i = 0;
        int r = 0;

        sender_begin(s);
        while (!r && (i < count || a.count)) {
                if (i < count && !needs_asking(s, to[i])) {
                        i++;
                } else if (i < count && a.count < WINDOW) {
                        a.flying[a.count].address = to[i++];
                        r = sender_connect(s);
                        if (!r)
                                r = send_question(&a, a.count++);
                } else {
                        r = take_one(&a, &bytes);
                }
        }
        return r == OUTCOME_NO_ANSWER ? sender_tell(s, r, s->trust.endpoint) : r;
}
