/* driver.c - the drivers' common half: keys, places, journal, and patience with a broker that dies
 */
#include "driver.h"

#include "base/clock.h"
#include "base/secret.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

volatile sig_atomic_t driver_stop;

static void on_stop(int sig)
{
        driver_stop = 1;
}

uint64_t driver_random(struct driver *d, uint64_t below)
{
        uint64_t z = d->state += 0x9e3779b97f4a7c15;

        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return (z ^ z >> 31) % below;
}

bool driver_later(uint64_t code)
{
        return code == OUTCOME_BUSY || code == OUTCOME_STORE_FULL || code == OUTCOME_STOPPING ||
               code == OUTCOME_RATE || code == OUTCOME_BROKER_FAULT;
}

static int await(struct session *s, uint64_t number, struct buf *bytes, struct frame *frame,
                 int64_t wait_ms)
{
        int64_t until = clock_mono_us() + wait_ms * 1000;
        int r;

        do
                r = session_receive(s, frame, bytes, (until - clock_mono_us()) / 1000 + 1);
        while (r == -EINTR || (!r && frame->number != number));
        return r;
}

int driver_ask(struct session *s, uint64_t verb, const void *ask, struct buf *bytes, void *answer)
{
        const struct frame_verb *v = frame_verb_of(verb);
        int64_t wait_ms = 250;

        for (;;) {
                struct frame frame;
                uint64_t number;
                int r = session_send(s, verb, ask, &number);

                if (!r)
                        r = await(s, number, bytes, &frame, wait_ms);
                if (r == OUTCOME_NO_ANSWER) {
                        wait_ms = wait_ms < 4000 ? 2 * wait_ms : wait_ms;
                        r = session_reconnect(s);
                        if (r)
                                return r;
                        continue;
                }
                if (r)
                        return r;
                if (driver_later(frame.code)) {
                        usleep(50000);
                        continue;
                }
                if (field_read_message(v->answer, buf_slice(bytes), answer, NULL) && !frame.code)
                        return -EPROTO;
                return (int)frame.code;
        }
}

static int open_all(struct driver *d, const char *folder, const char *name)
{
        char path[PATH_MAX];
        struct trust_why why;
        int r;

        snprintf(path, sizeof(path), "%s/trust", folder);
        r = trust_read(&d->trust, path, &why);
        if (r)
                return r;
        snprintf(path, sizeof(path), "%s/sender.key", folder);
        r = keyfile_read(&d->key, path, "sender");
        if (r)
                return r;
        d->sign = secret_new(sizeof(*d->sign));
        d->curve = secret_new(sizeof(*d->curve));
        if (!d->sign || !d->curve)
                return -ENOMEM;
        keys_derive_sign(d->sign, d->key.seed, "sender sign", 0);
        keys_derive_curve(d->curve, d->key.seed, "sender transport", 0);
        keys_curve_pub(&d->pub, d->curve);
        snprintf(path, sizeof(path), "%s/places", folder);
        r = places_open(&d->places, path);
        if (r)
                return r;
        keys_random(&d->state, sizeof(d->state));
        snprintf(path, sizeof(path), "%s/%s.journal", folder, name);
        return journal_open(&d->journal, path, d->places.count);
}

int main(int argc, char **argv)
{
        static const struct {
                const char *name;
                int (*run)(struct driver *d);
        } kinds[] = { { "post", post_run }, { "chunk", chunk_run }, { "take", take_run } };
        struct driver d = { .journal.fd = -1 };
        sigset_t stop;
        int r;

        if (argc != 4 || secret_init())
                return 2;
        /* Whoever starts us blocks it until we can hear it. */
        signal(SIGTERM, on_stop);
        sigemptyset(&stop);
        sigaddset(&stop, SIGTERM);
        sigprocmask(SIG_UNBLOCK, &stop, NULL);
        r = open_all(&d, argv[2], argv[3]);
        for (size_t i = 0; !r && i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (strcmp(argv[1], kinds[i].name) == 0)
                        r = kinds[i].run(&d);
        journal_close(&d.journal);
        places_close(&d.places);
        secret_free(d.sign);
        secret_free(d.curve);
        keyfile_free(&d.key);
        if (r)
                fprintf(stderr, "driver %s %s: %d\n", argv[1], argv[3], r);
        return r ? 1 : 0;
}
