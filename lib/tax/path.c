/* path.c - what a person points at: a certificate's file, a ZIP of them, a folder of them
 *
 * A file that is named is looked at whatever its name; of a folder only what ends with .xml. All or
 * nothing: when a folder cannot be read to its end, nothing of it is in the collection. */
#include "tax/tax.h"

#include "base/fault.h"
#include "base/file.h"
#include "schemas/outcomes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static int broken(fumi_tax *t, int r, const char *path)
{
        return tax_say(t, r, "%s: %s", path, r == -EINVAL ? "is not a regular file" : strerror(-r));
}

static const char *last_of(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash && slash[1] ? slash + 1 : path;
}

static int add_file(fumi_tax *t, const char *path)
{
        struct tax_source s = { .name = last_of(path) };
        BUF_OWNED bytes = { 0 };
        int r = file_read(&bytes, path, JUDGE_BYTES_MOST);

        if (r == FILE_ABSENT)
                return broken(t, fault(-ENOENT), path);
        if (r < 0)
                return broken(t, r, path);
        if (r == FILE_TOO_LARGE)
                s.refused = OUTCOME_XML_TOO_LARGE;
        s.bytes = buf_slice(&bytes);
        r = tax_charge(t, s.bytes.len);
        return r ? r : tax_put(t, &s);
}

/* Not a file of certificates when it cannot be opened: reading it says why. */
static bool is_zip(const char *path)
{
        uint8_t head[4] = { 0 };
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));

        if (fd >= 0)
                close(fd);
        return n == sizeof(head) &&
               (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
}

static int is_certificate(const struct dirent *d)
{
        size_t n = strlen(d->d_name);

        return n > 4 && strcasecmp(d->d_name + n - 4, ".xml") == 0;
}

/* In the order of their bytes: the same on every machine. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_folder(fumi_tax *t, const char *path)
{
        char file[PATH_MAX];
        struct dirent **entry;
        int count = scandir(path, &entry, is_certificate, by_name), r = 0;

        if (count < 0)
                return broken(t, fault(-errno), path);
        for (int i = 0; i < count; i++) {
                struct stat st;

                if (snprintf(file, sizeof(file), "%s/%s", path, entry[i]->d_name) >=
                    (int)sizeof(file))
                        r = r ? r : broken(t, fault(-ENAMETOOLONG), path);
                else if (!r && (stat(file, &st) < 0 || !S_ISDIR(st.st_mode)))
                        r = add_file(t, file);
                free(entry[i]);
        }
        free(entry);
        return r;
}

int fumi_tax_add_path(fumi_tax *t, const char *path)
{
        size_t count = t->count, bytes = t->bytes;
        struct stat st;
        int r;

        *t->error = 0;
        if (stat(path, &st) < 0)
                r = broken(t, fault(-errno), path);
        else if (S_ISDIR(st.st_mode))
                r = add_folder(t, path);
        else
                r = is_zip(path) ? unzip_file(t, path) : add_file(t, path);
        if (r)
                tax_back(t, count, bytes);
        return r;
}
