/* letter_statement_address.c - address statements: what they say survives, what they may not say is
 * refused, and nobody but the address's key speaks for it */
#include "letter_statement.h"

#include "base/secret.h"
#include "base/text.h"
#include "crypt/hash.h"

#include <errno.h>

/* X25519 of 32 bytes 0x01, and of 32 bytes 0x02; computed apart from this program. */
#define HOLDER "age15nsf9y4k28p83wth93tf7hafhvfajp45d2mge80ems45gz0c5gys3me64l"
#define PROXY  "age1e6xn45wvkce7c7msc9upffw8dmxs9959q5xng369hgzcwrjc04vszex59m"

#define FROM  INT64_C(1795392000000) /* 2026-11-23T00:00:00Z */
#define UNTIL INT64_C(1826928000000) /* 2027-11-23T00:00:00Z */
#define SOON  INT64_C(1806451200000) /* 2027-03-31T00:00:00Z */

static struct sign_sec sec, other;
static struct seal_pub holder, proxy;
static struct address_statement statement;
static struct buf note; /* epoch 4, two accepts, two seals */

static int read(struct slice bytes)
{
        struct address_statement s;

        return statement_read_address(&s, bytes);
}

static struct address_statement example(void)
{
        struct address_statement s = { .epoch = 4, .accepts = 2, .seals = 2 };

        memset(s.previous.b, 0x5a, sizeof(s.previous.b));
        s.accept[0].sender = slice_str("org.example-life");
        s.accept[0].classes = 1u << CLASS_CERTIFICATE | 1u << CLASS_NOTICE;
        s.accept[1].sender = slice_str("city.example");
        s.accept[1].classes = 1u << CLASS_DECISION;
        s.seal[0].to = holder;
        s.seal[1].to = proxy;
        s.seal[1].classes = 1u << CLASS_NOTICE;
        s.seal[1].until = SOON;
        s.from = FROM;
        s.until = UNTIL;
        return s;
}

static int set_up(void **state)
{
        struct seal_sec seal;

        if (secret_init())
                return -1;
        secret_of(&sec, "address 1 sign");
        secret_of(&other, "address 2 sign");
        for (uint8_t i = 0; i < 2; i++) {
                memset(seal.b, i + 1, sizeof(seal.b));
                if (keys_seal_pub(i ? &proxy : &holder, &seal))
                        return -1;
        }
        statement = example();
        statement_write_address(&note, &statement, &sec);
        return buf_fault(&note);
}

static int tear_down(void **state)
{
        buf_free(&note);
        return 0;
}

static void what_was_written_is_read(void **state)
{
        struct address_statement s;
        struct hash h;

        assert_int_equal(statement_read_address(&s, buf_slice(&note)), 0);
        assert_string_equal(s.address.s, statement.address.s);
        assert_memory_equal(s.key.b, statement.key.b, 32);
        assert_int_equal(s.epoch, 4);
        assert_true(hash_eq(&s.previous, &statement.previous));
        assert_int_equal(s.accepts, 2);
        assert_true(slice_is(s.accept[0].sender, "org.example-life"));
        assert_int_equal(s.accept[0].classes, 1u << CLASS_CERTIFICATE | 1u << CLASS_NOTICE);
        assert_true(slice_is(s.accept[1].sender, "city.example"));
        assert_int_equal(s.seals, 2);
        assert_memory_equal(s.seal[0].to.b, holder.b, 32);
        assert_int_equal(s.seal[0].classes, 0);
        assert_int_equal(s.seal[0].until, 0);
        assert_memory_equal(s.seal[1].to.b, proxy.b, 32);
        assert_int_equal(s.seal[1].classes, 1u << CLASS_NOTICE);
        assert_int_equal(s.seal[1].until, SOON);
        assert_int_equal(s.from, FROM);
        assert_int_equal(s.until, UNTIL);
        assert_int_equal(s.closed, 0);
        hash_sha256(&h, buf_slice(&note));
        assert_true(hash_eq(&s.hash, &h) && hash_eq(&statement.hash, &h));
}

/* The text of E5.1, with the two names that depend on the key left to printf. */
static void the_text_is_that_of_the_document(void **state)
{
        BUF_OWNED expected = { 0 };

        buf_printf(&expected, "fumibako address v1\naddress %s\nkey ", statement.address.s);
        text_put_base64(&expected, slice_of(statement.key.b, 32));
        buf_puts(&expected, "\nepoch 4\n"
                            "previous WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n"
                            "accepts org.example-life certificate,notice\n"
                            "accepts city.example decision\n"
                            "seal " HOLDER "\n"
                            "seal " PROXY " classes=notice until=2027-03-31T00:00:00Z\n"
                            "valid 2026-11-23T00:00:00Z 2027-11-23T00:00:00Z\n");
        assert_true(slice_eq(text_of(&note), buf_slice(&expected)));
}

static void the_first_statement_has_nothing_before_it(void **state)
{
        struct address_statement s = example(), back;
        BUF_OWNED out = { 0 };

        s.epoch = 1;
        s.accepts = 0;
        statement_write_address(&out, &s, &sec);
        assert_int_equal(statement_read_address(&back, buf_slice(&out)), 0);
        assert_null(memmem(out.at, out.len, "previous", 8));
        assert_int_equal(back.epoch, 1);
        assert_int_equal(back.accepts, 0);
        assert_true(hash_eq(&back.previous, &(struct hash){ { 0 } }));

        const struct edit zero = { "epoch 1", "epoch 0" };
        check_edits(&out, &zero, 1, s.address.s, &sec, STATEMENT_BAD, read);
}

static void a_closed_address_has_no_seal_line(void **state)
{
        struct address_statement s = example(), back;
        BUF_OWNED out = { 0 };
        BUF_OWNED wrong = { 0 };

        s.seals = 0;
        s.closed = SOON;
        statement_write_address(&out, &s, &sec);
        assert_int_equal(statement_read_address(&back, buf_slice(&out)), 0);
        assert_int_equal(back.closed, SOON);
        assert_int_equal(back.seals, 0);
        s.seals = 1;
        statement_write_address(&wrong, &s, &sec);
        assert_int_equal(buf_fault(&wrong), -EINVAL);
}

static void the_largest_statement_is_read_and_no_line_more(void **state)
{
        struct address_statement s = example(), back;
        BUF_OWNED out = { 0 };

        s.accepts = STATEMENT_ACCEPTS_MOST;
        s.seals = STATEMENT_SEALS_MOST;
        for (size_t i = 0; i < STATEMENT_ACCEPTS_MOST; i++)
                s.accept[i] = s.accept[0];
        for (size_t i = 0; i < STATEMENT_SEALS_MOST; i++)
                s.seal[i] = s.seal[i % 2];
        statement_write_address(&out, &s, &sec);
        assert_int_equal(buf_fault(&out), 0);
        assert_int_equal(statement_read_address(&back, buf_slice(&out)), 0);
        assert_int_equal(back.accepts, STATEMENT_ACCEPTS_MOST);
        assert_int_equal(back.seals, STATEMENT_SEALS_MOST);

        const struct edit more[] = {
                { "accepts ", "accepts city.example decision\naccepts " },
                { "valid ", "seal " HOLDER "\nvalid " },
        };
        check_edits(&out, more, COUNT_OF(more), s.address.s, &sec, STATEMENT_BAD, read);
}

/* E1.2, E1.3 */
static void every_breach_of_the_grammar_is_refused(void **state)
{
        static const struct edit edits[] = {
                /* missing */
                { "fumibako address v1\n", "" },
                { "epoch 4\n", "" },
                { "previous WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n", "" },
                { "valid 2026-11-23T00:00:00Z 2027-11-23T00:00:00Z\n", "" },
                { "seal " HOLDER "\nseal " PROXY " classes=notice until=2027-03-31T00:00:00Z\n",
                  "" },
                /* repeated */
                { "fumibako address v1\n", "fumibako address v1\nfumibako address v1\n" },
                { "epoch 4\n", "epoch 4\nepoch 4\n" },
                { "valid 2026-11-23T00:00:00Z 2027-11-23T00:00:00Z\n",
                  "valid 2026-11-23T00:00:00Z 2027-11-23T00:00:00Z\n"
                  "valid 2026-11-23T00:00:00Z 2027-11-23T00:00:00Z\n" },
                { "classes=notice", "classes=notice classes=record" },
                { "until=2027-03-31T00:00:00Z",
                  "until=2027-03-31T00:00:00Z until=2027-03-31T00:00:00Z" },
                /* in another order */
                { "classes=notice until=2027-03-31T00:00:00Z",
                  "until=2027-03-31T00:00:00Z classes=notice" },
                { "accepts org.example-life certificate,notice\n",
                  "seal " HOLDER "\naccepts org.example-life certificate,notice\n" },
                { "epoch 4\nprevious WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n",
                  "previous WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\nepoch 4\n" },
                /* unknown */
                { "valid ", "colour red\nvalid " },
                { "Z\n", "Z\ncolour red\n" },
                { "v1\n", "v2\n" },
                { "address v1", "mailbox v1" },
                { " classes=notice", " colour=notice" },
                { "valid ", "\nvalid " },
                /* not one space, or a space at the end */
                { "epoch 4", "epoch  4" },
                { "epoch 4", "epoch 4 " },
                { "epoch ", "Epoch " },
                { "life certificate", "life  certificate" },
                { HOLDER, HOLDER " " },
                { PROXY " ", PROXY "  " },
                { "notice until", "notice  until" },
                { "31T00:00:00Z\n", "31T00:00:00Z \n" },
                { "00Z 2027-11", "00Z  2027-11" },
                { "\nepoch", "\r\nepoch" },
                /* numbers */
                { "epoch 4", "epoch 0" },
                { "epoch 4", "epoch 04" },
                { "epoch 4", "epoch +4" },
                { "epoch 4", "epoch 4a" },
                { "epoch 4", "epoch 1" },
                { "epoch 4", "epoch 18446744073709551616" },
                /* instants */
                { "2026-11-23T00:00:00Z", "2026-11-23T00:00:00.0Z" },
                { "2026-11-23T00:00:00Z", "2026-11-23T09:00:00+09:00" },
                { "2026-11-23T00:00:00Z", "2026-11-23T00:00:00+00:00" },
                { "2026-11-23T00:00:00Z", "2026-11-23 00:00:00Z" },
                { "2026-11-23T00:00:00Z", "2026-02-29T00:00:00Z" },
                { "2026-11-23T00:00:00Z", "1969-12-31T23:59:59Z" },
                { "2026-11-23T00:00:00Z 2027-11-23T00:00:00Z", "2026-11-23T00:00:00Z" },
                { "until=2027-03-31T00:00:00Z", "until=" },
                { "until=2027-03-31T00:00:00Z", "until=never" },
                { "until=2027-03-31T00:00:00Z", "until=1970-01-01T00:00:00Z" },
                { "2027-11-23T00:00:00Z\n", "2027-11-23T00:00:00Z\nclosed 1970-01-01T00:00:00Z\n" },
                { "2027-11-23T00:00:00Z\n", "2027-11-23T00:00:00Z\nclosed 2027-01-01T00:00:00Z\n" },
                /* classes */
                { "certificate,notice", "notice,certificate" },
                { "certificate,notice", "certificate,certificate" },
                { "certificate,notice", "certificate,letter" },
                { "certificate,notice", "certificate," },
                { "certificate,notice", "1,2" },
                { " certificate,notice", "" },
                { " certificate,notice", " " },
                { "classes=notice", "classes=" },
                { "classes=notice", "classes=record,notice" },
                /* names and keys */
                { "org.example-life", "Org.example-life" },
                { "org.example-life", "9org" },
                { "address fumi1", "address fumibox1" },
                { "address f", "address F" },
                { "WlpaWlo=", "WlpaWlo" },
                { "WlpaWlo=", "WlpaWlp=" },
                { "WlpaWlo=", "WlpaWlpa" },
                { "age1", "AGE1" },
                { "age1", "age2" },
                { "age1", "" },
        };

        check_edits(&note, edits, COUNT_OF(edits), statement.address.s, &sec, STATEMENT_BAD, read);
}

static void every_flipped_bit_and_every_cut_is_refused(void **state)
{
        check_bit_flips(&note, read);
}

static void a_key_that_the_address_does_not_certify_is_a_mismatch(void **state)
{
        struct note_key key = note_key_of("x", &other);
        BUF_OWNED mine = { 0 };
        BUF_OWNED theirs = { 0 };
        struct edit swap = { NULL, NULL };

        text_put_base64(&mine, slice_of(statement.key.b, 32));
        text_put_base64(&theirs, slice_of(key.pub.b, 32));
        swap.find = buf_cstr(&mine);
        swap.put = buf_cstr(&theirs);
        check_edits(&note, &swap, 1, statement.address.s, &other, STATEMENT_MISMATCH, read);
        check_edits(&note, &swap, 1, statement.address.s, &sec, STATEMENT_MISMATCH, read);
}

static void a_signature_by_another_key_or_under_another_name_is_forged(void **state)
{
        BUF_OWNED by_other = { 0 };
        BUF_OWNED other_name = { 0 };

        note_sign(&by_other, text_of(&note), statement.address.s, &other);
        assert_int_equal(read(buf_slice(&by_other)), STATEMENT_FORGED);
        note_sign(&other_name, text_of(&note), "fumi1somebodyelse", &sec);
        assert_int_equal(read(buf_slice(&other_name)), STATEMENT_FORGED);
}

static void a_refused_statement_leaves_the_struct_alone(void **state)
{
        struct address_statement s = { .epoch = 77 };

        assert_int_equal(statement_read_address(&s, slice_str("no note")), STATEMENT_BAD);
        assert_int_equal(s.epoch, 77);
}

static void a_note_of_more_than_16_kib_is_refused(void **state)
{
        struct address_statement s = example();
        BUF_OWNED big = { 0 };
        char sender[NAME_PARTY_MOST], other_name[NOTE_NAME_MOST + 1] = "";

        memset(sender, 'a', sizeof(sender));
        memset(other_name, 'b', NOTE_NAME_MOST);
        s.accepts = STATEMENT_ACCEPTS_MOST;
        for (size_t i = 0; i < STATEMENT_ACCEPTS_MOST; i++)
                s.accept[i] = (struct statement_accept){ slice_of(sender, sizeof(sender)), 0xfe };
        statement_write_address(&big, &s, &sec);
        while (big.len <= STATEMENT_MOST) {
                BUF_OWNED text = { 0 };

                assert_int_equal(read(buf_slice(&big)), 0);
                buf_put(&text, text_of(&big));
                note_cosign(&big, buf_slice(&text), other_name, &other);
        }
        assert_int_equal(read(buf_slice(&big)), STATEMENT_BAD);
}

static void check_not_signed(struct address_statement s)
{
        const struct hash before = s.hash;
        BUF_OWNED out = { 0 };

        statement_write_address(&out, &s, &sec);
        assert_int_equal(buf_fault(&out), -EINVAL);
        assert_true(hash_eq(&s.hash, &before));
}

static void what_no_reader_would_take_is_not_signed(void **state)
{
        struct address_statement s = example();

        s.accept[0].sender = slice_str("org.example notice\nseal");
        check_not_signed(s);
        s = example();
        s.accept[0].sender = slice_str("org example");
        check_not_signed(s);
        s = example();
        s.accept[0].classes = 0;
        check_not_signed(s);
        s = example();
        s.seal[0].classes = 1u << 9;
        check_not_signed(s);
        s = example();
        s.epoch = 0;
        check_not_signed(s);
        s = example();
        s.until = INT64_MAX;
        check_not_signed(s);
        s = example();
        s.from = -1;
        check_not_signed(s);
        s = example();
        s.seals = 0;
        check_not_signed(s);
}

static void a_sender_is_accepted_for_its_classes_only(void **state)
{
        struct slice life = slice_str("org.example-life");

        assert_true(statement_accepts(&statement, life, CLASS_CERTIFICATE));
        assert_true(statement_accepts(&statement, life, CLASS_NOTICE));
        assert_false(statement_accepts(&statement, life, CLASS_DECISION));
        assert_false(statement_accepts(&statement, slice_str("org.example"), CLASS_NOTICE));
        assert_false(statement_accepts(&statement, life, 0));
        assert_false(statement_accepts(&statement, life, 33));
}

static void a_letter_is_sealed_to_the_lines_in_force_for_its_class(void **state)
{
        struct seal_pub to[STATEMENT_SEALS_MOST];

        assert_int_equal(statement_recipients(&statement, CLASS_NOTICE, FROM, to), 2);
        assert_memory_equal(to[0].b, holder.b, 32);
        assert_memory_equal(to[1].b, proxy.b, 32);
        assert_int_equal(statement_recipients(&statement, CLASS_RECORD, FROM, to), 1);
        assert_memory_equal(to[0].b, holder.b, 32);
        assert_int_equal(statement_recipients(&statement, CLASS_NOTICE, SOON - 1, to), 2);
        assert_int_equal(statement_recipients(&statement, CLASS_NOTICE, SOON, to), 1);
        assert_int_equal(statement_recipients(&statement, 0, FROM, to), 0);
        assert_int_equal(statement_recipients(&statement, 32 + CLASS_NOTICE, FROM, to), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_written_is_read),
                cmocka_unit_test(the_text_is_that_of_the_document),
                cmocka_unit_test(the_first_statement_has_nothing_before_it),
                cmocka_unit_test(a_closed_address_has_no_seal_line),
                cmocka_unit_test(the_largest_statement_is_read_and_no_line_more),
                cmocka_unit_test(every_breach_of_the_grammar_is_refused),
                cmocka_unit_test(every_flipped_bit_and_every_cut_is_refused),
                cmocka_unit_test(a_key_that_the_address_does_not_certify_is_a_mismatch),
                cmocka_unit_test(a_signature_by_another_key_or_under_another_name_is_forged),
                cmocka_unit_test(a_refused_statement_leaves_the_struct_alone),
                cmocka_unit_test(a_note_of_more_than_16_kib_is_refused),
                cmocka_unit_test(what_no_reader_would_take_is_not_signed),
                cmocka_unit_test(a_sender_is_accepted_for_its_classes_only),
                cmocka_unit_test(a_letter_is_sealed_to_the_lines_in_force_for_its_class),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
