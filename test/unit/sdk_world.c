/* sdk_world.c - a sender with a profile folder of its own */
#include "sdk_world.h"

#include "base/file.h"
#include "base/secret.h"
#include "evidence/checkpoint.h"
#include "letter/keyfile.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char broker[] = "post.example";

void sdk_folder_new(char path[static 64])
{
        snprintf(path, 64, "/tmp/fumibako-sdk-XXXXXX");
        if (!mkdtemp(path))
                abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
        return remove(path);
}

void sdk_folder_free(const char *path)
{
        nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const struct sdk_world *sw, const char *name, struct slice bytes)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", sw->folder, name);
        if (file_replace(path, bytes, 0644))
                abort();
}

/* The letter world's sender gets the keys of the profile. */
static void make_key(struct sdk_world *sw)
{
        SECRET_OWNED struct curve_sec *curve = secret_new(sizeof(*curve));
        struct keyfile k;
        char path[128];

        snprintf(path, sizeof(path), "%s/sender.key", sw->folder);
        if (keyfile_create(&k, path, "sender", "org.example-life"))
                abort();
        keys_derive_sign(sw->w.sender, k.seed, "sender sign", 0);
        keys_sign_pub(&sw->w.registration.key, sw->w.sender);
        keys_derive_curve(curve, k.seed, "sender transport", 0);
        if (keys_curve_pub(&sw->w.registration.transport, curve))
                abort();
        keyfile_free(&k);
}

static void key_new(struct note_key *pub, struct sign_sec **sec, const char *name)
{
        *sec = secret_new(sizeof(**sec));
        keys_sign_new(&pub->pub, *sec);
        snprintf(pub->name, sizeof(pub->name), "%s", name);
}

static void make_trust(struct sdk_world *sw)
{
        SECRET_OWNED struct curve_sec *curve = secret_new(sizeof(*curve));
        struct trust *t = &sw->trust;
        BUF_OWNED text = { 0 };

        *t = (struct trust){ .attests = 1, .logs = 1, .registrars = 1 };
        snprintf(t->broker, sizeof(t->broker), "%s", broker);
        snprintf(t->endpoint, sizeof(t->endpoint), "tcp://127.0.0.1:1");
        keys_curve_new(&t->curve, curve);
        key_new(&t->attest[0], &sw->attest, broker);
        key_new(&t->log[0], &sw->log, "post.example/log/0");
        t->registrar[0] = sw->w.registrar_key;
        trust_write(&text, t);
        write_file(sw, "trust", buf_slice(&text));
}

void sdk_world_attest(struct sdk_world *sw, struct buf *out, const struct hash *statement,
                      unsigned level)
{
        const struct attestation a = {
                .address = sw->w.to.address,
                .statement = *statement,
                .level = level,
                .time = WORLD_NOW,
        };

        statement_write_attestation(out, &a, broker, sw->attest);
}

void sdk_world_checkpoint(struct sdk_world *sw, struct buf *out, uint64_t size,
                          const struct sign_sec *sec)
{
        struct checkpoint c = { .origin = "post.example/log/0", .size = size };

        checkpoint_write(out, &c, sec);
}

static void know(struct sdk_world *sw)
{
        BUF_OWNED attestation = { 0 };

        sdk_world_attest(sw, &attestation, &sw->w.to.hash, 2);
        if (address_book_take(NULL, sw->s->spool, &sw->trust, sw->w.to.address.s,
                              buf_slice(&sw->w.to_note), buf_slice(&attestation), clock_now()) ||
            spool_commit(sw->s->spool))
                abort();
}

void sdk_world_reopen(struct sdk_world *sw)
{
        char why[512] = "";

        fumi_sender_close(sw->s);
        sw->s = NULL;
        if (fumi_sender_open(&sw->s, sw->folder, why)) {
                fprintf(stderr, "%s\n", why);
                abort();
        }
}

void sdk_world_new(struct sdk_world *sw)
{
        *sw = (struct sdk_world){ .s = NULL };
        clock_set(WORLD_NOW);
        sdk_folder_new(sw->folder);
        letter_world_new(&sw->w);
        make_key(sw);
        sw->w.to.accepts = 1;
        sw->w.to.accept[0] = (struct statement_accept){
                .sender = slice_str("org.example-life"),
                .classes = 1u << CLASS_CERTIFICATE,
        };
        letter_world_publish(&sw->w);
        make_trust(sw);
        write_file(sw, "statement", buf_slice(&sw->w.registration_note));
        sdk_world_reopen(sw);
        know(sw);
}

void sdk_world_free(struct sdk_world *sw)
{
        fumi_sender_close(sw->s);
        secret_free(sw->log);
        secret_free(sw->attest);
        letter_world_free(&sw->w);
        sdk_folder_free(sw->folder);
        clock_set(0);
}

void sdk_world_next_epoch(struct sdk_world *sw, size_t key)
{
        struct address_statement *to = &sw->w.to;

        to->epoch++;
        to->previous = to->hash;
        if (keys_seal_pub(&to->seal[0].to, &sw->w.seal[key]))
                abort();
        letter_world_publish(&sw->w);
}

fumi_id sdk_world_compose(struct sdk_world *sw, const char *key, const char *text)
{
        const struct fumi_part part = { .name = "a.txt", .bytes = text, .size = strlen(text) };
        const struct fumi_letter l = {
                .to = sw->w.to.address.s,
                .letter_class = "certificate",
                .type = "example.note",
                .title = "控除証明書",
                .part = &part,
                .parts = 1,
                .key = key,
        };
        fumi_id id;

        if (fumi_compose(sw->s, &l, &id)) {
                fprintf(stderr, "%s\n", fumi_sender_error(sw->s));
                abort();
        }
        return id;
}
