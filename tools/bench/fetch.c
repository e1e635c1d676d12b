/* fetch.c - R recipients list, fetch and acknowledge everything filed for them; and the time to a
 * first answer */
#include "bench/bench.h"

#include "base/clock.h"
#include "base/secret.h"
#include "letter/statement.h"
#include "letter/submit.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"
#include "sdk/session.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

struct recipients {
        struct bench_who who;
        struct places places;
        atomic_uint_fast64_t next; /* place that nobody has taken on yet */
        uint64_t among;
        atomic_uint_fast64_t letters, bytes;
        atomic_int fault;
};

/* One page of the list: fetch each letter, then acknowledge the page. */
struct page {
        struct field_numbers seqs;
        struct buf items, ids;
        uint64_t last;
};

static int fetch_one(struct recipients *all, struct session *s, const struct mailbox *box,
                     uint64_t seq, struct buf *bytes)
{
        struct ask_fetch ask = { .mailbox = slice_str(box->s),
                                 .seq = seq,
                                 .limit = MESSAGES_CHUNK_MOST };
        struct answer_fetch answer;
        int r = session_ask(s, VERB_FETCH, &ask, bytes, &answer, 30000, NULL);

        if (!r) {
                atomic_fetch_add(&all->letters, 1);
                atomic_fetch_add(&all->bytes, answer.body.len);
        }
        return r;
}

static int list_page(struct session *s, const struct mailbox *box, struct page *page,
                     struct buf *bytes, bool *empty)
{
        struct ask_list ask = { .mailbox = slice_str(box->s), .after = page->last, .limit = 256 };
        struct answer_list answer;
        struct listed one;
        int r = session_ask(s, VERB_LIST, &ask, bytes, &answer, 30000, NULL);

        buf_clear(&page->items);
        buf_clear(&page->ids);
        page->seqs = (struct field_numbers){ 0 };
        *empty = !r && answer.letters.count == 0;
        while (!r && field_list_next(&answer.letters, &listed_table, &one)) {
                struct hash id;

                submit_letter_id(&id, one.header);
                field_numbers_put(&page->seqs, &page->items, one.seq);
                buf_put(&page->ids, slice_hash(&id));
                page->last = one.seq;
        }
        return r;
}

static int ack_page(struct session *s, const struct mailbox *box, const struct sign_sec *sec,
                    struct page *page, struct buf *bytes)
{
        struct ask_ack ask = {
                .mailbox = slice_str(box->s),
                .seqs = page->seqs,
                .letters = buf_slice(&page->ids),
                .time = (uint64_t)clock_now(),
        };
        struct answer_ack answer;
        struct signature sig;
        BUF_OWNED message = { 0 };

        statement_ack_message(&message, ask.mailbox, (instant)ask.time, ask.letters);
        sign_make(&sig, buf_slice(&message), sec);
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        return session_ask(s, VERB_ACK, &ask, bytes, &answer, 30000, NULL);
}

static int empty_box(struct recipients *all, struct session *s, const struct sign_sec *sec)
{
        struct page page = { .last = 0 };
        struct sign_pub pub;
        struct mailbox box;
        BUF_OWNED bytes = { 0 };
        bool empty;
        int r;

        keys_sign_pub(&pub, sec);
        name_mailbox_of(&box, &pub);
        for (;;) {
                struct field_numbers n;
                uint64_t seq;

                r = list_page(s, &box, &page, &bytes, &empty);
                n = page.seqs;
                while (!r && field_numbers_next(&n, &seq))
                        r = fetch_one(all, s, &box, seq, &bytes);
                if (r || empty)
                        break;
                r = ack_page(s, &box, sec, &page, &bytes);
                if (r)
                        break;
        }
        buf_free(&page.items);
        buf_free(&page.ids);
        return r;
}

static void *recipient_main(void *arg)
{
        struct recipients *all = arg;
        SECRET_OWNED struct sign_sec *sec = secret_new(sizeof(*sec));
        SECRET_OWNED struct curve_sec *curve = secret_new(sizeof(*curve));
        uint64_t n;
        int r = 0;

        while (!r && (n = atomic_fetch_add(&all->next, 1)) < all->among) {
                struct session *s = NULL;
                struct curve_pub pub;

                places_mailbox_key(&all->places, n, sec);
                places_transport(&all->places, n, &pub, curve);
                r = session_open(&s, &all->who.trust, &pub, curve);
                if (!r)
                        r = empty_box(all, s, sec);
                session_close(&s);
        }
        if (r)
                atomic_store(&all->fault, r);
        return NULL;
}

static void fetch_all(struct cli *c, struct recipients *all, uint64_t threads)
{
        pthread_t thread[64];
        int64_t began = clock_mono_us();
        double seconds;

        for (uint64_t i = 0; i < threads; i++)
                if (pthread_create(&thread[i], NULL, recipient_main, all))
                        abort();
        for (uint64_t i = 0; i < threads; i++)
                pthread_join(thread[i], NULL);
        seconds = (double)(clock_mono_us() - began) / 1e6;
        if (cli_json(c))
                printf("{\"fetched\":%llu,\"bytes\":%llu,\"recipients\":%llu,\"seconds\":%.3f,"
                       "\"rate\":%.0f}\n",
                       (unsigned long long)all->letters, (unsigned long long)all->bytes,
                       (unsigned long long)threads, seconds, (double)all->letters / seconds);
        else
                printf("%llu letters listed, fetched and acknowledged by %llu recipients at a "
                       "time\n"
                       "  fetched             %.0f letters/s  (%.3f s)\n",
                       (unsigned long long)all->letters, (unsigned long long)threads,
                       (double)all->letters / seconds, seconds);
}

int bench_fetch(struct cli *c)
{
        uint64_t threads = cli_number(c, "recipients", 1, 64, 8);
        struct recipients all = { .next = 0 };
        int r = places_open(&all.places, c->argument[0]);

        if (r)
                return cli_fail(c, "%s: %s (made by 'fumibako-bench prep')", c->argument[0],
                                strerror(-r));
        all.among = cli_number(c, "among", 1, all.places.count, all.places.count);
        r = bench_who_open(&all.who, c);
        if (!r) {
                fetch_all(c, &all, threads);
                if (all.fault)
                        r = cli_refuse(c, all.fault, "fetch", NULL);
                bench_who_close(&all.who);
        }
        places_close(&all.places);
        return r;
}

/* Ask again and again, on a fresh connection each time, until there is an answer. */
int bench_first(struct cli *c)
{
        const struct ask_info ask = { 0 };
        struct answer_info answer;
        struct bench_who who;
        BUF_OWNED bytes = { 0 };
        int64_t began = clock_mono_us(), until;
        double ms;
        int r = bench_who_open(&who, c);

        if (r)
                return r;
        until = began + (int64_t)cli_number(c, "seconds", 1, 600, 60) * 1000000;
        do {
                struct session *s = NULL;

                r = session_open(&s, &who.trust, &who.curve_pub, who.curve);
                if (!r)
                        r = session_ask(s, VERB_INFO, &ask, &bytes, &answer, 250, NULL);
                session_close(&s);
        } while (r == OUTCOME_NO_ANSWER && clock_mono_us() < until);
        ms = (double)(clock_mono_us() - began) / 1000.0;
        bench_who_close(&who);
        if (r)
                return cli_refuse(c, r, who.trust.endpoint, NULL);
        printf(cli_json(c) ? "{\"first_answer_ms\":%.1f}\n" : "first answer after %.1f ms\n", ms);
        return CLI_DONE;
}
