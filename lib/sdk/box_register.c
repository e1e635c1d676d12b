/* box_register.c - the mailbox statement: which devices may read (E5.3)
 *
 * The file `mailbox` is the newest statement this device knows. Devices of one holder share the
 * identity and have transport keys of their own, so a statement by any of them counts; it must
 * build on the one in force. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define VALIDITY (3650 * CLOCK_DAY)

int box_mailbox_read(struct fumi_box *b, struct buf *note, struct mailbox_statement *s)
{
        char path[PATH_MAX];
        int r;

        box_path(b, path, "mailbox");
        r = file_read(note, path, STATEMENT_MOST);
        if (r == FILE_ABSENT)
                return box_say(b, -ENOENT,
                               "%s: the mailbox statement is missing; copy it from another "
                               "device of yours",
                               path);
        if (r || statement_read_mailbox(s, buf_slice(note)) ||
            strcmp(s->mailbox.s, b->mailbox.s) != 0)
                return box_say(b, r < 0 ? r : -EBADMSG, "%s: not the statement of this mailbox",
                               path);
        return 0;
}

/* Sign @s and put it into the file. Names of devices are borrowed from the one before. */
static int write_statement(struct fumi_box *b, struct mailbox_statement *s)
{
        SECRET_OWNED struct sign_sec *sec = secret_new(sizeof(*sec));
        char path[PATH_MAX];
        BUF_OWNED note = { 0 };
        int r;

        if (!sec)
                return fault(-ENOMEM);
        identity_mailbox_secret(b->identity, sec);
        statement_write_mailbox(&note, s, sec);
        if (buf_fault(&note))
                return fault(buf_fault(&note));
        box_path(b, path, "mailbox");
        r = file_replace(path, buf_slice(&note), 0644);
        return r ? box_say(b, r, "%s: %s", path, strerror(-r)) : 0;
}

static int put_device(struct fumi_box *b, struct mailbox_statement *s, const char *name)
{
        SECRET_OWNED struct curve_sec *sec = secret_new(sizeof(*sec));
        struct statement_device *d = &s->device[s->devices];

        if (!sec)
                return fault(-ENOMEM);
        identity_transport(b->identity, name, &d->key, sec);
        d->name = slice_str(name);
        s->devices++;
        return 0;
}

static void put_validity(struct mailbox_statement *s, instant now)
{
        s->from = now / CLOCK_DAY * CLOCK_DAY;
        s->until = s->from + VALIDITY;
}

int box_mailbox_first(struct fumi_box *b, instant now)
{
        struct mailbox_statement *s = calloc(1, sizeof(*s));
        int r = s ? put_device(b, s, b->device) : fault(-ENOMEM);

        if (!r) {
                s->epoch = 1;
                put_validity(s, now);
                r = write_statement(b, s);
        }
        free(s);
        return r;
}

static bool has_device(const struct mailbox_statement *s, const char *name)
{
        for (size_t i = 0; i < s->devices; i++)
                if (slice_is(s->device[i].name, name))
                        return true;
        return false;
}

static int write_device(struct fumi_box *b, const char *name)
{
        char path[PATH_MAX], line[NAME_DEVICE_MOST + 2];
        int r;

        snprintf(line, sizeof(line), "%s\n", name);
        box_path(b, path, "device");
        r = file_replace(path, slice_str(line), 0600);
        if (r)
                return box_say(b, r, "%s: %s", path, strerror(-r));
        snprintf(b->device, sizeof(b->device), "%s", name);
        session_close(&b->session); /* that was another device's */
        return 0;
}

static int add(struct fumi_box *b, struct mailbox_statement *s, const char *name, instant now)
{
        BUF_OWNED note = { 0 };
        int r = box_mailbox_read(b, &note, s);

        if (r)
                return r;
        if (!has_device(s, name)) {
                if (s->devices == STATEMENT_DEVICES_MOST)
                        return box_say(b, -E2BIG, "a mailbox has at most %d devices",
                                       STATEMENT_DEVICES_MOST);
                r = put_device(b, s, name);
                s->previous = s->hash;
                s->epoch++;
                put_validity(s, now);
                if (!r)
                        r = write_statement(b, s);
        }
        return r ? r : write_device(b, name);
}

int box_device_add(struct fumi_box *b, const char *name, instant now)
{
        struct mailbox_statement *s = calloc(1, sizeof(*s));
        BOX_LOCKED lock = -1;
        int r = s ? box_lock(b, &lock) : fault(-ENOMEM);

        if (!r)
                r = add(b, s, name, now);
        free(s);
        return r;
}

int box_register(struct fumi_box *b, struct slice enrolment, unsigned *level)
{
        struct mailbox_statement *s = calloc(1, sizeof(*s));
        struct answer_register answer;
        struct ask_register ask = { .enrolment = enrolment, .has_enrolment = enrolment.len > 0 };
        BUF_OWNED note = { 0 };
        BUF_OWNED bytes = { 0 };
        int r = s ? box_mailbox_read(b, &note, s) : fault(-ENOMEM);

        if (r == -ENOENT) { /* 'init' was interrupted just there */
                r = box_mailbox_first(b, clock_now());
                if (!r)
                        r = box_mailbox_read(b, &note, s);
        }
        free(s);
        if (r)
                return r;
        ask.statement = buf_slice(&note);
        r = box_ask(b, VERB_REGISTER, &ask, &bytes, &answer);
        if (r == OUTCOME_EPOCH_CONFLICT)
                return box_say(b, r,
                               "another device has registered meanwhile; copy its file 'mailbox' "
                               "here and do it again");
        if (!r)
                *level = answer.has_level ? (unsigned)answer.level : 0;
        return r;
}
