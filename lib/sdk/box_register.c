/* box_register.c - the mailbox statement: which devices may read (E5.3)
 *
 * The file `mailbox` is the newest statement this device knows. Devices of one holder share the
 * identity and have transport keys of their own, so a statement by any of them counts; it must
 * build on the one in force. A device that does not know that one is told it by the broker (P4.7),
 * as after recovery, when nothing was left but the seed. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define VALIDITY (3650 * CLOCK_DAY)

enum { TRIES = 4 }; /* against other devices that register at the same moment */

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

static int sign_statement(struct fumi_box *b, struct mailbox_statement *s, struct buf *note)
{
        SECRET_OWNED struct sign_sec *sec = secret_new(sizeof(*sec));

        if (!sec)
                return fault(-ENOMEM);
        identity_mailbox_secret(b->identity, sec);
        statement_write_mailbox(note, s, sec);
        return buf_fault(note) ? fault(buf_fault(note)) : 0;
}

/* Sign @s and put it into the file. Names of devices are borrowed from the one before. */
static int write_statement(struct fumi_box *b, struct mailbox_statement *s)
{
        char path[PATH_MAX];
        BUF_OWNED note = { 0 };
        int r = sign_statement(b, s, &note);

        if (r)
                return r;
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

/* The statement that follows @s, with @name. */
static int next_with(struct fumi_box *b, struct mailbox_statement *s, const char *name, instant now)
{
        int r;

        if (s->devices == STATEMENT_DEVICES_MOST)
                return box_say(b, -E2BIG,
                               "a mailbox has at most %d devices; 'fumibako device remove' makes "
                               "room",
                               STATEMENT_DEVICES_MOST);
        r = put_device(b, s, name);
        s->previous = s->hash;
        s->epoch++;
        put_validity(s, now);
        return r ? r : write_statement(b, s);
}

static int add(struct fumi_box *b, struct mailbox_statement *s, const char *name, instant now)
{
        BUF_OWNED note = { 0 };
        int r = box_mailbox_read(b, &note, s);

        if (!r && !has_device(s, name))
                r = next_with(b, s, name, now);
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

/* ---- at the broker ---- */

/* With OUTCOME_EPOCH_CONFLICT @note is what is in force, when the broker told. */
static int ask_register(struct fumi_box *b, const struct ask_register *ask, unsigned *level,
                        struct buf *note)
{
        struct answer_register answer = { 0 };
        BUF_OWNED bytes = { 0 };
        int r = box_ask(b, VERB_REGISTER, ask, &bytes, &answer);

        if (r == OUTCOME_EPOCH_CONFLICT && answer.has_statement)
                buf_put(note, answer.statement);
        if (buf_fault(note))
                return fault(buf_fault(note));
        if (!r)
                *level = answer.has_level ? (unsigned)answer.level : 0;
        return r;
}

/* Hand in the file `mailbox`. */
static int hand_in(struct fumi_box *b, struct slice enrolment, unsigned *level, struct buf *note)
{
        struct mailbox_statement *s = calloc(1, sizeof(*s));
        struct ask_register ask = { .enrolment = enrolment, .has_enrolment = enrolment.len > 0 };
        BUF_OWNED mine = { 0 };
        int r = s ? box_mailbox_read(b, &mine, s) : fault(-ENOMEM);

        if (r == -ENOENT) { /* 'init' was interrupted just there */
                r = box_mailbox_first(b, clock_now());
                if (!r)
                        r = box_mailbox_read(b, &mine, s);
        }
        free(s);
        if (r)
                return r;
        ask.statement = buf_slice(&mine);
        return ask_register(b, &ask, level, note);
}

/* What is in force, brought about by nothing: a first statement with this device whose time is
 * over. Nobody takes that, but where there is a later one it is a conflict, and that one is told
 * (P4.7.5). */
static int ask_in_force(struct fumi_box *b, struct buf *note)
{
        struct mailbox_statement *s = calloc(1, sizeof(*s));
        struct ask_register ask = { 0 };
        BUF_OWNED probe = { 0 };
        unsigned level;
        int r = s ? put_device(b, s, b->device) : fault(-ENOMEM);

        if (!r) {
                s->epoch = 1;
                s->from = CLOCK_DAY;
                s->until = 2 * CLOCK_DAY;
                r = sign_statement(b, s, &probe);
        }
        free(s);
        if (r)
                return r;
        ask.statement = buf_slice(&probe);
        r = ask_register(b, &ask, &level, note);
        if (r == OUTCOME_EPOCH_CONFLICT && note->len > 0)
                return 0;
        if (r == 0 || r == OUTCOME_STATEMENT_EXPIRED || r == OUTCOME_ENROLMENT_REQUIRED)
                return box_say(b, OUTCOME_UNKNOWN_MAILBOX, "%s is not registered at %s",
                               b->mailbox.s, b->trust.broker);
        return r;
}

/* Is @told older than that on which ours was built? The broker had that one, so it lies or lost it.
 */
static int check_age(struct fumi_box *b, const struct mailbox_statement *told)
{
        struct mailbox_statement *mine = calloc(1, sizeof(*mine));
        BUF_OWNED note = { 0 };
        int r = mine ? box_mailbox_read(b, &note, mine) : fault(-ENOMEM);

        if (!r && told->epoch + 1 < mine->epoch)
                r = box_say(b, OUTCOME_EPOCH_CONFLICT,
                            "the broker goes back to epoch %llu of this mailbox's statement; this "
                            "device knows epoch %llu",
                            (unsigned long long)told->epoch, (unsigned long long)mine->epoch);
        free(mine);
        return r;
}

/* E8.4: what is in force becomes our newest statement. A broker cannot make one up: our own key
 * signed it. BOX_ABSENT: it lacks this device; @s is it, and the file is as it was. */
static int take_up(struct fumi_box *b, struct slice in_force, struct mailbox_statement *s)
{
        char path[PATH_MAX];
        int r;

        box_path(b, path, "mailbox");
        if (statement_read_mailbox(s, in_force) || strcmp(s->mailbox.s, b->mailbox.s) != 0)
                return box_say(b, OUTCOME_KEY_MISMATCH, "%s: the broker's statement is not ours",
                               b->mailbox.s);
        r = check_age(b, s);
        if (r)
                return r;
        return has_device(s, b->device) ? file_replace(path, in_force, 0644) : BOX_ABSENT;
}

static int build_on(struct fumi_box *b, struct slice in_force)
{
        struct mailbox_statement *s = calloc(1, sizeof(*s));
        int r = s ? take_up(b, in_force, s) : fault(-ENOMEM);

        if (r == BOX_ABSENT)
                r = next_with(b, s, b->device, clock_now());
        free(s);
        return r;
}

int box_register(struct fumi_box *b, struct slice enrolment, unsigned *level)
{
        BOX_LOCKED lock = -1;
        int r = box_lock(b, &lock);

        for (int tries = 0; tries < TRIES && !r; tries++) {
                BUF_OWNED in_force = { 0 };

                r = hand_in(b, enrolment, level, &in_force);
                if (r != OUTCOME_EPOCH_CONFLICT)
                        return r;
                if (in_force.len == 0)
                        return box_say(b, r,
                                       "another device has registered meanwhile; copy its file "
                                       "'mailbox' here and do it again");
                r = build_on(b, buf_slice(&in_force));
        }
        return r ? r
                 : box_say(b, OUTCOME_EPOCH_CONFLICT,
                           "other devices of this mailbox register all the time; try again");
}

/* The statement that follows @s, without @name. BOX_ABSENT when it has no such device. */
static int next_without(struct fumi_box *b, struct mailbox_statement *s, const char *name,
                        instant now)
{
        size_t kept = 0;

        for (size_t i = 0; i < s->devices; i++)
                if (!slice_is(s->device[i].name, name))
                        s->device[kept++] = s->device[i];
        if (kept == s->devices)
                return BOX_ABSENT;
        s->devices = kept;
        s->previous = s->hash;
        s->epoch++;
        put_validity(s, now);
        return write_statement(b, s);
}

/* One try: OUTCOME_EPOCH_CONFLICT when another device was faster. */
static int shut_out(struct fumi_box *b, const char *name)
{
        struct mailbox_statement *s = calloc(1, sizeof(*s));
        BUF_OWNED in_force = { 0 };
        BUF_OWNED newer = { 0 };
        BOX_LOCKED lock = -1;
        unsigned level;
        int r = s ? box_lock(b, &lock) : fault(-ENOMEM);

        if (!r)
                r = ask_in_force(b, &in_force);
        if (!r)
                r = take_up(b, buf_slice(&in_force), s);
        if (r == BOX_ABSENT)
                r = box_say(b, OUTCOME_NOT_YOURS,
                            "another device of this mailbox shut out '%s', this one, or it was "
                            "never registered; nothing was changed. If it is really yours, "
                            "register it on purpose",
                            b->device);
        else if (!r)
                r = next_without(b, s, name, clock_now());
        free(s);
        return r ? r : hand_in(b, slice_str(""), &level, &newer);
}

/* E8.5. What is in force first: another device may have registered since, or shut this one out,
 * which must not come back by the way. */
int box_device_remove(struct fumi_box *b, const char *name)
{
        int r = OUTCOME_EPOCH_CONFLICT;

        if (strcmp(name, b->device) == 0)
                return box_say(b, -EINVAL, "'%s' is this very device; shut it out from another",
                               name);
        for (int tries = 0; tries < TRIES && r == OUTCOME_EPOCH_CONFLICT; tries++)
                r = shut_out(b, name);
        return r;
}
