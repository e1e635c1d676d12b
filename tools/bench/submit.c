/* submit.c - C connections with W batches in flight each, until N letters are acknowledged
 *
 * A letter's latency is from handing its batch to the connection until the batch's answer is here.
 */
#include "bench/bench.h"

#include "base/clock.h"
#include "base/secret.h"
#include "schemas/messages.h"
#include "sdk/session.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { WINDOW_MOST = 1024, POOL = 1 << 22 };

struct run {
        struct bench_who who;
        struct places places;
        uint8_t *pool;
        uint64_t letters, batch, window, senders, size, fixed;
        atomic_uint_fast64_t left; /* letters nobody has taken on yet */
        atomic_uint_fast64_t done, refused;
        atomic_int fault;
};

struct sender {
        pthread_t thread;
        struct run *run;
        struct spread spread;
        unsigned number;
        struct {
                uint64_t number, letters;
                int64_t at;
        } flight[WINDOW_MOST];
        uint64_t flying;
};

static uint64_t take_on(struct run *run)
{
        uint64_t left = atomic_load(&run->left), n;

        do {
                n = left < run->batch ? left : run->batch;
        } while (n && !atomic_compare_exchange_weak(&run->left, &left, left - n));
        return n;
}

static int send_one(struct sender *s, struct session *session, struct load *load, struct buf *items,
                    uint64_t count)
{
        struct ask_submit ask = { .sender = slice_str(load->sender) };
        struct signature sig;
        uint64_t number;
        int r;

        buf_clear(items);
        r = load_batch(load, count, items, &sig);
        if (r)
                return r;
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        ask.letters = (struct field_list){ buf_slice(items), (uint32_t)count };
        for (uint64_t i = 0; i < s->run->window; i++)
                if (!s->flight[i].letters) {
                        s->flight[i].at = clock_mono_us();
                        s->flight[i].letters = count;
                        r = session_send(session, VERB_SUBMIT, &ask, &number);
                        s->flight[i].number = number;
                        s->flying++;
                        return r;
                }
        return -ENOSPC;
}

static void count_letters(struct sender *s, struct slice bytes, int64_t us)
{
        struct answer_submit answer;
        struct filed filed;
        struct field_list l;

        if (field_read_message(&answer_submit_table, bytes, &answer, NULL) || !answer.has_letters) {
                atomic_store(&s->run->fault, -EPROTO);
                return;
        }
        l = answer.letters;
        while (field_list_next(&l, &filed_table, &filed)) {
                atomic_fetch_add(filed.code ? &s->run->refused : &s->run->done, 1);
                if (!filed.code)
                        spread_put(&s->spread, (uint64_t)us);
        }
}

static int receive_one(struct sender *s, struct session *session, struct buf *bytes)
{
        struct frame frame;
        int r = session_receive(session, &frame, bytes, 60000);

        if (r)
                return r;
        if (frame.code)
                return (int)frame.code;
        for (uint64_t i = 0; i < s->run->window; i++)
                if (s->flight[i].letters && s->flight[i].number == frame.number) {
                        count_letters(s, buf_slice(bytes), clock_mono_us() - s->flight[i].at);
                        s->flight[i].letters = 0;
                        s->flying--;
                        return 0;
                }
        return -EPROTO;
}

static int drive(struct sender *s, struct session *session, struct load *load)
{
        BUF_OWNED items = { 0 };
        BUF_OWNED bytes = { 0 };
        int r = 0;

        for (;;) {
                while (!r && s->flying < s->run->window) {
                        uint64_t count = take_on(s->run);

                        if (!count)
                                break;
                        r = send_one(s, session, load, &items, count);
                }
                if (r || !s->flying)
                        return r;
                r = receive_one(s, session, &bytes);
        }
}

static void *sender_main(void *arg)
{
        struct sender *s = arg;
        struct run *run = s->run;
        struct load load = {
                .places = &run->places,
                .sender = run->who.key.name,
                .sign = run->who.sign,
                .pool = run->pool,
                .pool_len = POOL,
                .size = run->size,
                .state = s->number * UINT64_C(0x5851f42d4c957f2d),
                .fixed = run->fixed,
        };
        SECRET_OWNED struct curve_sec *sec = secret_new(sizeof(*sec));
        struct session *session = NULL;
        struct curve_pub pub;
        int r;

        keys_random(load.nonce, sizeof(load.nonce));
        keys_random(&load.state, sizeof(load.state));
        put_be64(load.nonce, (uint64_t)clock_now() << 16 | s->number);
        keys_curve_new(&pub, sec);
        r = session_open(&session, &run->who.trust, &pub, sec);
        if (!r)
                r = drive(s, session, &load);
        session_close(&session);
        if (r)
                atomic_store(&run->fault, r);
        return NULL;
}

static void watch_run(struct cli *c, struct run *run, struct usage *usage, pid_t pid,
                      const char *store)
{
        struct cli_progress progress;

        cli_progress_begin(&progress, cli_japanese() ? "受付済" : "acknowledged", run->letters);
        while (atomic_load(&run->done) + atomic_load(&run->refused) < run->letters &&
               !atomic_load(&run->fault)) {
                usleep(20000);
                measure_now(usage, pid, store);
                cli_progress_show(&progress, atomic_load(&run->done));
        }
        cli_progress_end(&progress, atomic_load(&run->done));
}

static void report(struct cli *c, struct run *run, struct spread *all, double seconds,
                   const struct usage *before, const struct usage *after)
{
        double n = (double)atomic_load(&run->done), cpu = after->cpu - before->cpu;
        double disk = ((double)after->disk - (double)before->disk) / n;
        double written = ((double)after->written - (double)before->written) / n;

        if (cli_json(c)) {
                printf("{\"letters\":%.0f,\"refused\":%llu,\"mailboxes\":%llu,\"size\":%llu,"
                       "\"senders\":%llu,\"batch\":%llu,"
                       "\"window\":%llu,\"seconds\":%.3f,\"rate\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%"
                       ".3f,\"p999_ms\":%.3f,"
                       "\"cpu_s_per_10k\":%.4f,\"memory_peak\":%llu,\"disk_per_letter\":%.0f,"
                       "\"written_per_letter\":%.0f}\n",
                       n, (unsigned long long)atomic_load(&run->refused),
                       (unsigned long long)run->places.count, (unsigned long long)run->size,
                       (unsigned long long)run->senders, (unsigned long long)run->batch,
                       (unsigned long long)run->window, seconds, n / seconds, spread_at(all, 0.5),
                       spread_at(all, 0.99), spread_at(all, 0.999), cpu / n * 10000,
                       (unsigned long long)after->memory_peak, disk, written);
                return;
        }
        printf("%.0f letters of %llu bytes to %llu mailboxes, %llu senders, batch %llu, window "
               "%llu\n",
               n, (unsigned long long)run->size, (unsigned long long)run->places.count,
               (unsigned long long)run->senders, (unsigned long long)run->batch,
               (unsigned long long)run->window);
        printf("  acknowledged        %.0f letters/s  (%.3f s, %llu refused)\n", n / seconds,
               seconds, (unsigned long long)atomic_load(&run->refused));
        printf("  latency             p50 %.3f ms  p99 %.3f ms  p99.9 %.3f ms\n",
               spread_at(all, 0.5), spread_at(all, 0.99), spread_at(all, 0.999));
        if (cli_has(c, "pid"))
                printf("  broker              %.4f CPU s per 10,000 letters, peak %.1f MiB "
                       "resident (without page cache)\n",
                       cpu / n * 10000, (double)after->memory_peak / 1048576);
        if (cli_has(c, "store"))
                printf("  disk                %.0f bytes kept and %.0f written to the device per "
                       "letter\n",
                       disk, written);
}

static int run_senders(struct cli *c, struct run *run)
{
        pid_t pid = (pid_t)cli_number(c, "pid", 1, 1 << 22, 0);
        const char *store = cli_get(c, "store");
        struct sender *s = calloc(run->senders, sizeof(*s));
        struct usage before = { 0 }, usage = { 0 };
        struct spread all = { 0 };
        int64_t began;
        double seconds;

        if (!s)
                return cli_fail(c, "no memory for %llu senders", (unsigned long long)run->senders);
        atomic_store(&run->left, run->letters);
        measure_now(&before, pid, store);
        began = clock_mono_us();
        for (uint64_t i = 0; i < run->senders; i++) {
                s[i].run = run;
                s[i].number = (unsigned)i;
                if (pthread_create(&s[i].thread, NULL, sender_main, &s[i]))
                        abort();
        }
        watch_run(c, run, &usage, pid, store);
        seconds = (double)(clock_mono_us() - began) / 1e6;
        for (uint64_t i = 0; i < run->senders; i++) {
                pthread_join(s[i].thread, NULL);
                spread_join(&all, &s[i].spread);
        }
        measure_now(&usage, pid, store);
        if (!atomic_load(&run->fault))
                report(c, run, &all, seconds, &before, &usage);
        spread_free(&all);
        free(s);
        return atomic_load(&run->fault) ? cli_refuse(c, atomic_load(&run->fault), "submit", NULL)
                                        : CLI_DONE;
}

int bench_submit(struct cli *c)
{
        struct run run = {
                .letters = cli_number(c, "letters", 1, 1000000000, 100000),
                .batch = cli_number(c, "batch", 1, 256, 256),
                .window = cli_number(c, "window", 1, WINDOW_MOST, 4),
                .senders = cli_number(c, "senders", 1, 256, 4),
                .size = cli_number(c, "size", 16, 1 << 20, 2048),
                .fixed = cli_number(c, "among", 1, 10000000, 0),
        };
        int r;

        if (run.size * run.batch > MESSAGES_INLINE_MOST)
                return cli_wrong(
                        c, "a batch of %llu letters of %llu bytes is larger than a message may be",
                        (unsigned long long)run.batch, (unsigned long long)run.size);
        r = places_open(&run.places, c->argument[0]);
        if (r)
                return cli_fail(c, "%s: %s (made by 'fumibako-bench prep')", c->argument[0],
                                strerror(-r));
        if (run.fixed > run.places.count)
                return cli_wrong(c, "--among: there are only %llu mailboxes",
                                 (unsigned long long)run.places.count);
        r = bench_who_open(&run.who, c);
        if (!r) {
                run.pool = malloc(POOL);
                if (run.pool)
                        keys_random(run.pool, POOL);
                r = run.pool ? run_senders(c, &run) : cli_fail(c, "no memory");
                free(run.pool);
                bench_who_close(&run.who);
        }
        places_close(&run.places);
        return r;
}
