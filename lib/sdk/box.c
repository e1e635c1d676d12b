/* box.c - a mailbox folder, opened and asked for by its holder
 *
 * Opening needs no broker: letters on disk are opened offline. The connection is made with the
 * first question. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { PATIENCE = 15000 }; /* ms for one answer, asking again in between */

void box_path(const struct fumi_box *b, char out[static PATH_MAX], const char *fmt, ...)
{
        int n = snprintf(out, PATH_MAX, "%s/", b->folder);
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(out + n, PATH_MAX - (size_t)n, fmt, ap); /* BOX_FOLDER_MOST leaves room */
        va_end(ap);
}

/* ---- opening ---- */

static int read_device(struct fumi_box *b)
{
        char path[PATH_MAX];
        BUF_OWNED text = { 0 };
        struct slice rest, name;
        int r;

        box_path(b, path, "device");
        r = file_read(&text, path, 128);
        rest = buf_slice(&text);
        if (r || !slice_split(&rest, '\n', &name) || rest.len || !name_device_ok(name))
                return box_say(b, r < 0 ? r : -EBADMSG,
                               "%s: not the name of a device; 'fumibako device add NAME' writes it",
                               path);
        memcpy(b->device, name.at, name.len);
        return 0;
}

static int read_trust(struct fumi_box *b)
{
        char path[PATH_MAX];
        struct trust_why why = { "" };
        int r;

        box_path(b, path, "trust");
        r = trust_read(&b->trust, path, &why);
        if (r == TRUST_ABSENT)
                return box_say(b, -ENOENT, "%s: the trust file is missing; copy it there again",
                               path);
        return r ? box_say(b, r < 0 ? r : -EBADMSG, "%s", why.text) : 0;
}

static int read_identity(struct fumi_box *b, struct slice passphrase)
{
        char path[PATH_MAX];
        struct sign_pub key;
        int r;

        box_path(b, path, "identity.age");
        r = identity_open(&b->identity, path, passphrase);
        if (r == IDENTITY_ABSENT)
                return box_say(b, -ENOENT, "there is no mailbox in %s; 'fumibako init' makes one",
                               b->folder);
        if (r == IDENTITY_PASSPHRASE)
                return box_say(b, OUTCOME_WRONG_PASSPHRASE, "%s", path);
        if (r)
                return box_say(b, r < 0 ? r : -EBADMSG, "%s: %s", path,
                               r < 0 ? strerror(-r) : "this is no identity file, or it is damaged");
        identity_mailbox(b->identity, &b->mailbox, &key);
        return 0;
}

/* What costs nothing is looked at first, so that nobody types a pass-phrase for a folder that is
 * none. */
static int open_folder(struct fumi_box *b, struct slice passphrase)
{
        char path[PATH_MAX];
        int r;

        box_path(b, path, "identity.age");
        if (access(path, F_OK) < 0 && errno == ENOENT)
                return box_say(b, -ENOENT, "there is no mailbox in %s; 'fumibako init' makes one",
                               b->folder);
        r = read_trust(b);
        if (!r)
                r = read_device(b);
        return r ? r : read_identity(b, passphrase);
}

int fumi_box_open(fumi_box **out, const char *folder, char *passphrase, size_t length, char *why)
{
        struct fumi_box *b = calloc(1, sizeof(*b));
        int r;

        if (!b) {
                secret_wipe(passphrase, length);
                return fault(-ENOMEM);
        }
        if (snprintf(b->folder, sizeof(b->folder), "%s", folder) >= BOX_FOLDER_MOST)
                r = box_say(b, -ENAMETOOLONG, "the folder's path is too long");
        else
                r = open_folder(b, slice_of(passphrase, length));
        secret_wipe(passphrase, length);
        if (r) {
                if (why)
                        snprintf(why, BOX_WHY, "%s", b->error);
                fumi_box_close(b);
                return r;
        }
        *out = b;
        return 0;
}

void fumi_box_close(fumi_box *b)
{
        if (!b)
                return;
        session_close(&b->session);
        identity_free(b->identity);
        free(b);
}

const char *fumi_box_error(const fumi_box *b)
{
        return b->error;
}

/* ---- asking ---- */

int box_session(struct fumi_box *b, struct session **out)
{
        SECRET_OWNED struct curve_sec *sec = NULL;
        struct curve_pub pub;
        int r;

        if (!b->session) {
                sec = secret_new(sizeof(*sec));
                if (!sec)
                        return fault(-ENOMEM);
                identity_transport(b->identity, b->device, &pub, sec);
                r = session_open(&b->session, &b->trust, &pub, sec);
                if (r)
                        return box_say(b, r, "%s: no connection can be made there: %s",
                                       b->trust.endpoint, strerror(-r));
        }
        *out = b->session;
        return 0;
}

int box_silent(struct fumi_box *b)
{
        if (b->session && session_refused(b->session))
                return box_say(
                        b, OUTCOME_NO_ANSWER,
                        "what answers at %s does not hold the key of %s in the trust file; is "
                        "the trust file an old one?",
                        b->trust.endpoint, b->trust.broker);
        return box_say(b, OUTCOME_NO_ANSWER,
                       "%s at %s is silent: is it running, and is this machine online?",
                       b->trust.broker, b->trust.endpoint);
}

int box_ask(struct fumi_box *b, uint64_t verb, const void *ask, struct buf *bytes, void *answer)
{
        struct field_trouble where = { "" };
        struct session *s;
        int r = box_session(b, &s);

        if (r)
                return r;
        r = session_ask(s, verb, ask, bytes, answer, PATIENCE, &where);
        if (r == OUTCOME_NO_ANSWER)
                return box_silent(b);
        if (r == OUTCOME_NOT_YOURS)
                return box_say(b, r,
                               "the device '%s' is none of this mailbox's: it was never registered "
                               "('fumibako register'), or another one shut it out",
                               b->device);
        if (r == -EPROTO)
                return box_say(b, r, "%s sent an answer that is not in the protocol",
                               b->trust.broker);
        if (r)
                box_say(b, r, "%s%s", *where.where ? "the broker names the field " : "",
                        where.where);
        return r;
}

/* ---- one at a time ---- */

int box_lock(struct fumi_box *b, int *fd)
{
        char path[PATH_MAX];

        box_path(b, path, "lock");
        *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (*fd < 0)
                return box_say(b, fault(-errno), "%s: %s", path, strerror(errno));
        while (flock(*fd, LOCK_EX) < 0)
                if (errno != EINTR)
                        return box_say(b, fault(-errno), "%s: %s", path, strerror(errno));
        return 0;
}

void box_unlock(const int *fd)
{
        if (*fd >= 0)
                close(*fd);
}

#undef box_say /* the analyzer's */
int box_say(struct fumi_box *b, int r, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(b->error, sizeof(b->error), fmt, ap);
        va_end(ap);
        return r;
}
