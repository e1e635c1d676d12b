/* config.c - what the operator says
 *
 * One table of keys; the file, the flags and the help all walk it. */
#include "config.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"
#include "evidence/cosign.h"
#include "letter/name.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum kind { PARTY, LISTEN, PATH, WORD, NUMBER, SIZE, USER, VKEY, WITNESS };

struct key {
        struct config_key about;
        enum kind kind;
        size_t at;
        uint64_t least, most;     /* NUMBER, SIZE */
        const char *const *words; /* WORD: which is stored as a number, or a bool for no_yes */
};

enum { FILE_MOST = 65536 };

const char *const config_engines[] = { "lmdb", "mem", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };
static const char *const levels[] = { "debug", "info", "warn", "error", "quiet", NULL };
static const char *const forms[] = { "text", "json", NULL };
static const char *const sandboxes[] = { "yes", "weak", "no", NULL };

#define AT(member) offsetof(struct config, member)
#define MIB        (UINT64_C(1) << 20)

/* clang-format off */
static const struct key keys[] = {
        { { "name", "NAME", "the broker's name, as in the trust file: a-z 0-9 . - /" },
          PARTY, AT(name) },
        { { "listen", "ENDPOINT", "tcp://ADDRESS:PORT; * as port takes a free one; up to 4 times" },
          LISTEN, AT(listen) },
        { { "store", "FOLDER", "where letters are kept" }, PATH, AT(store) },
        { { "engine", "lmdb|mem", "how they are kept; mem forgets everything at the end" },
          WORD, AT(engine), .words = config_engines },
        { { "run", "FOLDER", "for pid, endpoint and the counters socket" }, PATH, AT(run) },
        { { "keys", "FILE", "the broker's seed, mode 0600" }, PATH, AT(keys) },
        { { "registrar", "VKEY", "who may enrol senders and mailboxes; up to 16 times" },
          VKEY, AT(registrar) },
        { { "witness", "VKEY", "whose cosignatures of checkpoints are kept; up to 16 times" },
          WITNESS, AT(witness) },
        { { "self_enrol", "yes|no", "mailboxes at level 1 without a registrar" },
          WORD, AT(self_enrol), .words = no_yes },
        { { "user", "USER", "whom to become when started as root" }, USER, AT(user) },
        { { "log", "LEVEL", "debug, info, warn, error or quiet" }, WORD, AT(log), .words = levels },
        { { "log_form", "text|json", "form of a log line" }, WORD, AT(log_form), .words = forms },
        { { "box_bytes", "SIZE", "most sealed bytes in one box" },
          SIZE, AT(box_bytes), MIB, UINT64_C(1) << 50 },
        { { "map_most", "SIZE", "most bytes of the store; 0 for no limit but the disk" },
          SIZE, AT(map_most), 0, UINT64_C(1) << 46 },
        { { "threads", "COUNT", "threads of the keeper" },
          NUMBER, AT(threads), 1, CONFIG_THREADS_MOST },
        { { "rate", "COUNT", "most requests a second from one key; 0 for no limit" },
          NUMBER, AT(rate), 0, 10000000 },
        { { "commit_bytes", "SIZE", "most bytes of requests in one commit" },
          SIZE, AT(commit_bytes), 64 << 10, 256 * MIB },
        { { "clock_window", "SECONDS", "how far a letter's time of creation may be off" },
          NUMBER, AT(clock_window), 60, 366 * 86400 },
        { { "uploads_most", "COUNT", "most unfinished uploads of one sender" },
          NUMBER, AT(uploads_most), 1, 1000000 },
        { { "restarts_most", "COUNT", "most restarts of its processes in a minute before it gives up" },
          NUMBER, AT(restarts_most), 0, 10000 },
        { { "sandbox", "yes|weak|no", "confinement; weak goes on where the kernel has none" },
          WORD, AT(sandbox), .words = sandboxes },
};
/* clang-format on */

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

const struct config_key *config_keys(size_t *count)
{
        static struct config_key about[KEYS];

        for (size_t i = 0; i < KEYS; i++)
                about[i] = keys[i].about;
        *count = KEYS;
        return about;
}

void config_defaults(struct config *c)
{
        *c = (struct config){
                .listen = { "tcp://127.0.0.1:7733" },
                .listens = 1,
                .store = "/var/lib/fumibako/store",
                .run = "/run/fumibako",
                .keys = "/etc/fumibako/broker.key",
                .log = LOG_INFO,
                .box_bytes = 1024 * MIB,
                .threads = 2,
                .rate = 50000,
                .commit_bytes = 4 * MIB,
                .clock_window = 7 * 86400,
                .uploads_most = 256,
                .restarts_most = 10,
        };
}

static int bad(struct buf *why, const char *key, const char *fmt, const char *detail)
{
        buf_printf(why, "%s: ", key);
        buf_puts(why, fmt);
        buf_puts(why, detail);
        return CONFIG_BAD;
}

/* What it may be, and what it is. */
static int bad_word(const struct key *k, const char *value, struct buf *why)
{
        buf_printf(why, "%s: must be one of", k->about.name);
        for (size_t i = 0; k->words[i]; i++)
                buf_printf(why, "%s %s", i ? "," : "", k->words[i]);
        buf_printf(why, "; not %s", value);
        return CONFIG_BAD;
}

static int set_word(struct config *c, const struct key *k, const char *value, struct buf *why)
{
        for (uint64_t i = 0; k->words[i]; i++) {
                if (strcmp(k->words[i], value) != 0)
                        continue;
                if (k->words == no_yes)
                        *(bool *)((char *)c + k->at) = i == 1;
                else
                        *(uint64_t *)((char *)c + k->at) = i;
                return 0;
        }
        return bad_word(k, value, why);
}

static const char units[] = "KMGT";

/* A limit as a person would write it. */
static void put_limit(struct buf *out, const struct key *k, uint64_t n)
{
        size_t unit = 0;

        while (k->kind == SIZE && n && n % 1024 == 0 && units[unit]) {
                n /= 1024;
                unit++;
        }
        buf_printf(out, "%llu", (unsigned long long)n);
        if (unit)
                buf_putc(out, units[unit - 1]);
}

static int bad_number(const struct key *k, const char *value, struct buf *why)
{
        buf_printf(why, "%s: must be a %s from ", k->about.name,
                   k->kind == SIZE ? "size" : "number");
        put_limit(why, k, k->least);
        buf_puts(why, " to ");
        put_limit(why, k, k->most);
        buf_printf(why, ", not %s", value);
        return CONFIG_BAD;
}

/* Decimal; a SIZE may end in K, M, G or T (1024 based). */
static int set_number(struct config *c, const struct key *k, const char *value, struct buf *why)
{
        struct slice digits = slice_str(value);
        unsigned shift = 0;
        uint64_t n;

        if (k->kind == SIZE && digits.len && strchr(units, (char)digits.at[digits.len - 1])) {
                shift = 10 * (unsigned)(strchr(units, (char)digits.at[digits.len - 1]) - units + 1);
                digits.len--;
        }
        if (!text_get_u64(digits, &n) || n > UINT64_MAX >> shift)
                return bad_number(k, value, why);
        n <<= shift;
        if (n < k->least || n > k->most)
                return bad_number(k, value, why);
        *(uint64_t *)((char *)c + k->at) = n;
        return 0;
}

static int set_text(char *to, size_t room, const struct key *k, const char *base, const char *value,
                    struct buf *why)
{
        int n = base && value[0] != '/' ? snprintf(to, room, "%s/%s", base, value)
                                        : snprintf(to, room, "%s", value);

        return n < (int)room ? 0 : bad(why, k->about.name, "is too long", "");
}

static int set_vkey(struct config *c, const struct key *k, const char *value, struct buf *why)
{
        if (c->registrars == CONFIG_REGISTRARS_MOST)
                return bad(why, k->about.name, "is given more than 16 times", "");
        if (!note_vkey_get(slice_str(value), &c->registrar[c->registrars]))
                return bad(why, k->about.name, "is no verifier key (name+id+base64): ", value);
        c->registrars++;
        return 0;
}

static int set_witness(struct config *c, const struct key *k, const char *value, struct buf *why)
{
        if (c->witnesses == CONFIG_WITNESSES_MOST)
                return bad(why, k->about.name, "is given more than 16 times", "");
        if (!cosign_vkey_get(slice_str(value), &c->witness[c->witnesses]))
                return bad(why, k->about.name,
                           "is no verifier key of a witness (name+id+base64, type 4): ", value);
        c->witnesses++;
        return 0;
}

static int set_listen(struct config *c, const struct key *k, const char *value, struct buf *why)
{
        const char *port = strrchr(value, ':');
        uint64_t n;

        if (c->listens == CONFIG_LISTENS_MOST)
                return bad(why, k->about.name, "is given more than 4 times", "");
        if (strncmp(value, "tcp://", 6) != 0 || port < value + 7 ||
            (strcmp(port, ":*") != 0 &&
             (!text_get_u64(slice_str(port + 1), &n) || n == 0 || n > 65535)))
                return bad(why, k->about.name, "must be tcp://ADDRESS:PORT, not ", value);
        return set_text(c->listen[c->listens++], sizeof(c->listen[0]), k, NULL, value, why);
}

static int set_key(struct config *c, const struct key *k, const char *base, const char *value,
                   struct buf *why)
{
        char *text = (char *)c + k->at;

        switch (k->kind) {
        case PARTY:
                if (!name_party_ok(slice_str(value)))
                        return bad(
                                why, k->about.name,
                                "may have 1 to 128 of a-z 0-9 . - / and begins with a letter, not ",
                                value);
                return set_text(text, sizeof(c->name), k, NULL, value, why);
        case LISTEN:
                return set_listen(c, k, value, why);
        case PATH:
                return set_text(text, CONFIG_PATH_MOST, k, base, value, why);
        case USER:
                c->user_line = 0;
                return set_text(text, sizeof(c->user), k, NULL, value, why);
        case VKEY:
                return set_vkey(c, k, value, why);
        case WITNESS:
                return set_witness(c, k, value, why);
        case WORD:
                return set_word(c, k, value, why);
        case NUMBER:
        case SIZE:
                break;
        }
        return set_number(c, k, value, why);
}

static const struct key *find_key(const char *name, struct buf *why)
{
        const char *names[KEYS], *near;

        for (size_t i = 0; i < KEYS; i++) {
                if (strcmp(keys[i].about.name, name) == 0)
                        return &keys[i];
                names[i] = keys[i].about.name;
        }
        near = cli_nearest(name, names, KEYS);
        buf_printf(why, "unknown key '%s'", name);
        if (near)
                buf_printf(why, "; did you mean '%s'?", near);
        return NULL;
}

static bool repeats(const struct key *k)
{
        return k->kind == LISTEN || k->kind == VKEY || k->kind == WITNESS;
}

static void forget(struct config *c, const struct key *k)
{
        if (k->kind == LISTEN)
                c->listens = 0;
        if (k->kind == VKEY)
                c->registrars = 0;
        if (k->kind == WITNESS)
                c->witnesses = 0;
}

int config_set(struct config *c, const char *key, const char *value, bool again, struct buf *why)
{
        const struct key *k = find_key(key, why);

        if (!k)
                return CONFIG_BAD;
        if (!*value)
                return bad(why, key, "has no value", "");
        if (!again)
                forget(c, k);
        return set_key(c, k, NULL, value, why);
}

/* ---- the file ---- */

struct reading {
        struct config *c;
        const char *path;
        char base[PATH_MAX];
        unsigned line;
        unsigned first[KEYS]; /* line on which a key was given */
        struct buf *why;
        bool trouble;
};

static char *trim(char *s)
{
        char *end = s + strlen(s);

        while (end > s && strchr(" \t\r", end[-1]))
                *--end = 0;
        return s + strspn(s, " \t");
}

static int read_pair(struct reading *r, char *text, struct buf *why)
{
        char *equals = strchr(text, '='), *name, *value;
        const struct key *k;
        size_t i;

        if (!equals) {
                buf_printf(why, "expected 'key = value', found '%s'", text);
                return CONFIG_BAD;
        }
        *equals = 0;
        name = trim(text);
        value = trim(equals + 1);
        k = find_key(name, why);
        if (!k)
                return CONFIG_BAD;
        i = (size_t)(k - keys);
        if (r->first[i] && !repeats(k)) {
                buf_printf(why, "%s: given before, on line %u", name, r->first[i]);
                return CONFIG_BAD;
        }
        if (!r->first[i])
                forget(r->c, k);
        r->first[i] = r->line;
        if (!*value)
                return bad(why, name, "has no value", "");
        if (set_key(r->c, k, r->base, value, why) != 0)
                return CONFIG_BAD;
        if (k->kind == USER)
                r->c->user_line = r->line;
        return 0;
}

static void read_line(struct reading *r, struct slice line)
{
        BUF_OWNED copy = { 0 };
        BUF_OWNED why = { 0 };
        char *text;

        r->line++;
        buf_put(&copy, line);
        buf_putc(&copy, 0);
        if (buf_fault(&copy))
                return;
        text = trim((char *)copy.at);
        if (memchr(line.at, 0, line.len) || !text_is_utf8(line))
                buf_puts(&why, "is no text");
        else if (!*text || *text == '#' || read_pair(r, text, &why) == 0)
                return;
        buf_printf(r->why, "%s:%u: %s\n", r->path, r->line, buf_cstr(&why));
        r->trouble = true;
}

int config_read(struct config *c, const char *path, struct buf *why)
{
        struct reading r = { .c = c, .path = path, .why = why };
        BUF_OWNED bytes = { 0 };
        struct slice rest, line;
        char copy[PATH_MAX];
        int n = file_read(&bytes, path, FILE_MOST);

        if (n) {
                buf_printf(why, "%s: %s\n", path,
                           n == FILE_ABSENT      ? "there is no such file"
                           : n == FILE_TOO_LARGE ? "is larger than 64 KiB"
                           : n == -EINVAL        ? "is no regular file"
                                                 : strerror(-n));
                return CONFIG_BAD;
        }
        snprintf(copy, sizeof(copy), "%s", path);
        snprintf(r.base, sizeof(r.base), "%s", dirname(copy));
        snprintf(c->file, sizeof(c->file), "%s", path);
        rest = buf_slice(&bytes);
        while (slice_split(&rest, '\n', &line))
                read_line(&r, line);
        if (rest.len)
                read_line(&r, rest);
        return r.trouble ? CONFIG_BAD : 0;
}

void config_where_user(const struct config *c, struct buf *out)
{
        if (c->user_line)
                buf_printf(out, "%s:%u: user", c->file, c->user_line);
        else
                buf_puts(out, "--user");
}

int config_complete(const struct config *c, struct buf *why)
{
        size_t before = why->len;

        if (!c->name[0])
                buf_puts(why, "name: is needed, for example: name = post.example\n");
        if (!c->registrars && !c->self_enrol)
                buf_puts(why, "registrar: without one, and without self_enrol = yes, nobody can "
                              "register\n");
        return why->len == before ? 0 : CONFIG_BAD;
}
