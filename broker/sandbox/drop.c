/* drop.c - giving up what a process does not need */
#include "sandbox/drop.h"

#include "base/fault.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int drop_find(struct drop_user *out, const char *name)
{
        struct passwd *found;

        errno = 0;
        found = getpwnam(name);
        if (!found)
                return errno && errno != ENOENT ? fault(-errno) : DROP_NO_USER;
        *out = (struct drop_user){ found->pw_uid, found->pw_gid };
        return 0;
}

/* Who may not (EPERM) has no capability, and without the bounding set's help gets none: nothing
 * that is started from here gains rights. */
static int empty_bounding_set(void)
{
        for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
                if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM)
                        return fault(-errno);
        return 0;
}

int drop_to(const struct drop_user *user)
{
        int r = empty_bounding_set();

        if (r)
                return r;
        if (setgroups(0, NULL) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
            setresuid(user->uid, user->uid, user->uid) < 0)
                return fault(-errno);
        if (user->uid != 0 && setuid(0) == 0)
                return fault(-EPERM);
        return 0;
}

/* Bounding, ambient, inheritable, permitted, effective. Even root, who owns the files of a broker
 * that was given no user, needs none. */
static int drop_capabilities(void)
{
        struct __user_cap_header_struct self = { _LINUX_CAPABILITY_VERSION_3, 0 };
        const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };
        int r = empty_bounding_set();

        if (r)
                return r;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
            syscall(SYS_capset, &self, none) < 0)
                return fault(-errno);
        return 0;
}

int drop_privileges(void)
{
        const struct rlimit none = { 0, 0 };
        int r = drop_capabilities();

        if (r)
                return r;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
            setrlimit(RLIMIT_CORE, &none) < 0)
                return fault(-errno);
        return 0;
}

int drop_orphan(pid_t parent)
{
        const int theirs[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };

        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                return fault(-errno);
        if (getppid() != parent) /* it died before we could ask */
                return fault(-ESRCH);
        for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
                if (signal(theirs[i], SIG_IGN) == SIG_ERR)
                        return fault(-errno);
        return 0;
}
