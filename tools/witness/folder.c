/* folder.c - a witness's folder: made, opened, shown */
#include "witness/witness.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "evidence/cosign.h"
#include "letter/keyfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { TRUST_FILE_MOST = 65536 };

#undef witness_say /* the analyzer's */
int witness_say(struct witness *w, int r, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(w->why, sizeof(w->why), fmt, ap);
        va_end(ap);
        return r;
}

void witness_path(const struct witness *w, char out[static PATH_MAX], const char *name)
{
        snprintf(out, PATH_MAX, "%s/%s", w->folder, name);
}

/* ---- opening ---- */

static int take_key(struct witness *w, struct cli *c, const struct keyfile *k)
{
        w->sec = secret_new(sizeof(*w->sec));
        if (!w->sec)
                return cli_fail(c, "no locked memory for the key");
        keys_derive_sign(w->sec, k->seed, "witness sign", 0); /* E2.7 */
        keys_sign_pub(&w->self.pub, w->sec);
        snprintf(w->self.name, sizeof(w->self.name), "%s", k->name);
        return 0;
}

static int open_key(struct witness *w, struct cli *c)
{
        char path[PATH_MAX], why[512];
        struct keyfile k;
        int r;

        witness_path(w, path, "witness.key");
        r = keyfile_read(&k, path, "witness");
        if (r) {
                keyfile_why(why, r, path, "witness");
                return cli_fail(c, "%s", why);
        }
        r = take_key(w, c, &k);
        keyfile_free(&k);
        return r;
}

static int open_trust(struct witness *w, struct cli *c)
{
        struct trust_why why;
        char path[PATH_MAX];

        if (cli_get(c, "trust"))
                snprintf(path, sizeof(path), "%s", cli_get(c, "trust"));
        else
                witness_path(w, path, "trust");
        return trust_read(&w->trust, path, &why) ? cli_fail(c, "%s", why.text) : 0;
}

static int open_state(struct witness *w, struct cli *c)
{
        char path[PATH_MAX];
        int r;

        witness_path(w, path, "state");
        r = state_read(&w->state, path, &w->self);
        if (r == STATE_ABSENT)
                return cli_fail(c,
                                "%s: is missing; a witness that forgot what it cosigned must not "
                                "go on: make a new one with a new key",
                                path);
        if (r == STATE_BAD)
                return cli_fail(c, "%s: is damaged, or of another witness", path);
        if (r)
                return cli_fail(c, "%s: %s", path, strerror(-r));
        if (!trust_log(&w->trust, w->state.origin))
                return cli_fail(c, "the trust file has no key for the log %s", w->state.origin);
        return 0;
}

static int take_lock(struct witness *w, struct cli *c)
{
        char path[PATH_MAX];

        witness_path(w, path, "lock");
        w->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (w->lock < 0)
                return cli_fail(c, "%s: %s", path, strerror(errno));
        if (flock(w->lock, LOCK_EX | LOCK_NB) < 0)
                return cli_fail(c, "%s: another fumibako-witness is at work here", w->folder);
        return 0;
}

int witness_open(struct witness **out, struct cli *c, bool lock)
{
        struct witness *w = calloc(1, sizeof(*w));
        int r = 0;

        if (!w)
                return cli_fail(c, "no memory");
        w->lock = -1;
        if (snprintf(w->folder, sizeof(w->folder), "%s", c->argument[0]) >= (int)sizeof(w->folder))
                r = cli_fail(c, "the folder's name is too long");
        if (!r)
                r = open_key(w, c);
        if (!r)
                r = open_trust(w, c);
        if (!r && lock)
                r = take_lock(w, c); /* before the state is read: what is read stays true */
        if (!r)
                r = open_state(w, c);
        if (r)
                witness_close(w);
        else
                *out = w;
        return r;
}

void witness_close(struct witness *w)
{
        session_close(&w->session);
        state_free(&w->state);
        secret_free(w->sec);
        if (w->lock >= 0)
                close(w->lock);
        free(w);
}

/* ---- init ---- */

static int read_trust(struct trust *trust, struct buf *text, struct cli *c, const char *path)
{
        struct trust_why why;
        int r = file_read(text, path, TRUST_FILE_MOST);

        if (r)
                return cli_fail(c, "%s: %s", path, r < 0 ? strerror(-r) : "is no trust file");
        if (trust_of_text(trust, buf_slice(text), path, &why))
                return cli_fail(c, "%s", why.text);
        return 0;
}

/* The key last: a folder with a key is whole. */
static int make_files(struct witness *w, struct cli *c, struct slice trust, const char *name)
{
        char path[PATH_MAX], why[512];
        struct keyfile k;
        int r;

        witness_path(w, path, "trust");
        r = file_create(path, trust, 0600);
        if (!r) {
                witness_path(w, path, "state");
                snprintf(w->state.origin, sizeof(w->state.origin), "%s", w->trust.log[0].name);
                r = state_write(path, &w->state);
        }
        if (r)
                return cli_fail(c, "%s: %s", path,
                                r == FILE_EXISTS ? "is there already" : strerror(-r));
        witness_path(w, path, "witness.key");
        r = keyfile_create(&k, path, "witness", name);
        if (r) {
                keyfile_why(why, r, path, "witness");
                return cli_fail(c, "%s", why);
        }
        r = take_key(w, c, &k);
        keyfile_free(&k);
        return r;
}

static int say_vkey(struct cli *c, const struct note_key *self)
{
        BUF_OWNED vkey = { 0 };

        cosign_vkey_put(&vkey, self);
        printf(cli_json(c) ? "{\"code\":0,\"vkey\":\"%s\"}\n" : "%s\n", buf_cstr(&vkey));
        return CLI_DONE;
}

int witness_init(struct cli *c)
{
        const char *name = cli_get(c, "name"), *trust = cli_get(c, "trust");
        struct witness *w;
        BUF_OWNED text = { 0 };
        int r;

        if (!name || !name_party_ok(slice_str(name)))
                return cli_wrong(c,
                                 "--name is missing or no name: use a-z 0-9 . - / and begin with a "
                                 "letter");
        if (!trust)
                return cli_wrong(c, "--trust FILE, the trust file of the broker, is missing");
        w = calloc(1, sizeof(*w));
        if (!w)
                return cli_fail(c, "no memory");
        w->lock = -1;
        if (snprintf(w->folder, sizeof(w->folder), "%s", c->argument[0]) >= (int)sizeof(w->folder))
                r = cli_fail(c, "the folder's name is too long");
        else
                r = read_trust(&w->trust, &text, c, trust);
        if (!r && (r = file_make_folder(w->folder, 0700)))
                r = cli_fail(c, "%s: %s", w->folder, strerror(-r));
        if (!r)
                r = make_files(w, c, buf_slice(&text), name);
        if (!r)
                r = say_vkey(c, &w->self);
        witness_close(w);
        return r;
}

/* ---- status ---- */

static void put_evidence(struct buf *out, const struct witness *w, bool json)
{
        DIR *d = opendir(w->folder);
        struct dirent *e;
        bool first = true;

        while (d && (e = readdir(d))) {
                if (strncmp(e->d_name, "fork-", 5) != 0 && strncmp(e->d_name, "doubt-", 6) != 0)
                        continue;
                buf_puts(out, json ? first ? "" : "," : "  evidence   ");
                if (json)
                        text_put_json(out, slice_str(e->d_name));
                else
                        buf_printf(out, "%s/%s\n", w->folder, e->d_name);
                first = false;
        }
        if (d)
                closedir(d);
}

static void put_last(struct buf *out, const struct witness *w, bool json)
{
        char time[CLOCK_RFC3339];
        struct checkpoint c;
        uint64_t seconds = 0;
        struct note n;

        if (checkpoint_read(&c, &n, buf_slice(&w->state.note)))
                return; /* nothing yet */
        for (size_t i = 0; i < n.lines; i++)
                if (cosign_is_of(&n.line[i], &w->self))
                        cosign_line_verify(&n.line[i], n.text, &w->self, &seconds);
        clock_rfc3339(time, (instant)seconds * 1000);
        buf_puts(out, json ? ",\"root\":\"" : "  root       ");
        text_put_base64(out, slice_hash(&c.root));
        buf_printf(out, json ? "\",\"cosigned\":\"%s\"" : "\n  cosigned   %s\n", time);
}

int witness_status(struct cli *c)
{
        bool json = cli_json(c);
        BUF_OWNED out = { 0 };
        struct witness *w;
        int r = witness_open(&w, c, false);

        if (r)
                return r;
        buf_puts(&out, json ? "{\"code\":0,\"vkey\":\"" : "  vkey       ");
        cosign_vkey_put(&out, &w->self);
        buf_printf(&out,
                   json ? "\",\"log\":\"%s\",\"broker\":\"%s\",\"size\":%llu"
                        : "\n  log        %s at %s\n  size       %llu\n",
                   w->state.origin, w->trust.endpoint, (unsigned long long)w->state.c.size);
        put_last(&out, w, json);
        if (json)
                buf_puts(&out, ",\"evidence\":[");
        put_evidence(&out, w, json);
        if (json)
                buf_puts(&out, "]}\n");
        fputs(buf_cstr(&out), stdout);
        witness_close(w);
        return CLI_DONE;
}
