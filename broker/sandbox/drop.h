/* drop.h - giving up what a process does not need before it meets strangers */
#pragma once

#include "base/bytes.h"

#include <sys/types.h>

enum drop_outcome { DROP_NO_USER = 1 };

struct drop_user {
        uid_t uid;
        gid_t gid;
};

int drop_find(struct drop_user *out, const char *name); /* DROP_NO_USER or a fault */

/* Become @user for good: no supplementary groups, all three ids, and check that there is no way
 * back. */
int drop_to(const struct drop_user *user);

/* No capability in any of the five sets, whoever we are; nothing started from here gains rights by
 * setuid files; no core files. drop_to() comes before. */
int drop_privileges(void);

/* Die with the parent @parent, and ignore the signals that are meant for it. */
int drop_orphan(pid_t parent);
