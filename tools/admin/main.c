/* main.c - fumibako-admin: what operators and registrars do */
#include "admin/admin.h"

#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"

#include <errno.h>

#define OUT                                                                                        \
        {                                                                                          \
                "out", "FILE", "write there instead of to standard output"                         \
        }
#define VALIDITY                                                                                   \
        { "from", "INSTANT", "in force from then on, RFC 3339 (default: today)" },                 \
        {                                                                                          \
                "days", "N", "in force for so many days (default: 365)"                            \
        }

static const struct cli_option broker_init_options[] = {
        { "name", "NAME", "the broker's name, for example post.example" },
        { "listen", "ENDPOINT", "where it listens (default: tcp://127.0.0.1:7733)" },
        { "registrar", "VKEY", "whose registrations it takes; more can be added to the file" },
        { NULL },
};
static const struct cli_option registrar_init_options[] = {
        { "name", "NAME", "the registrar's name, for example registrar.example" },
        { NULL },
};
static const struct cli_option sender_options[] = {
        { "registrar", "FILE", "the registrar's key file" },
        { "organisation", "NAME", "the organisation's own name, as a citizen knows it" },
        { "number", "NUMBER", "houjin:13 digits (法人番号) or dantai:6 digits (団体コード)" },
        { "classes", "LIST", "what it may send, for example certificate,notice" },
        { "previous", "FILE", "the registration that this one follows" },
        VALIDITY,
        OUT,
        { NULL },
};
static const struct cli_option enrol_options[] = {
        { "registrar", "FILE", "the registrar's key file" },
        { "level", "N",
          "how the holder's identity was checked: 1 said so, 2 in person or by account, 3 "
          "certificate" },
        VALIDITY,
        OUT,
        { NULL },
};
static const struct cli_option trust_options[] = {
        { "broker-key", "FILE", "the broker's key file" },
        { "name", "NAME", "the broker's name" },
        { "endpoint", "ENDPOINT", "where clients reach it" },
        { "registrar", "VKEY", "whose registrations are believed" },
        { "policy", "FILE", "witness, group and quorum lines to put into it (C2SP tlog-policy)" },
        OUT,
        { NULL },
};
static const struct cli_option enlist_options[] = {
        { "trust", "FILE", "the trust file that names the broker" },
        { NULL },
};
static const struct cli_option counters_options[] = {
        { "run", "FOLDER", "the broker's run folder, which holds counters.sock" },
        { NULL },
};

static const struct cli_command commands[] = {
        { "broker init", "FOLDER", "make a broker's key, store folder and configuration",
          "FOLDER gets broker.key, fumibakod.conf, store/ and run/. Nothing that is there is "
          "overwritten.",
          1, 1, broker_init_options, admin_broker_init },
        { "registrar init", "FOLDER", "make a registrar's key",
          "FOLDER gets registrar.key; its vkey is printed.", 1, 1, registrar_init_options,
          admin_registrar_init },
        { "registrar sender", "REQUEST", "register a sender: sign its registration",
          "REQUEST is what 'fumibako-post init' made. Check who hands it in: the signature vouches "
          "for it.",
          1, 1, sender_options, admin_sender },
        { "registrar enrol", "MAILBOX", "enrol a holder: vouch for a mailbox at an assurance level",
          "MAILBOX is the mailbox statement that 'fumibako init' made.", 1, 1, enrol_options,
          admin_enrol },
        { "trust", "", "write the trust file that clients of a broker need", NULL, 0, 0,
          trust_options, admin_trust },
        { "enlist", "STATEMENT", "hand a sender's registration to the broker", NULL, 1, 1,
          enlist_options, admin_enlist },
        { "counters", "", "show what a running broker counts", NULL, 0, 0, counters_options,
          admin_counters },
        { .run = NULL },
};

static const struct cli_option common[] = {
        { "json", NULL, "answer in JSON" },
        { NULL },
};

/* {"code":0,"text":...} or {"code":0,"written":PATH}. */
static int put_json(const char *key, struct slice value)
{
        BUF_OWNED out = { 0 };

        buf_printf(&out, "{\"code\":0,\"%s\":", key);
        text_put_json(&out, value);
        buf_puts(&out, "}\n");
        fputs(buf_cstr(&out), stdout);
        return CLI_DONE;
}

int admin_put(struct cli *c, struct slice bytes)
{
        const char *path = cli_get(c, "out");
        int r;

        if (!path && cli_json(c))
                return put_json("text", bytes);
        if (!path)
                return fwrite(bytes.at, 1, bytes.len, stdout) == bytes.len
                               ? CLI_DONE
                               : cli_fail(c, "standard output: %s", strerror(errno));
        r = file_deliver(path, bytes, 0644);
        if (r)
                return cli_fail(c, "%s: %s", path, strerror(-r));
        return cli_json(c) ? put_json("written", slice_str(path)) : CLI_DONE;
}

int admin_get(struct cli *c, struct buf *out, const char *path, size_t most)
{
        int r = file_read(out, path, most);

        if (r == FILE_ABSENT)
                return cli_fail(c, "%s: there is no such file", path);
        if (r == FILE_TOO_LARGE)
                return cli_fail(c, "%s: larger than the %zu bytes such a file may have", path,
                                most);
        return r ? cli_fail(c, "%s: %s", path, strerror(-r)) : 0;
}

int admin_validity(struct cli *c, instant *from, instant *until)
{
        const char *text = cli_get(c, "from");

        *from = clock_now() / CLOCK_DAY * CLOCK_DAY;
        if (text && !clock_parse(slice_str(text), from))
                return cli_wrong(
                        c, "--from takes an instant such as 2026-11-23T00:00:00Z, not '%s'", text);
        *from = *from / 1000 * 1000;
        *until = *from + (instant)cli_number(c, "days", 1, 36500, 365) * CLOCK_DAY;
        return 0;
}

int main(int argc, char **argv)
{
        static const struct cli_program program = {
                .name = "fumibako-admin",
                .about = "Set up brokers and registrars, register senders, enrol holders, look at "
                         "counters.",
                .command = commands,
                .option = common,
        };

        if (secret_init() < 0)
                return CLI_FAILED;
        log_open("admin", LOG_QUIET, LOG_TEXT);
        return cli_main(&program, argc, argv);
}
