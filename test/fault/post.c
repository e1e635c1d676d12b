/* post.c - batches of small letters, eight messages in flight, some of them asked a second time
 *
 * After a silence everything that is in flight is sent again over a fresh connection. */
#include "driver.h"

#include "base/clock.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { WINDOW = 8, POOL = 1 << 16, BATCH_MOST = 16 };

struct flight {
        bool used, again;
        uint64_t serial, number;
};

struct post {
        struct driver *d;
        struct session *session;
        struct load load;
        struct flight flight[WINDOW];
        size_t flying;
        uint64_t inherited, resume; /* requests of our predecessor; those dealt with */
        int64_t patience;
};

static int launch(struct post *p, struct flight *f)
{
        struct ask_submit ask;
        BUF_OWNED bytes = { 0 };
        int r = journal_read(&p->d->journal, f->serial, &bytes);

        if (!r)
                r = field_read_message(&ask_submit_table, buf_slice(&bytes), &ask, NULL);
        return r ? r : session_send(p->session, VERB_SUBMIT, &ask, &f->number);
}

static int compose(struct post *p, uint64_t *serial)
{
        static const size_t sizes[] = { 60, 300, 300, 900, 900, 2000, 20000 };
        struct ask_submit ask = { .sender = slice_str(p->load.sender) };
        size_t count = 1 + driver_random(p->d, BATCH_MOST);
        struct signature sig;
        BUF_OWNED items = { 0 };
        BUF_OWNED bytes = { 0 };
        int r;

        p->load.size = sizes[driver_random(p->d, sizeof(sizes) / sizeof(sizes[0]))];
        r = load_batch(&p->load, count, &items, &sig);
        if (r)
                return r;
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        ask.letters = (struct field_list){ buf_slice(&items), (uint32_t)count };
        frame_write_ask(&bytes, VERB_SUBMIT, 1, &ask_submit_table, &ask);
        return buf_fault(&bytes) ? -ENOMEM : journal_ask(&p->d->journal, buf_slice(&bytes), serial);
}

/* The next request that our predecessor left without an answer. */
static bool inherit(struct post *p, struct flight *f)
{
        if (!journal_open_ask(&p->d->journal, &p->resume) || p->resume >= p->inherited)
                return false;
        *f = (struct flight){ .used = true, .serial = p->resume++ };
        return true;
}

/* New letters, or now and then an old request once more. */
static int think_of(struct post *p, struct flight *f)
{
        struct journal *j = &p->d->journal;

        *f = (struct flight){ .used = true };
        if (j->count && driver_random(p->d, 10) == 0) {
                f->serial = driver_random(p->d, j->count);
                f->again = j->asked[f->serial].settled;
                if (f->again)
                        return 0;
        }
        return compose(p, &f->serial);
}

static int fill(struct post *p)
{
        int r = 0;

        for (size_t i = 0; i < WINDOW && !r; i++) {
                struct flight *f = &p->flight[i];

                if (f->used || (!inherit(p, f) && driver_stop))
                        continue;
                if (!f->used)
                        r = think_of(p, f);
                if (!r)
                        r = launch(p, f);
                p->flying++;
        }
        return r;
}

static int again(struct post *p)
{
        int r = session_reconnect(p->session);

        for (size_t i = 0; i < WINDOW && !r; i++)
                if (p->flight[i].used)
                        r = launch(p, &p->flight[i]);
        p->patience = p->patience < 4000 ? 2 * p->patience : p->patience;
        return r;
}

/* Letters of ours are fine, so each of them is filed. */
static int all_filed(struct slice bytes)
{
        struct answer_submit answer;
        struct filed filed;
        int r = field_read_message(&answer_submit_table, bytes, &answer, NULL);

        if (r || !answer.has_letters)
                return -EPROTO;
        while (field_list_next(&answer.letters, &filed_table, &filed))
                if (filed.code)
                        return (int)filed.code;
        return 0;
}

static int hear(struct post *p)
{
        struct journal *j = &p->d->journal;
        struct frame frame;
        BUF_OWNED bytes = { 0 };
        int r = session_receive(p->session, &frame, &bytes, p->patience);

        if (r == -EINTR) /* told to stop */
                return 0;
        if (r)
                return r == OUTCOME_NO_ANSWER ? again(p) : r;
        p->patience = 250;
        for (size_t i = 0; i < WINDOW; i++) {
                struct flight *f = &p->flight[i];

                if (!f->used || f->number != frame.number)
                        continue;
                if (driver_later(frame.code)) {
                        journal_note(j, JOURNAL_REFUSAL, f->serial, buf_slice(&bytes));
                        usleep(50000);
                        return launch(p, f);
                }
                r = frame.code ? (int)frame.code : all_filed(buf_slice(&bytes));
                if (!r)
                        r = journal_note(j, f->again ? JOURNAL_AGAIN : JOURNAL_ANSWER, f->serial,
                                         buf_slice(&bytes));
                f->used = false;
                p->flying--;
                return r;
        }
        return 0; /* to a question asked twice */
}

int post_run(struct driver *d)
{
        uint8_t *pool = malloc(POOL);
        struct post p = {
                .d = d,
                .load = { .places = &d->places,
                          .sender = d->key.name,
                          .sign = d->sign,
                          .pool = pool,
                          .pool_len = POOL,
                          .state = d->state },
                .inherited = d->journal.count,
                .patience = 250,
        };
        int r;

        if (!pool)
                return -ENOMEM;
        keys_random(pool, POOL);
        keys_random(p.load.nonce, sizeof(p.load.nonce));
        r = session_open(&p.session, &d->trust, &d->pub, d->curve);
        while (!r) {
                r = fill(&p);
                if (r || (driver_stop && !p.flying))
                        break;
                r = hear(&p);
        }
        session_close(&p.session);
        free(pool);
        return r;
}
