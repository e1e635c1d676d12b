/* recover.h - the shares from which a mailbox is made again, for the files of `fumibako recover` */
#pragma once

#include "client/client.h"
#include "letter/recovery.h"

struct shares {
        struct slip39_share
                *share; /* secret memory for SHAMIR_SHARES_MOST; all different, of one set */
        size_t count;
        bool bad; /* some could not be taken, and it was said why */
};

/* Take what is in the file @name, or "-", what is typed. Exit code or 0, also when shares are bad.
 */
int shares_read(struct cli *c, struct shares *out, const char *name);

/* May the mailbox be made in @folder? 0: it is absent, empty, or has the beginning of a recovery
 * that has not come to an identity. Else what is in the way was said: the exit code. */
int recover_folder_check(struct cli *c, const char *folder);
