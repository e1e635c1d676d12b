/* broker.c - a new broker's folder, and the trust file for its clients */
#include "admin/admin.h"

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"

#include <limits.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void note_key_of(struct note_key *out, const struct seed *seed, const char *label,
                        const char *name)
{
        SECRET_OWNED struct sign_sec *sec = secret_new(sizeof(*sec));

        keys_derive_sign(sec, seed, label, 0);
        keys_sign_pub(&out->pub, sec);
        snprintf(out->name, sizeof(out->name), "%s", name);
}

static int broker_keys(struct admin_broker *out, const struct seed *seed, const char *name)
{
        SECRET_OWNED struct curve_sec *curve = secret_new(sizeof(*curve));
        char origin[NAME_PARTY_MOST + 8];

        snprintf(out->name, sizeof(out->name), "%s", name);
        snprintf(origin, sizeof(origin), "%s/log/0", name);
        note_key_of(&out->attest, seed, "broker sign", name);
        note_key_of(&out->log, seed, "log 0 sign", origin);
        keys_derive_curve(curve, seed, "broker transport", 0);
        return keys_curve_pub(&out->curve, curve);
}

int admin_broker_read(struct admin_broker *out, struct cli *c, const char *path, const char *name)
{
        struct keyfile k;
        char why[512];
        int r = keyfile_read(&k, path, "broker");

        if (r) {
                keyfile_why(why, r, path, "broker");
                return cli_fail(c, "%s", why);
        }
        r = broker_keys(out, k.seed, name);
        keyfile_free(&k);
        return r ? cli_fail(c, "%s: %s", path, strerror(-r)) : 0;
}

static int bad_name(struct cli *c, const char *name)
{
        if (!name)
                return cli_wrong(c, "--name is missing");
        if (!name_party_ok(slice_str(name)))
                return cli_wrong(c, "'%s' is no name: use a-z 0-9 . - / and begin with a letter",
                                 name);
        return 0;
}

static void configuration(struct buf *out, struct cli *c, const char *folder)
{
        const char *listen = cli_get(c, "listen"), *registrar = cli_get(c, "registrar");

        buf_printf(out,
                   "# fumibakod configuration; fumibakod.conf(5) explains every key\n"
                   "name = %s\nlisten = %s\nkeys = %s/broker.key\nstore = %s/store\nrun = %s/run\n",
                   cli_get(c, "name"), listen ? listen : "tcp://127.0.0.1:7733", folder, folder,
                   folder);
        if (registrar)
                buf_printf(out, "registrar = %s\n", registrar);
        else
                buf_puts(out, "# registrar = VKEY     until one is named here nobody can be "
                              "registered\n");
}

/* The three folders, closed to others. */
static int make_folders(struct cli *c, const char *folder)
{
        static const char *const under[] = { "", "/store", "/run" };
        char path[PATH_MAX];

        for (int i = 0; i < 3; i++) {
                int r;

                snprintf(path, sizeof(path), "%s%s", folder, under[i]);
                r = file_make_folder(path, 0700);
                if (r)
                        return cli_fail(c, "%s: %s", path, strerror(-r));
        }
        return 0;
}

static int made(struct cli *c, const char *folder, const char *conf)
{
        BUF_OWNED out = { 0 };

        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0,\"folder\":");
                text_put_json(&out, slice_str(folder));
                buf_puts(&out, ",\"config\":");
                text_put_json(&out, slice_str(conf));
                buf_puts(&out, "}\n");
        } else {
                buf_printf(&out, "made %s\n", folder);
                if (!cli_has(c, "registrar"))
                        buf_printf(&out,
                                   "name a registrar in %s first: 'fumibako-admin registrar init' "
                                   "makes one\n",
                                   conf);
                buf_printf(&out, "start it with\n  fumibakod --config %s\n", conf);
        }
        fputs(buf_cstr(&out), stdout);
        return CLI_DONE;
}

int admin_broker_init(struct cli *c)
{
        const char *name = cli_get(c, "name");
        char folder[PATH_MAX], path[PATH_MAX + 32], why[512];
        BUF_OWNED conf = { 0 };
        struct note_key vkey;
        struct keyfile key;
        int r = bad_name(c, name);

        if (r)
                return r;
        if (cli_has(c, "registrar") && !note_vkey_get(slice_str(cli_get(c, "registrar")), &vkey))
                return cli_wrong(c, "--registrar takes a vkey (name+id+key), not '%s'",
                                 cli_get(c, "registrar"));
        r = make_folders(c, c->argument[0]);
        if (r)
                return r;
        if (!realpath(c->argument[0], folder))
                return cli_fail(c, "%s: %s", c->argument[0], strerror(errno));
        snprintf(path, sizeof(path), "%s/broker.key", folder);
        r = keyfile_create(&key, path, "broker", NULL);
        if (r) {
                keyfile_why(why, r, path, "broker");
                return cli_fail(c, "%s", why);
        }
        keyfile_free(&key);
        configuration(&conf, c, folder);
        snprintf(path, sizeof(path), "%s/fumibakod.conf", folder);
        r = file_create(path, buf_slice(&conf), 0600);
        if (r)
                return cli_fail(c, "%s: %s", path,
                                r == FILE_EXISTS ? "is there already" : strerror(-r));
        return made(c, folder, path);
}

/* The lines of a file with a policy and nothing else (E7.6). */
static int read_policy(struct policy *p, struct cli *c, const char *path)
{
        BUF_OWNED text = { 0 };
        struct slice rest, line, word;
        const char *cause = NULL;
        int r = path ? admin_get(c, &text, path, 65536) : 0;

        if (r || !path)
                return r;
        rest = buf_slice(&text);
        while (!cause && slice_split(&rest, '\n', &line)) {
                if (line.len == 0 || line.at[0] == '#')
                        continue;
                if (!slice_split(&line, ' ', &word))
                        word = line;
                cause = policy_line(p, word, line);
                if (cause && !*cause)
                        cause = "expected witness, group or quorum";
        }
        if (!cause)
                cause = policy_end(p);
        return cause ? cli_fail(c, "%s: %s", path, cause) : 0;
}

int admin_trust(struct cli *c)
{
        const char *endpoint = cli_get(c, "endpoint"), *path = cli_get(c, "broker-key");
        const char *registrar = cli_get(c, "registrar");
        struct admin_broker broker;
        struct trust trust = { .attests = 1, .logs = 1, .registrars = 1 };
        BUF_OWNED out = { 0 };
        int r = bad_name(c, cli_get(c, "name"));

        if (r)
                return r;
        if (!path || !endpoint || !registrar)
                return cli_wrong(c, "--broker-key, --endpoint and --registrar are all needed");
        if (strlen(endpoint) >= sizeof(trust.endpoint) || strncmp(endpoint, "tcp://", 6) != 0)
                return cli_wrong(c, "--endpoint takes tcp://HOST:PORT, not '%s'", endpoint);
        if (!note_vkey_get(slice_str(registrar), &trust.registrar[0]))
                return cli_wrong(c, "--registrar takes a vkey (name+id+key), not '%s'", registrar);
        r = admin_broker_read(&broker, c, path, cli_get(c, "name"));
        if (r)
                return r;
        snprintf(trust.broker, sizeof(trust.broker), "%s", broker.name);
        snprintf(trust.endpoint, sizeof(trust.endpoint), "%s", endpoint);
        trust.curve = broker.curve;
        trust.attest[0] = broker.attest;
        trust.log[0] = broker.log;
        r = read_policy(&trust.policy, c, cli_get(c, "policy"));
        if (r)
                return r;
        trust_write(&out, &trust);
        return admin_put(c, buf_slice(&out));
}
