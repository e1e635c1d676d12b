/* sdk_box_files.c - a mailbox folder: what is written can be read again, and what is damaged is
 * said to be */
#include "sdk/box.h"

#include "base/file.h"
#include "base/secret.h"
#include "schemas/outcomes.h"
#include "letter/submit.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

struct place {
        char folder[64];
        fumi_box *b;
        char trust[1024];
};

static void put_vkey(struct buf *out, const char *word, const char *name)
{
        SECRET_OWNED struct sign_sec *sec = secret_new(sizeof(*sec));
        struct note_key key = { 0 };

        keys_sign_new(&key.pub, sec);
        snprintf(key.name, sizeof(key.name), "%s", name);
        buf_printf(out, "%s ", word);
        note_vkey_put(out, &key);
        buf_puts(out, "\n");
}

static int create(struct place *p, char why[static BOX_WHY])
{
        const struct box_new n = {
                .folder = p->folder,
                .trust = slice_str(p->trust),
                .trust_path = "trust",
                .device = "main",
                .passphrase = slice_str("secret"),
                .work = 10,
        };

        return box_create(&p->b, &n, why);
}

static int reopen(struct place *p, const char *passphrase, char why[static BOX_WHY])
{
        char copy[64];

        fumi_box_close(p->b);
        p->b = NULL;
        snprintf(copy, sizeof(copy), "%s", passphrase);
        return fumi_box_open(&p->b, p->folder, copy, strlen(copy), why);
}

static int setup(void **state)
{
        struct place *p = calloc(1, sizeof(*p));
        struct curve_pub curve;
        SECRET_OWNED struct curve_sec *sec = secret_new(sizeof(*sec));
        BUF_OWNED text = { 0 };
        char why[BOX_WHY];
        struct trust t = { .broker = "post.example", .endpoint = "tcp://127.0.0.1:1" };

        keys_curve_new(&curve, sec);
        t.curve = curve;
        trust_write(&text, &t);
        put_vkey(&text, "attest", "post.example");
        put_vkey(&text, "log", "post.example/log/0");
        put_vkey(&text, "registrar", "registrar.example");
        snprintf(p->trust, sizeof(p->trust), "%s", buf_cstr(&text));
        snprintf(p->folder, sizeof(p->folder), "/tmp/sdk_box_files.XXXXXX");
        if (!mkdtemp(p->folder))
                return -1;
        strcat(p->folder, "/box");
        *state = p;
        return create(p, why);
}

static int teardown(void **state)
{
        struct place *p = *state;
        char command[128];

        fumi_box_close(p->b);
        *strrchr(p->folder, '/') = 0;
        snprintf(command, sizeof(command), "rm -rf '%s'", p->folder);
        free(p);
        return system(command);
}

static void put(struct place *p, const char *name, const char *text)
{
        char path[PATH_MAX];

        box_path(p->b, path, "%s", name);
        assert_int_equal(file_replace(path, slice_str(text), 0600), 0);
}

static void a_new_folder_is_its_owners_alone(void **state)
{
        struct place *p = *state;
        char path[PATH_MAX];
        struct stat s;

        assert_int_equal(stat(p->folder, &s), 0);
        assert_int_equal(s.st_mode & 0777, 0700);
        box_path(p->b, path, "identity.age");
        assert_int_equal(stat(path, &s), 0);
        assert_int_equal(s.st_mode & 0777, 0600);
}

static void the_pass_phrase_opens_it_again_and_is_wiped(void **state)
{
        struct place *p = *state;
        struct mailbox before = p->b->mailbox;
        char copy[] = "secret", why[BOX_WHY] = "";

        fumi_box_close(p->b);
        p->b = NULL;
        assert_int_equal(fumi_box_open(&p->b, p->folder, copy, 6, why), 0);
        assert_memory_equal(copy, "\0\0\0\0\0\0", 6);
        assert_string_equal(p->b->mailbox.s, before.s);
        assert_string_equal(p->b->device, "main");
}

static void another_pass_phrase_does_not(void **state)
{
        struct place *p = *state;
        char why[BOX_WHY] = "";

        assert_int_equal(reopen(p, "Secret", why), OUTCOME_WRONG_PASSPHRASE);
        assert_null(p->b);
        assert_non_null(strstr(why, "identity.age"));
}

static void a_folder_is_never_made_twice(void **state)
{
        struct place *p = *state;
        struct place again = { 0 };
        struct mailbox before = p->b->mailbox;
        char why[BOX_WHY] = "";

        memcpy(&again, p, sizeof(again));
        again.b = NULL;
        assert_int_equal(create(&again, why), -EEXIST);
        assert_null(again.b);
        assert_int_equal(reopen(p, "secret", why), 0);
        assert_string_equal(p->b->mailbox.s, before.s);
}

static void a_damaged_file_is_named(void **state)
{
        struct place *p = *state;
        static const char *const names[] = { "trust", "device", "identity.age" };
        char why[BOX_WHY];

        for (size_t i = 0; i < 3; i++) {
                char path[PATH_MAX];
                BUF_OWNED kept = { 0 };

                box_path(p->b, path, "%s", names[i]);
                assert_int_equal(file_read(&kept, path, 65536), 0);
                put(p, names[i], "nonsense, and more of it\n");
                *why = 0;
                assert_int_not_equal(reopen(p, "secret", why), 0);
                assert_null(p->b);
                assert_non_null(strstr(why, names[i]));
                assert_int_equal(file_replace(path, buf_slice(&kept), 0600), 0);
                assert_int_equal(reopen(p, "secret", why), 0);
        }
}

static void the_book_of_addresses_is_read_as_it_was_written(void **state)
{
        struct place *p = *state;
        BOX_BOOK_OWNED book = { 0 };
        BOX_BOOK_OWNED again = { 0 };
        struct box_address a = { .number = 7, .epoch = 3, .remark = "org.example-life org.other" };
        struct sign_pub key;

        identity_address(p->b->identity, 7, &a.name, &key);
        assert_int_equal(box_book_read(p->b, &book), 0);
        assert_int_equal(book.count, 0);
        assert_int_equal(box_book_add(&book, &a), 0);
        a.number = 8;
        memset(a.remark, 0, sizeof(a.remark));
        assert_int_equal(box_book_add(&book, &a), 0);
        assert_int_equal(box_book_write(p->b, &book), 0);
        assert_int_equal(box_book_read(p->b, &again), 0);
        assert_int_equal(again.count, 2);
        assert_memory_equal(again.at, book.at, 2 * sizeof(a));
        assert_ptr_equal(box_book_find(&again, slice_str(a.name.s)), &again.at[0]);
}

static void a_bad_line_of_the_book_is_named_by_its_number(void **state)
{
        struct place *p = *state;
        BOX_BOOK_OWNED book = { 0 };

        put(p, "addresses", "# number address epoch for\n\n1 fumi1nonsense 1 org.example\n");
        assert_int_equal(box_book_read(p->b, &book), -EBADMSG);
        assert_int_equal(book.count, 0);
        assert_non_null(strstr(fumi_box_error(p->b), "addresses:3:"));
}

static void a_broker_that_loses_letters_is_found_out(void **state)
{
        struct place *p = *state;
        struct hash one = { { 1 } }, other = { { 2 } };
        struct box_cursor c;

        assert_int_equal(box_cursor_check(p->b, 0, &(struct hash){ { 0 } }), 0);
        assert_int_equal(box_cursor_check(p->b, 5, &one), 0);
        assert_int_equal(box_cursor_check(p->b, 5, &one), 0);
        assert_int_equal(box_cursor_check(p->b, 4, &one), OUTCOME_RECEIPT_FORGED);
        assert_int_equal(box_cursor_check(p->b, 5, &other), OUTCOME_RECEIPT_FORGED);
        assert_int_equal(box_cursor_read(p->b, &c), 0);
        assert_int_equal(c.count, 5);
        assert_memory_equal(&c.head, &one, sizeof(one));
        assert_int_equal(box_cursor_check(p->b, 6, &other), 0);
}

static void a_cursor_is_read_as_it_was_written_and_never_guessed(void **state)
{
        struct place *p = *state;
        struct box_cursor c = { 9, { { 7 } }, 8, 6 }, again;

        assert_int_equal(box_cursor_write(p->b, &c), 0);
        assert_int_equal(box_cursor_read(p->b, &again), 0);
        assert_memory_equal(&again, &c, sizeof(c));
        put(p, "cursor", "fumibako cursor v1\ncount 9\n");
        assert_int_equal(box_cursor_read(p->b, &again), -EBADMSG);
        assert_memory_equal(&again, &c, sizeof(c));
}

/* E7.2 */
static void positions_and_ids_lead_to_the_letters_here(void **state)
{
        struct place *p = *state;
        BUF_OWNED header = { 0 };
        BUF_OWNED other = { 0 };
        struct header h = { .version = 1,
                            .suite = 1,
                            .from = slice_str("org.example"),
                            .to = slice_str("fumi1x"),
                            .class = 1,
                            .grade = 1,
                            .size = 9 };
        struct hash id, found = { { 0 } };
        char name[BOX_ID_HEX + 1], path[PATH_MAX];
        uint64_t seq = 0;

        field_write(&header_table, &header, &h);
        submit_letter_id(&id, buf_slice(&header));
        box_letter_name(name, &id);
        assert_int_equal(box_letter_of_seq(p->b, 3, &found), BOX_ABSENT);
        assert_false(box_letter_here(p->b, &id));
        assert_int_equal(box_letter_write(p->b, &id, buf_slice(&header), slice_str("envelope")), 0);
        assert_int_equal(box_letter_put_seq(p->b, 3, &id), 0);
        assert_int_equal(box_letter_put_seq(p->b, 3, &id), 0);
        assert_false(box_letter_here(p->b, &id)); /* its sealed bytes are missing */
        box_path(p->b, path, "letters/%s.age", name);
        assert_int_equal(file_create(path, slice_str("sealed"), 0600), 0);
        assert_true(box_letter_here(p->b, &id));
        assert_int_equal(box_letter_of_seq(p->b, 3, &found), 0);
        assert_memory_equal(&found, &id, sizeof(id));
        /* Another letter further on does not take its place. */
        h.size = 10;
        buf_clear(&other);
        field_write(&header_table, &other, &h);
        submit_letter_id(&found, buf_slice(&other));
        assert_int_equal(box_letter_write(p->b, &found, buf_slice(&other), slice_str("envelope")),
                         0);
        assert_int_equal(box_letter_put_seq(p->b, 4, &found), 0);
        name[6] = 0;
        memset(&found, 0, sizeof(found));
        assert_int_equal(box_letter_find(p->b, name, &found, &seq), 0);
        assert_memory_equal(&found, &id, sizeof(id));
        assert_int_equal(seq, 3);
        assert_int_equal(box_letter_find(p->b, "zz", &found, &seq), BOX_ABSENT);

        BOX_LETTER_OWNED letter;

        assert_int_equal(box_letter_read(p->b, &id, &letter), 0);
        assert_true(slice_eq(letter.header, buf_slice(&header)));
        assert_true(slice_is(letter.envelope, "envelope"));
        assert_int_equal(letter.h.size, 9);
}

static void a_device_has_a_key_of_its_own_and_a_place_in_the_statement(void **state)
{
        struct place *p = *state;
        static struct mailbox_statement first, second;
        BUF_OWNED note = { 0 };
        BUF_OWNED next = { 0 };

        assert_int_equal(box_mailbox_read(p->b, &note, &first), 0);
        assert_int_equal(box_device_add(p->b, "phone", clock_now()), 0);
        assert_string_equal(p->b->device, "phone");
        assert_int_equal(box_mailbox_read(p->b, &next, &second), 0);
        assert_int_equal(second.epoch, 2);
        assert_true(hash_eq(&second.previous, &first.hash));
        assert_int_equal(second.devices, 2);
        assert_true(slice_is(second.device[0].name, "main"));
        assert_true(slice_is(second.device[1].name, "phone"));
        assert_memory_equal(&second.device[0].key, &first.device[0].key, sizeof(struct curve_pub));
        assert_memory_not_equal(&second.device[0].key, &second.device[1].key,
                                sizeof(struct curve_pub));
        buf_clear(&next);
        assert_int_equal(box_device_add(p->b, "phone", clock_now()),
                         0); /* again is no new device */
        assert_int_equal(box_mailbox_read(p->b, &next, &second), 0);
        assert_int_equal(second.epoch, 2);
}

static void keys_are_found_for_addresses_that_another_device_made(void **state)
{
        struct place *p = *state;
        struct box_keys keys;
        struct address name;
        struct sign_pub key;

        identity_address(p->b->identity, 5, &name, &key);
        assert_int_equal(box_keys_of(p->b, slice_str(name.s), &keys), 0);
        assert_int_equal(keys.number, 5);
        box_keys_free(&keys);
        identity_address(p->b->identity, 5000, &name, &key);
        assert_int_equal(box_keys_of(p->b, slice_str(name.s), &keys), OUTCOME_WRONG_ADDRESS);
}

int main(void)
{
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                STORY(a_new_folder_is_its_owners_alone),
                STORY(the_pass_phrase_opens_it_again_and_is_wiped),
                STORY(another_pass_phrase_does_not),
                STORY(a_folder_is_never_made_twice),
                STORY(a_damaged_file_is_named),
                STORY(the_book_of_addresses_is_read_as_it_was_written),
                STORY(a_bad_line_of_the_book_is_named_by_its_number),
                STORY(a_broker_that_loses_letters_is_found_out),
                STORY(a_cursor_is_read_as_it_was_written_and_never_guessed),
                STORY(positions_and_ids_lead_to_the_letters_here),
                STORY(a_device_has_a_key_of_its_own_and_a_place_in_the_statement),
                STORY(keys_are_found_for_addresses_that_another_device_made),
        };

        if (secret_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
