/* seed.c - the broker's secret file */
#include "seed.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"

#include <errno.h>
#include <sys/stat.h>

enum { FILE_MOST = 4096 };

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
                                   ? "there is no such file; 'fumibako-admin broker' makes one"
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

static bool parse(struct seed *out, struct slice rest)
{
        struct slice line;

        return slice_split(&rest, '\n', &line) && slice_is(line, "fumibako broker v1") &&
               slice_split(&rest, '\n', &line) && slice_is(slice_upto(line, 5), "seed ") &&
               text_get_base64(slice_from(line, 5), out->b, sizeof(out->b)) && rest.len == 0;
}

int seed_read(struct seed **out, const char *path, uid_t owner, struct buf *why)
{
        struct seed *seed = NULL;
        uint8_t *bytes = NULL;
        size_t len;
        int r = check_mode(path, owner, why);

        if (r)
                return r;
        r = file_read_secret(&bytes, &len, path, FILE_MOST);
        if (r)
                return bad(why, path, r > 0 ? "is no broker's seed" : strerror(-r));
        seed = secret_new(sizeof(*seed));
        r = !seed                               ? fault(-ENOMEM)
            : parse(seed, slice_of(bytes, len)) ? 0
                                                : bad(why, path, "is no broker's seed");
        secret_free(bytes);
        if (r) {
                secret_free(seed);
                return r;
        }
        *out = seed;
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
