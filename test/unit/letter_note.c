/* letter_note.c - the text of a letter's note has one grammar and one spelling (E4.3) */
#include "crypt/hash.h"
#include "letter/letter_note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define PART "part " HASH " 0 application/xml  二つの 空白.xml \n"

/* The lines of a right note; a test puts others in their place. */
enum { FIRST, FROM, TO_LINE, CLASS, TYPE, TITLE, ISSUED, PARTS, LINES };
static const char *const right[LINES] = {
        "fumibako letter v1\n",
        "from org.example-life\n",
        NULL, /* made of a real key */
        "class certificate\n",
        "type jp.go.nta.TEG800\n",
        "title 生命保険料控除証明書（令和8年分）\n",
        "issued 2026-10-15T09:00:00+09:00\n",
        PART,
};

static void text_of(struct buf *out, size_t line, const char *other)
{
        static const struct sign_pub key = { { 1, 2, 3 } };
        struct address to;

        name_address_of(&to, &key);
        buf_clear(out);
        for (size_t i = 0; i < LINES; i++) {
                if (i == line)
                        buf_puts(out, other);
                else if (i == TO_LINE)
                        buf_printf(out, "to %s\n", to.s);
                else
                        buf_puts(out, right[i]);
        }
}

static bool reads(const struct buf *text)
{
        struct open_part part[SEAL_PARTS_MOST];
        struct open_note n = { .class = 77 };
        bool read = letter_note_read(&n, part, buf_slice(text));

        assert_true(read || (n.class == 77 && n.parts == 0));
        return read;
}

static void a_note_reads_as_it_was_written_and_is_written_as_it_was_read(void **state)
{
        struct open_part part[SEAL_PARTS_MOST];
        struct open_note n = { 0 };
        struct hash empty;
        BUF_OWNED text = { 0 };
        BUF_OWNED again = { 0 };

        text_of(&text, LINES, NULL);
        assert_true(letter_note_read(&n, part, buf_slice(&text)));
        assert_true(slice_is(n.from, "org.example-life"));
        assert_int_equal(n.class, CLASS_CERTIFICATE);
        assert_true(slice_is(n.type, "jp.go.nta.TEG800"));
        assert_true(slice_is(n.title, "生命保険料控除証明書（令和8年分）"));
        assert_true(slice_is(n.issued, "2026-10-15T09:00:00+09:00"));
        assert_int_equal(n.parts, 1);
        assert_ptr_equal(n.part, part);
        hash_sha256(&empty, slice_of(NULL, 0));
        assert_true(hash_eq(&part[0].digest, &empty));
        assert_int_equal(part[0].size, 0);
        assert_true(slice_is(part[0].media, "application/xml"));
        assert_true(slice_is(part[0].name, " 二つの 空白.xml "));
        letter_note_write(&again, &n);
        assert_true(slice_eq(buf_slice(&again), buf_slice(&text)));
}

static void lines_of_another_grammar_are_refused(void **state)
{
        static const struct {
                size_t line;
                const char *other;
        } bad[] = {
                { FIRST, "" },
                { FIRST, "fumibako letter v2\n" },
                { FIRST, "fumibako letter v1 \n" },
                { FROM, "" },
                { FROM, "from Org\n" },
                { FROM, "from org.example-life\nfrom org.example-life\n" },
                { TO_LINE, "" },
                { TO_LINE, "to fumi1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\n" },
                { TO_LINE, "to nobody\n" },
                { CLASS, "class\n" },
                { CLASS, "class 1\n" },
                { CLASS, "class certificate,notice\n" },
                { TYPE, "type a b\n" },
                { TYPE, "type .a\n" },
                { TYPE, "type a.\n" },
                { TYPE, "type a..b\n" },
                { TITLE, "title \n" },
                { TITLE, "title a\tb\n" },
                { TITLE, "title a\x7f\n" },
                { TITLE, "title \xc2\x9f\n" },
                { TITLE, "title \xe3\x81\n" },
                { ISSUED, "issued 2026-10-15\n" },
                { ISSUED, "issued 2026-02-30T09:00:00Z\n" },
                { PARTS, "part\n" },
                { PARTS, "part " HASH " 0 a/b\n" },
                { PARTS, "part " HASH " 0 a/b \n" },
                { PARTS, "part " HASH " 00 a/b c\n" },
                { PARTS, "part " HASH " -1 a/b c\n" },
                { PARTS, "part " HASH " 18446744073709551616 a/b c\n" },
                { PARTS, "part " HASH "= 0 a/b c\n" },
                { PARTS, "part " HASH " 0  c\n" },
                { PARTS, "part " HASH " 0 a c\n" },
                { PARTS, "part " HASH " 0 /b c\n" },
                { PARTS, "part " HASH " 0 a/ c\n" },
                { PARTS, "part " HASH " 0 \xc3\xa4/b c\n" },
                { PARTS, "part " HASH " 0 a/b c\x7f\n" },
                { PARTS, "part " HASH " 0 a/b c" },
                { PARTS, "more x\n" },
                { PARTS, "\n" },
                { PARTS, "issued 2026-10-15T09:00:00Z\n" },
        };
        BUF_OWNED text = { 0 };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                text_of(&text, bad[i].line, bad[i].other);
                assert_false(reads(&text));
        }
        text_of(&text, PARTS, "");
        assert_true(reads(&text));
        text_of(&text, PARTS, "part " HASH " 18446744073709551615 text/plain;charset=utf-8 c\n");
        assert_true(reads(&text));
}

/* "WORD aaa...\n" with @len times a. */
static const char *long_line(char *at, const char *begin, size_t len)
{
        size_t n = strlen(begin);

        memcpy(at, begin, n);
        memset(at + n, 'a', len);
        strcpy(at + n + len, "\n");
        return at;
}

static void texts_are_as_long_as_the_limit_and_no_longer(void **state)
{
        static const struct {
                size_t line;
                const char *begin;
                size_t most;
        } limit[] = {
                { FROM, "from ", NAME_PARTY_MOST },
                { TYPE, "type ", SEAL_TYPE_MOST },
                { TITLE, "title ", SEAL_TITLE_MOST },
                { PARTS, "part " HASH " 0 a/b ", SEAL_NAME_MOST },
        };
        char line[1024];
        BUF_OWNED text = { 0 };

        for (size_t i = 0; i < sizeof(limit) / sizeof(limit[0]); i++) {
                text_of(&text, limit[i].line, long_line(line, limit[i].begin, limit[i].most));
                assert_true(reads(&text));
                text_of(&text, limit[i].line, long_line(line, limit[i].begin, limit[i].most + 1));
                assert_false(reads(&text));
        }
}

static void any_cut_of_a_note_is_no_note(void **state)
{
        BUF_OWNED text = { 0 };
        size_t len, parts = sizeof(PART) - 1;

        text_of(&text, LINES, NULL);
        len = text.len;
        for (text.len = 0; text.len < len; text.len++)
                assert_int_equal(reads(&text), text.len == len - parts);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_note_reads_as_it_was_written_and_is_written_as_it_was_read),
                cmocka_unit_test(lines_of_another_grammar_are_refused),
                cmocka_unit_test(texts_are_as_long_as_the_limit_and_no_longer),
                cmocka_unit_test(any_cut_of_a_note_is_no_note),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
