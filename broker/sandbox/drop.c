/* drop.c - giving up what a process does not need */
#include "sandbox/drop.h"

#include "base/fault.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

int drop_to(const struct drop_user *user)
{
        if (setgroups(0, NULL) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
            setresuid(user->uid, user->uid, user->uid) < 0)
                return fault(-errno);
        if (user->uid != 0 && setuid(0) == 0)
                return fault(-EPERM);
        return 0;
}

int drop_privileges(void)
{
        const struct rlimit none = { 0, 0 };

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
