/* post_nta_map.c - a mapping file is checked whole, and a number leads to its own address only */
#include "post/nta_map.h"

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

#define HEAD "number,address\n"

static char folder[64];
static struct nta_map m;
static struct buf said;

static int set_up(void **state)
{
        sdk_folder_new(folder);
        return 0;
}

static int tear_down(void **state)
{
        nta_map_free(&m);
        buf_free(&said);
        sdk_folder_free(folder);
        return 0;
}

/* Sentences without the folder's name, one a line. */
static void say(void *ctx, const char *sentence)
{
        buf_puts(&said, sentence + strlen(folder) + 1);
        buf_putc(&said, '\n');
}

static int read_bytes(struct slice bytes)
{
        char path[128];

        nta_map_free(&m);
        buf_clear(&said);
        snprintf(path, sizeof(path), "%s/map.csv", folder);
        assert_int_equal(file_replace(path, bytes, 0600), 0);
        return nta_map_read(&m, path, say, NULL);
}

static int read(const char *text)
{
        return read_bytes(slice_str(text));
}

static void check_bad(const char *text, const char *sentences)
{
        assert_int_equal(read(text), -EINVAL);
        assert_string_equal(buf_cstr(&said), sentences);
}

static void check_leads(const char *number, const char *address)
{
        const struct nta_map_row *row = nta_map_find(&m, number);

        assert_non_null(row);
        assert_string_equal(row->number, number);
        assert_string_equal(row->address, address);
}

/* N5.1 */
static void each_number_leads_to_its_address(void **state)
{
        assert_int_equal(read("\xef\xbb\xbf" HEAD "第１２－３４５６７８号," A "\r\n"
                              "0042," B "\r\n\r\n\"a,\"\"b\"," A "\r\n7," B),
                         0);
        assert_int_equal(buf_slice(&said).len, 0);
        assert_int_equal(m.rows, 4);
        check_leads("第１２－３４５６７８号", A);
        check_leads("0042", B);
        check_leads("a,\"b", A);
        check_leads("7", B);
        assert_int_equal(nta_map_find(&m, "0042")->line, 3);
        assert_int_equal(read("address,number\n" B ",0042\n"), 0);
        check_leads("0042", B);
}

/* A stranger's mailbox is one character away. */
static void what_only_looks_alike_leads_nowhere(void **state)
{
        static const char *const other[] = {
                "42", "0042 ",     " 0042", "００４２", "0042\xe3\x80\x80", "004", "00421", "",
                "1",  "第12-34号", "A-7",   "a−7"
        };

        assert_int_equal(read(HEAD "0042," A "\n第１２－３４号," A "\na-7," B "\n"), 0);
        for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
                assert_null(nta_map_find(&m, other[i]));
}

static void check_hint(const char *number, const char *like)
{
        const struct nta_map_row *row = nta_map_alike(&m, number);

        assert_non_null(row);
        assert_string_equal(row->number, like);
}

static void what_looks_alike_is_a_hint(void **state)
{
        assert_int_equal(
                read(HEAD "0042," A "\n第１２－３４号," A "\na-7," B "\nw～1," B "\n00," A "\n"),
                0);
        check_hint("42", "0042");
        check_hint("００４２", "0042");
        check_hint(" 00 42\xe3\x80\x80", "0042");
        check_hint("第12-34号", "第１２－３４号");
        check_hint("第１２−３４号", "第１２－３４号");
        check_hint("A‐7", "a-7");
        check_hint("Ｗ〜１", "w～1");
        assert_null(nta_map_alike(&m, "43"));
        assert_null(nta_map_alike(&m, "b-7"));
        assert_null(nta_map_alike(&m, " "));
        assert_null(nta_map_alike(&m, "0"));
}

static void every_error_is_named_with_line_and_column(void **state)
{
        check_bad(HEAD "7,fumi1x\n,,\n," A "\n8,\n9," A "\n7," B "\n9," B "\n9," A "\n\"x," A "\n",
                  "map.csv:2:3: 'fumi1x' is no address (fumi1...); has a character been lost or "
                  "changed?\n"
                  "map.csv:3:1: 3 fields, but the header has 2\n"
                  "map.csv:4:1: number is empty\n"
                  "map.csv:5:3: address is empty; leave out whom you have none of\n"
                  "map.csv:10:1: this quote is never closed\n"
                  "map.csv:7:1: number '7' is that of line 2 too\n"
                  "map.csv:8:1: number '9' is that of line 6 too\n"
                  "map.csv:9:1: number '9' is that of line 6 too\n");
        check_bad("number;address\n7;" A "\n",
                  "map.csv:1:1: the first line has to name the columns: number, address\n");
        check_bad("7," A "\n",
                  "map.csv:1:1: the first line has to name the columns: number, address\n");
        check_bad("number,adress\n7," A "\n",
                  "map.csv:1:8: no column 'adress'; there are number, address\n"
                  "map.csv:1:1: column 'address' is missing\n");
        check_bad("number,address,number\n7," A ",7\n",
                  "map.csv:1:16: column 'number' is there twice\n");
        check_bad(HEAD, "map.csv:2:1: no numbers: only the header is there\n");
        check_bad("", "map.csv:1:1: the file is empty\n");
}

static void japanese_windows_text_is_called_by_its_name(void **state)
{
        check_bad(HEAD "\x91\xe6\x82\x50\x8d\x86," A "\n",
                  "map.csv:2:1: this is Shift_JIS (CP932), not UTF-8; save it as 'CSV UTF-8'\n");
        check_bad(HEAD "7\xff," A "\n", "map.csv:2:2: these bytes are no UTF-8\n");
        assert_int_equal(read_bytes(slice_of(HEAD "7\0," A "\n", sizeof(HEAD) + 47)), -EINVAL);
        assert_string_equal(buf_cstr(&said),
                            "map.csv:1:1: there are zero bytes in it: this is no CSV file\n");
}

/* Would take minutes if each were compared with each. */
static void a_hundred_thousand_numbers_are_found(void **state)
{
        BUF_OWNED text = { 0 };
        char number[16];

        buf_puts(&text, HEAD);
        for (unsigned i = 0; i < 100000; i++)
                buf_printf(&text, "%u,%s\n", (i * 7919u) % 100000u, i % 2 ? A : B);
        assert_int_equal(read_bytes(buf_slice(&text)), 0);
        for (unsigned i = 0; i < 100000; i++) {
                snprintf(number, sizeof(number), "%u", (i * 7919u) % 100000u);
                check_leads(number, i % 2 ? A : B);
                snprintf(number, sizeof(number), "0%u", i);
                assert_null(nta_map_find(&m, number));
                if (i)
                        assert_string_equal(nta_map_alike(&m, number)->number, number + 1);
        }
}

static void a_file_that_is_not_there_is_a_fault(void **state)
{
        assert_int_equal(nta_map_read(&m, "/nowhere/map.csv", say, NULL), -ENOENT);
        assert_int_equal(buf_slice(&said).len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(each_number_leads_to_its_address),
                TEST(what_only_looks_alike_leads_nowhere),
                TEST(what_looks_alike_is_a_hint),
                TEST(every_error_is_named_with_line_and_column),
                TEST(japanese_windows_text_is_called_by_its_name),
                TEST(a_hundred_thousand_numbers_are_found),
                TEST(a_file_that_is_not_there_is_a_fault),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
