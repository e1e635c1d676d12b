/* sender.c - a sender's profile folder, opened
 *
 *      sender.key   name and seed (E7.4)          statement   the registrar's answer (E5.5)
 *      trust        whom to believe (E7.1)        spool/      spool.h */
#include "sdk/sender.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "letter/keyfile.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#undef sender_say /* the analyzer's */
int sender_say(struct fumi_sender *s, int result, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(s->error, sizeof(s->error), fmt, ap);
        va_end(ap);
        return result;
}

int sender_tell(struct fumi_sender *s, int result, const char *about)
{
        const struct outcome *o = result > 0 ? outcomes_find((uint64_t)result) : NULL;

        if (result == 0)
                return 0;
        return sender_say(s, result, "%s: %s", about,
                          o ? o->en : strerror(result < 0 ? -result : EPROTO));
}

int sender_connect(struct fumi_sender *s)
{
        int r;

        if (s->session)
                return 0;
        r = session_open(&s->session, &s->trust, &s->curve_pub, s->curve);
        return sender_tell(s, r, s->trust.endpoint);
}

int sender_spool(struct fumi_sender *s, int result)
{
        if (result == SPOOL_NO_ROOM || result == -ENOSPC)
                result = OUTCOME_SPOOL_FULL;
        return sender_tell(s, result, spool_folder(s->spool));
}

int sender_commit(struct fumi_sender *s)
{
        return sender_spool(s, spool_commit(s->spool));
}

/* ---- opening ---- */

static int read_key(struct fumi_sender *s, const char *path)
{
        struct keyfile k;
        int r = keyfile_read(&k, path, "sender");

        if (r) {
                keyfile_why(s->error, r, path, "sender");
                return r < 0 ? r : r == KEYFILE_ABSENT ? -ENOENT : -EINVAL;
        }
        s->sign = secret_new(sizeof(*s->sign));
        s->curve = secret_new(sizeof(*s->curve));
        if (s->sign && s->curve) {
                snprintf(s->name, sizeof(s->name), "%s", k.name);
                keys_derive_sign(s->sign, k.seed, "sender sign", 0);
                keys_derive_curve(s->curve, k.seed, "sender transport", 0);
                r = keys_curve_pub(&s->curve_pub, s->curve);
        } else {
                r = -ENOMEM;
        }
        keyfile_free(&k);
        return sender_tell(s, r, path);
}

static int read_trust(struct fumi_sender *s, const char *path)
{
        struct trust_why why = { "" };
        int r = trust_read(&s->trust, path, &why);

        if (r == 0)
                return 0;
        return sender_say(s, r < 0 ? r : -EINVAL, "%s", why.text);
}

/* The registration must be a registrar's word about this very key. */
static int judge_registration(struct fumi_sender *s, const char *path)
{
        struct sign_pub pub;

        if (statement_read_sender(&s->registration, buf_slice(&s->note), s->trust.registrar,
                                  s->trust.registrars, NULL))
                return sender_say(s, OUTCOME_UNKNOWN_REGISTRAR,
                                  "%s: not a registration signed by a registrar of the trust file",
                                  path);
        keys_sign_pub(&pub, s->sign);
        if (!slice_is(s->registration.sender, s->name) ||
            memcmp(pub.b, s->registration.key.b, sizeof(pub.b)) != 0 ||
            memcmp(s->curve_pub.b, s->registration.transport.b, sizeof(s->curve_pub.b)) != 0)
                return sender_say(s, OUTCOME_UNKNOWN_SENDER,
                                  "%s: is a registration of another name or key than sender.key",
                                  path);
        return 0;
}

static int read_registration(struct fumi_sender *s, const char *path)
{
        int r = file_read(&s->note, path, STATEMENT_MOST);

        if (r == FILE_ABSENT)
                return sender_say(s, OUTCOME_UNKNOWN_SENDER,
                                  "%s: there is no registration yet; take sender.request to a "
                                  "registrar and put the answer here",
                                  path);
        if (r == FILE_TOO_LARGE)
                return sender_say(s, OUTCOME_BAD_STATEMENT, "%s: too large for a statement", path);
        return r ? sender_tell(s, r, path) : judge_registration(s, path);
}

static int open_spool(struct fumi_sender *s, const char *path)
{
        int r = spool_open(&s->spool, path);

        switch (r) {
        case -EBUSY:
                return sender_say(
                        s, r, "%s: this spool is in use, by another process or opened twice", path);
        case SPOOL_NEWER:
                return sender_say(s, -EINVAL,
                                  "%s: written by a newer version of this program; update it",
                                  path);
        case SPOOL_NO_ROOM:
                return sender_say(s, OUTCOME_SPOOL_FULL, "%s: no room on the disk", path);
        default:
                return sender_tell(s, r, path);
        }
}

static int open_profile(struct fumi_sender *s, const char *profile)
{
        static const struct {
                const char *name;
                int (*open)(struct fumi_sender *s, const char *path);
        } files[] = {
                { "sender.key", read_key },
                { "trust", read_trust },
                { "statement", read_registration },
                { "spool", open_spool },
        };
        char path[PATH_MAX];
        int r = 0;

        for (size_t i = 0; i < sizeof(files) / sizeof(*files) && !r; i++) {
                if (snprintf(path, sizeof(path), "%s/%s", profile, files[i].name) >=
                    (int)sizeof(path))
                        return sender_say(s, -ENAMETOOLONG, "%s: the path is too long", profile);
                r = files[i].open(s, path);
        }
        return r;
}

int fumi_sender_open(fumi_sender **out, const char *profile, char *why)
{
        struct fumi_sender *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return fault(-ENOMEM);
        r = open_profile(s, profile);
        if (r) {
                if (why)
                        snprintf(why, SENDER_ERROR, "%s", s->error);
                fumi_sender_close(s);
                return r;
        }
        *out = s;
        return 0;
}

/* A letter that was composed and not sent is kept, as far as the disk lets us. */
void fumi_sender_close(fumi_sender *s)
{
        if (!s)
                return;
        if (s->spool)
                spool_commit(s->spool);
        session_close(&s->session);
        spool_close(&s->spool);
        secret_free(s->sign);
        secret_free(s->curve);
        buf_free(&s->note);
        free(s);
}

const char *fumi_sender_name(const fumi_sender *s)
{
        return s->name;
}

const char *fumi_sender_error(const fumi_sender *s)
{
        return s->error;
}
