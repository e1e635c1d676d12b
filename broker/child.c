/* child.c - what front and keeper do between fork and their room
 *
 * The order matters: rights are given up first, then the seed is read and turned into the keys of
 * this process, then the process is confined, and only then it meets ZeroMQ or the store. */
#include "child.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/secret.h"
#include "front/front.h"
#include "keeper/keeper.h"
#include "sandbox/drop.h"
#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"
#include "seed.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static _Noreturn void end(int code)
{
        _exit(code); /* the parent's atexit handlers are not ours */
}

static _Noreturn void end_fault(const char *doing, int r)
{
        log_error("cannot go on", "doing", "%s: %s", doing, strerror(-r));
        end(CHILD_FAULT);
}

static void begin(const struct child_start *s, const char *room)
{
        char name[16];
        sigset_t none;
        int r;

        log_open(room, (enum log_level)s->config->log, (enum log_form)s->config->log_form);
        snprintf(name, sizeof(name), "fumibako-%s", room);
        prctl(PR_SET_NAME, name, 0, 0, 0);
        r = drop_orphan(s->parent);
        if (!r)
                r = drop_privileges();
        if (r)
                end_fault("giving up rights", r);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
}

static struct seed *take_seed(const struct child_start *s)
{
        BUF_OWNED why = { 0 };
        struct seed *seed;
        int r = seed_read(&seed, s->config->keys, geteuid(), &why);

        if (!r)
                return seed;
        log_error("no key", "why", "%s", r > 0 ? buf_cstr(&why) : strerror(-r));
        end(CHILD_HOPELESS);
}

/* @missing: the kernel has no such thing. Then only a configuration that says so goes on. */
static void judge(const struct child_start *s, const char *what, int r, int missing)
{
        if (r < 0)
                end_fault(what, r);
        if (r != missing)
                return;
        if (s->config->sandbox == CONFIG_SANDBOX_YES) {
                log_error("this system has no confinement of a kind that is needed", "kind",
                          "%s; 'sandbox = weak' goes on without", what);
                end(CHILD_HOPELESS);
        }
        log_warn("going on without a kind of confinement", "kind", "%s", what);
}

static void confine(const struct child_start *s, enum seccomp_room room, const char *folder)
{
        if (s->config->sandbox == CONFIG_SANDBOX_NO) {
                log_warn("not confined", "sandbox", "%s", "no");
                return;
        }
        judge(s, "Landlock", landlock_confine(folder), LANDLOCK_MISSING);
        judge(s, "seccomp", seccomp_confine(room), SECCOMP_MISSING);
}

static void say_ready(const struct child_start *s)
{
        if (write(s->ready, "", 1) < 0)
                fault(-errno);
        close(s->ready);
}

/* ---- front ---- */

static void raise_files(void)
{
        struct rlimit files;

        if (getrlimit(RLIMIT_NOFILE, &files) < 0)
                return;
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
}

void child_front(const struct child_start *s)
{
        struct curve_sec *transport = secret_new(sizeof(*transport));
        struct front_config cfg = { .transport = transport,
                                    .listens = s->listens,
                                    .keeper = s->channel,
                                    .stop = s->stop,
                                    .rate = s->config->rate };
        struct front *front;
        struct seed *seed;
        int r;

        begin(s, "front");
        seed = take_seed(s);
        if (!transport)
                end_fault("locking memory for keys", -ENOMEM);
        seed_transport(seed, transport);
        secret_free(seed);
        raise_files();
        confine(s, SECCOMP_FRONT, NULL);
        for (size_t i = 0; i < s->listens; i++) {
                cfg.listen[i] = s->listen[i];
                memcpy(cfg.endpoint[i], s->endpoint[i], sizeof(cfg.endpoint[i]));
        }
        r = front_open(&front, &cfg);
        if (r)
                end_fault("beginning to listen", r);
        secret_free(transport);
        say_ready(s);
        r = front_run(front);
        if (r < 0)
                end_fault("serving", r);
        front_close(&front);
        end(CHILD_DONE); /* FRONT_KEEPER_GONE too: its death is the news */
}

/* ---- keeper ---- */

static void core_config_of(struct core_config *out, const struct config *c, const struct seed *seed)
{
        struct sign_sec *key = secret_new(2 * sizeof(*key));

        if (!key)
                end_fault("locking memory for keys", -ENOMEM);
        seed_broker_sign(seed, &key[0]);
        seed_log_sign(seed, &key[1]);
        *out = (struct core_config){
                .broker_key = &key[0],
                .log_key = &key[1],
                .registrars = c->registrars,
                .witnesses = c->witnesses,
                .self_enrol = c->self_enrol,
                .box_bytes = c->box_bytes,
                .clock_window = (int64_t)c->clock_window * CLOCK_SECOND,
                .uploads_most = c->uploads_most,
                .random = keys_random,
        };
        snprintf(out->name, sizeof(out->name), "%s", c->name);
        snprintf(out->origin, sizeof(out->origin), "%.200s/log/0", c->name);
        memcpy(out->registrar, c->registrar, c->registrars * sizeof(c->registrar[0]));
        memcpy(out->witness, c->witness, c->witnesses * sizeof(c->witness[0]));
}

void child_keeper(const struct child_start *s)
{
        const struct config *c = s->config;
        struct keeper_config cfg = {
                .front = s->channel,
                .store = { .engine = config_engines[c->engine],
                           .path = c->store,
                           .map_most = c->map_most,
                           .create = true },
                .threads = (unsigned)c->threads,
                .commit_bytes = c->commit_bytes,
        };
        struct keeper *keeper;
        struct seed *seed;
        int r;

        begin(s, "keeper");
        seed = take_seed(s);
        core_config_of(&cfg.core, c, seed);
        secret_free(seed);
        confine(s, SECCOMP_KEEPER, strcmp(cfg.store.engine, "mem") == 0 ? NULL : c->store);
        r = keeper_open(&keeper, &cfg);
        if (r > 0)
                end(CHILD_HOPELESS);
        if (r < 0)
                end_fault("opening the store", r);
        say_ready(s);
        r = keeper_run(keeper);
        if (r < 0)
                end_fault("serving", r);
        keeper_close(&keeper);
        if (r == KEEPER_FENCED)
                log_error("another broker has taken over the store", "store", "%s", c->store);
        end(r ? CHILD_HOPELESS : CHILD_DONE);
}
