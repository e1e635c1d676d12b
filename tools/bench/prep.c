/* prep.c - register M mailboxes with an address each, through the protocol like any other */
#include "bench/bench.h"

#include "base/clock.h"
#include "base/secret.h"
#include "letter/statement.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"
#include "sdk/session.h"

#include <errno.h>
#include <stdlib.h>

struct prep {
        const struct places *places;
        struct place *place;
        struct session *session;
        const char *sender;
        struct note_key registrar;
        const struct sign_sec *registrar_sec;
        struct sign_sec *sec; /* scratch, secret memory */
        struct curve_sec *curve;
        instant from, until;
        struct buf statement, enrolment;
        int code; /* first refusal */
};

static int send_register(struct prep *p, uint64_t n, struct mailbox *box)
{
        struct mailbox_statement s = {
                .epoch = 1, .devices = 1, .from = p->from, .until = p->until
        };
        struct enrolment e = { .level = 2, .from = p->from, .until = p->until };
        struct ask_register ask = { .has_enrolment = true };
        uint64_t number;

        places_mailbox_key(p->places, n, p->sec);
        places_transport(p->places, n, &s.device[0].key, p->curve);
        s.device[0].name = slice_str("bench");
        buf_clear(&p->statement);
        buf_clear(&p->enrolment);
        statement_write_mailbox(&p->statement, &s, p->sec);
        *box = e.mailbox = s.mailbox;
        e.key = s.key;
        statement_write_enrolment(&p->enrolment, &e, &p->registrar, p->registrar_sec);
        ask.statement = buf_slice(&p->statement);
        ask.enrolment = buf_slice(&p->enrolment);
        return session_send(p->session, VERB_REGISTER, &ask, &number);
}

static int send_publish(struct prep *p, uint64_t n, const struct mailbox *box)
{
        struct address_statement s = {
                .epoch = 1, .accepts = 1, .seals = 1, .from = p->from, .until = p->until
        };
        struct ask_publish ask = { 0 };
        struct signature sig;
        BUF_OWNED message = { 0 };
        uint64_t number;

        keys_random(s.seal[0].to.b, sizeof(s.seal[0].to.b));
        s.accept[0] = (struct statement_accept){ slice_str(p->sender), 1u << CLASS_CERTIFICATE };
        keys_derive_sign(p->sec, &p->places->seed, "bench address", (uint32_t)n);
        buf_clear(&p->statement);
        statement_write_address(&p->statement, &s, p->sec);
        p->place[n].address = s.address;
        p->place[n].statement = s.hash;
        statement_bind_message(&message, slice_str(box->s), &s.hash);
        places_mailbox_key(p->places, n, p->sec);
        sign_make(&sig, buf_slice(&message), p->sec);
        ask.statement = buf_slice(&p->statement);
        ask.mailbox = slice_str(box->s);
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        return session_send(p->session, VERB_PUBLISH, &ask, &number);
}

static int take_answers(struct prep *p, uint64_t *waiting, uint64_t most)
{
        BUF_OWNED bytes = { 0 };
        struct frame frame;

        while (*waiting > most) {
                int r = session_receive(p->session, &frame, &bytes, 30000);

                if (r)
                        return r;
                if (frame.code)
                        return (int)frame.code;
                (*waiting)--;
        }
        return 0;
}

/* A mailbox must be there before its address, and both must not be in one commit by chance alone:
 * all mailboxes of a stretch first, then all addresses. */
static int prepare_all(struct prep *p, struct cli_progress *progress)
{
        enum { STRETCH = 512 };
        struct mailbox *box = calloc(STRETCH, sizeof(*box));
        uint64_t waiting = 0;
        int r = box ? 0 : -ENOMEM;

        for (uint64_t n = 0; !r && n < p->places->count; n += STRETCH) {
                uint64_t many = p->places->count - n < STRETCH ? p->places->count - n : STRETCH;

                for (uint64_t i = 0; !r && i < many; i++, waiting++)
                        r = send_register(p, n + i, &box[i]);
                if (!r)
                        r = take_answers(p, &waiting, 0);
                for (uint64_t i = 0; !r && i < many; i++, waiting++)
                        r = send_publish(p, n + i, &box[i]);
                if (!r)
                        r = take_answers(p, &waiting, 0);
                cli_progress_show(progress, n + many);
        }
        free(box);
        return r;
}

static int prepare(struct cli *c, struct bench_who *who, struct places *places, struct place *place,
                   const struct keyfile *registrar)
{
        struct prep p = { .places = places, .place = place, .sender = who->key.name };
        struct cli_progress progress;
        SECRET_OWNED struct sign_sec *rsec = secret_new(sizeof(*rsec));
        int r;

        p.sec = secret_new(sizeof(*p.sec));
        p.curve = secret_new(sizeof(*p.curve));
        keys_derive_sign(rsec, registrar->seed, "registrar sign", 0);
        keys_sign_pub(&p.registrar.pub, rsec);
        snprintf(p.registrar.name, sizeof(p.registrar.name), "%s", registrar->name);
        p.registrar_sec = rsec;
        p.from = clock_now() / CLOCK_DAY * CLOCK_DAY;
        p.until = p.from + 365 * CLOCK_DAY;
        r = session_open(&p.session, &who->trust, &who->curve_pub, who->curve);
        cli_progress_begin(&progress, cli_japanese() ? "私書箱を準備中" : "preparing mailboxes",
                           places->count);
        if (!r)
                r = prepare_all(&p, &progress);
        cli_progress_end(&progress, r ? 0 : places->count);
        session_close(&p.session);
        buf_free(&p.statement);
        buf_free(&p.enrolment);
        secret_free(p.sec);
        secret_free(p.curve);
        return r;
}

int bench_prep(struct cli *c)
{
        struct places places = { .count = cli_number(c, "mailboxes", 1, 10000000, 1000) };
        const char *path = cli_get(c, "registrar");
        struct keyfile registrar;
        struct place *place;
        struct bench_who who;
        char why[512];
        int r;

        if (!path)
                return cli_wrong(c,
                                 "--registrar FILE, the key that enrols the mailboxes, is missing");
        r = keyfile_read(&registrar, path, "registrar");
        if (r) {
                keyfile_why(why, r, path, "registrar");
                return cli_fail(c, "%s", why);
        }
        r = bench_who_open(&who, c);
        if (r) {
                keyfile_free(&registrar);
                return r;
        }
        keys_random(places.seed.b, sizeof(places.seed.b));
        place = calloc(places.count, sizeof(*place));
        r = place ? prepare(c, &who, &places, place, &registrar) : -ENOMEM;
        if (!r)
                r = places_write(c->argument[0], &places, place);
        free(place);
        keyfile_free(&registrar);
        bench_who_close(&who);
        return r ? cli_refuse(c, r, "prep", NULL) : CLI_DONE;
}
