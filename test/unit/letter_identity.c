/* letter_identity.c - the identity file, ours and stock age's reading of it, and the keys from its
 * seed */
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypt/age.h"
#include "letter/identity.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { WORK = 10 }; /* scrypt that does not make the tests wait */

static char folder[64], path[96], other_path[96];

static struct slice phrase(void)
{
        return slice_str("correct horse battery staple");
}

static int set_up(void **state)
{
        snprintf(folder, sizeof(folder), "/tmp/letter_identity.XXXXXX");
        if (secret_init() || !mkdtemp(folder))
                return -1;
        snprintf(path, sizeof(path), "%s/identity.age", folder);
        snprintf(other_path, sizeof(other_path), "%s/other", folder);
        return 0;
}

static int tear_down(void **state)
{
        unlink(path);
        unlink(other_path);
        return rmdir(folder);
}

static int clean(void **state)
{
        unlink(path);
        unlink(other_path);
        return 0;
}

static void check_same(const struct identity *a, const struct identity *b)
{
        struct sign_sec one, two;

        identity_mailbox_secret(a, &one);
        identity_mailbox_secret(b, &two);
        assert_memory_equal(one.b, two.b, sizeof(one.b));
}

/* ---- the file ---- */

static void an_identity_is_found_again_under_its_pass_phrase(void **state)
{
        struct identity *made = NULL, *found = NULL;
        struct stat st;

        assert_int_equal(identity_create(&made, path, phrase(), WORK), 0);
        assert_int_equal(identity_open(&found, path, phrase()), 0);
        check_same(made, found);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        identity_free(made);
        identity_free(found);
}

static void two_identities_are_not_alike(void **state)
{
        struct identity *one = NULL, *two = NULL;
        struct mailbox a, b;
        struct sign_pub pub;

        assert_int_equal(identity_create(&one, path, phrase(), WORK), 0);
        assert_int_equal(identity_create(&two, other_path, phrase(), WORK), 0);
        identity_mailbox(one, &a, &pub);
        identity_mailbox(two, &b, &pub);
        assert_string_not_equal(a.s, b.s);
        identity_free(one);
        identity_free(two);
}

static void a_wrong_pass_phrase_opens_nothing(void **state)
{
        struct identity *made = NULL, *found = NULL;

        assert_int_equal(identity_create(&made, path, phrase(), WORK), 0);
        assert_int_equal(identity_open(&found, path, slice_str("correct horse battery")),
                         IDENTITY_PASSPHRASE);
        assert_int_equal(identity_open(&found, path, slice_str("")), IDENTITY_PASSPHRASE);
        assert_null(found);
        identity_free(made);
}

static void a_file_that_is_there_is_left_alone(void **state)
{
        struct identity *id = NULL;
        BUF_OWNED is = { 0 };

        assert_int_equal(file_create(path, slice_str("mine"), 0644), 0);
        assert_int_equal(identity_create(&id, path, phrase(), WORK), IDENTITY_EXISTS);
        assert_null(id);
        assert_int_equal(file_read(&is, path, 100), 0);
        assert_true(slice_is(buf_slice(&is), "mine"));
}

static void a_missing_file_and_a_folder_that_is_not_there_are_told_apart(void **state)
{
        struct identity *id = NULL;

        assert_int_equal(identity_open(&id, path, phrase()), IDENTITY_ABSENT);
        assert_true(identity_create(&id, "/tmp/letter_identity.none/x", phrase(), WORK) < 0);
        assert_null(id);
}

static int open_text(const char *text)
{
        struct identity *id = NULL;
        BUF_OWNED sealed = { 0 };
        int r;

        assert_int_equal(age_seal_passphrase(&sealed, slice_str(text), phrase(), WORK), 0);
        assert_int_equal(file_replace(path, buf_slice(&sealed), 0600), 0);
        r = identity_open(&id, path, phrase());
        assert_int_equal(r == 0, id != NULL);
        identity_free(id);
        return r;
}

#define SEED64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static void whatever_is_not_exactly_an_identity_is_bad(void **state)
{
        static const char *const bad[] = {
                "",
                "fumibako identity v1\n",
                "fumibako identity v1\nseed ",
                "fumibako identity v1\nseed \n",
                "fumibako identity v1\nseed " SEED64,
                "fumibako identity v1\nseed " SEED64 "x",
                "fumibako identity v1\nseed " SEED64 "\n\n",
                "fumibako identity v1\nseed " SEED64 "\nseed " SEED64 "\n",
                "fumibako identity v1\nseed  " SEED64 "\n",
                "fumibako identity v2\nseed " SEED64 "\n",
                "fumibako identity v1\nseed AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n",
                "fumibako identity v1\nseed AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n",
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_int_equal(open_text(bad[i]), IDENTITY_BAD);
        assert_int_equal(open_text("fumibako identity v1\nseed " SEED64 "\n"), 0);
}

static void no_flipped_bit_of_the_file_opens(void **state)
{
        struct identity *id = NULL;
        BUF_OWNED file = { 0 };

        assert_int_equal(identity_create(&id, path, phrase(), 1), 0);
        identity_free(id);
        id = NULL;
        assert_int_equal(file_read(&file, path, 4096), 0);
        for (size_t i = 0; i < file.len; i++) {
                file.at[i] ^= 1;
                assert_int_equal(file_replace(other_path, buf_slice(&file), 0600), 0);
                assert_true(identity_open(&id, other_path, phrase()) > 0);
                assert_null(id);
                file.at[i] ^= 1;
        }
        assert_int_equal(file_replace(other_path, slice_upto(buf_slice(&file), 90), 0600), 0);
        assert_int_equal(identity_open(&id, other_path, phrase()), IDENTITY_BAD);
}

/* ---- stock age ---- */

/* Type the pass-phrase once age has asked for it, and read until it is done. */
static void type_when_asked(int tty)
{
        char said[1024];
        size_t len = 0;
        bool typed = false;
        ssize_t n;

        while ((n = read(tty, said + len, sizeof(said) - 1 - len)) > 0) {
                len += (size_t)n;
                said[len] = 0;
                if (!typed && strstr(said, "passphrase")) {
                        dprintf(tty, "%s\n", (const char *)phrase().at);
                        typed = true;
                }
        }
}

/* E2.9 */
static void stock_age_opens_the_file_with_the_same_pass_phrase(void **state)
{
        struct identity *id = NULL, *again = NULL;
        struct seed seed;
        BUF_OWNED plain = { 0 };
        int tty, status;
        pid_t age;

        if (access("/usr/bin/age", X_OK) != 0)
                skip();
        assert_int_equal(identity_create(&id, path, phrase(), WORK), 0);
        age = forkpty(&tty, NULL, NULL, NULL);
        assert_true(age >= 0);
        if (age == 0) {
                execl("/usr/bin/age", "age", "-d", "-o", other_path, path, (char *)NULL);
                _exit(127);
        }
        type_when_asked(tty);
        assert_int_equal(waitpid(age, &status, 0), age);
        close(tty);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);

        assert_int_equal(file_read(&plain, other_path, 1000), 0);
        assert_int_equal(plain.len, 71);
        assert_memory_equal(plain.at, "fumibako identity v1\nseed ", 26);
        assert_true(text_get_base64(slice_of(plain.at + 26, 44), seed.b, 32));
        assert_int_equal(plain.at[70], '\n');
        assert_int_equal(identity_of_seed(&again, &seed), 0);
        check_same(id, again);
        identity_free(id);
        identity_free(again);
}

/* ---- the keys ---- */

static void check_hex(const void *bytes, size_t len, const char *hex)
{
        BUF_OWNED is = { 0 };

        text_put_hex(&is, slice_of(bytes, len));
        assert_string_equal(buf_cstr(&is), hex);
}

static struct identity *counting(void)
{
        struct identity *id = NULL;
        struct seed seed;

        for (uint8_t i = 0; i < 32; i++)
                seed.b[i] = i;
        assert_int_equal(identity_of_seed(&id, &seed), 0);
        return id;
}

/* Computed apart from this program: HKDF with Python's hmac and hashlib, Ed25519 and X25519 as RFC
 * 8032 and RFC 7748 write them down, bech32 as BIP 173 does. The seed is the bytes 0 to 31. */
/* E2.2 */
static void keys_agree_with_values_computed_elsewhere(void **state)
{
        struct identity *id = counting();
        struct sign_pub pub;
        struct sign_sec sec;
        struct curve_pub curve;
        struct curve_sec curve_sec;
        struct seal_pub seal;
        struct seal_sec seal_sec;
        struct mailbox box;
        struct address address;

        identity_mailbox(id, &box, &pub);
        identity_mailbox_secret(id, &sec);
        check_hex(sec.b, 32, "ac4cde98b642cba9c415cccdc0be59a05c798e52a7745bad72b0d8f98a3febe2");
        check_hex(pub.b, 32, "7546eb83ef652baa0d2181f71e7893b6c83d888b59645cb8d40449f89fdb26b4");
        assert_string_equal(box.s, "fumibox1q9k6rtg7dhk2004wl8fggcp3zyyjw90u5q97xnc0");
        identity_transport(id, "phone", &curve, &curve_sec);
        check_hex(curve_sec.b, 32,
                  "1b3895b182161cd062d55764fa2b34e6ba42a4ee563f5d059f4f8c8e8d3beaee");
        check_hex(curve.b, 32, "c1db9513d2205d41775eda0be84886e4016832be0ccc9f2bbe4d1b595a559e3b");
        identity_address(id, 1, &address, &pub);
        identity_address_secret(id, 1, &sec);
        check_hex(sec.b, 32, "2abce2c565f12b4d483334ca3be0e0e354877711da9e890f1e6ec7059c76bb75");
        check_hex(pub.b, 32, "9aad25db62e86ed61639fcc8b1b9c2fe5e827769f81cdbe44cf6646b21c49a20");
        assert_string_equal(address.s, "fumi1qyf2equsw7n6gfc7m8w06q0mlhh7cwcvwy2ngs40");
        identity_address_seal(id, 1, 4, &seal, &seal_sec);
        check_hex(seal_sec.b, 32,
                  "aae20f045517c8b4a27e5ab31473d42204cff1ee134e1dd6a4af096c186fb130");
        check_hex(seal.b, 32, "e547fa4785e6a5c29deb239265493221e3f59e9c1414b34bf5e948bc80986d10");
        identity_address(id, 4294967295, &address, &pub);
        check_hex(pub.b, 32, "f259721d7eef20f7fcf31edf2a1ca4733c971964897634d3479a84a31fabd35d");
        identity_free(id);
}

static void every_number_device_and_epoch_has_keys_of_its_own(void **state)
{
        struct identity *id = counting();
        struct curve_pub phone, desk;
        struct curve_sec curve_sec;
        struct seal_pub seal[3];
        struct seal_sec seal_sec;
        struct address one, two;
        struct sign_pub pub;

        identity_transport(id, "phone", &phone, &curve_sec);
        identity_transport(id, "desk", &desk, &curve_sec);
        assert_memory_not_equal(phone.b, desk.b, 32);
        identity_address(id, 1, &one, &pub);
        identity_address(id, 2, &two, &pub);
        assert_string_not_equal(one.s, two.s);
        identity_address_seal(id, 1, 1, &seal[0], &seal_sec);
        identity_address_seal(id, 1, 2, &seal[1], &seal_sec);
        identity_address_seal(id, 2, 1, &seal[2], &seal_sec);
        assert_memory_not_equal(seal[0].b, seal[1].b, 32);
        assert_memory_not_equal(seal[0].b, seal[2].b, 32);
        identity_free(id);
}

static void the_mailbox_key_signs_for_the_mailbox(void **state)
{
        struct identity *id = counting();
        struct signature sig;
        struct sign_pub pub;
        struct mailbox box;

        identity_mailbox(id, &box, &pub);
        assert_true(name_mailbox_certifies(&box, &pub));
        identity_mailbox_sign(id, &sig, slice_str("message"));
        assert_true(sign_verify(&sig, slice_str("message"), &pub));
        assert_false(sign_verify(&sig, slice_str("massage"), &pub));
        identity_free(id);
        identity_free(NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(an_identity_is_found_again_under_its_pass_phrase, clean),
                cmocka_unit_test_teardown(two_identities_are_not_alike, clean),
                cmocka_unit_test_teardown(a_wrong_pass_phrase_opens_nothing, clean),
                cmocka_unit_test_teardown(a_file_that_is_there_is_left_alone, clean),
                cmocka_unit_test_teardown(
                        a_missing_file_and_a_folder_that_is_not_there_are_told_apart, clean),
                cmocka_unit_test_teardown(whatever_is_not_exactly_an_identity_is_bad, clean),
                cmocka_unit_test_teardown(no_flipped_bit_of_the_file_opens, clean),
                cmocka_unit_test_teardown(stock_age_opens_the_file_with_the_same_pass_phrase,
                                          clean),
                cmocka_unit_test(keys_agree_with_values_computed_elsewhere),
                cmocka_unit_test(every_number_device_and_epoch_has_keys_of_its_own),
                cmocka_unit_test(the_mailbox_key_signs_for_the_mailbox),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
