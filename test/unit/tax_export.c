/* tax_export.c - a year's certificates as files, with their summary: whole or not at all (N4.5) */
#include "tax_world.h"

#include "base/file.h"
#include "schemas/outcomes.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>
#include <cmocka.h>

static int setup(void **state)
{
        static struct tax_world w;

        *state = &w;
        return tax_world_new(&w);
}

static int teardown(void **state)
{
        tax_world_free(*state);
        return 0;
}

static const char *place(struct tax_world *w, const char *name)
{
        char path[512];

        snprintf(path, sizeof(path), "%s/%s", w->root, name);
        return keep_text(&w->keep, slice_str(path));
}

static size_t add(struct tax_world *w, const char *name, const char *number, int amount)
{
        return tax_world_add(
                w, name,
                &(struct tax_paper){ .form = "TEG800",
                                     .serial = (unsigned)w->t->count + 1,
                                     .lines = tax_world_life(w, "1", number, amount, amount) });
}

/* Names in a folder, hidden ones too; 0 when it is not there. */
static size_t files_in(const char *folder)
{
        DIR *d = opendir(folder);
        size_t n = 0;
        struct dirent *e;

        while (d && (e = readdir(d)))
                n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
        if (d)
                closedir(d);
        return n;
}

static bool is_there(const char *path)
{
        struct stat st;

        return lstat(path, &st) == 0;
}

static void read_file(struct buf *out, const char *path)
{
        buf_clear(out);
        assert_int_equal(file_read(out, path, 1 << 24), 0);
        buf_cstr(out);
}

static void check_bytes(struct tax_world *w, size_t number, const char *path)
{
        const struct fumi_certificate *c = tax_world_see(w, number);
        BUF_OWNED bytes = { 0 };

        read_file(&bytes, path);
        assert_true(slice_eq(buf_slice(&bytes), slice_of(c->bytes, c->size)));
}

struct told {
        size_t files, summaries;
        char last[256];
};

static void on_file(void *ctx, const char *name, const struct fumi_certificate *c)
{
        struct told *t = ctx;

        t->files += c != NULL;
        t->summaries += c == NULL;
        if (c)
                snprintf(t->last, sizeof(t->last), "%s", name);
}

/* ---- what is in it ---- */

static void what_counts_is_there_octet_for_octet_and_nothing_else(void **state)
{
        struct tax_world *w = *state;
        struct told told = { 0 };

        add(w, "a.xml", "A", 100);
        add(w, "b.xml", "B", 200);
        add(w, "b-again.xml", "B", 300); /* supersedes b.xml */
        tax_world_add(w, "broken.xml",
                      &(struct tax_paper){ .form = "TEG800",
                                           .broken = true,
                                           .lines = tax_world_life(w, "1", "C", 1, 1) });
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out"), on_file, &told), 0);
        assert_int_equal(told.files, 2);
        assert_int_equal(told.summaries, 2);
        assert_int_equal(files_in(place(w, "out")), 4);
        check_bytes(w, 0, place(w, "out/a.xml"));
        check_bytes(w, 2, place(w, "out/b-again.xml"));
        assert_true(is_there(place(w, "out/summary.csv")));
        assert_true(is_there(place(w, "out/summary.json")));
}

static void check_entry(zip_t *z, const char *name, const struct fumi_certificate *c)
{
        zip_file_t *f = zip_fopen(z, name, 0);
        uint8_t *bytes = malloc(c->size + 1);

        assert_true(f && bytes);
        assert_int_equal(zip_fread(f, bytes, c->size + 1), c->size);
        assert_memory_equal(bytes, c->bytes, c->size);
        zip_fclose(f);
        free(bytes);
}

static void a_zip_holds_the_same_as_a_folder_and_can_be_taken_in_again(void **state)
{
        struct tax_world *w = *state;
        zip_t *z;

        add(w, "控除 証明.xml", "A", 100);
        add(w, "b.xml", "B", 200);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out.ZIP"), NULL, NULL), 0);
        assert_int_equal(files_in(w->root), 4 + 1); /* the signers' files, and it */
        z = zip_open(place(w, "out.ZIP"), ZIP_RDONLY | ZIP_CHECKCONS, NULL);
        assert_non_null(z);
        assert_int_equal(zip_get_num_entries(z, 0), 4);
        check_entry(z, "控除 証明.xml", tax_world_see(w, 0));
        check_entry(z, "b.xml", tax_world_see(w, 1));
        zip_discard(z);
        tax_world_again(w, NULL);
        assert_int_equal(fumi_tax_add_path(w->t, place(w, "out.ZIP")), 0);
        assert_int_equal(tax_world_sum(w, 2026, "life-general-new", NULL), 300);
}

static void names_are_safe_and_no_two_the_same(void **state)
{
        static const char *const names[] = { "../../x.xml", "x.xml", "X.XML",    "x (2).xml",
                                             "x",           "",      "con.xml",  ".xml",
                                             "a/b.xml",     "-rf",   "x\nx.xml", "x.xml" };
        enum { COUNT = sizeof(names) / sizeof(names[0]) };
        struct tax_world *w = *state;
        char number[8], given[COUNT][NAME_MAX + 1];
        size_t count = 0;
        struct dirent *e;
        DIR *d;

        for (size_t i = 0; i < COUNT; i++) {
                snprintf(number, sizeof(number), "N%zu", i);
                add(w, names[i], number, 1);
        }
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out"), NULL, NULL), 0);
        assert_int_equal(files_in(place(w, "out")), COUNT + 2);
        check_bytes(w, 1, place(w, "out/x.xml"));
        check_bytes(w, 3, place(w, "out/x (2).xml"));
        d = opendir(place(w, "out"));
        assert_non_null(d);
        while ((e = readdir(d)))
                if (*e->d_name != '.' && strncmp(e->d_name, "summary.", 8) != 0) {
                        size_t n = strlen(e->d_name);

                        assert_true(n > 4 && (strcmp(e->d_name + n - 4, ".xml") == 0 ||
                                              strcmp(e->d_name + n - 4, ".XML") == 0));
                        assert_null(strpbrk(e->d_name, "/\\\n"));
                        assert_true(*e->d_name != '-');
                        for (size_t i = 0; i < count; i++)
                                assert_int_not_equal(strcasecmp(given[i], e->d_name), 0);
                        assert_true(count < COUNT);
                        memcpy(given[count++], e->d_name, n + 1);
                }
        closedir(d);
}

static void a_very_long_name_is_cut_and_stays_one(void **state)
{
        struct tax_world *w = *state;
        struct told told = { 0 };
        char name[3000];

        memset(name, 'a', sizeof(name) - 1);
        name[sizeof(name) - 1] = 0;
        add(w, name, "A", 1);
        add(w, name, "B", 1);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out"), on_file, &told), 0);
        assert_int_equal(files_in(place(w, "out")), 4);
        assert_true(strlen(told.last) < 255);
        assert_non_null(strstr(told.last, ".xml"));
}

/* ---- the summaries ---- */

static void a_spreadsheet_reads_every_entry_the_sums_and_what_is_not_counted(void **state)
{
        struct tax_world *w = *state;
        BUF_OWNED csv = { 0 };

        add(w, "a.xml", "A", 1234);
        add(w, "b.xml", "B", 200);
        tax_world_add(w, "broken.xml",
                      &(struct tax_paper){ .form = "TEG800",
                                           .broken = true,
                                           .lines = tax_world_life(w, "1", "C", 1, 1) });
        assert_int_equal(fumi_tax_add(w->t, "junk.xml", "junk", 4), 0);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out"), NULL, NULL), 0);
        read_file(&csv, place(w, "out/summary.csv"));
        assert_memory_equal(csv.at, "\xef\xbb\xbf区分,", strlen("\xef\xbb\xbf区分,"));
        assert_non_null(strstr((char *)csv.at, "明細,\"集計\",2026,\"生命保険料（新・一般）\""));
        assert_non_null(strstr((char *)csv.at, ",1234,1234,1234,\"a.xml\","));
        assert_non_null(
                strstr((char *)csv.at,
                       "合計,,2026,\"生命保険料（新・一般）\",,,,,\"2件\",,,1434,1434,1434,"));
        assert_non_null(strstr((char *)csv.at, "対象外,\"対象外\",2026,"));
        assert_non_null(strstr((char *)csv.at, "\"broken.xml\",\"署名が一致しません。"));
        assert_non_null(strstr((char *)csv.at, "\"junk.xml\""));
        for (size_t i = 0; i < csv.len; i++)
                if (csv.at[i] == '\n')
                        assert_int_equal(csv.at[i - 1], '\r');
}

/* As many cells in every line; quotes are doubled, line ends inside are none. */
static void every_line_has_the_same_columns(void **state)
{
        struct tax_world *w = *state;
        BUF_OWNED csv = { 0 };
        size_t columns = 0, first = 0;
        bool quoted = false;

        add(w, "a\"b,c\r\nd.xml", "\"A\",\"B\"", 1);
        assert_int_equal(fumi_tax_add(w->t, "junk.xml", "junk", 4), 0);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out"), NULL, NULL), 0);
        read_file(&csv, place(w, "out/summary.csv"));
        for (size_t i = 0; i < csv.len; i++) {
                quoted ^= csv.at[i] == '"';
                columns += csv.at[i] == ',' && !quoted;
                if (csv.at[i] != '\n')
                        continue;
                assert_false(quoted);
                first = first ? first : columns;
                assert_int_equal(columns, first);
                columns = 0;
        }
        assert_int_equal(first, 19);
}

static void a_text_that_a_spreadsheet_would_run_is_made_harmless(void **state)
{
        static const char *const formulas[] = { "=HYPERLINK(1)", "+1",    "-1",   "@SUM(A1)",
                                                "＝cmd",         " =1+1", "　－1" };
        struct tax_world *w = *state;
        BUF_OWNED csv = { 0 };
        char safe[64];

        for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++)
                add(w, "a.xml", formulas[i], -5);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out"), NULL, NULL), 0);
        read_file(&csv, place(w, "out/summary.csv"));
        for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++) {
                snprintf(safe, sizeof(safe), ",\"%s\",", formulas[i]);
                assert_null(strstr((char *)csv.at, safe));
        }
        assert_non_null(strstr((char *)csv.at, ",\"'=HYPERLINK(1)\","));
        assert_non_null(strstr((char *)csv.at, ",\"'＝cmd\","));
        assert_non_null(strstr((char *)csv.at, ",\" '=1+1\","));
        assert_non_null(strstr((char *)csv.at, ",-5,-5,-5,")); /* an amount is one */
}

/* ---- whole or not at all ---- */

static void nothing_is_ever_written_over(void **state)
{
        struct tax_world *w = *state;

        add(w, "a.xml", "A", 1);
        assert_int_equal(file_replace(place(w, "there.zip"), slice_str("mine"), 0600), 0);
        assert_int_equal(file_replace(place(w, "there"), slice_str("mine"), 0600), 0);
        assert_int_equal(mkdir(place(w, "full"), 0700), 0);
        assert_int_equal(file_replace(place(w, "full/mine"), slice_str("mine"), 0600), 0);
        assert_int_equal(symlink("full", place(w, "link")), 0);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "there.zip"), NULL, NULL), -EEXIST);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "there"), NULL, NULL), -EEXIST);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "full"), NULL, NULL), -ENOTEMPTY);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "link"), NULL, NULL), -EEXIST);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "no/where"), NULL, NULL), -ENOENT);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "no/where.zip"), NULL, NULL),
                         -ENOENT);
        assert_int_equal(fumi_tax_export(w->t, 2026, "", NULL, NULL), -ENOENT);
        assert_int_equal(files_in(place(w, "full")), 1);
        assert_int_equal(files_in(w->root), 4 + 4); /* the signers' files, and these */
}

static void an_empty_folder_is_taken_and_a_slash_behind_is_fine(void **state)
{
        struct tax_world *w = *state;

        add(w, "a.xml", "A", 1);
        assert_int_equal(mkdir(place(w, "empty"), 0700), 0);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "empty//"), NULL, NULL), 0);
        assert_int_equal(files_in(place(w, "empty")), 3);
        assert_int_equal(files_in(w->root), 4 + 1);
}

static void a_year_without_certificates_is_refused(void **state)
{
        struct tax_world *w = *state;

        add(w, "a.xml", "A", 1);
        assert_int_equal(fumi_tax_export(w->t, 2025, place(w, "out"), NULL, NULL),
                         OUTCOME_TAX_NO_YEAR);
        assert_false(is_there(place(w, "out")));
}

static void sums_that_do_not_fit_leave_nothing(void **state)
{
        struct tax_world *w = *state;

        add(w, "a.xml", "A", 1);
        add(w, "b.xml", "B", 1);
        w->t->item[0]->facts.entry[0].carried = INT64_MAX;
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out"), NULL, NULL), OUTCOME_TAX_SUM);
        assert_false(is_there(place(w, "out")));
}

/* A file may not grow beyond @most: what a full disk does, at a place of the test's choice. */
static void limit(rlim_t most)
{
        struct rlimit l;

        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
        l.rlim_cur = most ? most : l.rlim_max;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void a_disk_that_is_full_leaves_nothing(void **state)
{
        static const rlim_t most[] = { 1, 100, 2000, 3000 };
        struct tax_world *w = *state;
        struct told told = { 0 };
        int folder, zip;

        add(w, "a.xml", "A", 1);
        add(w, "b.xml", "B", 1);
        for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
                limit(most[i]);
                folder = fumi_tax_export(w->t, 2026, place(w, "out"), on_file, &told);
                zip = fumi_tax_export(w->t, 2026, place(w, "out.zip"), on_file, &told);
                limit(0);
                assert_int_equal(folder, -EFBIG);
                assert_int_equal(zip, -EFBIG);
                assert_non_null(strstr(fumi_tax_error(w->t), "out.zip"));
                assert_int_equal(files_in(w->root), 4);
        }
        assert_int_equal(told.files + told.summaries, 0);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out"), NULL, NULL), 0);
        assert_int_equal(fumi_tax_export(w->t, 2026, place(w, "out.zip"), NULL, NULL), 0);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        static const struct CMUnitTest stories[] = {
                STORY(what_counts_is_there_octet_for_octet_and_nothing_else),
                STORY(a_zip_holds_the_same_as_a_folder_and_can_be_taken_in_again),
                STORY(names_are_safe_and_no_two_the_same),
                STORY(a_very_long_name_is_cut_and_stays_one),
                STORY(a_spreadsheet_reads_every_entry_the_sums_and_what_is_not_counted),
                STORY(every_line_has_the_same_columns),
                STORY(a_text_that_a_spreadsheet_would_run_is_made_harmless),
                STORY(nothing_is_ever_written_over),
                STORY(an_empty_folder_is_taken_and_a_slash_behind_is_fine),
                STORY(a_year_without_certificates_is_refused),
                STORY(sums_that_do_not_fit_leave_nothing),
                STORY(a_disk_that_is_full_leaves_nothing),
        };
        return cmocka_run_group_tests(stories, NULL, NULL);
}
