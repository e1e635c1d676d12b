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

static bool fresh(const struct address_book_entry *e, instant now)
{
        return now >= e->asked && now - e->asked < ADDRESS_BOOK_FRESH;
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
        if (r == 0 && fresh(out, clock_now()) &&
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

struct asked {
        uint64_t number;
        const char *address;
};

static bool needs_asking(struct fumi_sender *s, const char *address)
{
        struct address_book_entry e = { 0 };
        bool need = name_address_get(slice_str(address), NULL) &&
                    !(address_book_get(&e, s->spool, address) == 0 && fresh(&e, clock_now()));

        address_book_entry_free(&e);
        return need;
}

/* One answer. What it refuses shows again, and is said, when a letter is composed to that address.
 */
static int take_one(struct fumi_sender *s, struct asked *flying, size_t *count, struct buf *bytes)
{
        struct answer_lookup answer;
        struct frame frame;
        int r = session_receive(s->session, &frame, bytes, SESSION_TIMEOUT);

        if (r)
                return r;
        for (size_t i = 0; i < *count; i++) {
                if (flying[i].number != frame.number)
                        continue;
                if (frame.code == 0 && frame.verb == VERB_LOOKUP &&
                    !field_read_message(&answer_lookup_table, buf_slice(bytes), &answer, NULL))
                        r = take_answer(s, flying[i].address, &answer, NULL);
                flying[i] = flying[--*count];
                break;
        }
        return r < 0 || r == OUTCOME_SPOOL_FULL ? r : 0;
}

int fumi_ask_ahead(fumi_sender *s, const char *const *to, size_t count)
{
        struct asked flying[WINDOW];
        BUF_OWNED bytes = { 0 };
        size_t n = 0, i = 0;
        int r = sender_connect(s);

        while (!r && (i < count || n)) {
                if (i < count && !needs_asking(s, to[i])) {
                        i++;
                } else if (i < count && n < WINDOW) {
                        const struct ask_lookup question = { .address = slice_str(to[i]) };

                        r = session_send(s->session, VERB_LOOKUP, &question, &flying[n].number);
                        flying[n++].address = to[i++];
                } else {
                        r = take_one(s, flying, &n, &bytes);
                }
        }
        if (r == OUTCOME_NO_ANSWER)
                return sender_tell(s, r, s->trust.endpoint);
        return r;
}
