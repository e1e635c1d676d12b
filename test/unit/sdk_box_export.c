/* sdk_box_export.c - parts become files: inside the folder, whole or not at all, never over another
 * file */
#include "sdk_box_world.h"

#include "base/file.h"
#include "base/secret.h"
#include "crypt/hash.h"
#include "evidence/checkpoint.h"
#include "schemas/outcomes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

struct story {
        struct box_world w;
        struct craft c;
        fumi_id id;
        char out[96];
        char path[8][256]; /* told by on_file */
        size_t paths;
};

static int setup(void **state)
{
        struct story *s = calloc(1, sizeof(*s));
        int r = s ? box_world_new(&s->w) : -1;

        *state = s;
        if (r)
                return r;
        craft_new(&s->c, &s->w.letters);
        snprintf(s->out, sizeof(s->out), "%s/out", s->w.root);
        return 0;
}

static int teardown(void **state)
{
        struct story *s = *state;

        craft_free(&s->c);
        box_world_free(&s->w);
        free(s);
        return 0;
}

static void on_file(void *ctx, const char *path, const struct fumi_opened_part *p)
{
        struct story *s = ctx;

        assert_true(s->paths < 8);
        snprintf(s->path[s->paths++], sizeof(s->path[0]), "%s", path);
}

static int export_it(struct story *s)
{
        s->paths = 0;
        return fumi_export(s->w.b, &s->id, s->out, on_file, s);
}

/* Names in a folder, hidden ones too. */
static size_t count_files(const char *folder)
{
        DIR *d = opendir(folder);
        size_t n = 0;
        struct dirent *e;

        if (!d)
                return 0;
        while ((e = readdir(d)))
                n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
        closedir(d);
        return n;
}

static void check_file(const char *path, const char *text)
{
        BUF_OWNED bytes = { 0 };
        struct stat st;

        assert_int_equal(lstat(path, &st), 0);
        assert_true(S_ISREG(st.st_mode));
        assert_int_equal(file_read(&bytes, path, 65536), 0);
        assert_true(slice_is(buf_slice(&bytes), text));
}

static const char one[] = "<TEG800>4139</TEG800>\n", two[] = "two";

static void the_parts_are_the_issuers_octets_under_their_names(void **state)
{
        struct story *s = *state;

        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(export_it(s), 0);
        assert_int_equal(s->paths, 2);
        assert_int_equal(count_files(s->out), 2);
        check_file(s->path[0], one);
        check_file(s->path[1], two);
        assert_non_null(strstr(s->path[0], "/out/TEG800-202610150001.xml"));
        assert_non_null(strstr(s->path[1], "/out/別 紙.xml"));
        assert_null(s->w.b->session); /* no broker was needed */
}

static void no_name_leads_out_of_the_folder(void **state)
{
        struct story *s = *state;
        static const char *const names[] = {
                "../../etc/passwd",
                "/etc/passwd",
                "..",
                ".",
                "../box/trust",
                "a/b/c",
                "..\\..\\x",
                ".bashrc",
                "-rf",
                "CON",
                "a\xe2\x80\xaegpj.exe",
                "~/x",
                "C:x",
                "x/",
                "//",
                " ",
                "...",
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                craft_free(&s->c);
                craft_new(&s->c, &s->w.letters);
                s->c.line[0].name = slice_str(names[i]);
                box_world_put(&s->w, &s->c, i + 1, &s->id);
                snprintf(s->out, sizeof(s->out), "%s/out%zu", s->w.root, i);
                assert_int_equal(export_it(s), 0);
                assert_int_equal(count_files(s->out), 2);
                assert_int_equal(count_files(s->w.root), i + 2); /* box, and a folder each time */
                assert_memory_equal(s->path[0], s->out, strlen(s->out));
                assert_null(strchr(s->path[0] + strlen(s->out) + 1, '/'));
                check_file(s->path[0], one);
        }
}

static void a_name_of_the_greatest_length_is_written(void **state)
{
        struct story *s = *state;
        char name[256];

        memset(name, 'x', 255);
        s->c.line[0].name = slice_of(name, 255);
        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(export_it(s), 0);
        check_file(s->path[0], one);
}

static void two_parts_of_one_name_are_two_files(void **state)
{
        struct story *s = *state;

        s->c.line[0].name = s->c.line[1].name = slice_str("a.xml");
        s->c.part[1] = s->c.part[0]; /* even when they are the same octets */
        s->c.line[1].digest = s->c.line[0].digest;
        s->c.line[1].size = s->c.line[0].size;
        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(export_it(s), 0);
        assert_int_equal(count_files(s->out), 2);
        assert_non_null(strstr(s->path[0], "/a.xml"));
        assert_non_null(strstr(s->path[1], "/a (2).xml"));
}

static void a_file_that_is_there_is_never_replaced(void **state)
{
        struct story *s = *state;
        char path[128];

        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(file_make_folder(s->out, 0755), 0);
        snprintf(path, sizeof(path), "%s/TEG800-202610150001.xml", s->out);
        assert_int_equal(file_create(path, slice_str("mine"), 0644), 0);
        assert_int_equal(export_it(s), 0);
        check_file(path, "mine");
        assert_non_null(strstr(s->path[0], "TEG800-202610150001 (2).xml"));
        check_file(s->path[0], one);
}

static void a_link_of_that_name_is_not_followed(void **state)
{
        struct story *s = *state;
        char path[128], victim[128];

        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(file_make_folder(s->out, 0755), 0);
        snprintf(victim, sizeof(victim), "%s/victim", s->w.root);
        snprintf(path, sizeof(path), "%s/TEG800-202610150001.xml", s->out);
        assert_int_equal(symlink(victim, path), 0);
        assert_int_equal(export_it(s), 0);
        assert_int_equal(access(victim, F_OK), -1);
        assert_non_null(strstr(s->path[0], " (2).xml"));
        /* Nor is it the part, whatever it leads to. */
        assert_int_equal(file_create(victim, slice_str(one), 0644), 0);
        assert_int_equal(export_it(s), 0);
        assert_non_null(strstr(s->path[0], " (2).xml"));
}

static void exporting_again_leaves_what_was_exported(void **state)
{
        struct story *s = *state;

        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(export_it(s), 0);
        assert_int_equal(export_it(s), 0);
        assert_int_equal(s->paths, 2);
        assert_int_equal(count_files(s->out), 2);
}

static void a_part_that_is_not_the_signed_one_leaves_nothing(void **state)
{
        struct story *s = *state;

        s->c.line[1].digest.b[0] ^= 1; /* the first part is right, and was written by then */
        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(export_it(s), OUTCOME_PART_DISAGREES);
        assert_int_equal(s->paths, 0);
        assert_int_equal(count_files(s->out), 0);
}

static void sealed_bytes_that_were_changed_leave_nothing(void **state)
{
        struct story *s = *state;
        char name[BOX_ID_HEX + 1], path[PATH_MAX];
        struct hash h;
        int fd;

        box_world_put(&s->w, &s->c, 1, &s->id);
        memcpy(h.b, s->id.b, sizeof(h.b));
        box_letter_name(name, &h);
        box_path(s->w.b, path, "letters/%s.age", name);
        fd = open(path, O_WRONLY);
        assert_int_equal(pwrite(fd, "X", 1, (off_t)s->c.letter.body.len - 1), 1);
        close(fd);
        assert_int_equal(export_it(s), OUTCOME_SEAL_BROKEN);
        assert_int_equal(count_files(s->out), 0);
}

static void a_disk_without_room_leaves_nothing_half(void **state)
{
        struct story *s = *state;
        static uint8_t big[300000];
        struct rlimit before, small;

        s->c.part[1] = slice_of(big, sizeof(big));
        hash_sha256(&s->c.line[1].digest, s->c.part[1]);
        s->c.line[1].size = sizeof(big);
        box_world_put(&s->w, &s->c, 1, &s->id);
        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        small = before;
        small.rlim_cur = 200000;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        assert_int_equal(export_it(s), -EFBIG);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(s->paths, 0);
        assert_int_equal(count_files(s->out), 0);
        assert_non_null(strstr(fumi_box_error(s->w.b), s->out));
        assert_int_equal(export_it(s), 0);
        assert_int_equal(count_files(s->out), 2);
}

static void a_letter_that_is_not_here_is_not_exported(void **state)
{
        struct story *s = *state;

        s->id.b[0] = 1;
        assert_int_equal(export_it(s), OUTCOME_NO_SUCH_LETTER);
        assert_int_equal(count_files(s->out), 0);
}

static void a_letter_under_the_name_of_another_is_refused(void **state)
{
        struct story *s = *state;
        char name[BOX_ID_HEX + 1], from[PATH_MAX], to[PATH_MAX];
        struct hash h;

        box_world_put(&s->w, &s->c, 1, &s->id);
        memcpy(h.b, s->id.b, sizeof(h.b));
        box_letter_name(name, &h);
        box_path(s->w.b, from, "letters/%s.letter", name);
        h.b[0] ^= 1;
        s->id.b[0] ^= 1;
        box_letter_name(name, &h);
        box_path(s->w.b, to, "letters/%s.letter", name);
        assert_int_equal(rename(from, to), 0);
        assert_int_equal(export_it(s), OUTCOME_BAD_ENVELOPE);
        assert_int_equal(count_files(s->out), 0);
}

static void a_checkpoint_from_before_the_event_is_refused(void **state)
{
        struct story *s = *state;
        struct checkpoint c = { .origin = "post.example/log/0", .size = 5 };
        BUF_OWNED note = { 0 };

        checkpoint_write(&note, &c, s->w.log);
        assert_int_equal(box_checkpoint(s->w.b, buf_slice(&note), 4, "it"), 0);
        assert_int_equal(box_checkpoint(s->w.b, buf_slice(&note), 5, "it"), OUTCOME_RECEIPT_FORGED);
}

static void a_letter_to_somebody_else_is_refused(void **state)
{
        struct story *s = *state;
        struct address other;
        struct sign_pub key;

        identity_address(s->w.b->identity, 4000, &other, &key);
        s->c.header.to = s->c.note.to = slice_str(other.s);
        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(export_it(s), OUTCOME_WRONG_ADDRESS);
        assert_int_equal(count_files(s->out), 0);
}

static void a_checkpoint_that_the_log_did_not_sign_is_refused(void **state)
{
        struct story *s = *state;
        SECRET_OWNED struct sign_sec *kept = secret_new(sizeof(*kept));
        struct sign_pub pub;

        *kept = *s->w.log;
        keys_sign_new(&pub, s->w.log);
        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(export_it(s), OUTCOME_RECEIPT_FORGED);
        assert_int_equal(count_files(s->out), 0);
}

static void a_letter_sealed_to_a_later_epoch_opens(void **state)
{
        struct story *s = *state;

        s->c.to = s->w.letters.to.seal[2].to; /* a renewal that this device has not heard of */
        box_world_put(&s->w, &s->c, 1, &s->id);
        assert_int_equal(export_it(s), 0);
        check_file(s->path[1], two);
}

int main(void)
{
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                STORY(the_parts_are_the_issuers_octets_under_their_names),
                STORY(no_name_leads_out_of_the_folder),
                STORY(a_name_of_the_greatest_length_is_written),
                STORY(two_parts_of_one_name_are_two_files),
                STORY(a_file_that_is_there_is_never_replaced),
                STORY(a_link_of_that_name_is_not_followed),
                STORY(exporting_again_leaves_what_was_exported),
                STORY(a_part_that_is_not_the_signed_one_leaves_nothing),
                STORY(sealed_bytes_that_were_changed_leave_nothing),
                STORY(a_disk_without_room_leaves_nothing_half),
                STORY(a_letter_that_is_not_here_is_not_exported),
                STORY(a_letter_under_the_name_of_another_is_refused),
                STORY(a_checkpoint_from_before_the_event_is_refused),
                STORY(a_letter_to_somebody_else_is_refused),
                STORY(a_checkpoint_that_the_log_did_not_sign_is_refused),
                STORY(a_letter_sealed_to_a_later_epoch_opens),
        };

        if (secret_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
