/* registrar.c - a registrar's key, and the two statements it signs: senders and holders */
#include "admin/admin.h"

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "letter/statement.h"

#include <limits.h>
#include <stdio.h>

static int registrar_keys(struct note_key *pub, struct sign_sec **sec, const struct keyfile *k)
{
        struct sign_sec *s = secret_new(sizeof(*s));

        if (!s)
                return -1;
        keys_derive_sign(s, k->seed, "registrar sign", 0);
        keys_sign_pub(&pub->pub, s);
        snprintf(pub->name, sizeof(pub->name), "%s", k->name);
        *sec = s;
        return 0;
}

int admin_registrar_read(struct note_key *pub, struct sign_sec **sec, struct cli *c,
                         const char *path)
{
        struct keyfile k;
        char why[512];
        int r;

        if (!path)
                return cli_wrong(c, "--registrar FILE, the registrar's key file, is missing");
        r = keyfile_read(&k, path, "registrar");
        if (r) {
                keyfile_why(why, r, path, "registrar");
                return cli_fail(c, "%s", why);
        }
        r = registrar_keys(pub, sec, &k);
        keyfile_free(&k);
        return r ? cli_fail(c, "%s: no locked memory", path) : 0;
}

int admin_registrar_init(struct cli *c)
{
        SECRET_OWNED struct sign_sec *sec = NULL;
        const char *name = cli_get(c, "name");
        char path[PATH_MAX], why[512];
        BUF_OWNED out = { 0 };
        struct note_key pub;
        struct keyfile k;
        int r;

        if (!name || !name_party_ok(slice_str(name)))
                return cli_wrong(
                        c,
                        "--name is missing or no name: use a-z 0-9 . - / and begin with a letter");
        r = file_make_folder(c->argument[0], 0700);
        if (r)
                return cli_fail(c, "%s: %s", c->argument[0], strerror(-r));
        snprintf(path, sizeof(path), "%s/registrar.key", c->argument[0]);
        r = keyfile_create(&k, path, "registrar", name);
        if (r) {
                keyfile_why(why, r, path, "registrar");
                return cli_fail(c, "%s", why);
        }
        r = registrar_keys(&pub, &sec, &k);
        keyfile_free(&k);
        if (r)
                return cli_fail(c, "%s: no locked memory", path);
        note_vkey_put(&out, &pub);
        buf_putc(&out, '\n');
        return admin_put(c, buf_slice(&out));
}

/* E7.5. */
static bool read_request(struct sender_statement *s, struct slice text)
{
        struct note_text t = note_text_of(text);
        struct slice key, transport;

        note_text_line(&t, "fumibako sender request v1");
        s->sender = note_text_field(&t, "sender");
        key = note_text_field(&t, "key");
        transport = note_text_field(&t, "transport");
        return note_text_end(&t) && name_party_ok(s->sender) &&
               text_get_base64(key, s->key.b, sizeof(s->key.b)) &&
               text_get_base64(transport, s->transport.b, sizeof(s->transport.b));
}

/* "houjin:1234567890123" or "dantai:131016". */
static bool read_number(struct sender_statement *s, const char *text)
{
        size_t want;

        if (strncmp(text, "houjin:", 7) != 0 && strncmp(text, "dantai:", 7) != 0)
                return false;
        s->number_kind = *text == 'h' ? NUMBER_HOUJIN : NUMBER_DANTAI;
        s->number = slice_str(text + 7);
        want = *text == 'h' ? 13 : 6;
        return s->number.len == want && strspn(text + 7, "0123456789") == want;
}

/* The registration that the new one follows: epoch and hash. */
static int follow(struct sender_statement *s, struct cli *c, const char *path,
                  const struct note_key *registrar)
{
        struct sender_statement before;
        BUF_OWNED note = { 0 };
        int r = admin_get(c, &note, path, STATEMENT_MOST);

        if (r)
                return r;
        if (statement_read_sender(&before, buf_slice(&note), registrar, 1, NULL))
                return cli_fail(c, "%s: not a registration that this registrar signed", path);
        if (!slice_eq(before.sender, s->sender))
                return cli_fail(c, "%s: is about another sender", path);
        s->epoch = before.epoch + 1;
        s->previous = before.hash;
        return 0;
}

int admin_sender(struct cli *c)
{
        SECRET_OWNED struct sign_sec *sec = NULL;
        const char *name = cli_get(c, "organisation"), *number = cli_get(c, "number"),
                   *classes = cli_get(c, "classes");
        struct sender_statement s = { .epoch = 1 };
        BUF_OWNED request = { 0 };
        BUF_OWNED out = { 0 };
        struct note_key registrar;
        int r;

        if (!name || !*name || strlen(name) > 256 || !text_is_utf8(slice_str(name)))
                return cli_wrong(c, "--organisation NAME (1 to 256 bytes of UTF-8) is missing");
        s.name = slice_str(name);
        if (!classes || !name_classes_get(slice_str(classes), &s.classes))
                return cli_wrong(c,
                                 "--classes takes a list in this order: "
                                 "certificate,notice,referral,application,decision,record,message");
        if (number && !read_number(&s, number))
                return cli_wrong(c, "--number takes houjin:13 digits or dantai:6 digits, not '%s'",
                                 number);
        r = admin_validity(c, &s.from, &s.until);
        if (r || (r = admin_registrar_read(&registrar, &sec, c, cli_get(c, "registrar"))) ||
            (r = admin_get(c, &request, c->argument[0], 4096)))
                return r;
        if (!read_request(&s, buf_slice(&request)))
                return cli_fail(c, "%s: not a sender request", c->argument[0]);
        if (cli_has(c, "previous") && (r = follow(&s, c, cli_get(c, "previous"), &registrar)))
                return r;
        statement_write_sender(&out, &s, &registrar, sec);
        return admin_put(c, buf_slice(&out));
}

int admin_enrol(struct cli *c)
{
        SECRET_OWNED struct sign_sec *sec = NULL;
        struct mailbox_statement box;
        struct enrolment e;
        struct note_key registrar;
        BUF_OWNED note = { 0 };
        BUF_OWNED out = { 0 };
        int r = admin_validity(c, &e.from, &e.until);

        if (r || (r = admin_registrar_read(&registrar, &sec, c, cli_get(c, "registrar"))) ||
            (r = admin_get(c, &note, c->argument[0], STATEMENT_MOST)))
                return r;
        if (!cli_has(c, "level"))
                return cli_wrong(c, "--level is missing: how was the holder's identity checked?");
        if (statement_read_mailbox(&box, buf_slice(&note)))
                return cli_fail(c, "%s: not a mailbox statement", c->argument[0]);
        e.mailbox = box.mailbox;
        e.key = box.key;
        e.level = (unsigned)cli_number(c, "level", 0, 3, 0);
        statement_write_enrolment(&out, &e, &registrar, sec);
        return admin_put(c, buf_slice(&out));
}
