/* main.c - fumibako-bench: measure a running broker with the real client code */
#include "bench/bench.h"

#include "base/log.h"
#include "base/secret.h"

#include <limits.h>

#define LETTERS                                                                                    \
        {                                                                                          \
                "letters", "N", "how many (default: 100000)"                                       \
        }
#define SIZE                                                                                       \
        {                                                                                          \
                "size", "BYTES", "of a sealed body (default: 2048)"                                \
        }

static const struct cli_option prep_options[] = {
        { "mailboxes", "M", "how many (default: 1000)" },
        { "registrar", "FILE",
          "the registrar's key file: each mailbox is enrolled like any other" },
        { NULL },
};
static const struct cli_option submit_options[] = {
        LETTERS,
        SIZE,
        { "senders", "C", "connections, a thread each (default: 4)" },
        { "batch", "B", "letters under one signature in one message (default: 256)" },
        { "window", "W", "messages in flight on each connection (default: 4)" },
        { "among", "M", "write to the first M mailboxes only (default: all)" },
        { "pid", "PID", "the broker's process: report its CPU and memory" },
        { "store", "FOLDER", "its store: report disk bytes" },
        { NULL },
};
static const struct cli_option fetch_options[] = {
        { "recipients", "R", "at a time (default: 8)" },
        { "among", "M", "the first M mailboxes only (default: all)" },
        { NULL },
};
static const struct cli_option first_options[] = {
        { "seconds", "N", "give up after so long (default: 60)" },
        { NULL },
};
static const struct cli_option seal_options[] = {
        { "letters", "N", "how many (default: 10000)" },
        { "size", "BYTES", "of the one part (default: 4096)" },
        { NULL },
};

static const struct cli_command commands[] = {
        { "prep", "PLACES", "register mailboxes with an address each; writes the file PLACES", NULL,
          1, 1, prep_options, bench_prep },
        { "submit", "PLACES", "file letters and report rate, latency and what it cost", NULL, 1, 1,
          submit_options, bench_submit },
        { "fetch", "PLACES", "list, fetch and acknowledge what was filed", NULL, 1, 1,
          fetch_options, bench_fetch },
        { "first", "", "wait for the broker's first answer: start it at the same moment", NULL, 0,
          0, first_options, bench_first },
        { "seal", "", "seal and sign letters without a broker", NULL, 0, 0, seal_options,
          bench_seal },
        { .run = NULL },
};

static const struct cli_option common[] = {
        { "profile", "FOLDER", "the sender's profile, registered at the broker" },
        { "trust", "FILE", "the trust file (default: the profile's)" },
        { "json", NULL, "one JSON object" },
        { NULL },
};

int bench_who_open(struct bench_who *out, struct cli *c)
{
        const char *profile = cli_get(c, "profile");
        char path[PATH_MAX], why[512];
        struct trust_why trust_why;
        int r;

        if (!profile)
                return cli_wrong(c, "--profile FOLDER is missing ('fumibako-post init' makes one)");
        *out = (struct bench_who){ .sign = NULL };
        snprintf(path, sizeof(path), "%s/trust", profile);
        if (trust_read(&out->trust, cli_has(c, "trust") ? cli_get(c, "trust") : path, &trust_why))
                return cli_fail(c, "%s", trust_why.text);
        snprintf(path, sizeof(path), "%s/sender.key", profile);
        r = keyfile_read(&out->key, path, "sender");
        if (r) {
                keyfile_why(why, r, path, "sender");
                return cli_fail(c, "%s", why);
        }
        out->sign = secret_new(sizeof(*out->sign));
        out->curve = secret_new(sizeof(*out->curve));
        if (!out->sign || !out->curve) {
                bench_who_close(out);
                return cli_fail(c, "no locked memory");
        }
        keys_derive_sign(out->sign, out->key.seed, "sender sign", 0);
        keys_derive_curve(out->curve, out->key.seed, "sender transport", 0);
        keys_curve_pub(&out->curve_pub, out->curve);
        return 0;
}

void bench_who_close(struct bench_who *w)
{
        secret_free(w->sign);
        secret_free(w->curve);
        keyfile_free(&w->key);
}

int main(int argc, char **argv)
{
        static const struct cli_program program = {
                .name = "fumibako-bench",
                .about = "Measure a running broker with the real client code: rate, latency, CPU, "
                         "memory, disk.",
                .command = commands,
                .option = common,
        };

        if (secret_init() < 0)
                return CLI_FAILED;
        log_open("bench", LOG_QUIET, LOG_TEXT);
        return cli_main(&program, argc, argv);
}
