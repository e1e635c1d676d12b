/* xml_memory.c - of pass-phrase and key nothing is left in memory when they are done with (N2.4)
 *
 * Another process makes the files and tells what is in them with every bit turned over, so that
 * this one's memory holds the secrets only where they are used. */
#include "xml_world.h"
#include "xml/write.h"

#include "base/file.h"
#include "base/secret.h"

#include <inttypes.h>
#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define NOON INT64_C(1791948896000)

enum { PIECE = 32, PHRASE = 24, WINDOW = 1 << 16 };

/* All turned over. */
struct told {
        uint8_t passphrase[PHRASE];
        uint8_t prime[PIECE], backwards[PIECE]; /* a piece of it, in both orders of bytes */
        uint8_t line[PIECE];                    /* of the file with the key in the clear */
};

static char folder[] = "/tmp/xml_memory.XXXXXX";
static char key_path[64], sealed_path[64], p12_path[64], certificate_path[64];
static struct told told;
static uint8_t *window; /* what is looked at goes through here */

static void turn_over(uint8_t *at, size_t len)
{
        for (size_t i = 0; i < len; i++)
                at[i] ^= 0xff;
}

static void make_passphrase(char out[static PHRASE + 1])
{
        uint8_t random[PHRASE];

        assert_int_equal(RAND_bytes(random, PHRASE), 1);
        for (int i = 0; i < PHRASE; i++)
                out[i] = (char)('a' + random[i] % 26);
        out[PHRASE] = 0;
}

static void tell_prime(struct told *t, EVP_PKEY *key)
{
        BIGNUM *p = NULL;
        uint8_t bytes[128];

        assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR1, &p), 1);
        assert_int_equal(BN_bn2binpad(p, bytes, sizeof(bytes)), sizeof(bytes));
        memcpy(t->prime, bytes + 40, PIECE);
        for (int i = 0; i < PIECE; i++)
                t->backwards[i] = t->prime[PIECE - 1 - i];
        BN_free(p);
}

static void tell_line(struct told *t)
{
        BUF_OWNED file = { 0 };

        assert_int_equal(file_read(&file, key_path, 1 << 16), 0);
        memcpy(t->line, file.at + 10 * 65 + 10, PIECE); /* lines have 64 letters, the first less */
}

static void make_files(int to)
{
        EVP_PKEY *key = xml_world_key();
        X509 *x = xml_world_certificate(key, "signer");
        char passphrase[PHRASE + 1];
        struct told t;

        make_passphrase(passphrase);
        xml_world_put_key(key_path, key, NULL);
        xml_world_put_key(sealed_path, key, passphrase);
        xml_world_put_pkcs12(p12_path, key, x, passphrase);
        xml_world_put_certificate(certificate_path, x, "w");
        memcpy(t.passphrase, passphrase, PHRASE);
        tell_prime(&t, key);
        tell_line(&t);
        turn_over((uint8_t *)&t, sizeof(t));
        _exit(write(to, &t, sizeof(t)) == sizeof(t) ? 0 : 1);
}

static int set_up(void **state)
{
        int status, fd[2];
        pid_t child;

        assert_int_equal(secret_init(), 0);
        assert_non_null(mkdtemp(folder));
        snprintf(key_path, sizeof(key_path), "%s/key", folder);
        snprintf(sealed_path, sizeof(sealed_path), "%s/sealed", folder);
        snprintf(p12_path, sizeof(p12_path), "%s/p12", folder);
        snprintf(certificate_path, sizeof(certificate_path), "%s/pem", folder);
        window = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(window, MAP_FAILED);
        assert_int_equal(pipe(fd), 0);
        child = fork();
        if (child == 0)
                make_files(fd[1]);
        assert_int_equal(read(fd[0], &told, sizeof(told)), sizeof(told));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        close(fd[0]);
        close(fd[1]);
        return 0;
}

static int tear_down(void **state)
{
        unlink(key_path);
        unlink(sealed_path);
        unlink(p12_path);
        unlink(certificate_path);
        return rmdir(folder);
}

/* ---- looking ---- */

static unsigned count_in_window(size_t len, const uint8_t *turned, size_t n)
{
        uint8_t first = turned[0] ^ 0xff;
        unsigned found = 0;
        const uint8_t *at = window, *end = window + len;

        while ((size_t)(end - at) >= n && (at = memchr(at, first, (size_t)(end - at) - n + 1))) {
                size_t i = 1;

                while (i < n && at[i] + turned[i] == 0xff)
                        i++;
                found += i == n;
                at++;
        }
        return found;
}

/* Windows overlap, so that nothing is missed between two. */
static unsigned count_in_range(uintptr_t from, uintptr_t to, const uint8_t *turned, size_t n)
{
        unsigned found = 0;

        for (uintptr_t at = from; at < to; at += WINDOW - n + 1) {
                struct iovec here = { window, WINDOW };
                struct iovec there = { .iov_len = to - at < WINDOW ? to - at : WINDOW };
                ssize_t got;

                memcpy(&there.iov_base, &at, sizeof(at));
                got = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
                if (got > 0)
                        found += count_in_window((size_t)got, turned, n);
        }
        memset(window, 0, WINDOW);
        return found;
}

/* How often the bytes are in what this process may write to. */
static unsigned count(const uint8_t *turned, size_t n)
{
        FILE *maps = fopen("/proc/self/maps", "r");
        unsigned found = 0;
        char line[512];

        assert_non_null(maps);
        while (fgets(line, sizeof(line), maps)) {
                uintptr_t from, to;
                char mode[5];

                if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &from, &to, mode) != 3 ||
                    mode[0] != 'r' || mode[1] != 'w' || from == (uintptr_t)window)
                        continue;
                found += count_in_range(from, to, turned, n);
        }
        fclose(maps);
        return found;
}

static unsigned passphrases(void)
{
        return count(told.passphrase, PHRASE);
}

static unsigned lines(void)
{
        return count(told.line, PIECE);
}

static unsigned primes(void)
{
        return count(told.prime, PIECE) + count(told.backwards, PIECE);
}

/* ---- the stories ---- */

static int give(void *ctx, const char *about, bool pin, char *to, size_t room, size_t *len)
{
        memcpy(to, told.passphrase, PHRASE);
        turn_over((uint8_t *)to, PHRASE);
        *len = PHRASE;
        *(unsigned *)ctx = passphrases(); /* the search finds what is there */
        return 0;
}

static void check(struct xml_key_from from, bool asks)
{
        struct xml_signer *s;
        struct xml_stamp stamp;
        struct doc doc = { 0 };
        unsigned seen = 0;
        BUF_OWNED out = { 0 };
        char why[XML_WHY];

        from.ask = give;
        from.ctx = &seen;
        assert_int_equal(xml_signer_open(&s, &from, NOON, why), 0);
        assert_int_equal(seen, asks ? 1 : 0);
        assert_int_equal(passphrases(), 0);
        assert_int_equal(lines(), 0); /* the file itself is wiped as soon as it is read */
        assert_true(primes() > 0);
        xml_world_fill(&doc, form_find(slice_str("TEG800")));
        xml_stamp(&doc, &stamp, NOON, 1, "");
        assert_int_equal(xml_certificate(&out, s, &doc), 0);
        xml_signer_free(s);
        doc_free(&doc);
        assert_int_equal(passphrases(), 0);
        assert_int_equal(primes(), 0);
        assert_int_equal(lines(), 0);
}

static void of_a_key_in_the_clear_nothing_is_left(void **state)
{
        check((struct xml_key_from){ .key = key_path, .certificate = certificate_path }, false);
}

static void of_an_encrypted_key_and_its_pass_phrase_nothing_is_left(void **state)
{
        check((struct xml_key_from){ .key = sealed_path, .certificate = certificate_path }, true);
}

static void of_a_pkcs12_file_and_its_pass_phrase_nothing_is_left(void **state)
{
        check((struct xml_key_from){ .pkcs12 = p12_path }, true);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(of_a_key_in_the_clear_nothing_is_left),
                cmocka_unit_test(of_an_encrypted_key_and_its_pass_phrase_nothing_is_left),
                cmocka_unit_test(of_a_pkcs12_file_and_its_pass_phrase_nothing_is_left),
        };

        return cmocka_run_group_tests_name("xml_memory", tests, set_up, tear_down);
}
