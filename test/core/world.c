/* world.c - a broker's core with a store, a registrar, a sender and a holder */
#include "world.h"

#include "base/secret.h"
#include "crypt/hash.h"
#include "evidence/checkpoint.h"
#include "evidence/tile.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *world_engine = "mem";

int world_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
        if (argc > 1)
                world_engine = argv[1];
        if (secret_init())
                return 1;
        return _cmocka_run_group_tests(argv[0], tests, count, NULL, NULL);
}

/* Salts that a test can repeat. */
static void draw(void *out, size_t len)
{
        static uint64_t draws;
        uint8_t *at = out;

        for (size_t i = 0; i < len; i++)
                at[i] = (uint8_t)(++draws * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

struct party party_new(void)
{
        struct curve_sec *transport = secret_new(sizeof(*transport));
        struct party p = { .sec = secret_new(sizeof(*p.sec)) };

        assert_non_null(p.sec);
        assert_non_null(transport);
        keys_sign_new(&p.pub, p.sec);
        keys_curve_new(&p.transport, transport);
        secret_free(transport);
        return p;
}

void party_free(struct party *p)
{
        secret_free(p->sec);
        *p = (struct party){ 0 };
}

static void key_of(struct note_key *out, const char *name, const struct party *p)
{
        snprintf(out->name, sizeof(out->name), "%s", name);
        out->pub = p->pub;
}

static void open_store(struct world *w)
{
        struct store_config cfg = { .engine = world_engine, .create = true, .map_first = 64 << 20 };
        char path[96];
        struct store_why why;

        snprintf(w->folder, sizeof(w->folder), "/tmp/fumibako-core-XXXXXX");
        assert_non_null(mkdtemp(w->folder));
        snprintf(path, sizeof(path), "%s/store", w->folder);
        cfg.path = path;
        if (store_open(&w->store, &cfg, &why))
                fail_msg("%s", why.text);
}

void world_reopen_core(struct world *w)
{
        core_free(w->core);
        assert_int_equal(core_new(&w->core, &w->cfg), 0);
}

struct world *world_empty(void)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        w->now = WORLD_DAWN;
        w->broker = party_new();
        w->logger = party_new();
        w->registrar = party_new();
        w->sender = party_new();
        w->holder = party_new();
        w->address = party_new();
        open_store(w);
        w->cfg = (struct core_config){ .name = WORLD_BROKER,
                                       .origin = WORLD_ORIGIN,
                                       .broker_key = w->broker.sec,
                                       .log_key = w->logger.sec,
                                       .registrars = 1,
                                       .box_bytes = 16 << 20,
                                       .clock_window = CLOCK_HOUR,
                                       .uploads_most = 2,
                                       .random = draw };
        key_of(&w->cfg.registrar[0], WORLD_REGISTRAR, &w->registrar);
        key_of(&w->log, WORLD_ORIGIN, &w->logger);
        name_mailbox_of(&w->mailbox, &w->holder.pub);
        name_address_of(&w->to, &w->address.pub);
        world_reopen_core(w);
        assert_int_equal(core_found(w->core, w->store, w->now), 0);
        return w;
}

struct world *world_new(void)
{
        struct world *w = world_empty();

        world_next_enlisted(w);
        world_next_registered(w);
        world_next_published(w);
        assert_int_equal(world_enlist(w), 0);
        world_write_enrolment(w, 2, w->now - CLOCK_DAY, w->now + 365 * CLOCK_DAY);
        assert_int_equal(world_register(w, true), 0);
        assert_int_equal(world_publish(w), 0);
        return w;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        return remove(path);
}

void world_end(struct world *w)
{
        struct party *all[] = { &w->broker, &w->logger, &w->registrar,
                                &w->sender, &w->holder, &w->address };

        core_free(w->core);
        store_close(&w->store);
        nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
                party_free(all[i]);
        buf_free(&w->sender_note);
        buf_free(&w->mailbox_note);
        buf_free(&w->enrolment_note);
        buf_free(&w->address_note);
        buf_free(&w->answer);
        buf_free(&w->before);
        free(w);
}

/* ---- asking ---- */

static struct core_request *check_bytes(struct world *w, const struct party *who,
                                        struct slice bytes, int *kind)
{
        uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
        struct store_txn *look;
        struct core_request *r;

        assert_non_null(copy);
        if (bytes.len)
                memcpy(copy, bytes.at, bytes.len);
        assert_int_equal(store_look(w->store, &look), 0);
        *kind = core_check(w->core, &r, &copy, bytes.len, &who->transport, look, w->now);
        store_abort(&look);
        assert_true(*kind >= 0);
        assert_null(copy);
        return r;
}

struct core_request *world_check(struct world *w, const struct party *who, uint64_t verb,
                                 const void *ask, int kind)
{
        BUF_OWNED bytes = { 0 };
        struct core_request *r;
        int is;

        frame_write_ask(&bytes, verb, ++w->number, frame_verb_of(verb)->ask, ask);
        r = check_bytes(w, who, buf_slice(&bytes), &is);
        assert_int_equal(is, kind);
        return r;
}

static void wake(void *ctx, uint64_t box, uint64_t count)
{
        struct world *w = ctx;

        w->woken++;
}

void world_run(struct world *w, struct core_request **r, size_t count, bool commit)
{
        struct core_batch *b;
        struct store_txn *t;
        bool done, changed;

        assert_int_equal(store_begin(w->store, ++w->batch, &t, &done), 0);
        assert_int_equal(core_begin(w->core, &b, t, w->now), 0);
        for (size_t i = 0; i < count; i++)
                assert_int_equal(core_step(b, r[i]), 0);
        assert_int_equal(core_seal(b, &changed), 0);
        w->tally = *core_batch_tally(b);
        w->woken = 0;
        core_wakes(b, wake, w);
        if (changed && commit)
                assert_int_equal(store_commit(&t), 0);
        else
                store_abort(&t);
        core_batch_free(b);
}

static uint64_t take_answer(struct world *w, struct core_request *r)
{
        core_request_free(r);
        assert_int_equal(buf_fault(&w->answer), 0);
        assert_true(w->answer.len <= MESSAGES_FRAME_MOST);
        assert_int_equal(frame_read(&w->frame, buf_slice(&w->answer), true), 0);
        return w->frame.code;
}

uint64_t world_answer(struct world *w, struct core_request *r)
{
        buf_clear(&w->answer);
        core_answer(r, &w->answer);
        return take_answer(w, r);
}

static uint64_t read_answer(struct world *w, struct core_request *r)
{
        uint64_t box, after, seconds;
        struct store_txn *look;

        buf_clear(&w->answer);
        assert_int_equal(store_look(w->store, &look), 0);
        assert_int_equal(core_read(w->core, r, look, w->now, &w->answer, &box, &after, &seconds),
                         0);
        store_abort(&look);
        return take_answer(w, r);
}

uint64_t world_ask_bytes(struct world *w, const struct party *who, struct slice bytes)
{
        int kind;
        struct core_request *r = check_bytes(w, who, bytes, &kind);

        if (kind == CORE_READS || kind == CORE_WAITS)
                return read_answer(w, r);
        if (kind == CORE_WRITES)
                world_run(w, &r, 1, true);
        return world_answer(w, r);
}

uint64_t world_ask(struct world *w, const struct party *who, uint64_t verb, const void *ask)
{
        BUF_OWNED bytes = { 0 };
        uint64_t code;

        frame_write_ask(&bytes, verb, ++w->number, frame_verb_of(verb)->ask, ask);
        code = world_ask_bytes(w, who, buf_slice(&bytes));
        assert_true(w->frame.verb == verb);
        assert_true(w->frame.number == w->number);
        return code;
}

void world_told(struct world *w, void *answer)
{
        struct field_trouble why;

        if (field_read_message(frame_verb_of(w->frame.verb)->answer, buf_slice(&w->answer), answer,
                               &why))
                fail_msg("the answer is malformed at %s", why.where);
}

void check_where(struct world *w, const char *where)
{
        assert_int_equal(frame_read(&w->frame, buf_slice(&w->answer), true), 0);
        if (!slice_is(w->frame.where, where))
                fail_msg("where is '%.*s', not '%s'", (int)w->frame.where.len, w->frame.where.at,
                         where);
}

/* ---- letters ---- */

void letter_begin(struct letter *l, struct world *w, size_t size)
{
        uint8_t *body;

        *l = (struct letter){ 0 };
        body = buf_extend(&l->body, size);
        assert_non_null(body);
        for (size_t i = 0; i < size; i++)
                body[i] = (uint8_t)(i * 31 + w->nonces * 7);
        l->h = (struct header){ .version = 1,
                                .suite = 1,
                                .from = slice_str(WORLD_SENDER),
                                .to = slice_str(w->to.s),
                                .class = CLASS_NOTICE,
                                .created = (uint64_t)w->now,
                                .grade = 1,
                                .size = size,
                                .statement = w->published.hash };
        put_be64(l->h.nonce, ++w->nonces);
        hash_sha256(&l->h.digest, buf_slice(&l->body));
}

void letter_pack(struct letter *l)
{
        buf_clear(&l->header);
        field_write(&header_table, &l->header, &l->h);
        submit_letter_id(&l->id, buf_slice(&l->header));
}

void letter_new(struct letter *l, struct world *w, size_t size)
{
        letter_begin(l, w, size);
        letter_pack(l);
}

void letter_free(struct letter *l)
{
        buf_free(&l->header);
        buf_free(&l->body);
}

void world_submission(struct world *w, const struct party *who, const char *sender,
                      const struct letter *l, size_t count, struct buf *items,
                      struct ask_submit *ask)
{
        struct hash ids[SUBMIT_BATCH_MOST], root;
        struct signature sig;

        for (size_t i = 0; i < count; i++) {
                const struct letter_in in = { .header = buf_slice(&l[i].header),
                                              .has_body = !l[i].alone,
                                              .body = buf_slice(&l[i].body) };

                ids[i] = l[i].id;
                field_write(&letter_in_table, items, &in);
        }
        submit_root(&root, ids, count);
        submit_sign(&sig, slice_str(sender), &root, who->sec);
        *ask = (struct ask_submit){ .sender = slice_str(sender),
                                    .letters = { buf_slice(items), (uint32_t)count } };
        memcpy(ask->signature, sig.b, sizeof(ask->signature));
}

uint64_t world_submit_as(struct world *w, const struct party *who, const char *sender,
                         const struct letter *l, size_t count)
{
        BUF_OWNED items = { 0 };
        struct ask_submit ask;

        world_submission(w, who, sender, l, count, &items, &ask);
        return world_ask(w, who, VERB_SUBMIT, &ask);
}

uint64_t world_submit(struct world *w, const struct letter *l, size_t count)
{
        return world_submit_as(w, &w->sender, WORLD_SENDER, l, count);
}

struct filed world_filed(struct world *w, size_t index)
{
        struct answer_submit told;
        struct filed f = { 0 };

        world_told(w, &told);
        assert_true(index < told.letters.count);
        for (size_t i = 0; i <= index; i++)
                assert_true(field_list_next(&told.letters, &filed_table, &f));
        return f;
}

uint64_t world_send(struct world *w, const struct letter *l)
{
        assert_int_equal(world_submit(w, l, 1), 0);
        return world_filed(w, 0).code;
}

void world_file(struct world *w, struct letter *l, size_t size)
{
        letter_new(l, w, size);
        assert_int_equal(world_send(w, l), 0);
}

/* ---- statements ---- */

void world_next_enlisted(struct world *w)
{
        struct sender_statement *s = &w->enlisted;

        s->previous = s->hash;
        s->epoch++;
        s->sender = slice_str(WORLD_SENDER);
        s->name = slice_str("例示生命保険");
        s->number_kind = NUMBER_NONE;
        s->classes = 1U << CLASS_CERTIFICATE | 1U << CLASS_NOTICE | 1U << CLASS_MESSAGE;
        s->key = w->sender.pub;
        s->transport = w->sender.transport;
        s->from = w->now;
        s->until = w->now + 365 * CLOCK_DAY;
}

void world_next_registered(struct world *w)
{
        struct mailbox_statement *s = &w->registered;

        s->previous = s->hash;
        s->epoch++;
        s->devices = 1;
        s->device[0] = (struct statement_device){ w->holder.transport, slice_str("phone") };
        s->from = w->now;
        s->until = w->now + 365 * CLOCK_DAY;
}

void world_next_published(struct world *w)
{
        struct address_statement *s = &w->published;

        s->previous = s->hash;
        s->epoch++;
        s->accepts = 1;
        s->accept[0] = (struct statement_accept){ slice_str(WORLD_SENDER),
                                                  1U << CLASS_CERTIFICATE | 1U << CLASS_NOTICE |
                                                          1U << CLASS_REFERRAL };
        s->seals = 1;
        memset(&s->seal[0], 0, sizeof(s->seal[0]));
        memset(s->seal[0].to.b, 9, sizeof(s->seal[0].to.b));
        s->from = w->now;
        s->until = w->now + 365 * CLOCK_DAY;
        s->closed = 0;
}

void world_write_sender(struct world *w)
{
        buf_clear(&w->sender_note);
        statement_write_sender(&w->sender_note, &w->enlisted, &w->cfg.registrar[0],
                               w->registrar.sec);
}

void world_write_mailbox(struct world *w)
{
        buf_clear(&w->mailbox_note);
        statement_write_mailbox(&w->mailbox_note, &w->registered, w->holder.sec);
}

void world_write_enrolment(struct world *w, unsigned level, instant from, instant until)
{
        const struct enrolment e = { .mailbox = w->mailbox,
                                     .key = w->holder.pub,
                                     .level = level,
                                     .from = from,
                                     .until = until };

        buf_clear(&w->enrolment_note);
        statement_write_enrolment(&w->enrolment_note, &e, &w->cfg.registrar[0], w->registrar.sec);
}

void world_write_address(struct world *w)
{
        buf_clear(&w->address_note);
        statement_write_address(&w->address_note, &w->published, w->address.sec);
}

uint64_t world_ask_enlist(struct world *w)
{
        const struct ask_enlist ask = { .statement = buf_slice(&w->sender_note) };

        return world_ask(w, &w->registrar, VERB_ENLIST, &ask);
}

uint64_t world_ask_register(struct world *w, bool with_enrolment)
{
        const struct ask_register ask = { .statement = buf_slice(&w->mailbox_note),
                                          .has_enrolment = with_enrolment,
                                          .enrolment = buf_slice(&w->enrolment_note) };

        return world_ask(w, &w->holder, VERB_REGISTER, &ask);
}

uint64_t world_ask_publish(struct world *w)
{
        struct ask_publish ask = { .statement = buf_slice(&w->address_note),
                                   .mailbox = slice_str(w->mailbox.s) };
        BUF_OWNED message = { 0 };
        struct signature sig;
        struct hash hash;

        hash_sha256(&hash, buf_slice(&w->address_note));
        statement_bind_message(&message, ask.mailbox, &hash);
        sign_make(&sig, buf_slice(&message), w->holder.sec);
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        return world_ask(w, &w->holder, VERB_PUBLISH, &ask);
}

uint64_t world_enlist(struct world *w)
{
        world_write_sender(w);
        return world_ask_enlist(w);
}

uint64_t world_register(struct world *w, bool with_enrolment)
{
        world_write_mailbox(w);
        return world_ask_register(w, with_enrolment);
}

uint64_t world_publish(struct world *w)
{
        world_write_address(w);
        return world_ask_publish(w);
}

/* ---- acknowledging ---- */

uint64_t world_ack(struct world *w, const uint64_t *seqs, const struct letter *const *letters,
                   size_t count)
{
        struct ask_ack ask = { .mailbox = slice_str(w->mailbox.s), .time = (uint64_t)w->now };
        BUF_OWNED numbers = { 0 };
        BUF_OWNED ids = { 0 };
        BUF_OWNED message = { 0 };
        struct signature sig;

        for (size_t i = 0; i < count; i++) {
                field_numbers_put(&ask.seqs, &numbers, seqs[i]);
                buf_put(&ids, slice_hash(&letters[i]->id));
        }
        ask.letters = buf_slice(&ids);
        statement_ack_message(&message, ask.mailbox, w->now, ask.letters);
        sign_make(&sig, buf_slice(&message), w->holder.sec);
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        return world_ask(w, &w->holder, VERB_ACK, &ask);
}

struct acked world_acked(struct world *w, size_t index)
{
        struct answer_ack told;
        struct acked a = { 0 };

        world_told(w, &told);
        assert_true(index < told.letters.count);
        for (size_t i = 0; i <= index; i++)
                assert_true(field_list_next(&told.letters, &acked_table, &a));
        return a;
}

/* ---- what is there ---- */

static int dump_one(void *ctx, struct slice key, struct slice value)
{
        uint8_t lens[8];

        put_be32(lens, (uint32_t)key.len);
        put_be32(lens + 4, (uint32_t)value.len);
        buf_put(ctx, slice_of(lens, sizeof(lens)));
        buf_put(ctx, key);
        buf_put(ctx, value);
        return 0;
}

static void dump(struct world *w, struct buf *out)
{
        struct store_txn *look;

        buf_clear(out);
        assert_int_equal(store_look(w->store, &look), 0);
        for (int table = 0; table < TABLE_COUNT; table++) {
                buf_putc(out, (uint8_t)table);
                assert_int_equal(store_range(look, table, slice_str(""), slice_str(""), false,
                                             dump_one, out),
                                 0);
        }
        store_abort(&look);
        assert_int_equal(buf_fault(out), 0);
}

void world_remember(struct world *w)
{
        dump(w, &w->before);
}

void check_unchanged(struct world *w)
{
        BUF_OWNED now = { 0 };

        dump(w, &now);
        assert_int_equal(now.len, w->before.len);
        assert_memory_equal(now.at, w->before.at, now.len);
}

static size_t ask_tile(struct world *w, unsigned level, uint64_t n, unsigned width,
                       struct hash *out)
{
        const struct ask_tile ask = { .level = level, .index = n, .width = width };
        struct answer_tile told;

        assert_int_equal(world_ask(w, &w->registrar, VERB_TILE, &ask), 0);
        world_told(w, &told);
        assert_int_equal(told.hashes.len, width * sizeof(struct hash));
        memcpy(out, told.hashes.at, told.hashes.len);
        return width;
}

uint64_t check_checkpoint(struct world *w, struct slice checkpoint)
{
        struct hash hash[TILE_WIDTH], root;
        struct tree_frontier f = { 0 };
        struct checkpoint c;
        struct frame frame = w->frame;
        BUF_OWNED last = w->answer; /* the tiles are asked for meanwhile */
        BUF_OWNED note = { 0 };

        buf_put(&note, checkpoint);
        w->answer = (struct buf){ 0 };
        assert_int_equal(checkpoint_open(&c, buf_slice(&note), &w->log), 0);
        while (f.size < c.size) {
                unsigned width = tile_width(0, f.size / TILE_WIDTH, c.size);

                ask_tile(w, 0, f.size / TILE_WIDTH, width, hash);
                for (unsigned i = 0; i < width; i++)
                        tree_append(&f, &hash[i]);
        }
        tree_root(&root, &f);
        assert_true(hash_eq(&root, &c.root));
        buf_free(&w->answer);
        w->answer = last;
        w->frame = frame;
        last = (struct buf){ 0 };
        return c.size;
}

void check_filed_leaf(struct world *w, const struct letter *l, const struct filed *f)
{
        struct hash hash[TILE_WIDTH], leaf;
        struct frame frame = w->frame;
        BUF_OWNED last = w->answer;
        BUF_OWNED event = { 0 };
        const struct filed filed = *f;

        w->answer = (struct buf){ 0 };
        event_put_filed(&event, slice_str(WORLD_BROKER), &l->h, &l->id, (instant)filed.time);
        event_leaf(&leaf, filed.salt, buf_slice(&event));
        ask_tile(w, 0, filed.leaf / TILE_WIDTH, filed.leaf % TILE_WIDTH + 1, hash);
        assert_true(hash_eq(&leaf, &hash[filed.leaf % TILE_WIDTH]));
        buf_free(&w->answer);
        w->answer = last;
        w->frame = frame;
        last = (struct buf){ 0 };
}

uint64_t world_tree_size(struct world *w)
{
        const struct ask_info ask = { 0 };
        struct answer_info told;

        assert_int_equal(world_ask(w, &w->registrar, VERB_INFO, &ask), 0);
        world_told(w, &told);
        return check_checkpoint(w, told.checkpoint);
}
