/* secret.c - memory for secrets, by libsodium's guarded allocator
 *
 * The one user of sodium.h outside crypt/: every room may hold a secret, few may compute with one.
 */
#include "base/secret.h"

#include "base/fault.h"

#include <errno.h>
#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int secret_init(void)
{
        const struct rlimit none = { 0, 0 };

        if (sodium_init() < 0)
                return fault(-EIO);
        if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return fault(-errno);
        return 0;
}

void *secret_new(size_t len)
{
        void *p = sodium_malloc(len);

        if (p)
                sodium_memzero(p, len);
        return p;
}

void secret_free(void *p)
{
        sodium_free(p);
}

void secret_wipe(void *p, size_t len)
{
        sodium_memzero(p, len);
}

bool secret_equal(struct slice a, struct slice b)
{
        return a.len == b.len && sodium_memcmp(a.at, b.at, a.len) == 0;
}
