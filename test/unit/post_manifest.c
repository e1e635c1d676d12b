/* post_manifest.c - a manifest is checked whole, and its lines keep their keys */
#include "post/manifest.h"

#include "base/file.h"
#include "sdk_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define A "fumi1q8jpnltzw9syhfcmuk5ytt2fur0gkme4guy3xghw"
#define B "fumi1q9qaj0uem065r7xu2v3cdjhsv48e75msxspslsyh"

#define HEAD "address,type,title,files\n"

static char folder[64];
static struct manifest m;
static struct buf said;

static void write_file(const char *name, const char *text)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", folder, name);
        assert_int_equal(file_replace(path, slice_str(text), 0600), 0);
}

static int set_up(void **state)
{
        sdk_folder_new(folder);
        write_file("a.xml", "<a/>");
        write_file("b.xml", "<b/>");
        return 0;
}

static int tear_down(void **state)
{
        manifest_free(&m);
        buf_free(&said);
        sdk_folder_free(folder);
        return 0;
}

/* Sentences without the folder's name, one a line. */
static void say(void *ctx, const char *sentence)
{
        size_t len = strlen(folder) + 1;

        for (const char *at; (at = strstr(sentence, folder)); sentence = at + len)
                buf_put(&said, slice_of(sentence, (size_t)(at - sentence)));
        buf_puts(&said, sentence);
        buf_putc(&said, '\n');
}

static int read(const char *text)
{
        char path[128];

        manifest_free(&m);
        buf_clear(&said);
        write_file("m.csv", text);
        snprintf(path, sizeof(path), "%s/m.csv", folder);
        return manifest_read(&m, path, say, NULL);
}

static void check_bad(const char *text, const char *sentences)
{
        assert_int_equal(read(text), -EINVAL);
        assert_string_equal(buf_cstr(&said), sentences);
}

static void columns_stand_in_any_order_and_files_beside_the_manifest(void **state)
{
        assert_int_equal(read("title,files,address,type,class\n"
                              "\"証明, 書\",a.xml;b.xml," A ",t.x,notice\n"
                              "two,a.xml," B ",t.y,\n"),
                         0);
        assert_int_equal(m.rows, 2);
        assert_int_equal(m.row[0].line, 2);
        assert_string_equal(m.row[0].address, A);
        assert_string_equal(m.row[0].title, "証明, 書");
        assert_string_equal(m.row[0].letter_class, "notice");
        assert_int_equal(m.row[0].files, 2);
        assert_int_equal(strncmp(m.row[0].file[1], folder, strlen(folder)), 0);
        assert_string_equal(m.row[1].type, "t.y");
        assert_string_equal(m.row[1].letter_class, "certificate");
}

static void every_error_is_named_with_line_and_column(void **state)
{
        check_bad("address,type,title,files,class\n"
                  "x,t,title,a.xml,\n" A ",a b,title,a.xml,\n" A ",t,,a.xml,\n" A
                  ",t,title,c.xml,\n" A ",t,title,,\n" A ",t,title,a.xml,post\n" A ",t,title\n",
                  "m.csv:2:1: 'x' is no address (fumi1...); has a character been lost or changed?\n"
                  "m.csv:3:47: type is a dotted name such as jp.go.nta.TEG800\n"
                  "m.csv:4:49: title is empty\n"
                  "m.csv:5:55: c.xml: No such file or directory\n"
                  "m.csv:6:55: files is empty\n"
                  "m.csv:7:61: class 'post' is none of certificate, notice, referral, application, "
                  "decision, record, message\n"
                  "m.csv:8:1: 3 fields, but the header has 5\n");
}

/* What sealing would refuse is refused before anything is sent. */
static void nothing_passes_that_a_letter_may_not_have(void **state)
{
        write_file("c1\xc2\x85.xml", "<c/>");
        check_bad(HEAD A ",a..b,title,a.xml\n" A ",.a,title,a.xml\n" A ",a.,title,a.xml\n" A
                         ",t,x\xc2\x85y,a.xml\n" A ",t,title,c1\xc2\x85.xml\n",
                  "m.csv:2:47: type is a dotted name such as jp.go.nta.TEG800\n"
                  "m.csv:3:47: type is a dotted name such as jp.go.nta.TEG800\n"
                  "m.csv:4:47: type is a dotted name such as jp.go.nta.TEG800\n"
                  "m.csv:5:49: title has a control character in it\n"
                  "m.csv:6:55: c1\xc2\x85.xml: a part's name has 1 to 255 bytes and no control "
                  "character\n");
}

static void a_wrong_header_is_said_and_no_line_is_blamed_for_it(void **state)
{
        check_bad("address,typ,title,files\nx,y,z,w\n",
                  "m.csv:1:9: no column 'typ'; there are address, type, title, files, class, key\n"
                  "m.csv:1:1: column 'type' is missing\n");
        check_bad("address,type,title,files,title\n",
                  "m.csv:1:26: column 'title' is there twice\n");
        check_bad("", "m.csv:1:1: the file is empty\n");
        check_bad("address,type,title,files\n",
                  "m.csv:2:1: no letters: only the header is there\n");
}

static void shift_jis_is_told_from_broken_text(void **state)
{
        check_bad("address,type,title,files\n" A ",t,\x8f\xd8\x96\xbe,a.xml\n",
                  "m.csv:2:49: this is Shift_JIS (CP932), not UTF-8; save it as 'CSV UTF-8'\n");
        check_bad("address,type,title,files\n" A ",t,\xff\xff,a.xml\n",
                  "m.csv:2:49: these bytes are no UTF-8\n");
}

static void two_lines_with_one_key_are_an_error(void **state)
{
        check_bad("address,type,title,files,key\n" A ",t,x,a.xml,k\n" A ",t,y,a.xml,\n" A
                  ",t,z,a.xml,k\n",
                  "m.csv:4:1: key 'k' is that of line 2 too\n");
}

static void copy_keys(char keys[][MANIFEST_KEY])
{
        for (size_t i = 0; i < m.rows; i++)
                snprintf(keys[i], MANIFEST_KEY, "%s", m.row[i].key);
}

static void keys_follow_the_content_not_the_place(void **state)
{
        char before[3][MANIFEST_KEY], after[3][MANIFEST_KEY];

        assert_int_equal(read(HEAD A ",t,x,a.xml\n" B ",t,x,a.xml\n"), 0);
        copy_keys(before);
        assert_string_not_equal(before[0], before[1]);
        assert_int_equal(read(HEAD B ",t,x,a.xml\n" A ",t,new,a.xml\n" A ",t,x,a.xml\n"), 0);
        copy_keys(after);
        assert_string_equal(after[0], before[1]);
        assert_string_equal(after[2], before[0]);
}

static void the_same_letter_twice_is_two_letters_every_time(void **state)
{
        char before[2][MANIFEST_KEY], after[2][MANIFEST_KEY];

        assert_int_equal(read(HEAD A ",t,x,a.xml\n" A ",t,x,a.xml\n"), 0);
        assert_string_equal(buf_cstr(&said),
                            "m.csv:3:1: says the same as line 2; it is sent as another letter\n");
        copy_keys(before);
        assert_string_not_equal(before[0], before[1]);
        assert_int_equal(read(HEAD A ",t,x,a.xml\n" A ",t,x,a.xml\n"), 0);
        copy_keys(after);
        assert_string_equal(before[0], after[0]);
        assert_string_equal(before[1], after[1]);
}

static void each_field_and_each_file_counts_for_the_key(void **state)
{
        static const char *const texts[] = {
                HEAD A ",t,x,a.xml\n",       HEAD B ",t,x,a.xml\n", HEAD A ",tx,x,a.xml\n",
                HEAD A ",t,xx,a.xml\n",      HEAD A ",t,x,b.xml\n", HEAD A ",t,x,a.xml;b.xml\n",
                HEAD A ",t,x,b.xml;a.xml\n",
        };
        enum { TEXTS = sizeof(texts) / sizeof(*texts) };
        char keys[TEXTS + 2][MANIFEST_KEY];
        int i;

        for (i = 0; i < TEXTS; i++) {
                assert_int_equal(read(texts[i]), 0);
                copy_keys(&keys[i]);
        }
        assert_int_equal(read("address,type,title,files,class\n" A ",t,x,a.xml,notice\n"), 0);
        copy_keys(&keys[i++]);
        write_file("a.xml", "<other/>");
        assert_int_equal(read(texts[0]), 0);
        copy_keys(&keys[i++]);
        for (int a = 0; a < i; a++)
                for (int b = 0; b < a; b++)
                        assert_string_not_equal(keys[a], keys[b]);
}

static void a_key_of_its_own_is_taken_as_it_is(void **state)
{
        assert_int_equal(read("key,address,type,title,files\npolicy 7," A ",t,x,a.xml\n"), 0);
        assert_string_equal(m.row[0].key, "policy 7");
}

static void a_manifest_that_is_not_there_is_a_fault(void **state)
{
        manifest_free(&m);
        assert_int_equal(manifest_read(&m, "/nowhere/m.csv", say, NULL), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(columns_stand_in_any_order_and_files_beside_the_manifest),
                TEST(every_error_is_named_with_line_and_column),
                TEST(nothing_passes_that_a_letter_may_not_have),
                TEST(a_wrong_header_is_said_and_no_line_is_blamed_for_it),
                TEST(shift_jis_is_told_from_broken_text),
                TEST(two_lines_with_one_key_are_an_error),
                TEST(keys_follow_the_content_not_the_place),
                TEST(the_same_letter_twice_is_two_letters_every_time),
                TEST(each_field_and_each_file_counts_for_the_key),
                TEST(a_key_of_its_own_is_taken_as_it_is),
                TEST(a_manifest_that_is_not_there_is_a_fault),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
