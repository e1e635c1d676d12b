/* letter_open.c - every way in which a letter can be wrong has its own refusal (E4.4) */
#include "base/secret.h"
#include "crypt/age.h"
#include "crypt/hash.h"
#include "letter_world.h"
#include "wire/mp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct letter_world w;

/* Open it as it is. Whatever is refused before or at the note gives nothing to the sink. */
static void check_opens_as(struct craft *c, int code)
{
        struct opened o = { 0 };

        assert_int_equal(letter_open(&o, &c->letter, &w, 0, 77), code);
        if (code && code != OUTCOME_PART_DISAGREES && code != OUTCOME_BAD_PADDING &&
            code != OUTCOME_SEAL_BROKEN)
                assert_int_equal(o.notes + o.calls, 0);
        opened_free(&o);
        craft_free(c);
}

/* Finish it first. */
static void check_code(struct craft *c, int code)
{
        craft_all(c);
        check_opens_as(c, code);
}

static void flip(struct buf *b, size_t at)
{
        b->at[at] ^= 1;
}

static size_t find(const struct buf *b, const char *what)
{
        const uint8_t *at = memmem(b->at, b->len, what, strlen(what));

        assert_non_null(at);
        return (size_t)(at - b->at);
}

static void a_letter_as_it_should_be_opens(void **state)
{
        struct opened o = { 0 };
        struct craft c;

        craft_new(&c, &w);
        craft_all(&c);
        for (size_t piece = 1; piece < 2000; piece += 13) {
                assert_int_equal(letter_open(&o, &c.letter, &w, 0, piece), 0);
                assert_int_equal(o.notes, 1);
                assert_true(slice_eq(buf_slice(&o.note), buf_slice(&c.note_bytes)));
                assert_true(slice_eq(buf_slice(&o.title), c.note.title));
                assert_true(slice_eq(buf_slice(&o.part[0]), c.part[0]));
                assert_true(slice_eq(buf_slice(&o.part[1]), c.part[1]));
        }
        assert_int_equal(open_check_envelope(buf_slice(&c.letter.header),
                                             buf_slice(&c.letter.envelope), &w.registrar_key, 1),
                         0);
        opened_free(&o);
        craft_free(&c);
}

/* ---- before the seal ---- */

static void a_header_that_is_none_is_a_bad_envelope(void **state)
{
        struct craft c;

        craft_new(&c, &w);
        craft_header(&c);
        buf_putc(&c.letter.header, 0);
        check_code(&c, OUTCOME_BAD_ENVELOPE);

        craft_new(&c, &w);
        craft_header(&c);
        c.letter.header.len--;
        check_code(&c, OUTCOME_BAD_ENVELOPE);

        craft_new(&c, &w);
        c.header.version = 0;
        check_code(&c, OUTCOME_BAD_ENVELOPE);
        craft_new(&c, &w);
        c.header.class = CLASS_LAST + 1;
        check_code(&c, OUTCOME_BAD_ENVELOPE);
        craft_new(&c, &w);
        c.header.class = 0;
        check_code(&c, OUTCOME_BAD_ENVELOPE);
        craft_new(&c, &w);
        c.header.grade = 0;
        check_code(&c, OUTCOME_BAD_ENVELOPE);
}

static void a_header_with_ballast_up_to_the_limit_opens_and_beyond_it_does_not(void **state)
{
        static const uint8_t ballast[2048];
        struct craft c;

        for (size_t more = 0; more < 2; more++) {
                craft_new(&c, &w);
                craft_header(&c);
                c.letter.header
                        .at[0]++; /* one more key: 40, skipped by readers that do not know it */
                mp_put_u64(&c.letter.header, 40);
                mp_put_bin(&c.letter.header,
                           slice_of(ballast, 2048 + more - c.letter.header.len - 3));
                assert_int_equal(c.letter.header.len, 2048 + more);
                check_code(&c, more ? OUTCOME_BAD_ENVELOPE : 0);
        }
}

/* E3.2 */
static void another_suite_is_unknown(void **state)
{
        struct craft c;

        craft_new(&c, &w);
        c.header.suite = 2;
        check_code(&c, OUTCOME_UNKNOWN_SUITE);
}

/* Write the envelope of a finished letter again, with one thing changed. */
#define bend_envelope(c, change)                                                                   \
        do {                                                                                       \
                struct buf old = (c)->letter.envelope;                                             \
                struct envelope e;                                                                 \
                                                                                                   \
                assert_int_equal(field_read(&envelope_table, buf_slice(&old), &e, NULL), 0);       \
                (c)->letter.envelope = (struct buf){ 0 };                                          \
                change;                                                                            \
                field_write(&envelope_table, &(c)->letter.envelope, &e);                           \
                buf_free(&old);                                                                    \
        } while (0)

static void an_envelope_that_is_none_is_a_bad_envelope(void **state)
{
        struct craft c;

        craft_new(&c, &w);
        craft_all(&c);
        buf_putc(&c.letter.envelope, 0);
        check_opens_as(&c, OUTCOME_BAD_ENVELOPE);
        craft_new(&c, &w);
        craft_all(&c);
        buf_clear(&c.letter.envelope);
        check_opens_as(&c, OUTCOME_BAD_ENVELOPE);
}

/* E3.5 */
static void a_batch_that_does_not_hold_the_letter_is_forged(void **state)
{
        struct craft c, other;

#define BENT(change)                                                                               \
        do {                                                                                       \
                craft_new(&c, &w);                                                                 \
                craft_all(&c);                                                                     \
                bend_envelope(&c, change);                                                         \
                check_opens_as(&c, OUTCOME_BATCH_FORGED);                                          \
        } while (0)

        BENT(e.signature[0] ^= 1);
        BENT(e.signature[63] ^= 1);
        BENT(e.index = 1);
        BENT(e.index = 5);
        BENT(e.count = 9);
        BENT(e.count = 0);
        BENT(e.path.len -= 32);
        BENT(e.path = slice_of(NULL, 0));
        BENT(((uint8_t *)(uintptr_t)e.path.at)[40] ^= 1);

        craft_new(&c, &w);
        craft_new(&other, &w);
        craft_all(&c);
        craft_all(&other);
        buf_clear(&c.letter.envelope);
        buf_put(&c.letter.envelope, buf_slice(&other.letter.envelope));
        craft_free(&other);
        check_opens_as(&c, OUTCOME_BATCH_FORGED);

        craft_new(&c, &w);
        craft_all(&c);
        flip(&c.letter.header, c.letter.header.len - 1); /* in the hash of the statement */
        check_opens_as(&c, OUTCOME_BATCH_FORGED);
}

static void a_registration_counts_from_its_first_instant_and_not_at_its_last(void **state)
{
        const instant from = w.registration.from, until = w.registration.until;
        const struct {
                instant filed;
                int code;
        } at[] = {
                { from - 1, OUTCOME_SENDER_LAPSED },
                { from, 0 },
                { until - 1, 0 },
                { until, OUTCOME_SENDER_LAPSED },
                { 0, OUTCOME_SENDER_LAPSED },
        };
        struct craft c;

        for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
                craft_new(&c, &w);
                craft_all(&c);
                bend_envelope(&c, e.time = (uint64_t)at[i].filed);
                check_opens_as(&c, at[i].code);
        }
}

static void a_class_that_was_not_granted_is_refused(void **state)
{
        struct craft c;

        craft_new(&c, &w);
        c.header.class = c.note.class = CLASS_DECISION;
        check_code(&c, OUTCOME_CLASS_NOT_GRANTED);
}

static void a_registration_by_a_registrar_we_do_not_know_is_not_trusted(void **state)
{
        BUF_OWNED note = { 0 };
        struct open_keys keys = letter_keys(&w, 0);
        struct opened o = { 0 };
        struct craft c;

        statement_write_sender(&note, &w.registration, &w.stranger_key, w.stranger);
        craft_new(&c, &w);
        craft_all(&c);
        bend_envelope(&c, e.sender = buf_slice(&note));
        assert_int_equal(open_check_envelope(buf_slice(&c.letter.header),
                                             buf_slice(&c.letter.envelope), &w.stranger_key, 1),
                         0);
        keys.registrar_count = 0;
        assert_int_equal(letter_open_with(&o, &c.letter, &keys, 77), OUTCOME_NOT_TRUSTED);
        check_opens_as(&c, OUTCOME_NOT_TRUSTED);
}

static void a_registration_that_was_changed_or_is_anothers_proves_nothing(void **state)
{
        struct sender_statement s = w.registration;
        BUF_OWNED note = { 0 };
        struct craft c;

#define BENT_SENDER(bytes)                                                                         \
        do {                                                                                       \
                craft_new(&c, &w);                                                                 \
                craft_all(&c);                                                                     \
                bend_envelope(&c, e.sender = (bytes));                                             \
                check_opens_as(&c, OUTCOME_SENDER_UNPROVEN);                                       \
        } while (0)

        BENT_SENDER(slice_str("no note\n"));

        buf_put(&note, buf_slice(&w.registration_note));
        memcpy(note.at + find(&note, "valid 2") + 6, "1", 1);
        BENT_SENDER(buf_slice(&note));

        /* Well signed, and says nothing of the kind. */
        buf_clear(&note);
        note_sign(&note, slice_str("fumibako sender v1\n"), w.registrar_key.name, w.registrar);
        BENT_SENDER(buf_slice(&note));

        buf_clear(&note);
        s.sender = slice_str("org.example-liff");
        statement_write_sender(&note, &s, &w.registrar_key, w.registrar);
        BENT_SENDER(buf_slice(&note));
}

static void a_letter_to_another_address_is_said_to_be_that(void **state)
{
        struct open_keys keys = letter_keys(&w, 0);
        struct opened o = { 0 };
        struct address other;
        struct craft c;

        name_address_of(&other, &w.stranger_key.pub);
        craft_new(&c, &w);
        craft_all(&c);
        keys.address = slice_str(other.s);
        assert_int_equal(letter_open_with(&o, &c.letter, &keys, 77), OUTCOME_WRONG_ADDRESS);
        assert_int_equal(o.notes + o.calls, 0);
        keys.address = slice_str("");
        assert_int_equal(letter_open_with(&o, &c.letter, &keys, 77), 0);
        opened_free(&o);
        craft_free(&c);
}

/* ---- the seal ---- */

static void sealed_bytes_that_were_cut_lengthened_or_lost_are_a_broken_seal(void **state)
{
        static const size_t left[] = { 0, 1, 21, 100, 200 };
        struct craft c;

        for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
                craft_new(&c, &w);
                craft_all(&c);
                c.letter.body.len = left[i];
                check_opens_as(&c, OUTCOME_SEAL_BROKEN);
        }
        craft_new(&c, &w);
        craft_all(&c);
        c.letter.body.len--;
        check_opens_as(&c, OUTCOME_SEAL_BROKEN);
        craft_new(&c, &w);
        craft_all(&c);
        buf_putc(&c.letter.body, 0);
        check_opens_as(&c, OUTCOME_SEAL_BROKEN);
}

static void more_bytes_than_the_header_says_are_refused_as_they_come(void **state)
{
        const struct open_keys keys = letter_keys(&w, 0);
        const struct open_sink sink = { 0 };
        struct open_letter *o = NULL;
        struct craft c;

        craft_new(&c, &w);
        craft_all(&c);
        assert_int_equal(open_begin(&o, buf_slice(&c.letter.header), buf_slice(&c.letter.envelope),
                                    &keys, &sink),
                         0);
        buf_putc(&c.letter.body, 0);
        assert_int_equal(open_feed(o, buf_slice(&c.letter.body)), OUTCOME_SEAL_BROKEN);
        assert_int_equal(open_feed(o, slice_of("x", 1)), OUTCOME_SEAL_BROKEN);
        assert_int_equal(open_end(o), OUTCOME_SEAL_BROKEN);
        open_free(o);
        craft_free(&c);
}

static void an_empty_part_is_told_of_once(void **state)
{
        struct opened o = { 0 };
        struct craft c;

        craft_new(&c, &w);
        c.parts = c.note.parts = 1;
        c.part[0] = slice_of(NULL, 0);
        c.line[0].size = 0;
        hash_sha256(&c.line[0].digest, c.part[0]);
        craft_all(&c);
        assert_int_equal(letter_open(&o, &c.letter, &w, 0, 77), 0);
        assert_int_equal(o.calls, 1);
        opened_free(&o);
        craft_free(&c);
}

static void a_seal_that_the_sender_broke_herself_is_a_broken_seal(void **state)
{
        struct craft c;

        craft_new(&c, &w);
        buf_puts(&c.letter.body, "no age file");
        check_code(&c, OUTCOME_SEAL_BROKEN);

        craft_new(&c, &w);
        craft_body(&c);
        flip(&c.letter.body, c.letter.body.len - 1);
        check_code(&c, OUTCOME_SEAL_BROKEN);

        craft_new(&c, &w);
        craft_body(&c);
        flip(&c.letter.body, find(&c.letter.body, "--- ") + 5);
        check_code(&c, OUTCOME_SEAL_BROKEN);

        craft_new(&c, &w);
        craft_body(&c);
        c.letter.body.len -= 3;
        check_code(&c, OUTCOME_SEAL_BROKEN);

        craft_new(&c, &w);
        craft_body(&c);
        buf_putc(&c.letter.body, 0);
        check_code(&c, OUTCOME_SEAL_BROKEN);
}

static void a_header_that_tells_another_size_or_digest_is_a_broken_seal(void **state)
{
        struct craft c;

        for (int more = -1; more <= 1; more += 2) {
                craft_new(&c, &w);
                craft_body(&c);
                hash_sha256(&c.header.digest, buf_slice(&c.letter.body));
                c.header.size = c.letter.body.len + (size_t)more;
                field_write(&header_table, &c.letter.header, &c.header);
                check_code(&c, OUTCOME_SEAL_BROKEN);
        }
        craft_new(&c, &w);
        craft_body(&c);
        c.header.size = c.letter.body.len;
        field_write(&header_table, &c.letter.header, &c.header);
        check_code(&c, OUTCOME_SEAL_BROKEN);
}

static void a_letter_sealed_to_others_is_not_for_us(void **state)
{
        struct open_keys keys = letter_keys(&w, 0);
        struct opened o = { 0 };
        struct craft c;

        craft_new(&c, &w);
        c.to = w.to.seal[1].to;
        craft_all(&c);
        keys.seals = 0;
        assert_int_equal(letter_open_with(&o, &c.letter, &keys, 77), OUTCOME_NOT_FOR_US);
        keys.seals = WORLD_SEALS; /* the second of them opens it */
        assert_int_equal(letter_open_with(&o, &c.letter, &keys, 77), 0);
        opened_free(&o);
        check_opens_as(&c, OUTCOME_NOT_FOR_US);
}

static void damage_on_the_way_never_looks_like_a_forgery(void **state)
{
        struct craft c;

        craft_new(&c, &w);
        craft_note(&c);
        flip(&c.note_bytes, find(&c.note_bytes, "type ") + 6);
        craft_all(&c);
        flip(&c.letter.body, c.letter.body.len - 1);
        check_opens_as(&c, OUTCOME_SEAL_BROKEN);

        craft_new(&c, &w);
        craft_all(&c);
        flip(&c.letter.body, find(&c.letter.body, "-> X25519 ") + 12);
        check_opens_as(&c, OUTCOME_SEAL_BROKEN);
}

/* ---- inside ---- */

static void a_note_that_the_sender_did_not_sign_is_forged(void **state)
{
        static const char *const places[] = { "from ", "class c", "type ", "issued ", "part " };
        struct craft c;

        for (size_t i = 0; i < 5; i++) {
                craft_new(&c, &w);
                craft_note(&c);
                c.note_bytes.at[find(&c.note_bytes, places[i]) + strlen(places[i])] = 'z';
                check_code(&c, OUTCOME_LETTER_FORGED);
        }
        /* in the signature and in its key id */
        for (size_t i = 20; i < 90; i += 60) {
                craft_new(&c, &w);
                craft_note(&c);
                c.note_bytes.at[c.note_bytes.len - i] =
                        c.note_bytes.at[c.note_bytes.len - i] == 'A' ? 'B' : 'A';
                check_code(&c, OUTCOME_LETTER_FORGED);
        }
        craft_new(&c, &w);
        c.note_sec = w.stranger;
        check_code(&c, OUTCOME_LETTER_FORGED);
        craft_new(&c, &w);
        c.note_name = "org.example-other";
        check_code(&c, OUTCOME_LETTER_FORGED);
}

static void a_note_that_differs_from_the_header_disagrees(void **state)
{
        struct address other;
        struct craft c;

        craft_new(&c, &w);
        c.note.from = slice_str("org.example-other");
        check_code(&c, OUTCOME_HEADER_DISAGREES);

        name_address_of(&other, &w.stranger_key.pub);
        craft_new(&c, &w);
        c.note.to = slice_str(other.s);
        check_code(&c, OUTCOME_HEADER_DISAGREES);

        craft_new(&c, &w);
        c.note.class = CLASS_NOTICE;
        check_code(&c, OUTCOME_HEADER_DISAGREES);
        craft_new(&c, &w);
        c.header.class = CLASS_NOTICE;
        check_code(&c, OUTCOME_HEADER_DISAGREES);
}

static void sign_text(struct craft *c, const char *text)
{
        note_sign(&c->note_bytes, slice_str(text), c->note_name, c->note_sec);
}

static void a_well_signed_note_of_another_grammar_is_bad_content(void **state)
{
        static const char head[] = "fumibako letter v1\nfrom org.example-life\n";
        static const char body[] =
                "class certificate\ntype a\ntitle t\nissued 2026-10-15T09:00:00Z\n";
        static const char *const tails[] = { "extra x\n", "part x\n", "title t\n", "\n" };
        char text[2048];
        struct craft c;

        craft_new(&c, &w);
        snprintf(text, sizeof(text), "%sto %s\n%s", head, w.to.address.s, body);
        sign_text(&c, text);
        c.parts = 0;
        check_code(&c, 0);
        for (size_t i = 0; i < 4; i++) {
                craft_new(&c, &w);
                snprintf(text, sizeof(text), "%sto %s\n%s%s", head, w.to.address.s, body, tails[i]);
                sign_text(&c, text);
                c.parts = 0;
                check_code(&c, OUTCOME_BAD_CONTENT);
        }
        craft_new(&c, &w);
        sign_text(&c, "fumibako letter v2\n");
        check_code(&c, OUTCOME_BAD_CONTENT);
        craft_new(&c, &w);
        buf_puts(&c.note_bytes, "no note at all");
        check_code(&c, OUTCOME_BAD_CONTENT);
}

static void sixty_four_parts_are_a_letter_and_sixty_five_are_none(void **state)
{
        struct craft c;

        for (size_t parts = 64; parts <= 65; parts++) {
                BUF_OWNED text = { 0 };

                craft_new(&c, &w);
                buf_printf(&text,
                           "fumibako letter v1\nfrom org.example-life\nto %s\nclass certificate\n"
                           "type a\ntitle t\nissued 2026-10-15T09:00:00Z\n",
                           w.to.address.s);
                for (size_t i = 0; i < parts; i++)
                        buf_puts(&text,
                                 "part 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= 0 a/b empty\n");
                sign_text(&c, buf_cstr(&text));
                c.parts = 64;
                memset(c.part, 0, sizeof(c.part));
                check_code(&c, parts == 64 ? 0 : OUTCOME_BAD_CONTENT);
        }
}

static void parts_other_than_those_signed_disagree(void **state)
{
        struct slice swapped;
        struct craft c;

        craft_new(&c, &w);
        c.part[1] = slice_str("twO");
        check_code(&c, OUTCOME_PART_DISAGREES);
        craft_new(&c, &w);
        c.part[1] = slice_str("twoo");
        check_code(&c, OUTCOME_PART_DISAGREES);
        craft_new(&c, &w);
        c.part[1] = slice_str("tw");
        check_code(&c, OUTCOME_PART_DISAGREES);
        craft_new(&c, &w);
        c.part[1] = slice_str("");
        check_code(&c, OUTCOME_PART_DISAGREES);
        craft_new(&c, &w);
        c.line[0].size++;
        check_code(&c, OUTCOME_PART_DISAGREES);
        craft_new(&c, &w);
        c.line[1].digest.b[31] ^= 1;
        check_code(&c, OUTCOME_PART_DISAGREES);
        craft_new(&c, &w);
        c.parts = 1;
        check_code(&c, OUTCOME_PART_DISAGREES);
        craft_new(&c, &w);
        c.part[c.parts++] = slice_str("three");
        check_code(&c, OUTCOME_PART_DISAGREES);
        craft_new(&c, &w);
        swapped = c.part[0];
        c.part[0] = c.part[1];
        c.part[1] = swapped;
        check_code(&c, OUTCOME_PART_DISAGREES);
        /* an empty part that was signed as another */
        craft_new(&c, &w);
        c.part[1] = slice_str("");
        c.line[1].size = 0;
        check_code(&c, OUTCOME_PART_DISAGREES);
}

static void padding_is_zero_and_exactly_as_long_as_it_should_be(void **state)
{
        struct craft c;

        for (int more = -1; more <= 1; more += 2) {
                craft_new(&c, &w);
                c.padding_more = more;
                check_code(&c, OUTCOME_BAD_PADDING);
        }
        craft_new(&c, &w);
        c.padding_more = 200000;
        check_code(&c, OUTCOME_BAD_PADDING);

        /* the first byte of the padding, the last, all of them */
        for (size_t which = 0; which < 3; which++) {
                size_t len, padded;

                craft_new(&c, &w);
                c.note.title = slice_str("生命保険料控除証明書（令和8年分） 再発行");
                craft_content(&c);
                len = c.content.len;
                padded = seal_padded(len);
                assert_true(padded > len + 2);
                while (c.content.len < padded)
                        buf_putc(&c.content, which == 2);
                c.content.at[which ? padded - 1 : len] = 1;
                check_code(&c, OUTCOME_BAD_PADDING);
        }
        craft_new(&c, &w);
        craft_content(&c);
        c.padding_more = (int64_t)c.content.len - (int64_t)seal_padded(c.content.len);
        check_code(&c, OUTCOME_BAD_PADDING);
}

/* The heads of a content, each in a longer spelling or of another kind. E4.1 */
static void content_in_another_spelling_is_bad_content(void **state)
{
        static const struct {
                size_t at; /* 0: map, 1: key, 2: note, 3: key, 4: array, 5: bin */
                const char *bytes;
                size_t len;
        } other[] = {
                { 0, "\xde\x00\x02", 3 },
                { 0, "\x81", 1 },
                { 0, "\x92", 1 },
                { 1, "\xcc\x01", 2 },
                { 1, "\x02", 1 },
                { 3, "\xcc\x02", 2 },
                { 3, "\x03", 1 },
                { 4, "\xdc\x00\x01", 3 },
                { 4, "\xdd\x00\x00\x00\x01", 5 },
                { 4, "\x81", 1 },
                { 4, "\xdc\x00\x41", 3 },
                { 5, "\xc5\x00\x03", 3 },
                { 5, "\xc6\x00\x00\x00\x03", 5 },
                { 5, "\xa3", 1 },
                { 5, "\xc7\x03", 2 },
        };
        static const char *const right[] = { "\x82", "\x01", NULL, "\x02", "\x91", "\xc4\x03" };
        static const size_t right_len[] = { 1, 1, 0, 1, 1, 2 };
        struct craft c;

        for (size_t i = 0; i <= sizeof(other) / sizeof(other[0]); i++) {
                bool all_right = i == sizeof(other) / sizeof(other[0]);

                craft_new(&c, &w);
                c.parts = c.note.parts = 1;
                c.part[0] = c.part[1];
                c.line[0] = c.line[1];
                craft_note(&c);
                for (size_t at = 0; at < 6; at++) {
                        if (at == 2)
                                mp_put_str(&c.content, buf_slice(&c.note_bytes));
                        else if (!all_right && other[i].at == at)
                                buf_put(&c.content, slice_of(other[i].bytes, other[i].len));
                        else
                                buf_put(&c.content, slice_of(right[at], right_len[at]));
                }
                buf_put(&c.content, c.part[0]);
                craft_all(&c);
                {
                        struct opened o = { 0 };

                        assert_int_equal(letter_open(&o, &c.letter, &w, 0, 77),
                                         all_right ? 0 : OUTCOME_BAD_CONTENT);
                        opened_free(&o);
                }
                craft_free(&c);
        }
}

static void a_note_in_a_longer_spelling_or_too_long_is_bad_content(void **state)
{
        struct craft c;

        craft_new(&c, &w);
        craft_note(&c);
        buf_puts(&c.content, "\x82\x01\xdb");
        for (int shift = 24; shift >= 0; shift -= 8)
                buf_putc(&c.content, (uint8_t)(c.note_bytes.len >> shift));
        buf_put(&c.content, buf_slice(&c.note_bytes));
        check_code(&c, OUTCOME_BAD_CONTENT);

        craft_new(&c, &w);
        buf_put(&c.content, slice_of("\x82\x01\xdb\x00\x01\x00\x01", 7));
        for (size_t i = 0; i < 70000; i++)
                buf_putc(&c.content, 'a');
        check_code(&c, OUTCOME_BAD_CONTENT);

        craft_new(&c, &w);
        buf_puts(&c.content, "\x82\x01\xa0\x02\x90");
        check_code(&c, OUTCOME_BAD_CONTENT);
}

static void content_that_ends_early_is_never_a_letter(void **state)
{
        size_t len = 1;

        for (size_t cut = 1; cut <= len; cut++) {
                struct opened o = { 0 };
                struct craft c;
                int r;

                craft_new(&c, &w);
                craft_content(&c);
                len = c.content.len;
                c.content.len -= cut;
                if (cut == len)
                        age_seal(&c.letter.body, slice_of(NULL, 0), &c.to, 1);
                craft_all(&c);
                r = letter_open(&o, &c.letter, &w, 0, 4096);
                /* The zero bytes behind the cut may be taken for what was cut off. */
                assert_true(r == OUTCOME_BAD_CONTENT || r == OUTCOME_LETTER_FORGED ||
                            r == OUTCOME_PART_DISAGREES || r == OUTCOME_BAD_PADDING);
                opened_free(&o);
                craft_free(&c);
        }
}

static void what_the_sink_says_ends_the_opening(void **state)
{
        const struct open_keys keys = letter_keys(&w, 0);
        struct opened o = { .stop_at_note = 42 };
        struct craft c;

        craft_new(&c, &w);
        craft_all(&c);
        assert_int_equal(letter_open_with(&o, &c.letter, &keys, SIZE_MAX), 42);
        assert_int_equal(o.notes, 1);
        assert_int_equal(o.calls, 0);
        opened_free(&o);
        o.stop_at_part = -28;
        assert_int_equal(letter_open_with(&o, &c.letter, &keys, 10), -28);
        assert_int_equal(o.calls, 1);
        opened_free(&o);
        craft_free(&c);
}

/* ---- every bit ---- */

static bool same(const struct opened *a, const struct opened *b)
{
        for (size_t i = 0; i < 3; i++)
                if (!slice_eq(buf_slice(&a->part[i]), buf_slice(&b->part[i])))
                        return false;
        return slice_eq(buf_slice(&a->note), buf_slice(&b->note));
}

/* How often it still opened, and then as the letter that it was. */
static size_t open_with_every_bit_flipped(struct craft *c, struct buf *where,
                                          const struct opened *right, int only)
{
        struct opened o = { 0 };
        size_t opened = 0;

        for (size_t bit = 0; bit < where->len * 8; bit++) {
                int r;

                where->at[bit / 8] ^= 1 << bit % 8;
                r = letter_open(&o, &c->letter, &w, 0, SIZE_MAX);
                where->at[bit / 8] ^= 1 << bit % 8;
                assert_true(r >= 0);
                if (only)
                        assert_int_equal(r, only);
                if (r == 0) {
                        opened++;
                        assert_true(same(&o, right));
                }
        }
        opened_free(&o);
        return opened;
}

static void no_bit_of_a_letter_can_be_flipped_so_that_it_opens_as_another(void **state)
{
        struct opened right = { 0 };
        struct craft c;

        craft_new(&c, &w);
        c.parts = c.note.parts = 1;
        craft_all(&c);
        assert_int_equal(letter_open(&right, &c.letter, &w, 0, SIZE_MAX), 0);
        assert_int_equal(open_with_every_bit_flipped(&c, &c.letter.header, &right, 0), 0);
        assert_int_equal(
                open_with_every_bit_flipped(&c, &c.letter.body, &right, OUTCOME_SEAL_BROKEN), 0);
        /* What proves the filing is the receipt's matter: leaf, salt, time, checkpoint. */
        assert_true(open_with_every_bit_flipped(&c, &c.letter.envelope, &right, 0) < 50 * 8);
        opened_free(&right);
        craft_free(&c);
}

static int move_in(void **state)
{
        letter_world_new(&w);
        return 0;
}

static int move_out(void **state)
{
        letter_world_free(&w);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_letter_as_it_should_be_opens),
                cmocka_unit_test(a_header_that_is_none_is_a_bad_envelope),
                cmocka_unit_test(
                        a_header_with_ballast_up_to_the_limit_opens_and_beyond_it_does_not),
                cmocka_unit_test(another_suite_is_unknown),
                cmocka_unit_test(an_envelope_that_is_none_is_a_bad_envelope),
                cmocka_unit_test(a_batch_that_does_not_hold_the_letter_is_forged),
                cmocka_unit_test(a_registration_counts_from_its_first_instant_and_not_at_its_last),
                cmocka_unit_test(a_class_that_was_not_granted_is_refused),
                cmocka_unit_test(a_registration_by_a_registrar_we_do_not_know_is_not_trusted),
                cmocka_unit_test(a_registration_that_was_changed_or_is_anothers_proves_nothing),
                cmocka_unit_test(a_letter_to_another_address_is_said_to_be_that),
                cmocka_unit_test(sealed_bytes_that_were_cut_lengthened_or_lost_are_a_broken_seal),
                cmocka_unit_test(more_bytes_than_the_header_says_are_refused_as_they_come),
                cmocka_unit_test(an_empty_part_is_told_of_once),
                cmocka_unit_test(a_seal_that_the_sender_broke_herself_is_a_broken_seal),
                cmocka_unit_test(a_header_that_tells_another_size_or_digest_is_a_broken_seal),
                cmocka_unit_test(a_letter_sealed_to_others_is_not_for_us),
                cmocka_unit_test(damage_on_the_way_never_looks_like_a_forgery),
                cmocka_unit_test(a_note_that_the_sender_did_not_sign_is_forged),
                cmocka_unit_test(a_note_that_differs_from_the_header_disagrees),
                cmocka_unit_test(a_well_signed_note_of_another_grammar_is_bad_content),
                cmocka_unit_test(sixty_four_parts_are_a_letter_and_sixty_five_are_none),
                cmocka_unit_test(parts_other_than_those_signed_disagree),
                cmocka_unit_test(padding_is_zero_and_exactly_as_long_as_it_should_be),
                cmocka_unit_test(content_in_another_spelling_is_bad_content),
                cmocka_unit_test(a_note_in_a_longer_spelling_or_too_long_is_bad_content),
                cmocka_unit_test(content_that_ends_early_is_never_a_letter),
                cmocka_unit_test(what_the_sink_says_ends_the_opening),
                cmocka_unit_test(no_bit_of_a_letter_can_be_flipped_so_that_it_opens_as_another),
        };

        return secret_init() ? EXIT_FAILURE : cmocka_run_group_tests(tests, move_in, move_out);
}
