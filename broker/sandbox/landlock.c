/* landlock.c - which files a process can still reach
 *
 * The constants are those of linux/landlock.h up to ABI 6, written out because the headers of
 * Debian 12 end at ABI 2 while the kernel below may know more. What a kernel does not know is left
 * out. */
#include "sandbox/landlock.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ruleset {
        uint64_t handled_fs;
        uint64_t handled_net; /* ABI 4 */
        uint64_t scoped;      /* ABI 6 */
};

enum {
        FS_ABI1 = (1 << 13) - 1,
        FS_REFER = 1 << 13,     /* ABI 2 */
        FS_TRUNCATE = 1 << 14,  /* ABI 3 */
        FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
        NET_ALL = 3,            /* bind, connect */
        SCOPE_ALL = 3,          /* abstract sockets, signals */
};

static uint64_t fs_known(long abi)
{
        return FS_ABI1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
               (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static size_t ruleset_size(long abi)
{
        return abi >= 6   ? sizeof(struct ruleset)
               : abi >= 4 ? 2 * sizeof(uint64_t)
                          : sizeof(uint64_t);
}

/* What a store does: plain files in one folder. */
static int allow_folder(int rules, const char *folder, long abi)
{
        struct landlock_path_beneath_attr beneath = {
                .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                  LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                  LANDLOCK_ACCESS_FS_MAKE_REG | (abi >= 3 ? FS_TRUNCATE : 0),
                .parent_fd = open(folder, O_PATH | O_CLOEXEC | O_DIRECTORY),
        };
        int r = 0;

        if (beneath.parent_fd < 0)
                return fault(-errno);
        if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0)
                r = fault(-errno);
        close(beneath.parent_fd);
        return r;
}

int landlock_confine(const char *folder)
{
        long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        const struct ruleset set = { fs_known(abi), NET_ALL, SCOPE_ALL };
        int rules, r = 0;

        if (abi < 0)
                return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM ? LANDLOCK_MISSING
                                                                                : fault(-errno);
        rules = (int)syscall(SYS_landlock_create_ruleset, &set, ruleset_size(abi), 0);
        if (rules < 0)
                return fault(-errno);
        if (folder)
                r = allow_folder(rules, folder, abi);
        if (!r && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
                r = fault(-errno);
        close(rules);
        return r;
}
