/* crypt_hash.c - SHA-256, HMAC and HKDF against their published vectors, and the parked state */
#include "base/secret.h"
#include "base/text.h"
#include "crypt/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void check_hex(const void *at, size_t len, const char *hex)
{
        BUF_OWNED out = { 0 };

        text_put_hex(&out, slice_of(at, len));
        assert_string_equal(buf_cstr(&out), hex);
}

/* @len bytes: @from, @from + 1, ... */
static struct slice count_up(uint8_t *at, uint8_t from, size_t len)
{
        for (size_t i = 0; i < len; i++)
                at[i] = (uint8_t)(from + i);
        return slice_of(at, len);
}

static struct slice repeat(uint8_t *at, uint8_t c, size_t len)
{
        memset(at, c, len);
        return slice_of(at, len);
}

static void sha256_agrees_with_the_examples_of_fips_180(void **state)
{
        static const struct {
                const char *msg, *digest;
        } example[] = {
                { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
                { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
                { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        };
        struct hash h;
        uint8_t *million = malloc(1000000);

        for (size_t i = 0; i < 3; i++) {
                hash_sha256(&h, slice_str(example[i].msg));
                check_hex(&h, sizeof(h), example[i].digest);
        }
        hash_sha256(&h, repeat(million, 'a', 1000000));
        check_hex(&h, sizeof(h),
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
        free(million);
}

static void parts_and_pieces_hash_like_the_whole(void **state)
{
        uint8_t bytes[1000];
        struct slice all = count_up(bytes, 3, sizeof(bytes));
        struct hash whole, other;

        hash_sha256(&whole, all);
        for (size_t cut = 0; cut <= all.len; cut++) {
                struct slice parts[] = { slice_upto(all, cut), slice_of(NULL, 0),
                                         slice_from(all, cut) };
                struct hash_state st;

                hash_sha256_parts(&other, parts, 3);
                assert_true(hash_eq(&whole, &other));
                hash_begin(&st);
                hash_more(&st, parts[0]);
                hash_more(&st, parts[2]);
                hash_end(&st, &other);
                assert_true(hash_eq(&whole, &other));
        }
}

static void a_copied_state_goes_its_own_way(void **state)
{
        struct hash_state one, two;
        struct hash h1, h2, abc;

        hash_sha256(&abc, slice_str("abc"));
        hash_begin(&one);
        hash_more(&one, slice_str("ab"));
        two = one;
        hash_more(&one, slice_str("c"));
        hash_more(&two, slice_str("x"));
        hash_end(&one, &h1);
        hash_end(&two, &h2);
        assert_true(hash_eq(&h1, &abc));
        assert_false(hash_eq(&h1, &h2));
}

static void sized_pieces_keep_their_borders(void **state)
{
        static const uint8_t written[] = { 0, 0, 0, 0, 0, 0, 0, 2, 'a', 'b',
                                           0, 0, 0, 0, 0, 0, 0, 1, 'c' };
        struct hash expected, ab_c, a_bc;
        struct hash_state st;

        hash_sha256(&expected, slice_of(written, sizeof(written)));
        hash_begin(&st);
        hash_more_sized(&st, slice_str("ab"));
        hash_more_sized(&st, slice_str("c"));
        hash_end(&st, &ab_c);
        hash_begin(&st);
        hash_more_sized(&st, slice_str("a"));
        hash_more_sized(&st, slice_str("bc"));
        hash_end(&st, &a_bc);
        assert_true(hash_eq(&expected, &ab_c));
        assert_false(hash_eq(&ab_c, &a_bc));
}

static void a_parked_hash_goes_on_where_it_stopped(void **state)
{
        uint8_t bytes[640], parked[HASH_PARKED];
        struct slice all = count_up(bytes, 0, sizeof(bytes) - 7);
        struct hash whole, resumed;
        struct hash_state st;

        hash_sha256(&whole, all);
        for (size_t cut = 0; cut <= all.len; cut += HASH_BLOCK) {
                hash_begin(&st);
                hash_more(&st, slice_upto(all, cut));
                hash_park(&st, parked);
                hash_resume(&st, parked, cut);
                hash_more(&st, slice_from(all, cut));
                hash_end(&st, &resumed);
                assert_true(hash_eq(&whole, &resumed));
        }
        /* What is parked is SHA-256's own chaining value, not a library's private layout. */
        hash_begin(&st);
        hash_park(&st, parked);
        check_hex(parked, 32, "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19");
}

/* The length goes into the last block with 64 bits, more than OpenSSL's first counter word holds.
 */
static void a_hash_resumed_behind_512_mebibytes_still_knows_its_length(void **state)
{
        enum { PIECE = 1 << 20, PIECES = 600 };
        uint8_t *piece = calloc(1, PIECE), parked[HASH_PARKED];
        struct hash_state st, other;
        struct hash straight, resumed;

        hash_begin(&st);
        for (size_t i = 0; i < PIECES; i++)
                hash_more(&st, slice_of(piece, PIECE));
        hash_park(&st, parked);
        hash_resume(&other, parked, (uint64_t)PIECE * PIECES);
        hash_more(&st, slice_str("end"));
        hash_more(&other, slice_str("end"));
        hash_end(&st, &straight);
        hash_end(&other, &resumed);
        assert_true(hash_eq(&straight, &resumed));
        free(piece);
}

static void hmac_agrees_with_rfc_4231(void **state)
{
        uint8_t k[131], m[200];
        struct hash h;

        hash_hmac(&h, repeat(k, 0x0b, 20), slice_str("Hi There"));
        check_hex(&h, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        hash_hmac(&h, slice_str("Jefe"), slice_str("what do ya want for nothing?"));
        check_hex(&h, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        hash_hmac(&h, repeat(k, 0xaa, 20), repeat(m, 0xdd, 50));
        check_hex(&h, 32, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
        hash_hmac(&h, count_up(k, 1, 25), repeat(m, 0xcd, 50));
        check_hex(&h, 32, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
        hash_hmac(&h, repeat(k, 0x0c, 20), slice_str("Test With Truncation"));
        check_hex(&h, 16, "a3b6167473100ee06e0c796c2955552b");
        hash_hmac(&h, repeat(k, 0xaa, 131),
                  slice_str("Test Using Larger Than Block-Size Key - Hash Key First"));
        check_hex(&h, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        hash_hmac(&h, repeat(k, 0xaa, 131),
                  slice_str("This is a test using a larger than block-size key and a larger than "
                            "block-size data. The key needs to be hashed before being used by the "
                            "HMAC algorithm."));
        check_hex(&h, 32, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

/* RFC 7914, section 11. */
static void pbkdf2_agrees_with_rfc_7914(void **state)
{
        uint8_t out[64];

        hash_pbkdf2(out, 64, slice_str("passwd"), slice_str("salt"), 1);
        check_hex(out, 64,
                  "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
                  "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
        hash_pbkdf2(out, 64, slice_str("Password"), slice_str("NaCl"), 80000);
        check_hex(out, 64,
                  "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
                  "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}

static void hkdf_agrees_with_rfc_5869(void **state)
{
        uint8_t ikm[80], salt[80], info[80], out[82];

        hash_hkdf(out, 42, repeat(ikm, 0x0b, 22), count_up(salt, 0, 13), count_up(info, 0xf0, 10));
        check_hex(out, 42,
                  "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718"
                  "5865");
        hash_hkdf(out, 82, count_up(ikm, 0, 80), count_up(salt, 0x60, 80),
                  count_up(info, 0xb0, 80));
        check_hex(
                out, 82,
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271"
                "cb"
                "41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
        hash_hkdf(out, 42, repeat(ikm, 0x0b, 22), slice_of(NULL, 0), slice_of(NULL, 0));
        check_hex(out, 42,
                  "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a"
                  "96c8");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sha256_agrees_with_the_examples_of_fips_180),
                cmocka_unit_test(parts_and_pieces_hash_like_the_whole),
                cmocka_unit_test(a_copied_state_goes_its_own_way),
                cmocka_unit_test(sized_pieces_keep_their_borders),
                cmocka_unit_test(a_parked_hash_goes_on_where_it_stopped),
                cmocka_unit_test(a_hash_resumed_behind_512_mebibytes_still_knows_its_length),
                cmocka_unit_test(hmac_agrees_with_rfc_4231),
                cmocka_unit_test(pbkdf2_agrees_with_rfc_7914),
                cmocka_unit_test(hkdf_agrees_with_rfc_5869),
        };

        return secret_init() ? EXIT_FAILURE : cmocka_run_group_tests(tests, NULL, NULL);
}
