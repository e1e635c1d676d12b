/* letter_statement_others.c - mailbox, enrolment, sender and attestation: round trips, breaches,
 * and whose signature counts */
#include "letter_statement.h"

#include "base/secret.h"
#include "base/text.h"
#include "crypt/hash.h"

#include <errno.h>

#define FROM  INT64_C(1795392000000) /* 2026-11-23T00:00:00Z */
#define UNTIL INT64_C(1826928000000) /* 2027-11-23T00:00:00Z */
#define VALID "valid 2026-11-23T00:00:00Z 2027-11-23T00:00:00Z\n"

static struct sign_sec sec, other, registrar_sec, broker_sec;
static struct note_key registrars[2], broker;
static struct mailbox_statement mailbox;
static struct sender_statement sender;
static struct enrolment enrolment;
static struct attestation attestation;
static struct buf mailbox_note, sender_note, enrolment_note, attestation_note;

static int read_mailbox(struct slice bytes)
{
        struct mailbox_statement s;

        return statement_read_mailbox(&s, bytes);
}

static int read_sender(struct slice bytes)
{
        struct sender_statement s;

        return statement_read_sender(&s, bytes, registrars, 2, NULL);
}

static int read_enrolment(struct slice bytes)
{
        struct enrolment e;

        return statement_read_enrolment(&e, bytes, registrars, 2, NULL);
}

static int read_attestation(struct slice bytes)
{
        struct attestation a;

        return statement_read_attestation(&a, bytes, &broker);
}

static void make_mailbox(void)
{
        mailbox = (struct mailbox_statement){
                .epoch = 2, .devices = 2, .from = FROM, .until = UNTIL
        };
        memset(mailbox.previous.b, 0x5a, 32);
        memset(mailbox.device[0].key.b, 0xa1, 32);
        mailbox.device[0].name = slice_str("phone");
        memset(mailbox.device[1].key.b, 0xa2, 32);
        mailbox.device[1].name = slice_str("desk-2");
        statement_write_mailbox(&mailbox_note, &mailbox, &sec);
}

static void make_sender(void)
{
        sender = (struct sender_statement){
                .sender = slice_str("org.example-life"),
                .name = slice_str("例示生命保険 相互会社"),
                .number_kind = NUMBER_HOUJIN,
                .number = slice_str("1234567890123"),
                .classes = 1u << CLASS_CERTIFICATE | 1u << CLASS_MESSAGE,
                .epoch = 2,
                .from = FROM,
                .until = UNTIL,
        };
        keys_sign_pub(&sender.key, &other);
        memset(sender.transport.b, 0xb1, 32);
        memset(sender.previous.b, 0x5a, 32);
        statement_write_sender(&sender_note, &sender, &registrars[1], &registrar_sec);
}

static int set_up(void **state)
{
        if (secret_init())
                return -1;
        secret_of(&sec, "mailbox sign");
        secret_of(&other, "sender sign");
        secret_of(&registrar_sec, "registrar sign");
        secret_of(&broker_sec, "broker sign");
        registrars[0] = note_key_of("registrar.example/old", &other);
        registrars[1] = note_key_of("registrar.example", &registrar_sec);
        broker = note_key_of("post.example", &broker_sec);
        make_mailbox();
        make_sender();
        enrolment = (struct enrolment){ .level = 2, .from = FROM, .until = UNTIL };
        enrolment.mailbox = mailbox.mailbox;
        enrolment.key = mailbox.key;
        statement_write_enrolment(&enrolment_note, &enrolment, &registrars[1], &registrar_sec);
        attestation = (struct attestation){ .level = 3, .time = FROM };
        name_address_of(&attestation.address, &mailbox.key);
        memset(attestation.statement.b, 0x5a, 32);
        statement_write_attestation(&attestation_note, &attestation, "post.example", &broker_sec);
        return buf_fault(&mailbox_note) || buf_fault(&sender_note) || buf_fault(&enrolment_note) ||
               buf_fault(&attestation_note);
}

static int tear_down(void **state)
{
        buf_free(&mailbox_note);
        buf_free(&sender_note);
        buf_free(&enrolment_note);
        buf_free(&attestation_note);
        return 0;
}

/* ---- mailbox ---- */

/* E5.3 */
static void a_mailbox_statement_is_read_as_written(void **state)
{
        struct mailbox_statement s;
        struct hash h;

        assert_int_equal(statement_read_mailbox(&s, buf_slice(&mailbox_note)), 0);
        assert_string_equal(s.mailbox.s, mailbox.mailbox.s);
        assert_memory_equal(s.key.b, mailbox.key.b, 32);
        assert_int_equal(s.epoch, 2);
        assert_true(hash_eq(&s.previous, &mailbox.previous));
        assert_int_equal(s.devices, 2);
        assert_memory_equal(s.device[0].key.b, mailbox.device[0].key.b, 32);
        assert_true(slice_is(s.device[0].name, "phone"));
        assert_true(slice_is(s.device[1].name, "desk-2"));
        assert_int_equal(s.from, FROM);
        assert_int_equal(s.until, UNTIL);
        hash_sha256(&h, buf_slice(&mailbox_note));
        assert_true(hash_eq(&s.hash, &h) && hash_eq(&mailbox.hash, &h));
}

static void every_breach_of_a_mailbox_statement_is_refused(void **state)
{
        static const struct edit edits[] = {
                { "fumibako mailbox v1\n", "" },
                { "fumibako mailbox v1", "fumibako mailbox v1 " },
                { "mailbox fumibox1", "mailbox fumi1" },
                { "mailbox fumibox1", "mailbox FUMIBOX1" },
                { "epoch 2\n", "" },
                { "epoch 2", "epoch 1" },
                { "previous WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n", "" },
                { " desk-2", " Desk" },
                { " desk-2", " desk 2" },
                { " desk-2", "" },
                { " desk-2", " " },
                { " desk-2", " abcdefghijabcdefghijabcdefghijabc" },
                { "device ", "device  " },
                { "device ", "gadget " },
                { "device oaGh", "device oaG" },
                { "oaE= phone", "oaF= phone" },
                { VALID, "" },
                { VALID, VALID VALID },
                { VALID, VALID "closed 2027-01-01T00:00:00Z\n" },
                { VALID, VALID "device oaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaE= late\n" },
                { "2027-11-23T00:00:00Z", "2027-11-23" },
        };

        check_edits(&mailbox_note, edits, COUNT_OF(edits), mailbox.mailbox.s, &sec, STATEMENT_BAD,
                    read_mailbox);
}

static void a_mailbox_has_from_one_to_thirty_two_devices(void **state)
{
        struct mailbox_statement s = mailbox, back;
        BUF_OWNED full = { 0 };
        struct edit none = { NULL, "" }, more = { "valid ", NULL };
        BUF_OWNED lines = { 0 };
        BUF_OWNED line = { 0 };
        const uint8_t *first, *end;

        s.devices = STATEMENT_DEVICES_MOST;
        for (size_t i = 0; i < STATEMENT_DEVICES_MOST; i++)
                s.device[i] = mailbox.device[i % 2];
        statement_write_mailbox(&full, &s, &sec);
        assert_int_equal(statement_read_mailbox(&back, buf_slice(&full)), 0);
        assert_int_equal(back.devices, STATEMENT_DEVICES_MOST);

        first = memmem(full.at, full.len, "device ", 7);
        end = memmem(full.at, full.len, "valid ", 6);
        assert_non_null(first);
        assert_non_null(end);
        buf_put(&lines, slice_of(first, (size_t)(end - first)));
        none.find = buf_cstr(&lines);
        check_edits(&full, &none, 1, s.mailbox.s, &sec, STATEMENT_BAD, read_mailbox);
        buf_puts(&line, "device oaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaE= one-more\nvalid ");
        more.put = buf_cstr(&line);
        check_edits(&full, &more, 1, s.mailbox.s, &sec, STATEMENT_BAD, read_mailbox);
}

static void a_mailbox_speaks_for_itself_only(void **state)
{
        BUF_OWNED forged = { 0 };
        BUF_OWNED mine = { 0 };
        BUF_OWNED theirs = { 0 };
        struct edit swap;

        note_sign(&forged, text_of(&mailbox_note), mailbox.mailbox.s, &other);
        assert_int_equal(read_mailbox(buf_slice(&forged)), STATEMENT_FORGED);
        text_put_base64(&mine, slice_of(mailbox.key.b, 32));
        text_put_base64(&theirs, slice_of(registrars[0].pub.b, 32));
        swap = (struct edit){ buf_cstr(&mine), buf_cstr(&theirs) };
        check_edits(&mailbox_note, &swap, 1, mailbox.mailbox.s, &other, STATEMENT_MISMATCH,
                    read_mailbox);
        check_bit_flips(&mailbox_note, read_mailbox);
}

/* ---- enrolment ---- */

/* E5.4 */
static void an_enrolment_is_read_as_written_and_tells_who_signed(void **state)
{
        const struct note_key *by = NULL;
        struct enrolment e;

        assert_int_equal(
                statement_read_enrolment(&e, buf_slice(&enrolment_note), registrars, 2, &by), 0);
        assert_ptr_equal(by, &registrars[1]);
        assert_string_equal(e.mailbox.s, mailbox.mailbox.s);
        assert_memory_equal(e.key.b, mailbox.key.b, 32);
        assert_int_equal(e.level, 2);
        assert_int_equal(e.from, FROM);
        assert_int_equal(e.until, UNTIL);
}

/* E5.7 */
static void every_breach_of_an_enrolment_is_refused(void **state)
{
        static const struct edit edits[] = {
                { "fumibako enrolment v1", "fumibako enrollment v1" },
                { "level 2\n", "" },
                { "level 2", "level 4" },
                { "level 2", "level 02" },
                { "level 2", "level -1" },
                { "level 2", "level two" },
                { "level 2\n", "level 2\nlevel 2\n" },
                { "mailbox f", "address f" },
                { VALID, "" },
                { VALID, VALID "\n" },
        };

        check_edits(&enrolment_note, edits, COUNT_OF(edits), "registrar.example", &registrar_sec,
                    STATEMENT_BAD, read_enrolment);
        check_bit_flips(&enrolment_note, read_enrolment);
}

static void an_enrolment_of_a_key_under_another_name_is_a_mismatch(void **state)
{
        struct enrolment e = enrolment;
        BUF_OWNED mine = { 0 };
        BUF_OWNED theirs = { 0 };
        BUF_OWNED out = { 0 };
        struct edit swap;

        keys_sign_pub(&e.key, &other);
        text_put_base64(&mine, slice_of(enrolment.key.b, 32));
        text_put_base64(&theirs, slice_of(e.key.b, 32));
        swap = (struct edit){ buf_cstr(&mine), buf_cstr(&theirs) };
        check_edits(&enrolment_note, &swap, 1, "registrar.example", &registrar_sec,
                    STATEMENT_MISMATCH, read_enrolment);
        statement_write_enrolment(&out, &e, &registrars[1], &registrar_sec);
        assert_int_equal(buf_fault(&out), -EINVAL);
}

/* ---- sender ---- */

/* E5.5 */
static void a_registration_is_read_as_written_and_tells_who_signed(void **state)
{
        const struct note_key *by = NULL;
        struct sender_statement s;
        struct hash h;

        assert_int_equal(statement_read_sender(&s, buf_slice(&sender_note), registrars, 2, &by), 0);
        assert_ptr_equal(by, &registrars[1]);
        assert_true(slice_eq(s.sender, sender.sender));
        assert_true(slice_eq(s.name, sender.name));
        assert_int_equal(s.number_kind, NUMBER_HOUJIN);
        assert_true(slice_eq(s.number, sender.number));
        assert_int_equal(s.classes, sender.classes);
        assert_memory_equal(s.key.b, sender.key.b, 32);
        assert_memory_equal(s.transport.b, sender.transport.b, 32);
        assert_int_equal(s.epoch, 2);
        assert_true(hash_eq(&s.previous, &sender.previous));
        assert_int_equal(s.from, FROM);
        assert_int_equal(s.until, UNTIL);
        hash_sha256(&h, buf_slice(&sender_note));
        assert_true(hash_eq(&s.hash, &h) && hash_eq(&sender.hash, &h));
}

static void each_kind_of_number_is_read_as_written(void **state)
{
        static const char *const numbers[] = { "", "1234567890123", "123456" };

        for (unsigned kind = NUMBER_NONE; kind <= NUMBER_DANTAI; kind++) {
                struct sender_statement s = sender, back;
                BUF_OWNED out = { 0 };

                s.number_kind = kind;
                s.number = slice_str(numbers[kind]);
                statement_write_sender(&out, &s, &registrars[1], &registrar_sec);
                assert_int_equal(statement_read_sender(&back, buf_slice(&out), registrars, 2, NULL),
                                 0);
                assert_int_equal(back.number_kind, kind);
                assert_true(slice_is(back.number, numbers[kind]));
        }
}

static void every_breach_of_a_registration_is_refused(void **state)
{
        static const struct edit edits[] = {
                { "fumibako sender v1\n", "fumibako sender v1\n\n" },
                { "sender org.example-life\n", "" },
                { "sender org.example-life", "sender org.Example" },
                { "name 例示生命保険 相互会社\n", "" },
                { "name 例示生命保険 相互会社\n", "name \n" },
                { "name 例示", "name \t" },
                { "houjin 1234567890123", "houjin 123456789012" },
                { "houjin 1234567890123", "houjin 12345678901234" },
                { "houjin 1234567890123", "houjin 12345678901a3" },
                { "houjin 1234567890123", "houjin" },
                { "houjin 1234567890123", "houjin  123456789012" },
                { "houjin 1234567890123", "dantai 1234567890123" },
                { "houjin 1234567890123", "1234567890123" },
                { "houjin 1234567890123", "none " },
                { "number houjin 1234567890123\n", "" },
                { "certificate,message", "message,certificate" },
                { "classes certificate,message\n", "" },
                { "classes certificate,message", "classes all" },
                { "key ", "Key " },
                { "transport sbG", "transport sb" },
                { "sbE=\n", "sbF=\n" },
                { "transport ", "key " },
                { "epoch 2", "epoch 0" },
                { "epoch 2", "epoch 1" },
                { "previous WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n", "" },
                { VALID, "" },
                { VALID, VALID VALID },
        };

        check_edits(&sender_note, edits, COUNT_OF(edits), "registrar.example", &registrar_sec,
                    STATEMENT_BAD, read_sender);
        check_bit_flips(&sender_note, read_sender);
}

static void a_registration_by_nobody_we_trust_is_forged(void **state)
{
        const struct note_key *by = &broker;
        struct sender_statement s = { .epoch = 77 };
        struct slice note = buf_slice(&sender_note);

        assert_int_equal(statement_read_sender(&s, note, registrars, 1, &by), STATEMENT_FORGED);
        assert_int_equal(statement_read_sender(&s, note, registrars, 0, &by), STATEMENT_FORGED);
        assert_int_equal(statement_read_sender(&s, note, &broker, 1, &by), STATEMENT_FORGED);
        assert_ptr_equal(by, &broker);
        assert_int_equal(s.epoch, 77);
}

static void an_organisation_cannot_put_lines_into_its_registration(void **state)
{
        struct sender_statement s = sender;
        BUF_OWNED out = { 0 };
        BUF_OWNED longest = { 0 };
        char name[257];

        s.name = slice_str("Example\nnumber none");
        statement_write_sender(&out, &s, &registrars[1], &registrar_sec);
        assert_int_equal(buf_fault(&out), -EINVAL);
        memset(name, 'x', sizeof(name));
        s.name = slice_of(name, 257);
        statement_write_sender(&longest, &s, &registrars[1], &registrar_sec);
        assert_int_equal(buf_fault(&longest), -EINVAL);
        buf_clear(&longest);
        s.name = slice_of(name, 256);
        statement_write_sender(&longest, &s, &registrars[1], &registrar_sec);
        assert_int_equal(read_sender(buf_slice(&longest)), 0);
}

/* ---- attestation ---- */

/* E5.6 */
static void an_attestation_is_read_as_written(void **state)
{
        struct attestation a;

        assert_int_equal(statement_read_attestation(&a, buf_slice(&attestation_note), &broker), 0);
        assert_string_equal(a.address.s, attestation.address.s);
        assert_true(hash_eq(&a.statement, &attestation.statement));
        assert_int_equal(a.level, 3);
        assert_int_equal(a.time, FROM);
}

static void every_breach_of_an_attestation_is_refused(void **state)
{
        static const struct edit edits[] = {
                { "address fumi1", "address fumibox1" },
                { "statement ", "hash " },
                { "level 3", "level 9" },
                { "time 2026-11-23T00:00:00Z", "time 2026-11-23T00:00:00.000Z" },
                { "time 2026-11-23T00:00:00Z\n", "" },
                { "Z\n", "Z\n" VALID },
        };

        check_edits(&attestation_note, edits, COUNT_OF(edits), "post.example", &broker_sec,
                    STATEMENT_BAD, read_attestation);
        check_bit_flips(&attestation_note, read_attestation);
        assert_int_equal(statement_read_attestation(&(struct attestation){ 0 },
                                                    buf_slice(&attestation_note), &registrars[1]),
                         STATEMENT_FORGED);
}

static void one_statement_does_not_pass_for_another(void **state)
{
        assert_int_equal(read_mailbox(buf_slice(&enrolment_note)), STATEMENT_BAD);
        assert_int_equal(read_enrolment(buf_slice(&mailbox_note)), STATEMENT_BAD);
        assert_int_equal(read_sender(buf_slice(&enrolment_note)), STATEMENT_BAD);
        assert_int_equal(read_attestation(buf_slice(&sender_note)), STATEMENT_BAD);
}

/* ---- messages ---- */

/* E5.2, E5.8 */
static void bind_and_acknowledge_are_the_bytes_of_the_document(void **state)
{
        static const char bound[] = "fumibako bind v1\nfumibox1x\nZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ";
        static const char acked[] = "fumibako ack v1\nfumibox1x\n1795392000123\nIDS";
        struct hash h;
        BUF_OWNED bind = { 0 };
        BUF_OWNED ack = { 0 };

        memset(h.b, 'Z', sizeof(h.b));
        statement_bind_message(&bind, slice_str("fumibox1x"), &h);
        assert_true(slice_is(buf_slice(&bind), bound));
        statement_ack_message(&ack, slice_str("fumibox1x"), FROM + 123, slice_str("IDS"));
        assert_true(slice_is(buf_slice(&ack), acked));
}

static void what_no_reader_would_take_is_not_signed(void **state)
{
        struct mailbox_statement m = mailbox;
        struct attestation a = attestation;
        struct enrolment e = enrolment;
        struct sender_statement s = sender;
        BUF_OWNED out = { 0 };

        m.device[1].name = slice_str("my desk");
        statement_write_mailbox(&out, &m, &sec);
        assert_int_equal(buf_fault(&out), -EINVAL);
        buf_clear(&out);
        a.level = 4;
        statement_write_attestation(&out, &a, "post.example", &broker_sec);
        assert_int_equal(buf_fault(&out), -EINVAL);
        buf_clear(&out);
        e.level = 4;
        statement_write_enrolment(&out, &e, &registrars[1], &registrar_sec);
        assert_int_equal(buf_fault(&out), -EINVAL);
        buf_clear(&out);
        s.number = slice_str("123");
        statement_write_sender(&out, &s, &registrars[1], &registrar_sec);
        assert_int_equal(buf_fault(&out), -EINVAL);
        buf_clear(&out);
        statement_write_sender(&out, &sender, &registrars[1], &other);
        assert_int_equal(buf_fault(&out), -EINVAL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_mailbox_statement_is_read_as_written),
                cmocka_unit_test(every_breach_of_a_mailbox_statement_is_refused),
                cmocka_unit_test(a_mailbox_has_from_one_to_thirty_two_devices),
                cmocka_unit_test(a_mailbox_speaks_for_itself_only),
                cmocka_unit_test(an_enrolment_is_read_as_written_and_tells_who_signed),
                cmocka_unit_test(every_breach_of_an_enrolment_is_refused),
                cmocka_unit_test(an_enrolment_of_a_key_under_another_name_is_a_mismatch),
                cmocka_unit_test(a_registration_is_read_as_written_and_tells_who_signed),
                cmocka_unit_test(each_kind_of_number_is_read_as_written),
                cmocka_unit_test(every_breach_of_a_registration_is_refused),
                cmocka_unit_test(a_registration_by_nobody_we_trust_is_forged),
                cmocka_unit_test(an_organisation_cannot_put_lines_into_its_registration),
                cmocka_unit_test(an_attestation_is_read_as_written),
                cmocka_unit_test(every_breach_of_an_attestation_is_refused),
                cmocka_unit_test(one_statement_does_not_pass_for_another),
                cmocka_unit_test(what_no_reader_would_take_is_not_signed),
                cmocka_unit_test(bind_and_acknowledge_are_the_bytes_of_the_document),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
