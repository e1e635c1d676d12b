/* statements.c - registrations, mailboxes and addresses: signed, checked, in order, in the log */
#include "world.h"

#include "crypt/hash.h"

static uint64_t refused(struct world *w, uint64_t code, const char *where)
{
        check_unchanged(w);
        check_where(w, where);
        return code;
}

static struct world *world_enlisted(void)
{
        struct world *w = world_empty();

        world_next_enlisted(w);
        assert_int_equal(world_enlist(w), 0);
        return w;
}

static uint64_t enlist_refused(struct world *w)
{
        world_remember(w);
        return refused(w, world_ask_enlist(w), "statement");
}

/* P4.5 */
static void a_sender_is_registered_once_and_found(void **state)
{
        struct world *w = world_enlisted();
        const struct ask_sender ask = { .name = slice_str(WORLD_SENDER) };
        struct answer_sender told;
        uint64_t size = world_tree_size(w);

        assert_int_equal(size, 1);
        assert_int_equal(world_ask(w, &w->holder, VERB_SENDER, &ask), 0);
        world_told(w, &told);
        assert_true(slice_eq(told.statement, buf_slice(&w->sender_note)));
        world_remember(w);
        assert_int_equal(world_ask_enlist(w), 0); /* the same again */
        check_unchanged(w);
        world_end(w);
}

/* P4.6 */
static void only_a_registrar_registers_senders(void **state)
{
        struct world *w = world_enlisted();
        struct party registrar = w->registrar, other = party_new();
        struct note_key key = w->cfg.registrar[0];

        world_next_enlisted(w);
        w->registrar = other;
        world_write_sender(w); /* signed by another key under the registrar's name */
        assert_int_equal(enlist_refused(w), OUTCOME_UNKNOWN_REGISTRAR);
        w->cfg.registrar[0].pub = other.pub;
        world_write_sender(w); /* now with the key's own id */
        w->cfg.registrar[0] = key;
        assert_int_equal(enlist_refused(w), OUTCOME_UNKNOWN_REGISTRAR);
        w->registrar = registrar;
        world_write_sender(w);
        w->sender_note.at[w->sender_note.len - 10] ^= 1;
        assert_int_not_equal(enlist_refused(w), 0);
        buf_clear(&w->sender_note);
        buf_puts(&w->sender_note, "nonsense\n");
        assert_int_equal(enlist_refused(w), OUTCOME_BAD_STATEMENT);
        party_free(&other);
        world_end(w);
}

static void a_registration_that_was_changed_has_a_bad_signature(void **state)
{
        struct world *w = world_enlisted();
        uint8_t *at;

        world_next_enlisted(w);
        world_write_sender(w);
        at = (uint8_t *)strstr((char *)(uintptr_t)buf_cstr(&w->sender_note), "epoch 2");
        assert_non_null(at);
        at[6] = '3';
        assert_int_equal(enlist_refused(w), OUTCOME_BAD_SIGNATURE);
        world_end(w);
}

static void registrations_follow_each_other(void **state)
{
        struct world *w = world_enlisted();
        BUF_OWNED first = { 0 };

        buf_put(&first, buf_slice(&w->sender_note));
        world_next_enlisted(w);
        w->enlisted.epoch++; /* one left out */
        world_write_sender(w);
        assert_int_equal(enlist_refused(w), OUTCOME_EPOCH_CONFLICT);
        w->enlisted.epoch--;
        w->enlisted.previous.b[0] ^= 1; /* behind another one */
        world_write_sender(w);
        assert_int_equal(enlist_refused(w), OUTCOME_EPOCH_CONFLICT);
        w->enlisted.previous.b[0] ^= 1;
        assert_int_equal(world_enlist(w), 0);
        buf_clear(&w->sender_note);
        buf_put(&w->sender_note, buf_slice(&first)); /* an old one again */
        assert_int_equal(enlist_refused(w), OUTCOME_EPOCH_CONFLICT);
        world_end(w);
}

static void a_registration_that_is_over_is_not_taken(void **state)
{
        struct world *w = world_enlisted();

        world_next_enlisted(w);
        world_write_sender(w);
        w->now = w->enlisted.until;
        assert_int_equal(enlist_refused(w), OUTCOME_STATEMENT_EXPIRED);
        world_end(w);
}

static void a_transport_key_belongs_to_one_party(void **state)
{
        struct world *w = world_new();

        world_next_enlisted(w);
        w->enlisted.transport = w->holder.transport;
        world_write_sender(w);
        assert_int_equal(enlist_refused(w), OUTCOME_NOT_YOURS);
        world_next_registered(w);
        w->registered.device[0].key = w->sender.transport;
        world_write_mailbox(w);
        world_remember(w);
        assert_int_equal(refused(w, world_ask_register(w, false), "statement"), OUTCOME_NOT_YOURS);
        world_end(w);
}

static void a_transport_key_given_up_is_free_for_others(void **state)
{
        struct world *w = world_new();
        struct party fresh = party_new();
        struct curve_pub old = w->sender.transport;

        w->sender.transport = fresh.transport;
        world_next_enlisted(w);
        assert_int_equal(world_enlist(w), 0);
        world_next_registered(w);
        w->registered.device[0].key = old;
        assert_int_equal(world_register(w, false), 0);
        party_free(&fresh);
        world_end(w);
}

static void nobody_is_found_who_is_not_registered(void **state)
{
        struct world *w = world_empty();
        struct ask_sender ask = { .name = slice_str("org.nobody") };
        struct ask_lookup lookup = { .address = slice_str(w->to.s) };

        assert_int_equal(world_ask(w, &w->holder, VERB_SENDER, &ask), OUTCOME_UNKNOWN_SENDER);
        ask.name = slice_str("");
        assert_int_equal(world_ask(w, &w->holder, VERB_SENDER, &ask), OUTCOME_UNKNOWN_SENDER);
        assert_int_equal(world_ask(w, &w->holder, VERB_LOOKUP, &lookup), OUTCOME_NO_SUCH_ADDRESS);
        lookup.address = slice_str("");
        assert_int_equal(world_ask(w, &w->holder, VERB_LOOKUP, &lookup), OUTCOME_NO_SUCH_ADDRESS);
        world_end(w);
}

/* ---- mailboxes ---- */

static uint64_t register_refused(struct world *w, bool with, const char *where)
{
        world_remember(w);
        return refused(w, world_ask_register(w, with), where);
}

static bool bytes_hold(struct slice all, struct slice piece)
{
        return memmem(all.at, all.len, piece.at, piece.len) != NULL;
}

static uint64_t told_level(struct world *w)
{
        struct answer_register told;

        world_told(w, &told);
        assert_true(told.has_level);
        return told.level;
}

static void a_mailbox_needs_an_enrolment_unless_the_broker_says_otherwise(void **state)
{
        struct world *w = world_enlisted();

        world_next_registered(w);
        world_write_mailbox(w);
        assert_int_equal(register_refused(w, false, "enrolment"), OUTCOME_ENROLMENT_REQUIRED);
        w->cfg.self_enrol = true;
        world_reopen_core(w);
        assert_int_equal(world_ask_register(w, false), 0);
        assert_int_equal(told_level(w), 1);
        world_remember(w);
        assert_int_equal(world_ask_register(w, false), 0);
        check_unchanged(w);
        /* And a registrar may know more of the same mailbox later. */
        world_write_enrolment(w, 3, w->now, w->now + CLOCK_DAY);
        assert_int_equal(world_ask_register(w, true), 0);
        assert_int_equal(told_level(w), 3);
        world_end(w);
}

static void an_enrolment_is_for_this_mailbox_and_by_a_registrar(void **state)
{
        struct world *w = world_enlisted();
        struct party holder = w->holder, other = party_new(), registrar = w->registrar;
        struct mailbox mailbox = w->mailbox;

        world_next_registered(w);
        world_write_mailbox(w);
        name_mailbox_of(&w->mailbox, &other.pub);
        w->holder = other;
        world_write_enrolment(w, 2, w->now, w->now + CLOCK_DAY);
        w->holder = holder;
        w->mailbox = mailbox;
        assert_int_equal(register_refused(w, true, "enrolment"), OUTCOME_KEY_MISMATCH);
        w->registrar = other;
        world_write_enrolment(w, 2, w->now, w->now + CLOCK_DAY);
        w->registrar = registrar;
        assert_int_equal(register_refused(w, true, "enrolment"), OUTCOME_UNKNOWN_REGISTRAR);
        world_write_enrolment(w, 2, w->now - CLOCK_DAY, w->now);
        assert_int_equal(register_refused(w, true, "enrolment"), OUTCOME_STATEMENT_EXPIRED);
        buf_clear(&w->enrolment_note);
        buf_puts(&w->enrolment_note, "nonsense\n");
        assert_int_equal(register_refused(w, true, "enrolment"), OUTCOME_BAD_STATEMENT);
        party_free(&other);
        world_end(w);
}

static void an_older_enrolment_sent_again_changes_nothing(void **state)
{
        struct world *w = world_new();
        BUF_OWNED old = { 0 };

        buf_put(&old, buf_slice(&w->enrolment_note));
        world_write_enrolment(w, 3, w->now, w->now + 365 * CLOCK_DAY);
        assert_int_equal(world_ask_register(w, true), 0);
        assert_int_equal(told_level(w), 3);
        buf_clear(&w->enrolment_note);
        buf_put(&w->enrolment_note, buf_slice(&old));
        world_remember(w);
        assert_int_equal(world_ask_register(w, true), 0);
        assert_int_equal(told_level(w), 3);
        check_unchanged(w);
        world_end(w);
}

/* P4.7 */
static void mailbox_statements_follow_each_other(void **state)
{
        struct world *w = world_new();
        BUF_OWNED first = { 0 };

        buf_put(&first, buf_slice(&w->mailbox_note));
        world_next_registered(w);
        w->registered.epoch++;
        world_write_mailbox(w);
        assert_int_equal(register_refused(w, false, "statement"), OUTCOME_EPOCH_CONFLICT);
        w->registered.epoch--;
        assert_int_equal(world_register(w, false), 0);
        assert_int_equal(told_level(w), 2);
        buf_clear(&w->mailbox_note);
        buf_put(&w->mailbox_note, buf_slice(&first));
        assert_int_equal(register_refused(w, false, "statement"), OUTCOME_EPOCH_CONFLICT);
        buf_clear(&w->mailbox_note);
        buf_puts(&w->mailbox_note, "nonsense\n");
        assert_int_equal(register_refused(w, false, "statement"), OUTCOME_BAD_STATEMENT);
        world_next_registered(w);
        world_write_mailbox(w);
        w->now = w->registered.until;
        assert_int_equal(register_refused(w, false, "statement"), OUTCOME_STATEMENT_EXPIRED);
        world_end(w);
}

/* P4.7.5: a device that has lost everything but the mailbox's key. Nobody learns of it who only
 * carries a statement of long ago. */
static void whom_the_mailbox_names_is_told_what_is_in_force(void **state)
{
        struct world *w = world_new();
        struct party stranger = party_new();
        struct ask_register ask = { 0 };
        struct answer_register told;
        struct hash in_force;
        BUF_OWNED newest = { 0 };

        world_next_registered(w);
        assert_int_equal(world_register(w, false), 0);
        buf_put(&newest, buf_slice(&w->mailbox_note));
        in_force = w->registered.hash;
        w->registered.epoch = 1; /* and another day, so that it is none that was ever in force */
        w->registered.from -= CLOCK_DAY;
        world_write_mailbox(w);
        ask.statement = buf_slice(&w->mailbox_note);

        assert_int_equal(register_refused(w, false, "statement"), OUTCOME_EPOCH_CONFLICT);
        world_told(w, &told);
        assert_true(told.has_statement);
        assert_true(slice_eq(told.statement, buf_slice(&newest)));
        assert_false(told.has_level);

        world_remember(w);
        assert_int_equal(world_ask(w, &stranger, VERB_REGISTER, &ask), OUTCOME_EPOCH_CONFLICT);
        check_where(w, "statement");
        check_unchanged(w);
        assert_false(bytes_hold(buf_slice(&w->answer), slice_upto(buf_slice(&newest), 32)));

        /* Built on it, it is taken. */
        w->registered.epoch = 3;
        w->registered.previous = in_force;
        assert_int_equal(world_register(w, false), 0);
        party_free(&stranger);
        world_end(w);
}

static uint64_t list_as(struct world *w, const struct party *who)
{
        const struct ask_list ask = { .mailbox = slice_str(w->mailbox.s), .limit = 1 };

        return world_ask(w, who, VERB_LIST, &ask);
}

static void the_devices_are_those_of_the_newest_statement(void **state)
{
        struct world *w = world_new();
        struct party tablet = party_new();

        assert_int_equal(list_as(w, &w->holder), 0);
        assert_int_equal(list_as(w, &tablet), OUTCOME_NOT_YOURS);
        world_next_registered(w);
        w->registered.devices = 2;
        w->registered.device[1] =
                (struct statement_device){ tablet.transport, slice_str("tablet") };
        assert_int_equal(world_register(w, false), 0);
        assert_int_equal(list_as(w, &w->holder), 0);
        assert_int_equal(list_as(w, &tablet), 0);
        world_next_registered(w);
        w->registered.device[0] =
                (struct statement_device){ tablet.transport, slice_str("tablet") };
        assert_int_equal(world_register(w, false), 0);
        assert_int_equal(list_as(w, &w->holder), OUTCOME_NOT_YOURS);
        assert_int_equal(list_as(w, &tablet), 0);
        w->now = w->registered.until; /* and only as long as it is valid */
        assert_int_equal(list_as(w, &tablet), OUTCOME_NOT_YOURS);
        party_free(&tablet);
        world_end(w);
}

/* ---- addresses ---- */

static uint64_t publish_refused(struct world *w, const char *where)
{
        world_remember(w);
        return refused(w, world_ask_publish(w), where);
}

/* P4.4 */
static void an_address_is_found_with_the_brokers_attestation(void **state)
{
        struct world *w = world_new();
        const struct ask_lookup ask = { .address = slice_str(w->to.s) };
        struct note_key broker = { .name = WORLD_BROKER, .pub = w->broker.pub };
        BUF_OWNED given = { 0 };
        struct answer_publish published;
        struct answer_lookup told;
        struct attestation a;

        assert_int_equal(world_ask(w, &w->sender, VERB_LOOKUP, &ask), 0);
        world_told(w, &told);
        assert_true(slice_eq(told.statement, buf_slice(&w->address_note)));
        assert_int_equal(statement_read_attestation(&a, told.attestation, &broker), 0);
        assert_true(slice_is(slice_str(a.address.s), w->to.s));
        assert_true(hash_eq(&a.statement, &w->published.hash));
        assert_int_equal(a.level, 2);
        buf_put(&given, told.attestation);
        world_remember(w);
        w->now += CLOCK_DAY;
        assert_int_equal(world_ask_publish(w), 0); /* the same again */
        check_unchanged(w);
        world_told(w, &published);
        assert_true(slice_eq(published.attestation, buf_slice(&given)));
        world_end(w);
}

static void an_address_stays_with_its_mailbox(void **state)
{
        struct world *w = world_new();
        struct party holder = w->holder, other = party_new();
        struct mailbox mailbox = w->mailbox;
        struct mailbox_statement registered = w->registered;

        /* Another mailbox, known to the broker, claims the address. */
        w->holder = other;
        name_mailbox_of(&w->mailbox, &other.pub);
        w->registered = (struct mailbox_statement){ 0 };
        world_next_registered(w);
        world_write_enrolment(w, 3, w->now, w->now + CLOCK_DAY);
        assert_int_equal(world_register(w, true), 0);
        assert_int_equal(publish_refused(w, "mailbox"), OUTCOME_NOT_YOURS);
        world_next_published(w);
        world_write_address(w);
        assert_int_equal(publish_refused(w, "mailbox"), OUTCOME_NOT_YOURS);
        w->holder = holder;
        w->mailbox = mailbox;
        w->registered = registered;
        assert_int_equal(world_publish(w), 0);
        party_free(&other);
        world_end(w);
}

static void a_binding_is_signed_by_a_known_mailbox(void **state)
{
        struct world *w = world_new();
        struct party holder = w->holder, other = party_new();
        struct mailbox mailbox = w->mailbox;

        world_next_published(w);
        world_write_address(w);
        w->holder = other;
        assert_int_equal(publish_refused(w, "signature"), OUTCOME_BAD_SIGNATURE);
        name_mailbox_of(&w->mailbox, &other.pub);
        assert_int_equal(publish_refused(w, "mailbox"), OUTCOME_UNKNOWN_MAILBOX);
        w->holder = holder;
        w->mailbox = mailbox;
        party_free(&other);
        world_end(w);
}

static void the_key_of_an_address_is_the_one_it_certifies(void **state)
{
        struct world *w = world_new();
        struct party other = party_new(), address = w->address;
        uint8_t *at;

        /* Another's statement with this address written over its own. */
        world_next_published(w);
        w->address = other;
        world_write_address(w);
        w->address = address;
        at = (uint8_t *)strstr((char *)(uintptr_t)buf_cstr(&w->address_note), "address fumi1");
        assert_non_null(at);
        memcpy(at + 8, w->to.s, strlen(w->to.s));
        assert_int_equal(publish_refused(w, "statement"), OUTCOME_KEY_MISMATCH);
        party_free(&other);
        world_end(w);
}

/* P4.8 */
static void address_statements_follow_each_other(void **state)
{
        struct world *w = world_new();
        BUF_OWNED first = { 0 };

        buf_put(&first, buf_slice(&w->address_note));
        world_next_published(w);
        w->published.epoch++;
        world_write_address(w);
        assert_int_equal(publish_refused(w, "statement"), OUTCOME_EPOCH_CONFLICT);
        w->published.epoch--;
        w->published.previous.b[5] ^= 1;
        world_write_address(w);
        assert_int_equal(publish_refused(w, "statement"), OUTCOME_EPOCH_CONFLICT);
        w->published.previous.b[5] ^= 1;
        assert_int_equal(world_publish(w), 0);
        buf_clear(&w->address_note);
        buf_put(&w->address_note, buf_slice(&first));
        assert_int_equal(publish_refused(w, "statement"), OUTCOME_EPOCH_CONFLICT);
        world_next_published(w);
        world_write_address(w);
        w->now = w->published.until;
        assert_int_equal(publish_refused(w, "statement"), OUTCOME_STATEMENT_EXPIRED);
        buf_clear(&w->address_note);
        buf_puts(&w->address_note, "nonsense\n");
        assert_int_equal(publish_refused(w, "statement"), OUTCOME_BAD_STATEMENT);
        world_end(w);
}

static void a_statement_in_the_same_commit_counts_for_the_next_request(void **state)
{
        struct world *w = world_new();
        BUF_OWNED items = { 0 };
        BUF_OWNED message = { 0 };
        struct core_request *r[3];
        struct ask_publish publish = { .mailbox = slice_str(w->mailbox.s) };
        struct ask_submit submit;
        struct signature sig;
        struct letter before, after;

        letter_new(&before, w, 64);
        world_submission(w, &w->sender, WORLD_SENDER, &before, 1, &items, &submit);
        r[0] = world_check(w, &w->sender, VERB_SUBMIT, &submit, CORE_WRITES);
        world_next_published(w);
        world_write_address(w);
        publish.statement = buf_slice(&w->address_note);
        statement_bind_message(&message, publish.mailbox, &w->published.hash);
        sign_make(&sig, buf_slice(&message), w->holder.sec);
        memcpy(publish.signature, sig.b, sizeof(sig.b));
        r[1] = world_check(w, &w->holder, VERB_PUBLISH, &publish, CORE_WRITES);
        letter_new(&after, w, 64);
        after.h.statement = before.h.statement;
        letter_pack(&after);
        buf_clear(&items);
        world_submission(w, &w->sender, WORLD_SENDER, &after, 1, &items, &submit);
        r[2] = world_check(w, &w->sender, VERB_SUBMIT, &submit, CORE_WRITES);
        world_run(w, r, 3, true);
        assert_int_equal(world_answer(w, r[0]), 0);
        assert_int_equal(world_filed(w, 0).code, 0);
        assert_int_equal(world_answer(w, r[1]), 0);
        assert_int_equal(world_answer(w, r[2]), 0);
        assert_int_equal(world_filed(w, 0).code, OUTCOME_STATEMENT_SUPERSEDED);
        letter_free(&before);
        letter_free(&after);
        world_end(w);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_sender_is_registered_once_and_found),
                cmocka_unit_test(only_a_registrar_registers_senders),
                cmocka_unit_test(a_registration_that_was_changed_has_a_bad_signature),
                cmocka_unit_test(registrations_follow_each_other),
                cmocka_unit_test(a_registration_that_is_over_is_not_taken),
                cmocka_unit_test(a_transport_key_belongs_to_one_party),
                cmocka_unit_test(a_transport_key_given_up_is_free_for_others),
                cmocka_unit_test(nobody_is_found_who_is_not_registered),
                cmocka_unit_test(a_mailbox_needs_an_enrolment_unless_the_broker_says_otherwise),
                cmocka_unit_test(an_enrolment_is_for_this_mailbox_and_by_a_registrar),
                cmocka_unit_test(an_older_enrolment_sent_again_changes_nothing),
                cmocka_unit_test(mailbox_statements_follow_each_other),
                cmocka_unit_test(whom_the_mailbox_names_is_told_what_is_in_force),
                cmocka_unit_test(the_devices_are_those_of_the_newest_statement),
                cmocka_unit_test(an_address_is_found_with_the_brokers_attestation),
                cmocka_unit_test(an_address_stays_with_its_mailbox),
                cmocka_unit_test(a_binding_is_signed_by_a_known_mailbox),
                cmocka_unit_test(the_key_of_an_address_is_the_one_it_certifies),
                cmocka_unit_test(address_statements_follow_each_other),
                cmocka_unit_test(a_statement_in_the_same_commit_counts_for_the_next_request),
        };

        return WORLD_MAIN(argc, argv, tests);
}
