/* seed.c - the broker's secret file */
#include "seed.h"

#include "letter/keyfile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int bad(struct buf *why, const char *path, const char *cause)
{
        buf_printf(why, "%s: %s\n", path, cause);
        return SEED_BAD;
}

static int check_mode(const char *path, uid_t owner, struct buf *why)
{
        struct stat st;

        if (stat(path, &st) < 0)
                return bad(why, path,
                           errno == ENOENT
                                   ? "there is no such file; 'fumibako-admin broker init' makes one"
                                   : strerror(errno));
        if (!S_ISREG(st.st_mode))
                return bad(why, path, "is no regular file");
        if (st.st_uid != owner) {
                buf_printf(why,
                           "%s: belongs to user %u, but must belong to user %u, as whom the broker "
                           "runs\n",
                           path, (unsigned)st.st_uid, (unsigned)owner);
                return SEED_BAD;
        }
        if (st.st_mode & 077) {
                buf_printf(why, "%s: has mode %04o, but holds a secret: chmod 600\n", path,
                           (unsigned)st.st_mode & 07777);
                return SEED_BAD;
        }
        return 0;
}

int seed_read(struct seed **out, const char *path, uid_t owner, struct buf *why)
{
        struct keyfile k;
        char text[512];
        int r = check_mode(path, owner, why);

        if (r)
                return r;
        r = keyfile_read(&k, path, "broker");
        if (r) {
                keyfile_why(text, r, path, "broker");
                buf_printf(why, "%s\n", text);
                return SEED_BAD;
        }
        *out = k.seed;
        return 0;
}

void seed_transport(const struct seed *s, struct curve_sec *out)
{
        keys_derive_curve(out, s, "broker transport", 0);
}

void seed_broker_sign(const struct seed *s, struct sign_sec *out)
{
        keys_derive_sign(out, s, "broker sign", 0);
}

void seed_log_sign(const struct seed *s, struct sign_sec *out)
{
        keys_derive_sign(out, s, "log 0 sign", 0);
}
