/* box_create.c - a new mailbox folder
 *
 * The identity is written last but for what follows from it: as long as it is not there, making the
 * folder can be tried again. Once it is there nothing here touches the folder. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int make_folders(struct fumi_box *b)
{
        static const char *const names[] = { "", "letters", "statements" };
        char path[PATH_MAX];

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                int r;

                box_path(b, path, "%s", names[i]);
                r = file_make_folder(i ? path : b->folder, 0700);
                if (r)
                        return box_say(b, r, "%s: %s", path, strerror(-r));
        }
        return 0;
}

static int write_facts(struct fumi_box *b, struct slice trust)
{
        char path[PATH_MAX], line[NAME_DEVICE_MOST + 2];
        int r;

        box_path(b, path, "trust");
        r = file_replace(path, trust, 0600);
        if (!r) {
                snprintf(line, sizeof(line), "%s\n", b->device);
                box_path(b, path, "device");
                r = file_replace(path, slice_str(line), 0600);
        }
        return r ? box_say(b, r, "%s: %s", path, strerror(-r)) : 0;
}

static int write_identity(struct fumi_box *b, const struct box_new *n)
{
        char path[PATH_MAX];
        struct sign_pub key;
        int r;

        box_path(b, path, "identity.age");
        r = n->seed ? identity_restore(&b->identity, path, n->seed, n->passphrase, n->work)
                    : identity_create(&b->identity, path, n->passphrase, n->work);
        if (r == IDENTITY_EXISTS)
                return box_say(b, -EEXIST, "there is a mailbox in %s already; nothing was changed",
                               b->folder);
        if (r)
                return box_say(b, r < 0 ? r : -EBADMSG, "%s: %s", path,
                               r < 0 ? strerror(-r) : "cannot be made");
        identity_mailbox(b->identity, &b->mailbox, &key);
        return 0;
}

static int create(struct fumi_box *b, const struct box_new *n)
{
        char path[PATH_MAX];
        BOX_LOCKED lock = -1;
        int r = make_folders(b);

        if (!r)
                r = box_lock(b, &lock);
        box_path(b, path, "identity.age");
        if (!r && access(path, F_OK) == 0)
                return box_say(b, -EEXIST, "there is a mailbox in %s already; nothing was changed",
                               b->folder);
        if (!r)
                r = write_facts(b, n->trust);
        if (!r)
                r = write_identity(b, n);
        return r ? r : box_mailbox_first(b, clock_now());
}

int box_create(struct fumi_box **out, const struct box_new *n, char why[static BOX_WHY])
{
        struct fumi_box *b = calloc(1, sizeof(*b));
        struct trust_why bad = { "" };
        int r;

        *why = 0;
        if (!b)
                return fault(-ENOMEM);
        if (snprintf(b->folder, sizeof(b->folder), "%s", n->folder) >= BOX_FOLDER_MOST)
                r = box_say(b, -ENAMETOOLONG, "the folder's path is too long");
        else if (trust_of_text(&b->trust, n->trust, n->trust_path, &bad))
                r = box_say(b, -EBADMSG, "%s", bad.text);
        else if (!name_device_ok(slice_str(n->device)))
                r = box_say(b, -EINVAL, "'%s' is no name for a device: 1 to %d of a-z 0-9 -",
                            n->device, NAME_DEVICE_MOST);
        else
                r = 0;
        if (!r) {
                snprintf(b->device, sizeof(b->device), "%s", n->device);
                r = create(b, n);
        }
        if (r) {
                snprintf(why, BOX_WHY, "%s", b->error);
                fumi_box_close(b);
                return r;
        }
        *out = b;
        return 0;
}
