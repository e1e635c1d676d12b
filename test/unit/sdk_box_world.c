/* sdk_box_world.c - letters in a folder, made without a broker */
#include "sdk_box_world.h"

#include "base/file.h"
#include "base/secret.h"
#include "evidence/checkpoint.h"
#include "letter/event.h"
#include "letter/submit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const char broker[] = "post.example", origin[] = "post.example/log/0";

static void write_trust(struct box_world *w, struct buf *out)
{
        SECRET_OWNED struct curve_sec *sec = secret_new(sizeof(*sec));
        struct trust *t = calloc(1, sizeof(*t));

        assert(sec && t);
        snprintf(t->broker, sizeof(t->broker), "%s", broker);
        snprintf(t->endpoint, sizeof(t->endpoint), "tcp://127.0.0.1:1");
        keys_curve_new(&t->curve, sec);
        t->registrar[t->registrars++] = w->letters.registrar_key;
        snprintf(t->attest[0].name, sizeof(t->attest[0].name), "%s", broker);
        t->attest[t->attests++].pub = w->letters.stranger_key.pub;
        snprintf(t->log[0].name, sizeof(t->log[0].name), "%s", origin);
        keys_sign_new(&t->log[t->logs++].pub, w->log);
        trust_write(out, t);
        free(t);
}

/* Letters are composed for the folder's first address. */
static void take_address(struct box_world *w)
{
        struct letter_world *l = &w->letters;

        identity_address_secret(w->b->identity, 1, l->address);
        identity_address(w->b->identity, 1, &l->to.address, &l->to.key);
        for (uint32_t e = 1; e <= WORLD_SEALS; e++)
                identity_address_seal(w->b->identity, 1, e, &l->to.seal[e - 1].to, &l->seal[e - 1]);
        letter_world_publish(l);
}

int box_world_new(struct box_world *w)
{
        BUF_OWNED trust = { 0 };
        struct box_new n = { .trust_path = "trust",
                             .device = "main",
                             .passphrase = slice_str("secret"),
                             .work = 10 };
        char why[BOX_WHY];
        int r;

        *w = (struct box_world){ .root = "/tmp/sdk_box.XXXXXX",
                                 .log = secret_new(sizeof(*w->log)) };
        if (!w->log || !mkdtemp(w->root))
                return -1;
        letter_world_new(&w->letters);
        write_trust(w, &trust);
        snprintf(w->folder, sizeof(w->folder), "%s/box", w->root);
        n.folder = w->folder;
        n.trust = buf_slice(&trust);
        r = box_create(&w->b, &n, why);
        if (!r)
                take_address(w);
        else
                fprintf(stderr, "%s\n", why);
        return r;
}

void box_world_free(struct box_world *w)
{
        char command[256];

        fumi_box_close(w->b);
        letter_world_free(&w->letters);
        secret_free(w->log);
        snprintf(command, sizeof(command), "chmod -R u+w '%s'; rm -rf '%s'", w->root, w->root);
        if (system(command) != 0)
                fprintf(stderr, "%s stays behind\n", w->root);
}

/* A log of one leaf: the filing of this letter. */
static void file_in_log(struct box_world *w, struct craft *c, const struct hash *id)
{
        struct checkpoint tree = { .size = 1 };
        BUF_OWNED event = { 0 };
        BUF_OWNED note = { 0 };
        BUF_OWNED copy = { 0 };
        struct envelope e;
        int r;

        buf_put(&copy, buf_slice(&c->letter.envelope));
        r = field_read(&envelope_table, buf_slice(&copy), &e, NULL);
        assert(r == 0);
        event_put_filed(&event, slice_str(broker), &c->header, id, WORLD_NOW);
        event_leaf(&tree.root, e.salt, buf_slice(&event));
        snprintf(tree.origin, sizeof(tree.origin), "%s", origin);
        checkpoint_write(&note, &tree, w->log);
        e.leaf = 0;
        e.checkpoint = buf_slice(&note);
        buf_clear(&c->letter.envelope);
        field_write(&envelope_table, &c->letter.envelope, &e);
}

void box_world_put(struct box_world *w, struct craft *c, uint64_t seq, fumi_id *id)
{
        char name[BOX_ID_HEX + 1], path[PATH_MAX];
        struct hash h;
        int r;

        craft_all(c);
        submit_letter_id(&h, buf_slice(&c->letter.header));
        file_in_log(w, c, &h);
        box_letter_name(name, &h);
        box_path(w->b, path, "letters/%s.age", name);
        r = file_replace(path, buf_slice(&c->letter.body), 0600);
        if (!r)
                r = box_letter_write(w->b, &h, buf_slice(&c->letter.header),
                                     buf_slice(&c->letter.envelope));
        if (!r)
                r = box_letter_put_seq(w->b, seq, &h);
        assert(r == 0);
        memcpy(id->b, h.b, sizeof(h.b));
}
