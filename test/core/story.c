/* story.c - long random stories: lost answers, pieces, acknowledgements, aborted commits
 *
 * A few letters are sent again and again in every way there is, several requests to a commit, and
 * now and then a commit is lost and its steps are run again. What must hold at every point: a
 * letter has one receipt, whoever asks and however often; every checkpoint is the root of the
 * tiles; and in the end the box holds each filed letter once, in the order of its head. */
#include "world.h"

enum { LETTERS = 40, STEPS = 120, REQUESTS_MOST = 5, UNIT = MESSAGES_CHUNK_UNIT };

/* What the teller knows of a letter: the first receipt it saw. */
struct tale {
        struct letter l;
        bool filed;
        uint64_t leaf, time;
        uint8_t salt[EVENT_SALT];
        struct buf checkpoint;
        uint64_t offset; /* the broker asked for bytes from here */
        bool wanted;
        bool acked;
        uint64_t acked_leaf;
};

struct story {
        struct world *w;
        uint64_t dice;
        struct tale tale[LETTERS];
        /* of the requests under way: which letters they are about */
        size_t about[REQUESTS_MOST][4];
        size_t abouts[REQUESTS_MOST];
};

static uint64_t throw(struct story * s, uint64_t sides)
{
        s->dice = s->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (s->dice >> 33) % sides;
}

static void hear_filed(struct story *s, struct tale *t, const struct filed *f, struct slice commit)
{
        struct slice checkpoint = f->has_duplicate ? f->checkpoint : commit;

        if (f->code == OUTCOME_BODY_WANTED) {
                assert_false(t->filed);
                t->wanted = true;
                t->offset = f->offset;
        }
        if (f->code)
                return;
        if (t->filed) {
                assert_true(t->leaf == f->leaf && t->time == f->time);
                assert_memory_equal(t->salt, f->salt, EVENT_SALT);
                assert_true(slice_eq(checkpoint, buf_slice(&t->checkpoint)));
                return;
        }
        t->filed = true;
        t->wanted = false;
        t->leaf = f->leaf;
        t->time = f->time;
        memcpy(t->salt, f->salt, EVENT_SALT);
        buf_put(&t->checkpoint, checkpoint);
        check_filed_leaf(s->w, &t->l, f);
}

static struct core_request *tell_submit(struct story *s, size_t at)
{
        struct letter l[4];
        BUF_OWNED items = { 0 };
        struct ask_submit ask;

        s->abouts[at] = 1 + throw(s, 4);
        for (size_t i = 0; i < s->abouts[at]; i++) {
                s->about[at][i] = throw(s, LETTERS);
                l[i] = s->tale[s->about[at][i]].l;
                l[i].alone = l[i].body.len > UNIT && throw(s, 4) > 0;
        }
        world_submission(s->w, &s->w->sender, WORLD_SENDER, l, s->abouts[at], &items, &ask);
        return world_check(s->w, &s->w->sender, VERB_SUBMIT, &ask, CORE_WRITES);
}

static struct core_request *tell_chunk(struct story *s, size_t at)
{
        size_t which = throw(s, LETTERS);
        struct tale *t = &s->tale[which];
        uint64_t left = t->l.body.len - t->offset, len = left > UNIT ? UNIT : left;
        const struct ask_chunk ask = { .letter = t->l.id,
                                       .offset = t->offset,
                                       .bytes = slice_of(t->l.body.at + t->offset, len) };

        s->abouts[at] = 1;
        s->about[at][0] = which;
        return world_check(s->w, &s->w->sender, VERB_CHUNK, &ask, CORE_WRITES);
}

static void hear(struct story *s, size_t at, struct core_request *r)
{
        struct world *w = s->w;
        uint64_t verb = core_request_verb(r);
        BUF_OWNED kept = { 0 };
        struct answer_submit told;
        struct answer_chunk piece;
        struct filed f;

        world_answer(w, r);
        buf_put(&kept, buf_slice(&w->answer));
        if (verb == VERB_SUBMIT) {
                field_read_message(&answer_submit_table, buf_slice(&kept), &told, NULL);
                if (told.has_checkpoint)
                        check_checkpoint(w, told.checkpoint);
                for (size_t i = 0; field_list_next(&told.letters, &filed_table, &f); i++)
                        hear_filed(s, &s->tale[s->about[at][i]], &f, told.checkpoint);
                return;
        }
        field_read_message(&answer_chunk_table, buf_slice(&kept), &piece, NULL);
        if (piece.has_offset && !piece.has_letter)
                s->tale[s->about[at][0]].offset = piece.offset;
        if (piece.has_letter && !field_read(&filed_table, piece.letter, &f, NULL))
                hear_filed(s, &s->tale[s->about[at][0]], &f, piece.checkpoint);
}

/* One commit. It may be lost a few times before it is kept, and an answer may be lost behind it. */
static void tell_commit(struct story *s)
{
        struct core_request *r[REQUESTS_MOST];
        size_t count = 1 + throw(s, REQUESTS_MOST);

        s->w->now += (instant) throw(s, 2000) - 500;
        for (size_t i = 0; i < count; i++)
                r[i] = throw(s, 3) ? tell_submit(s, i) : tell_chunk(s, i);
        while (throw(s, 4) == 0) {
                world_remember(s->w);
                world_run(s->w, r, count, false);
                check_unchanged(s->w);
        }
        world_run(s->w, r, count, true);
        for (size_t i = 0; i < count; i++) {
                if (throw(s, 4))
                        hear(s, i, r[i]);
                else
                        core_request_free(r[i]);
        }
}

static void tell_ack(struct story *s, uint64_t seq)
{
        const struct letter *which;
        struct answer_list told;
        const struct ask_list ask = { .mailbox = slice_str(s->w->mailbox.s),
                                      .after = seq - 1,
                                      .limit = 1 };
        struct listed one;
        struct acked a;

        assert_int_equal(world_ask(s->w, &s->w->holder, VERB_LIST, &ask), 0);
        world_told(s->w, &told);
        if (!field_list_next(&told.letters, &listed_table, &one))
                return;
        for (size_t i = 0; i < LETTERS; i++) {
                struct tale *t = &s->tale[i];

                if (!slice_eq(one.header, buf_slice(&t->l.header)))
                        continue;
                which = &t->l;
                assert_int_equal(world_ack(s->w, &seq, &which, 1), 0);
                a = world_acked(s->w, 0);
                assert_int_equal(a.code, 0);
                assert_int_equal(a.has_duplicate, t->acked);
                assert_true(!t->acked || t->acked_leaf == a.leaf);
                t->acked = true;
                t->acked_leaf = a.leaf;
                return;
        }
        fail_msg("a letter that nobody sent lies at %d", (int)seq);
}

/* The box against the tales: every letter once, its head the chain of their leaves. */
static void check_box(struct story *s)
{
        const struct ask_list ask = { .mailbox = slice_str(s->w->mailbox.s), .limit = 256 };
        bool met[LETTERS] = { false };
        struct hash head = { 0 }, leaf, kept;
        struct answer_list told;
        BUF_OWNED last = { 0 };
        struct listed one;

        assert_int_equal(world_ask(s->w, &s->w->holder, VERB_LIST, &ask), 0);
        buf_put(&last, buf_slice(&s->w->answer));
        field_read_message(&answer_list_table, buf_slice(&last), &told, NULL);
        kept = told.head;
        assert_int_equal(told.letters.count, told.count);
        while (field_list_next(&told.letters, &listed_table, &one)) {
                for (size_t i = 0; i < LETTERS; i++) {
                        struct tale *t = &s->tale[i];
                        BUF_OWNED event = { 0 };

                        if (!slice_eq(one.header, buf_slice(&t->l.header)))
                                continue;
                        assert_false(met[i]);
                        met[i] = true;
                        assert_int_equal(world_send(s->w, &t->l), 0);
                        {
                                struct filed f = world_filed(s->w, 0);

                                assert_true(f.duplicate);
                                hear_filed(s, t, &f, slice_str(""));
                        }
                        event_put_filed(&event, slice_str(WORLD_BROKER), &t->l.h, &t->l.id,
                                        (instant)t->time);
                        event_leaf(&leaf, t->salt, buf_slice(&event));
                        event_head(&head, &leaf);
                }
        }
        assert_true(hash_eq(&head, &kept));
        assert_true(told.count > LETTERS / 2);
        for (size_t i = 0; i < LETTERS; i++)
                assert_true(met[i] || !s->tale[i].filed);
}

static void play(uint64_t seed)
{
        static struct story s;
        uint64_t seq = 1;

        s = (struct story){ .w = world_new(), .dice = seed };
        for (size_t i = 0; i < LETTERS; i++)
                letter_new(&s.tale[i].l, s.w, i % 4 ? 100 + i : 2 * UNIT + i);
        for (size_t i = 0; i < STEPS; i++) {
                tell_commit(&s);
                if (throw(&s, 3) == 0)
                        tell_ack(&s, 1 + throw(&s, seq++));
        }
        check_box(&s);
        for (size_t i = 0; i < LETTERS; i++) {
                buf_free(&s.tale[i].checkpoint);
                letter_free(&s.tale[i].l);
        }
        world_end(s.w);
}

static void every_story_ends_with_one_receipt_for_each_letter(void **state)
{
        for (uint64_t seed = 1; seed <= 8; seed++)
                play(seed);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_story_ends_with_one_receipt_for_each_letter),
        };

        return WORLD_MAIN(argc, argv, tests);
}
