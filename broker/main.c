/* main.c - fumibakod: the command line */
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/cli.h"
#include "config.h"
#include "examine.h"
#include "parent.h"
#include "place.h"
#include "seed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_DEFAULT "/etc/fumibako/fumibakod.conf"

enum action { RUN, CHECK, TRUST };

struct given {
        const char *config;
        enum action action;
        bool background;
        const char *log_file;
};

static void help(void)
{
        const struct config_key *keys;
        size_t count;

        printf("usage: fumibakod [--config FILE] [OPTION]... [--KEY VALUE]...\n\n"
               "The Fumibako broker: files sealed letters in mailboxes, and proves that it did.\n\n"
               "  --config FILE     read this file; %s when not given and there\n"
               "  --check-config    say whether the configuration is good, change nothing\n"
               "  --print-trust     print the trust file that clients of this broker need\n"
               "  --background      go on in the background once the broker serves\n"
               "  --log-file FILE   where the log goes with --background; RUN/log when not given\n"
               "  --foreground      stay; the default\n"
               "  --help, --version\n\n"
               "Keys of the file, each also a flag that overrides it:\n",
               CONFIG_DEFAULT);
        keys = config_keys(&count);
        for (size_t i = 0; i < count; i++)
                printf("  --%-12s %-14s %s\n", keys[i].name, keys[i].value, keys[i].help);
}

static int wrong(const char *what)
{
        fprintf(stderr, "fumibakod: %s\n'fumibakod --help' lists what there is.\n", what);
        return CLI_USAGE;
}

static int unknown_flag(const char *word)
{
        static const char *const own[] = { "config",   "check-config", "print-trust", "background",
                                           "log-file", "foreground",   "help",        "version" };
        const char *names[64], *near;
        const struct config_key *keys;
        size_t count, n = 0;
        char what[256];

        for (; n < sizeof(own) / sizeof(own[0]); n++)
                names[n] = own[n];
        keys = config_keys(&count);
        for (size_t i = 0; i < count; i++)
                names[n++] = keys[i].name;
        near = cli_nearest(word + strspn(word, "-"), names, n);
        if (near)
                snprintf(what, sizeof(what), "no option '%.100s'; did you mean '--%s'?", word,
                         near);
        else
                snprintf(what, sizeof(what), "no option '%.100s'", word);
        return wrong(what);
}

/* ---- flags ---- */

enum { GO_ON = -1 };

struct flags {
        int argc;
        char **argv;
        int at;
        struct given *given;
        struct config *config; /* NULL on the first of two rounds, which looks for the file only */
        char seen[512];        /* keys given before, so that a second --registrar appends */
};

/* The flag's value: behind '=' or the next word. NULL: there is none. */
static const char *value_of(struct flags *f, const char *equals)
{
        if (equals)
                return equals + 1;
        return f->at + 1 < f->argc ? f->argv[++f->at] : NULL;
}

static bool is_key(const char *name)
{
        size_t count;
        const struct config_key *keys = config_keys(&count);

        for (size_t i = 0; i < count; i++)
                if (strcmp(keys[i].name, name) == 0)
                        return true;
        return false;
}

static int set_key(struct flags *f, const char *name, const char *value)
{
        BUF_OWNED why = { 0 };
        char mark[48];
        bool again;

        if (!f->config)
                return GO_ON;
        snprintf(mark, sizeof(mark), "[%.40s]", name);
        again = strstr(f->seen, mark);
        if (!again && strlen(f->seen) + strlen(mark) < sizeof(f->seen))
                memcpy(f->seen + strlen(f->seen), mark, strlen(mark) + 1);
        return config_set(f->config, name, value, again, &why) == 0 ? GO_ON : wrong(buf_cstr(&why));
}

static int take_own(struct flags *f, const char *name)
{
        struct given *g = f->given;

        if (strcmp(name, "check-config") == 0)
                g->action = CHECK;
        else if (strcmp(name, "print-trust") == 0)
                g->action = TRUST;
        else if (strcmp(name, "background") == 0)
                g->background = true;
        else if (strcmp(name, "foreground") == 0)
                g->background = false;
        else
                return 0;
        return GO_ON;
}

static int take_flag(struct flags *f)
{
        const char *word = f->argv[f->at], *equals = strchr(word, '='), *value;
        char name[64], what[128];
        int r;

        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
                help();
                return CLI_DONE;
        }
        if (strcmp(word, "--version") == 0) {
                printf("fumibakod %s\n", FUMIBAKO_VERSION);
                return CLI_DONE;
        }
        if (strncmp(word, "--", 2) != 0)
                return unknown_flag(word);
        snprintf(name, sizeof(name), "%.*s", (int)(equals ? equals - word - 2 : 60), word + 2);
        r = equals ? 0 : take_own(f, name);
        if (r)
                return r;
        for (char *p = name; *p && strcmp(name, "log-file") != 0; p++)
                *p = *p == '-' ? '_' : *p;
        if (strcmp(name, "config") != 0 && strcmp(name, "log-file") != 0 && !is_key(name))
                return unknown_flag(word);
        value = value_of(f, equals);
        if (!value) {
                snprintf(what, sizeof(what), "--%s needs a value", name);
                return wrong(what);
        }
        if (is_key(name))
                return set_key(f, name, value);
        *(strcmp(name, "config") == 0 ? &f->given->config : &f->given->log_file) = value;
        return GO_ON;
}

static int take_flags(struct given *g, struct config *c, int argc, char **argv)
{
        struct flags f = { .argc = argc, .argv = argv, .given = g, .config = c };
        int r = GO_ON;

        for (f.at = 1; f.at < argc && r == GO_ON; f.at++)
                r = take_flag(&f);
        return r;
}

/* File, then flags, then what only shows when both are read. */
static int read_everything(struct given *g, struct config *c, int argc, char **argv)
{
        BUF_OWNED why = { 0 };
        int r = take_flags(g, NULL, argc, argv);

        if (r != GO_ON)
                return r;
        config_defaults(c);
        if (!g->config && access(CONFIG_DEFAULT, F_OK) == 0)
                g->config = CONFIG_DEFAULT;
        if (g->config && config_read(c, g->config, &why) != 0) {
                fputs(buf_cstr(&why), stderr);
                return CLI_FAILED;
        }
        r = take_flags(g, c, argc, argv);
        if (r != GO_ON)
                return r;
        if (config_complete(c, &why) == 0)
                return GO_ON;
        fprintf(stderr, "%s: ", g->config ? g->config : "fumibakod");
        fputs(buf_cstr(&why), stderr);
        return CLI_FAILED;
}

/* ---- actions ---- */

static int check(const struct given *g, const struct config *c)
{
        BUF_OWNED why = { 0 };
        int r = examine_config(c, &why);

        fputs(buf_cstr(&why), stderr);
        if (r < 0)
                fprintf(stderr, "fumibakod: %s\n", strerror(-r));
        if (!r)
                printf("%s: good\n", g->config ? g->config : "configuration");
        return r ? CLI_FAILED : CLI_DONE;
}

/* Where clients connect: as the running broker has written, else as configured. */
static void endpoint_of(char out[static 128], const struct config *c)
{
        char path[PATH_MAX];
        BUF_OWNED text = { 0 };

        snprintf(out, 128, "%s", c->listen[0]);
        if (place_path(path, sizeof(path), c, "endpoint") && file_read(&text, path, 1024) == 0)
                snprintf(out, 128, "%.*s", (int)strcspn(buf_cstr(&text), "\n"), buf_cstr(&text));
}

static void put_vkey(struct buf *out, const char *word, const char *name,
                     const struct sign_pub *pub)
{
        struct note_key key = { .pub = *pub };

        snprintf(key.name, sizeof(key.name), "%s", name);
        buf_printf(out, "%s ", word);
        note_vkey_put(out, &key);
        buf_putc(out, '\n');
}

/* E7.1 */
static int put_trust(struct buf *out, const struct config *c, const struct seed *seed)
{
        SECRET_OWNED struct curve_sec *transport = secret_new(sizeof(*transport));
        SECRET_OWNED struct sign_sec *sign = secret_new(sizeof(*sign));
        char origin[NOTE_NAME_MOST + 1], endpoint[128];
        struct curve_pub curve;
        struct sign_pub pub;

        if (!transport || !sign)
                return -ENOMEM;
        seed_transport(seed, transport);
        if (keys_curve_pub(&curve, transport) != 0)
                return -EIO;
        endpoint_of(endpoint, c);
        buf_printf(out, "fumibako trust v1\nbroker %s %s ", c->name, endpoint);
        text_put_base64(out, slice_of(curve.b, sizeof(curve.b)));
        buf_putc(out, '\n');
        seed_broker_sign(seed, sign);
        keys_sign_pub(&pub, sign);
        put_vkey(out, "attest", c->name, &pub);
        seed_log_sign(seed, sign);
        keys_sign_pub(&pub, sign);
        snprintf(origin, sizeof(origin), "%.200s/log/0", c->name);
        put_vkey(out, "log", origin, &pub);
        for (size_t i = 0; i < c->registrars; i++)
                put_vkey(out, "registrar", c->registrar[i].name, &c->registrar[i].pub);
        return buf_fault(out);
}

static int print_trust(const struct config *c)
{
        struct drop_user user;
        struct seed *seed;
        BUF_OWNED text = { 0 };
        int r = place_user(&user, c, &text);

        if (!r)
                r = seed_read(&seed, c->keys, user.uid, &text);
        if (r) {
                fprintf(stderr, "%s", r > 0 ? buf_cstr(&text) : strerror(-r));
                return CLI_FAILED;
        }
        r = put_trust(&text, c, seed);
        secret_free(seed);
        if (!r)
                fputs(buf_cstr(&text), stdout);
        return r ? CLI_FAILED : CLI_DONE;
}

/* Standard input from nowhere, standard error into the log, a session of our own. */
static int detach(const struct given *g, const struct config *c)
{
        char path[PATH_MAX];
        int null = open("/dev/null", O_RDWR | O_CLOEXEC), log;

        if (g->log_file)
                snprintf(path, sizeof(path), "%s", g->log_file);
        else if (!place_path(path, sizeof(path), c, "log"))
                return -ENAMETOOLONG;
        log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (null < 0 || log < 0)
                return -errno;
        if (setsid() < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(log, 2) < 0)
                return -errno;
        close(null);
        close(log);
        return 0;
}

/* The caller gets its prompt back when the broker serves, or the reason why it does not. */
static int run_in_background(const struct given *g, const struct config *c)
{
        struct drop_user user;
        BUF_OWNED why = { 0 };
        char byte;
        int ready[2], r;
        pid_t pid;

        if (place_user(&user, c, &why) != 0 || place_make(c, &user, &why) != 0) {
                fputs(buf_cstr(&why), stderr);
                return CLI_FAILED;
        }
        if (pipe2(ready, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
                perror("fumibakod");
                return CLI_FAILED;
        }
        if (pid == 0) {
                close(ready[0]);
                r = detach(g, c);
                if (r)
                        fprintf(stderr, "fumibakod: the log: %s\n", strerror(-r));
                _exit(r ? CLI_FAILED : parent_run(c, ready[1]));
        }
        close(ready[1]);
        if (read(ready[0], &byte, 1) == 1)
                return CLI_DONE;
        fprintf(stderr, "fumibakod: it does not come up; its log (%s, or log in %s) says why\n",
                g->log_file ? g->log_file : "--log-file", c->run);
        return CLI_FAILED;
}

int main(int argc, char **argv)
{
        struct given given = { 0 };
        static struct config config;
        int r = read_everything(&given, &config, argc, argv);

        if (r != GO_ON)
                return r;
        if (secret_init() != 0) {
                fputs("fumibakod: the crypto library does not start\n", stderr);
                return CLI_FAILED;
        }
        if (given.action == CHECK)
                return check(&given, &config);
        if (given.action == TRUST)
                return print_trust(&config);
        return given.background ? run_in_background(&given, &config) : parent_run(&config, -1);
}
