/* letter_world.c - a registrar, a sender, an address, and the evil composer */
#include "letter_world.h"

#include "base/secret.h"
#include "base/text.h"
#include "crypt/age.h"
#include "crypt/hash.h"
#include "letter/submit.h"
#include "wire/mp.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const char sender_name[] = "org.example-life";
static const struct slice part_one = { (const uint8_t *)"<TEG800>4139</TEG800>\n", 22 };
static const struct slice part_two = { (const uint8_t *)"two", 3 };

static struct note_key key_new(const char *name, struct sign_sec **sec)
{
        struct note_key k = { 0 };

        *sec = secret_new(sizeof(**sec));
        assert(*sec);
        keys_sign_new(&k.pub, *sec);
        snprintf(k.name, sizeof(k.name), "%s", name);
        return k;
}

void letter_world_publish(struct letter_world *w)
{
        buf_clear(&w->registration_note);
        buf_clear(&w->to_note);
        statement_write_sender(&w->registration_note, &w->registration, &w->registrar_key,
                               w->registrar);
        statement_write_address(&w->to_note, &w->to, w->address);
}

void letter_world_new(struct letter_world *w)
{
        struct note_key key;

        *w = (struct letter_world){ 0 };
        w->registrar_key = key_new("registrar.example", &w->registrar);
        w->stranger_key = key_new("registrar.example", &w->stranger);
        key = key_new(sender_name, &w->sender);
        w->registration = (struct sender_statement){
                .sender = slice_str(sender_name),
                .name = slice_str("例示生命保険相互会社"),
                .classes = 1u << CLASS_CERTIFICATE | 1u << CLASS_NOTICE,
                .key = key.pub,
                .epoch = 1,
                .from = WORLD_NOW - 30 * CLOCK_DAY,
                .until = WORLD_NOW + 30 * CLOCK_DAY,
        };
        key = key_new("address", &w->address);
        w->seal = secret_new(WORLD_SEALS * sizeof(*w->seal));
        assert(w->seal);
        w->to = (struct address_statement){
                .key = key.pub,
                .epoch = 1,
                .seals = 1,
                .from = WORLD_NOW - CLOCK_DAY,
                .until = WORLD_NOW + CLOCK_DAY,
        };
        name_address_of(&w->to.address, &key.pub);
        for (size_t i = 0; i < WORLD_SEALS; i++)
                keys_seal_new(&w->to.seal[i].to, &w->seal[i]);
        letter_world_publish(w);
}

void letter_world_free(struct letter_world *w)
{
        secret_free(w->registrar);
        secret_free(w->stranger);
        secret_free(w->sender);
        secret_free(w->address);
        secret_free(w->seal);
        buf_free(&w->registration_note);
        buf_free(&w->to_note);
}

void letter_free(struct letter *l)
{
        buf_free(&l->header);
        buf_free(&l->envelope);
        buf_free(&l->body);
}

void letter_envelope(struct letter *l, struct letter_world *w)
{
        enum { COUNT = 5, INDEX = 2 };
        struct hash id[COUNT], root, path[SUBMIT_PATH_MOST];
        struct envelope e = {
                .index = INDEX,
                .count = COUNT,
                .sender = buf_slice(&w->registration_note),
                .leaf = 7,
                .time = WORLD_NOW,
                .checkpoint = slice_str("broker.example/log/0\n"),
        };
        struct signature sig;

        keys_random(id, sizeof(id));
        submit_letter_id(&id[INDEX], buf_slice(&l->header));
        submit_root(&root, id, COUNT);
        submit_sign(&sig, w->registration.sender, &root, w->sender);
        memcpy(e.signature, sig.b, sizeof(sig.b));
        e.path = slice_of(path, submit_path(path, id, COUNT, INDEX) * sizeof(struct hash));
        buf_clear(&l->envelope);
        field_write(&envelope_table, &l->envelope, &e);
}

int letter_sink(void *ctx, struct slice sealed)
{
        struct letter *l = ctx;

        buf_put(&l->body, sealed);
        return buf_fault(&l->body);
}

void opened_free(struct opened *o)
{
        buf_free(&o->note);
        buf_free(&o->title);
        for (size_t i = 0; i < SEAL_PARTS_MOST; i++)
                buf_free(&o->part[i]);
        *o = (struct opened){ 0 };
}

static int on_note(void *ctx, const struct open_note *n)
{
        struct opened *o = ctx;

        o->notes++;
        buf_put(&o->note, n->whole);
        buf_put(&o->title, n->title);
        return o->stop_at_note;
}

static int on_part(void *ctx, size_t index, struct slice bytes)
{
        struct opened *o = ctx;

        assert(index < SEAL_PARTS_MOST);
        o->calls++;
        buf_put(&o->part[index], bytes);
        return o->stop_at_part;
}

struct open_keys letter_keys(struct letter_world *w, size_t key)
{
        return (struct open_keys){
                .registrars = &w->registrar_key,
                .registrar_count = 1,
                .address = slice_str(w->to.address.s),
                .seal = &w->seal[key],
                .seals = 1,
        };
}

int letter_open_with(struct opened *o, const struct letter *l, const struct open_keys *keys,
                     size_t piece)
{
        const struct open_sink sink = { .note = on_note, .part = on_part, .ctx = o };
        struct slice rest = buf_slice(&l->body);
        struct open_letter *open = NULL;
        int r = open_begin(&open, buf_slice(&l->header), buf_slice(&l->envelope), keys, &sink);

        if (r)
                return r;
        while (rest.len && r == 0) {
                r = open_feed(open, slice_upto(rest, piece));
                rest = slice_from(rest, piece);
        }
        if (r == 0)
                r = open_end(open);
        open_free(open);
        return r;
}

int letter_open(struct opened *o, const struct letter *l, struct letter_world *w, size_t key,
                size_t piece)
{
        const struct open_keys keys = letter_keys(w, key);

        opened_free(o);
        return letter_open_with(o, l, &keys, piece);
}

/* ---- the evil composer ---- */

void craft_new(struct craft *c, struct letter_world *w)
{
        *c = (struct craft){
                .w = w,
                .note = {
                        .from = slice_str(sender_name),
                        .to = slice_str(w->to.address.s),
                        .type = slice_str("jp.go.nta.TEG800"),
                        .title = slice_str("生命保険料控除証明書（令和8年分）"),
                        .issued = slice_str("2026-10-15T09:00:00+09:00"),
                        .class = CLASS_CERTIFICATE,
                        .parts = 2,
                },
                .note_name = sender_name,
                .note_sec = w->sender,
                .part = { part_one, part_two },
                .parts = 2,
                .to = w->to.seal[0].to,
                .header = {
                        .version = 1,
                        .suite = 1,
                        .from = slice_str(sender_name),
                        .to = slice_str(w->to.address.s),
                        .class = CLASS_CERTIFICATE,
                        .created = WORLD_NOW,
                        .grade = 1,
                        .statement = w->to.hash,
                },
        };
        keys_random(c->header.nonce, sizeof(c->header.nonce));
        for (size_t i = 0; i < c->parts; i++) {
                hash_sha256(&c->line[i].digest, c->part[i]);
                c->line[i].size = c->part[i].len;
                c->line[i].media = slice_str("application/xml");
                c->line[i].name = slice_str(i ? "別 紙.xml" : "TEG800-202610150001.xml");
        }
}

void craft_note(struct craft *c)
{
        const struct open_note *n = &c->note;
        const char *class = name_class(n->class);
        BUF_OWNED text = { 0 };

        if (c->note_bytes.len)
                return;
        buf_printf(&text, "fumibako letter v1\nfrom %.*s\nto %.*s\nclass %s\n", (int)n->from.len,
                   (const char *)n->from.at, (int)n->to.len, (const char *)n->to.at,
                   class ? class : "none");
        buf_printf(&text, "type %.*s\ntitle %.*s\nissued %.*s\n", (int)n->type.len,
                   (const char *)n->type.at, (int)n->title.len, (const char *)n->title.at,
                   (int)n->issued.len, (const char *)n->issued.at);
        for (size_t i = 0; i < n->parts; i++) {
                const struct open_part *p = &c->line[i];

                buf_puts(&text, "part ");
                text_put_base64(&text, slice_hash(&p->digest));
                buf_printf(&text, " %u %.*s %.*s\n", (unsigned)p->size, (int)p->media.len,
                           (const char *)p->media.at, (int)p->name.len, (const char *)p->name.at);
        }
        note_sign(&c->note_bytes, buf_slice(&text), c->note_name, c->note_sec);
        assert(buf_fault(&c->note_bytes) == 0);
}

void craft_content(struct craft *c)
{
        craft_note(c);
        if (c->content.len)
                return;
        mp_put_map(&c->content, 2);
        mp_put_u64(&c->content, 1);
        mp_put_str(&c->content, buf_slice(&c->note_bytes));
        mp_put_u64(&c->content, 2);
        mp_put_array(&c->content, (uint32_t)c->parts);
        for (size_t i = 0; i < c->parts; i++)
                mp_put_bin(&c->content, c->part[i]);
}

/* E4.2 as it is defined: E and S by counting, the least multiple of 2^(E-S) that is not below. */
static uint64_t padded_by_definition(uint64_t len)
{
        uint64_t e = 0, s = 0, step = 1, n = 0;

        if (len < 2)
                return len;
        while (len >> (e + 1))
                e++;
        while (e >> (s + 1))
                s++;
        for (s++; s < e; s++)
                step *= 2;
        while (n < len)
                n += step;
        return n;
}

void craft_body(struct craft *c)
{
        int64_t zeros;
        int r;

        craft_content(c);
        if (c->letter.body.len)
                return;
        zeros = (int64_t)(padded_by_definition(c->content.len) - c->content.len) + c->padding_more;
        assert(zeros >= 0);
        for (int64_t i = 0; i < zeros; i++)
                buf_putc(&c->content, 0);
        r = age_seal(&c->letter.body, buf_slice(&c->content), &c->to, 1);
        assert(r == 0);
}

void craft_header(struct craft *c)
{
        craft_body(c);
        if (c->letter.header.len)
                return;
        hash_sha256(&c->header.digest, buf_slice(&c->letter.body));
        c->header.size = c->letter.body.len;
        field_write(&header_table, &c->letter.header, &c->header);
}

void craft_all(struct craft *c)
{
        craft_header(c);
        letter_envelope(&c->letter, c->w);
}

void craft_free(struct craft *c)
{
        buf_free(&c->note_bytes);
        buf_free(&c->content);
        letter_free(&c->letter);
}
