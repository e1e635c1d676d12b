/* take.c - every mailbox in turn: list behind the cursor, fetch, check, acknowledge, move the
 * cursor
 *
 * Ends when it was told to stop and a whole turn brought nothing new. */
#include "driver.h"

#include "base/clock.h"
#include "base/secret.h"
#include "crypt/hash.h"
#include "letter/statement.h"
#include "letter/submit.h"
#include "schemas/messages.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAGE = 64 };

struct taker {
        struct driver *d;
        struct session *session;
        size_t place;
        struct sign_sec *sec;
        struct mailbox box;
};

static int check_letter(const struct taker *t, const struct listed *one)
{
        struct ask_fetch ask = { .mailbox = slice_str(t->box.s),
                                 .seq = one->seq,
                                 .limit = MESSAGES_CHUNK_MOST };
        struct answer_fetch answer;
        struct header h;
        struct hash digest;
        BUF_OWNED bytes = { 0 };
        int r = driver_ask(t->session, VERB_FETCH, &ask, &bytes, &answer);

        if (r)
                return r;
        if (!answer.has_header || !slice_eq(answer.header, one->header) ||
            field_read(&header_table, answer.header, &h, NULL) || answer.body.len != h.size)
                return -EBADMSG;
        hash_sha256(&digest, answer.body);
        return hash_eq(&digest, &h.digest) ? 0 : -EBADMSG;
}

/* An acknowledgement for the listed letters, in the journal. */
static int compose_ack(const struct taker *t, struct field_list listed, uint64_t *serial)
{
        struct ask_ack ask = { .mailbox = slice_str(t->box.s), .time = (uint64_t)clock_now() };
        struct listed one;
        struct signature sig;
        BUF_OWNED seqs = { 0 };
        BUF_OWNED ids = { 0 };
        BUF_OWNED message = { 0 };
        BUF_OWNED bytes = { 0 };

        while (field_list_next(&listed, &listed_table, &one)) {
                struct hash id;

                submit_letter_id(&id, one.header);
                field_numbers_put(&ask.seqs, &seqs, one.seq);
                buf_put(&ids, slice_hash(&id));
        }
        ask.letters = buf_slice(&ids);
        statement_ack_message(&message, ask.mailbox, (instant)ask.time, ask.letters);
        sign_make(&sig, buf_slice(&message), t->sec);
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        frame_write_ask(&bytes, VERB_ACK, 1, &ask_ack_table, &ask);
        return buf_fault(&bytes) ? -ENOMEM : journal_ask(&t->d->journal, buf_slice(&bytes), serial);
}

static int send_ack(struct driver *d, struct session *s, uint64_t serial)
{
        struct ask_ack ask;
        struct answer_ack answer;
        struct acked one;
        BUF_OWNED request = { 0 };
        BUF_OWNED bytes = { 0 };
        int r = journal_read(&d->journal, serial, &request);

        if (!r)
                r = field_read_message(&ask_ack_table, buf_slice(&request), &ask, NULL);
        if (!r)
                r = driver_ask(s, VERB_ACK, &ask, &bytes, &answer);
        while (!r && field_list_next(&answer.letters, &acked_table, &one))
                r = (int)one.code;
        return r ? r : journal_note(&d->journal, JOURNAL_ANSWER, serial, buf_slice(&bytes));
}

static int take_page(struct taker *t, bool *some)
{
        struct journal *j = &t->d->journal;
        struct ask_list ask = { .mailbox = slice_str(t->box.s),
                                .after = j->cursor[t->place],
                                .limit = PAGE };
        struct answer_list answer;
        struct field_list walk;
        struct listed one;
        uint64_t serial, last = ask.after;
        uint8_t cursor[8];
        BUF_OWNED bytes = { 0 };
        int r = driver_ask(t->session, VERB_LIST, &ask, &bytes, &answer);

        if (r || !answer.letters.count)
                return r;
        *some = true;
        for (walk = answer.letters; !r && field_list_next(&walk, &listed_table, &one);) {
                r = one.seq == last + 1 ? check_letter(t, &one) : -EBADMSG;
                last = one.seq;
        }
        if (!r)
                r = compose_ack(t, answer.letters, &serial);
        if (!r)
                r = send_ack(t->d, t->session, serial);
        put_be64(cursor, last);
        return r ? r : journal_note(j, JOURNAL_CURSOR, t->place, slice_of(cursor, sizeof(cursor)));
}

static int open_takers(struct driver *d, struct taker *t)
{
        SECRET_OWNED struct curve_sec *curve = secret_new(sizeof(*curve));
        int r = 0;

        for (size_t i = 0; i < d->places.count && !r; i++) {
                struct sign_pub pub;
                struct curve_pub curve_pub;

                t[i] = (struct taker){ .d = d, .place = i, .sec = secret_new(sizeof(*t->sec)) };
                places_mailbox_key(&d->places, i, t[i].sec);
                keys_sign_pub(&pub, t[i].sec);
                name_mailbox_of(&t[i].box, &pub);
                places_transport(&d->places, i, &curve_pub, curve);
                r = session_open(&t[i].session, &d->trust, &curve_pub, curve);
        }
        return r;
}

int take_run(struct driver *d)
{
        struct taker *t = calloc(d->places.count, sizeof(*t));
        bool some = true, stopping = false;
        int r = t ? open_takers(d, t) : -ENOMEM;

        /* What our predecessor asked and did not hear. */
        for (uint64_t serial = 0; !r && journal_open_ask(&d->journal, &serial); serial++)
                r = send_ack(d, t[0].session, serial);
        while (!r && (some || !stopping)) {
                stopping = driver_stop;
                some = false;
                for (size_t i = 0; !r && i < d->places.count; i++)
                        r = take_page(&t[i], &some);
                if (!some)
                        usleep(5000);
        }
        for (size_t i = 0; t && i < d->places.count; i++) {
                session_close(&t[i].session);
                secret_free(t[i].sec);
        }
        free(t);
        return r;
}
