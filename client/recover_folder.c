/* recover_folder.c - where a recovered mailbox may be made
 *
 * Among somebody's other files it would be lost or spoil them. So the folder is not there yet, or
 * has nothing in it but what was written before the identity of a recovery that was interrupted. */
#include "client/recover.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

static bool dots(const char *name)
{
        return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A file of ours, or the temporary one from which it was to become: NAME.TAG.tmp */
static bool file_of_ours(const char *name)
{
        static const char *const files[] = { "lock", "trust", "device", "identity.age" };

        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
                size_t len = strlen(files[i]);
                const char *rest = name + len;

                if (strncmp(name, files[i], len) != 0)
                        continue;
                if (*rest == 0 || (*rest == '.' && strspn(rest + 1, "0123456789abcdef") == 16 &&
                                   strcmp(rest + 17, ".tmp") == 0))
                        return true;
        }
        return false;
}

static int check_empty(const char *path, bool ours_too);

/* EEXIST: the entry is somebody else's. */
static int check_entry(const char *folder, const char *name, bool ours_too)
{
        char path[PATH_MAX + NAME_MAX + 2];

        if (ours_too && file_of_ours(name))
                return 0;
        if (!ours_too || (strcmp(name, "letters") != 0 && strcmp(name, "statements") != 0))
                return EEXIST;
        snprintf(path, sizeof(path), "%s/%s", folder, name);
        return check_empty(path, false);
}

static int check_empty(const char *path, bool ours_too)
{
        DIR *d = opendir(path);
        struct dirent *e;
        int r = 0;

        if (!d)
                return errno == ENOTDIR ? EEXIST : errno;
        while (!r && (errno = 0, e = readdir(d)))
                if (!dots(e->d_name))
                        r = check_entry(path, e->d_name, ours_too);
        if (!r)
                r = errno;
        closedir(d);
        return r;
}

int recover_folder_check(struct cli *c, const char *folder)
{
        char path[PATH_MAX + 16];
        int r;

        snprintf(path, sizeof(path), "%s/identity.age", folder);
        if (access(path, F_OK) == 0)
                return cli_fail(
                        c, "%s: %s", folder,
                        show_pick("there is a mailbox here already; nothing was changed. Was its "
                                  "recovery interrupted, go on here with 'fumibako register', "
                                  "'fumibako address list --check' and 'fumibako address renew': "
                                  "another folder would be one more device. For another mailbox, "
                                  "--box FOLDER names another folder",
                                  "既に私書箱があります。何も変更していません。復旧が中断したので"
                                  "あれば、ここで 'fumibako register'、'fumibako address list "
                                  "--check'、'fumibako address renew' "
                                  "を続けてください。別の場所では端末が増えます。別の私書箱なら "
                                  "--box で別の場所を示してください"));
        r = check_empty(folder, true);
        if (r == EEXIST)
                return cli_fail(c, "%s: %s", folder,
                                show_pick("something else is here already; nothing was changed. "
                                          "--box FOLDER names a new or empty folder",
                                          "別のものが既にあります。何も変更していません。--box "
                                          "で新しい場所か空の場所を示してください"));
        return r && r != ENOENT ? cli_fail(c, "%s: %s", folder, strerror(r)) : 0;
}
