/* watch.c - the commands that speak to the broker: one round, or one after the other
 *
 * Nothing is caught and nothing cleaned up: a witness may be killed at any instruction. */
#include "witness/witness.h"

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "schemas/outcomes.h"

#include <stdio.h>
#include <time.h>

static int connect_broker(struct witness *w)
{
        SECRET_OWNED struct curve_sec *sec = secret_new(sizeof(*sec));
        struct curve_pub pub;
        int r;

        if (w->session)
                return 0;
        if (!sec)
                return witness_say(w, -1, "no locked memory");
        keys_curve_new(&pub, sec);
        r = session_open(&w->session, &w->trust, &pub, sec);
        return r ? witness_say(w, r, "%s: %s", w->trust.endpoint, strerror(-r)) : 0;
}

static void put_state(struct buf *out, const struct witness *w, const struct round *told, bool json)
{
        buf_printf(out,
                   json ? "{\"code\":0,\"log\":\"%s\",\"size\":%llu,\"cosigned\":%llu,\"root\":\""
                        : "%s: size %llu, %llu new, root ",
                   w->state.origin, (unsigned long long)w->state.c.size,
                   (unsigned long long)told->cosigned);
        text_put_base64(out, slice_hash(&w->state.c.root));
        buf_puts(out, json ? "\"}\n" : "\n");
}

static int say_round(struct cli *c, const struct witness *w, const struct round *told, int r)
{
        BUF_OWNED out = { 0 };

        if (r)
                return cli_refuse(c, r, w->why[0] ? w->why : w->folder, NULL);
        put_state(&out, w, told, cli_json(c));
        fputs(buf_cstr(&out), stdout);
        return fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
}

int witness_cosign(struct cli *c)
{
        struct round told = { 0 };
        struct witness *w;
        int r = witness_open(&w, c, true);

        if (r)
                return r;
        r = connect_broker(w);
        if (!r)
                r = round_go(&told, w);
        r = say_round(c, w, &told, r);
        witness_close(w);
        return r;
}

/* ---- watch ---- */

enum { LOOK_MS = 1000 };

struct watching {
        struct witness *w;
        struct buf seen;        /* the newest checkpoint at the last look */
        int64_t last;           /* round, monotonic microseconds */
        char said[WITNESS_WHY]; /* the last trouble, said once */
};

/* Is there a reason for a round: another checkpoint than the last time, or enough time gone by? */
static int look(struct watching *x, int64_t every_us, bool *due)
{
        BUF_OWNED newest = { 0 };
        int r = round_newest(x->w, &newest);

        if (r)
                return r;
        *due = clock_mono_us() - x->last >= every_us || !x->last ||
               !slice_eq(buf_slice(&newest), buf_slice(&x->seen));
        buf_clear(&x->seen);
        buf_put(&x->seen, buf_slice(&newest));
        return buf_fault(&x->seen);
}

static void say_once(struct cli *c, struct watching *x, const struct round *told, int r)
{
        if (r && strcmp(x->said, x->w->why) != 0)
                say_round(c, x->w, told, r);
        if (!r && told->cosigned)
                say_round(c, x->w, told, 0);
        snprintf(x->said, sizeof(x->said), "%s", r ? x->w->why : "");
}

static void step(struct cli *c, struct watching *x, int64_t every_us)
{
        struct round told = { 0 };
        bool due = false;
        int r = connect_broker(x->w);

        if (!r)
                r = look(x, every_us, &due);
        if (!r && !due)
                return;
        if (!r) {
                r = round_go(&told, x->w);
                x->last = clock_mono_us();
        }
        say_once(c, x, &told, r);
        if (r < 0 || r == OUTCOME_NO_ANSWER)
                session_close(&x->w->session); /* whatever broke, a fresh connection is the cure */
}

int watch_run(struct cli *c)
{
        int64_t every_us = (int64_t)cli_number(c, "every", 1, 86400, 10) * 1000000;
        const struct timespec pause = { .tv_sec = LOOK_MS / 1000 };
        struct watching x = { .last = 0 };
        int r = witness_open(&x.w, c, true);

        if (r)
                return r;
        for (;;) {
                step(c, &x, every_us);
                nanosleep(&pause, NULL);
        }
}
