/* admit.c - every reason for which a letter is not filed, and that nothing has changed then */
#include "world.h"

#include <stdlib.h>

static uint64_t code_of(struct world *w, struct letter *l, const char *where)
{
        struct filed f;
        uint64_t code;

        letter_pack(l);
        world_remember(w);
        code = world_send(w, l);
        f = world_filed(w, 0);
        if (code)
                check_unchanged(w);
        if (code && !slice_is(f.where, where))
                fail_msg("where is '%.*s', not '%s'", (int)f.where.len, f.where.at, where);
        assert_int_equal(f.has_leaf, code == 0);
        letter_free(l);
        return code;
}

static void the_header_is_read_strictly(void **state)
{
        struct world *w = world_new();
        struct letter l;

        letter_begin(&l, w, 64);
        l.h.version = 0;
        assert_int_equal(code_of(w, &l, "version"), OUTCOME_MALFORMED);
        letter_begin(&l, w, 64);
        l.h.suite = 2;
        assert_int_equal(code_of(w, &l, "suite"), OUTCOME_UNKNOWN_SUITE);
        letter_begin(&l, w, 64);
        l.h.from = slice_str("org.example-other");
        assert_int_equal(code_of(w, &l, "from"), OUTCOME_MALFORMED);
        letter_begin(&l, w, 64);
        l.h.class = 0;
        assert_int_equal(code_of(w, &l, "class"), OUTCOME_MALFORMED);
        letter_begin(&l, w, 64);
        l.h.class = CLASS_LAST + 1;
        assert_int_equal(code_of(w, &l, "class"), OUTCOME_MALFORMED);
        letter_begin(&l, w, 64);
        l.h.grade = 0;
        assert_int_equal(code_of(w, &l, "grade"), OUTCOME_MALFORMED);
        letter_begin(&l, w, 64);
        l.h.has_not_before = l.h.has_expires = true;
        l.h.not_before = l.h.expires = (uint64_t)w->now + 5;
        assert_int_equal(code_of(w, &l, "not_before"), OUTCOME_MALFORMED);
        letter_begin(&l, w, 64);
        l.h.size = 0;
        assert_int_equal(code_of(w, &l, "size"), OUTCOME_MALFORMED);
        world_end(w);
}

static void a_header_that_is_no_map_is_refused_alone(void **state)
{
        struct world *w = world_new();
        struct letter l[2];

        letter_new(&l[0], w, 64);
        letter_new(&l[1], w, 64);
        buf_putc(&l[0].header, 0xc0);
        submit_letter_id(&l[0].id, buf_slice(&l[0].header));
        assert_int_equal(world_submit(w, l, 2), 0);
        assert_int_equal(world_filed(w, 0).code, OUTCOME_MALFORMED);
        assert_int_equal(world_filed(w, 1).code, 0);
        letter_free(&l[0]);
        letter_free(&l[1]);
        world_end(w);
}

/* E3.3, P4.2.8 */
static void the_body_is_that_of_the_header(void **state)
{
        struct world *w = world_new();
        struct letter l;

        letter_begin(&l, w, 64);
        l.h.size = 65;
        assert_int_equal(code_of(w, &l, "size"), OUTCOME_DIGEST_MISMATCH);
        letter_begin(&l, w, 64);
        l.body.at[0] ^= 1;
        assert_int_equal(code_of(w, &l, "digest"), OUTCOME_DIGEST_MISMATCH);
        world_end(w);
}

static void there_must_be_such_an_address(void **state)
{
        struct world *w = world_new();
        struct party other = party_new();
        struct address nobody;
        struct letter l;

        name_address_of(&nobody, &other.pub);
        letter_begin(&l, w, 64);
        l.h.to = slice_str(nobody.s);
        assert_int_equal(code_of(w, &l, "to"), OUTCOME_NO_SUCH_ADDRESS);
        letter_begin(&l, w, 64);
        l.h.to = slice_str("fumi1nonsense");
        assert_int_equal(code_of(w, &l, "to"), OUTCOME_NO_SUCH_ADDRESS);
        party_free(&other);
        world_end(w);
}

/* P4.2.13 */
static void a_closed_address_takes_nothing(void **state)
{
        struct world *w = world_new();
        struct letter l;

        world_next_published(w);
        w->published.closed = w->now;
        w->published.seals = 0;
        assert_int_equal(world_publish(w), 0);
        letter_begin(&l, w, 64);
        assert_int_equal(code_of(w, &l, "to"), OUTCOME_ADDRESS_CLOSED);
        world_end(w);
}

static void a_statement_holds_in_its_time_only(void **state)
{
        struct world *w = world_new();
        struct letter l;

        world_next_published(w);
        w->published.from = w->now + CLOCK_MINUTE;
        w->published.until = w->now + 2 * CLOCK_MINUTE;
        assert_int_equal(world_publish(w), 0);
        letter_begin(&l, w, 64);
        assert_int_equal(code_of(w, &l, "to"), OUTCOME_STATEMENT_EXPIRED);
        w->now += CLOCK_MINUTE;
        letter_begin(&l, w, 64);
        assert_int_equal(code_of(w, &l, ""), 0);
        w->now += CLOCK_MINUTE;
        letter_begin(&l, w, 64);
        assert_int_equal(code_of(w, &l, "to"), OUTCOME_STATEMENT_EXPIRED);
        world_end(w);
}

static void the_recipient_chooses_senders_and_classes(void **state)
{
        struct world *w = world_new();
        struct letter l;

        letter_begin(&l, w, 64);
        l.h.class = CLASS_MESSAGE; /* granted to the sender, not accepted here */
        assert_int_equal(code_of(w, &l, "to"), OUTCOME_NOT_ACCEPTED);
        world_next_published(w);
        w->published.accept[0].sender = slice_str("org.example-other");
        assert_int_equal(world_publish(w), 0);
        letter_begin(&l, w, 64);
        assert_int_equal(code_of(w, &l, "to"), OUTCOME_NOT_ACCEPTED);
        world_end(w);
}

/* P4.2.12 */
static void a_sender_has_the_classes_that_it_is_registered_for(void **state)
{
        struct world *w = world_new();
        struct letter l;

        letter_begin(&l, w, 64);
        l.h.class = CLASS_REFERRAL; /* accepted, but not granted */
        assert_int_equal(code_of(w, &l, "class"), OUTCOME_CLASS_NOT_GRANTED);
        world_end(w);
}

static void a_sender_files_while_its_registration_is_valid(void **state)
{
        struct world *w = world_new();
        struct letter l;

        world_next_enlisted(w);
        w->enlisted.until = w->now + CLOCK_DAY;
        assert_int_equal(world_enlist(w), 0);
        w->now += CLOCK_DAY;
        letter_begin(&l, w, 64);
        assert_int_equal(code_of(w, &l, "from"), OUTCOME_SENDER_NOT_VALID);
        world_end(w);
}

/* P4.2.14 */
static void a_superseded_statement_is_answered_with_the_newer_one(void **state)
{
        struct world *w = world_new();
        struct letter l;

        letter_begin(&l, w, 64);
        world_next_published(w);
        assert_int_equal(world_publish(w), 0);
        assert_int_equal(code_of(w, &l, "statement"), OUTCOME_STATEMENT_SUPERSEDED);
        assert_true(slice_eq(world_filed(w, 0).statement, buf_slice(&w->address_note)));
        letter_begin(&l, w, 64);
        assert_int_equal(code_of(w, &l, ""), 0);
        world_end(w);
}

/* An answer has room for some newer statements, not for 256 of the largest. */
static void an_answer_full_of_newer_statements_keeps_to_a_frame(void **state)
{
        struct world *w = world_new();
        struct letter *l = calloc(256, sizeof(*l));
        size_t with = 0;

        assert_non_null(l);
        for (size_t i = 0; i < 256; i++)
                letter_new(&l[i], w, 8);
        world_next_published(w);
        w->published.accepts = STATEMENT_ACCEPTS_MOST;
        for (size_t i = 1; i < STATEMENT_ACCEPTS_MOST; i++)
                w->published.accept[i] = (struct statement_accept){
                        slice_str("org.example-life-and-other-insurances-of-every-kind-and-a-long-"
                                  "name-that-fills-the-statement-of-this-address-as-it-may/abcd"),
                        0xfe
                };
        assert_int_equal(world_publish(w), 0);
        assert_true(w->address_note.len > 8192);
        assert_int_equal(world_submit(w, l, 256), 0);
        for (size_t i = 0; i < 256; i++)
                with += world_filed(w, i).has_statement;
        assert_true(with >= 1 && with < 256);
        assert_int_equal(world_filed(w, 255).code, OUTCOME_STATEMENT_SUPERSEDED);
        assert_false(world_filed(w, 255).has_statement);
        for (size_t i = 0; i < 256; i++)
                letter_free(&l[i]);
        free(l);
        world_end(w);
}

/* P4.2.15 */
static void the_holder_must_be_known_well_enough(void **state)
{
        struct world *w = world_new();
        struct letter l;

        letter_begin(&l, w, 64);
        l.h.assurance = 2;
        assert_int_equal(code_of(w, &l, ""), 0);
        letter_begin(&l, w, 64);
        l.h.assurance = 3;
        assert_int_equal(code_of(w, &l, "assurance"), OUTCOME_ASSURANCE_TOO_LOW);
        world_end(w);
}

static void a_level_ends_with_its_enrolment(void **state)
{
        struct world *w = world_new();
        struct letter l;

        world_write_enrolment(w, 3, w->now, w->now + CLOCK_DAY);
        assert_int_equal(world_ask_register(w, true), 0);
        assert_int_equal(world_ask_publish(w), 0);
        letter_begin(&l, w, 64);
        l.h.assurance = 3;
        assert_int_equal(code_of(w, &l, ""), 0);
        w->now += CLOCK_DAY;
        letter_begin(&l, w, 64);
        l.h.assurance = 1;
        assert_int_equal(code_of(w, &l, "assurance"), OUTCOME_ASSURANCE_TOO_LOW);
        world_end(w);
}

/* P4.2.16 */
static void clocks_may_differ_by_the_window_only(void **state)
{
        struct world *w = world_new();
        uint64_t window = (uint64_t)w->cfg.clock_window;
        struct letter l;

        letter_begin(&l, w, 64);
        l.h.created += window;
        assert_int_equal(code_of(w, &l, ""), 0);
        letter_begin(&l, w, 64);
        l.h.created -= window;
        assert_int_equal(code_of(w, &l, ""), 0);
        letter_begin(&l, w, 64);
        l.h.created += window + 1;
        assert_int_equal(code_of(w, &l, "created"), OUTCOME_CLOCK_WINDOW);
        letter_begin(&l, w, 64);
        l.h.created -= window + 1;
        assert_int_equal(code_of(w, &l, "created"), OUTCOME_CLOCK_WINDOW);
        world_end(w);
}

static void a_letter_past_its_own_end_is_not_filed(void **state)
{
        struct world *w = world_new();
        struct letter l;

        letter_begin(&l, w, 64);
        l.h.has_expires = true;
        l.h.expires = (uint64_t)w->now;
        assert_int_equal(code_of(w, &l, "expires"), OUTCOME_LETTER_EXPIRED);
        world_end(w);
}

/* P4.2.17 */
static void a_full_box_refuses_and_remembers_nothing(void **state)
{
        struct world *w = world_new();
        struct letter l;

        w->cfg.box_bytes = 1000;
        world_reopen_core(w);
        letter_begin(&l, w, 1001);
        assert_int_equal(code_of(w, &l, "size"), OUTCOME_BOX_FULL);
        letter_begin(&l, w, 1000);
        assert_int_equal(code_of(w, &l, ""), 0);
        letter_begin(&l, w, 1);
        assert_int_equal(code_of(w, &l, "size"), OUTCOME_BOX_FULL);
        world_end(w);
}

/* Within one batch the room is counted down as well. */
static void a_box_fills_within_a_batch(void **state)
{
        struct world *w = world_new();
        struct letter l[3];

        w->cfg.box_bytes = 250;
        world_reopen_core(w);
        for (size_t i = 0; i < 3; i++)
                letter_new(&l[i], w, 100);
        assert_int_equal(world_submit(w, l, 3), 0);
        assert_int_equal(world_filed(w, 0).code, 0);
        assert_int_equal(world_filed(w, 1).code, 0);
        assert_int_equal(world_filed(w, 2).code, OUTCOME_BOX_FULL);
        for (size_t i = 0; i < 3; i++)
                letter_free(&l[i]);
        world_end(w);
}

static void a_submission_as_a_whole_needs_a_known_sender_and_its_signature(void **state)
{
        struct world *w = world_new();
        struct party other = party_new();
        BUF_OWNED items = { 0 };
        struct ask_submit ask;
        struct letter l;

        letter_new(&l, w, 64);
        world_remember(w);
        assert_int_equal(world_submit_as(w, &w->sender, "org.nobody", &l, 1),
                         OUTCOME_UNKNOWN_SENDER);
        check_where(w, "sender");
        assert_int_equal(world_submit_as(w, &w->sender, "Not A Name", &l, 1),
                         OUTCOME_UNKNOWN_SENDER);
        assert_int_equal(world_submit_as(w, &other, WORLD_SENDER, &l, 1), OUTCOME_BAD_SIGNATURE);
        check_where(w, "signature");
        world_submission(w, &w->sender, WORLD_SENDER, &l, 1, &items, &ask);
        ask.signature[0] ^= 1;
        assert_int_equal(world_ask(w, &w->sender, VERB_SUBMIT, &ask), OUTCOME_BAD_SIGNATURE);
        check_unchanged(w);
        party_free(&other);
        letter_free(&l);
        world_end(w);
}

static void all_bodies_of_a_submission_have_a_limit_together(void **state)
{
        struct world *w = world_new();
        struct letter l[2];

        letter_new(&l[0], w, 600000);
        letter_new(&l[1], w, 600000);
        world_remember(w);
        assert_int_equal(world_submit(w, l, 2), OUTCOME_TOO_LARGE);
        check_where(w, "letters");
        check_unchanged(w);
        assert_int_equal(world_submit(w, l, 1), 0);
        assert_int_equal(world_filed(w, 0).code, 0);
        letter_free(&l[0]);
        letter_free(&l[1]);
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_header_is_read_strictly),
                cmocka_unit_test(a_header_that_is_no_map_is_refused_alone),
                cmocka_unit_test(the_body_is_that_of_the_header),
                cmocka_unit_test(there_must_be_such_an_address),
                cmocka_unit_test(a_closed_address_takes_nothing),
                cmocka_unit_test(a_statement_holds_in_its_time_only),
                cmocka_unit_test(the_recipient_chooses_senders_and_classes),
                cmocka_unit_test(a_sender_has_the_classes_that_it_is_registered_for),
                cmocka_unit_test(a_sender_files_while_its_registration_is_valid),
                cmocka_unit_test(a_superseded_statement_is_answered_with_the_newer_one),
                cmocka_unit_test(an_answer_full_of_newer_statements_keeps_to_a_frame),
                cmocka_unit_test(the_holder_must_be_known_well_enough),
                cmocka_unit_test(a_level_ends_with_its_enrolment),
                cmocka_unit_test(clocks_may_differ_by_the_window_only),
                cmocka_unit_test(a_letter_past_its_own_end_is_not_filed),
                cmocka_unit_test(a_full_box_refuses_and_remembers_nothing),
                cmocka_unit_test(a_box_fills_within_a_batch),
                cmocka_unit_test(a_submission_as_a_whole_needs_a_known_sender_and_its_signature),
                cmocka_unit_test(all_bodies_of_a_submission_have_a_limit_together),
        };

        return WORLD_MAIN(argc, argv, tests);
}
