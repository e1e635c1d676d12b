/* crypt_keys.c - keys and signatures against their published vectors */
#include "base/secret.h"
#include "base/text.h"
#include "crypt/keys.h"

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

static void get_hex(void *at, size_t len, const char *hex)
{
        assert_true(text_get_hex(slice_str(hex), at, len));
}

static const struct {
        const char *seed, *pub, *msg, *sig;
} rfc8032[] = {
        { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
          "1cf9"
          "b46bd25bf5f0595bbe24655141438e7a100b" },
        { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
          "d0f1"
          "1d8c387b2eaeb4302aeeb00d291612bb0c00" },
        { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
          "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
          "984d"
          "c6594a7c15e9716ed28dc027beceea1ec40a" },
        { "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
          "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23"
          "a3fe"
          "ebbd454d4423643ce80e2a9ac94fa54ca49f",
          "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c6"
          "6431"
          "e0303dca179c138ac17ad9bef1177331a704" },
};

static void signatures_agree_with_rfc_8032(void **state)
{
        struct sign_sec *sec = secret_new(sizeof(*sec));

        for (size_t i = 0; i < sizeof(rfc8032) / sizeof(rfc8032[0]); i++) {
                uint8_t msg[64];
                struct slice m = slice_of(msg, strlen(rfc8032[i].msg) / 2);
                struct sign_pub pub;
                struct signature sig;

                get_hex(sec->b, 32, rfc8032[i].seed);
                get_hex(sec->b + 32, 32, rfc8032[i].pub);
                get_hex(msg, m.len, rfc8032[i].msg);
                keys_sign_pub(&pub, sec);
                check_hex(&pub, sizeof(pub), rfc8032[i].pub);
                sign_make(&sig, m, sec);
                check_hex(&sig, sizeof(sig), rfc8032[i].sig);
                assert_true(sign_verify(&sig, m, &pub));
        }
        secret_free(sec);
}

static void a_changed_message_signature_or_key_does_not_verify(void **state)
{
        struct sign_sec *sec = secret_new(sizeof(*sec));
        struct sign_pub pub;
        struct signature sig;
        uint8_t msg[] = "a letter";
        struct slice m = slice_of(msg, sizeof(msg));

        keys_sign_new(&pub, sec);
        sign_make(&sig, m, sec);
        assert_true(sign_verify(&sig, m, &pub));
        assert_false(sign_verify(&sig, slice_upto(m, m.len - 1), &pub));
        for (size_t bit = 0; bit < 8 * sizeof(msg); bit++) {
                msg[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_false(sign_verify(&sig, m, &pub));
                msg[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * sizeof(sig); bit++) {
                sig.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_false(sign_verify(&sig, m, &pub));
                sig.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * sizeof(pub); bit++) {
                pub.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_false(sign_verify(&sig, m, &pub));
                pub.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_true(sign_verify(&sig, m, &pub));
        secret_free(sec);
}

/* S + L is the same number to a careless verifier: one statement would have two signatures. */
static void a_signature_that_is_not_canonical_is_refused(void **state)
{
        static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                           0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                           0,    0,    0,    0,    0,    0,    0,    0,
                                           0,    0,    0,    0,    0,    0,    0,    0x10 };
        struct sign_sec *sec = secret_new(sizeof(*sec));
        struct sign_pub pub;
        struct signature sig;
        unsigned carry = 0;

        keys_sign_new(&pub, sec);
        sign_make(&sig, slice_str("once"), sec);
        for (size_t i = 0; i < 32; i++) {
                carry += (unsigned)sig.b[32 + i] + order[i];
                sig.b[32 + i] = (uint8_t)carry;
                carry >>= 8;
        }
        assert_false(sign_verify(&sig, slice_str("once"), &pub));
        secret_free(sec);
}

static void a_small_order_key_signs_nothing(void **state)
{
        struct sign_pub neutral = { { 1 } };
        struct signature sig = { { 1 } };

        assert_false(sign_verify(&sig, slice_str("anything"), &neutral));
}

static void public_halves_agree_with_rfc_7748(void **state)
{
        struct seal_sec *sec = secret_new(sizeof(*sec));
        struct curve_sec *csec = secret_new(sizeof(*csec));
        struct seal_pub pub;
        struct curve_pub cpub;

        get_hex(sec, 32, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        assert_int_equal(keys_seal_pub(&pub, sec), 0);
        memcpy(csec, sec, 32);
        assert_int_equal(keys_curve_pub(&cpub, csec), 0);
        check_hex(&pub, 32, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        assert_memory_equal(&pub, &cpub, 32);
        secret_free(sec);
        secret_free(csec);
}

static void fresh_keys_fit_together_and_differ(void **state)
{
        struct seal_sec *s1 = secret_new(sizeof(*s1)), *s2 = secret_new(sizeof(*s2));
        struct curve_sec *c = secret_new(sizeof(*c));
        struct seal_pub p1, p2, again;
        struct curve_pub cp, cagain;

        keys_seal_new(&p1, s1);
        keys_seal_new(&p2, s2);
        keys_curve_new(&cp, c);
        assert_memory_not_equal(&p1, &p2, sizeof(p1));
        assert_memory_not_equal(s1, s2, sizeof(*s1));
        assert_int_equal(keys_seal_pub(&again, s1), 0);
        assert_memory_equal(&p1, &again, sizeof(p1));
        assert_int_equal(keys_curve_pub(&cagain, c), 0);
        assert_memory_equal(&cp, &cagain, sizeof(cp));
        secret_free(s1);
        secret_free(s2);
        secret_free(c);
}

/* Computed with Python's hmac module from E2.1, seed 00 01 .. 1f. */
static void derived_keys_are_hkdf_of_seed_label_and_epoch(void **state) /* E2.1 */
{
        struct seed *seed = secret_new(sizeof(*seed));
        struct sign_sec *sign = secret_new(sizeof(*sign));
        struct seal_sec *seal = secret_new(sizeof(*seal));
        struct curve_sec *curve = secret_new(sizeof(*curve));
        struct sign_pub pub;
        struct signature sig;

        for (size_t i = 0; i < 32; i++)
                seed->b[i] = (uint8_t)i;
        keys_derive_sign(sign, seed, "mailbox sign", 0);
        check_hex(sign, 32, "ac4cde98b642cba9c415cccdc0be59a05c798e52a7745bad72b0d8f98a3febe2");
        keys_sign_pub(&pub, sign);
        sign_make(&sig, slice_str("m"), sign);
        assert_true(sign_verify(&sig, slice_str("m"), &pub));
        keys_derive_seal(seal, seed, "address 3 seal", 7);
        check_hex(seal, 32, "4c3f5d3e6c36f6192ceb775a5a8848ad07d45fc43433931e69a365c3c12b2862");
        keys_derive_curve(curve, seed, "transport phone", UINT32_MAX);
        check_hex(curve, 32, "a73db86d57acbcc729e2629880c6e49e5bfaf580408b2e2b4e38a739350b1905");
        secret_free(seed);
        secret_free(sign);
        secret_free(seal);
        secret_free(curve);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(signatures_agree_with_rfc_8032),
                cmocka_unit_test(a_changed_message_signature_or_key_does_not_verify),
                cmocka_unit_test(a_signature_that_is_not_canonical_is_refused),
                cmocka_unit_test(a_small_order_key_signs_nothing),
                cmocka_unit_test(public_halves_agree_with_rfc_7748),
                cmocka_unit_test(fresh_keys_fit_together_and_differ),
                cmocka_unit_test(derived_keys_are_hkdf_of_seed_label_and_epoch),
        };

        return secret_init() ? EXIT_FAILURE : cmocka_run_group_tests(tests, NULL, NULL);
}
