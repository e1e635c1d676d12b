/* tax_add.c - certificates come into a collection: files, folders, ZIPs, letters (N3.6, N4.6) */
#include "tax_world.h"
#include "sdk_box_world.h"

#include "base/file.h"
#include "crypt/hash.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

static struct slice life(struct tax_world *w, const char *number, unsigned serial)
{
        return tax_world_xml(
                w, &(struct tax_paper){ .form = "TEG800",
                                        .serial = serial,
                                        .lines = tax_world_life(w, "1", number, 1, 100) });
}

static const char *place(struct tax_world *w, const char *name)
{
        char path[256];

        snprintf(path, sizeof(path), "%s/%s", w->root, name);
        return keep_text(&w->keep, slice_str(path));
}

static int64_t sum(struct tax_world *w)
{
        return tax_world_sum(w, 2026, "life-general-new", NULL);
}

static void put(struct tax_world *w, const char *name, struct slice bytes)
{
        assert_int_equal(file_replace(place(w, name), bytes, 0600), 0);
}

/* ---- files and folders ---- */

static void of_a_folder_only_xml_is_taken_in_the_order_of_names(void **state)
{
        struct tax_world *w = *state;

        assert_int_equal(mkdir(place(w, "in"), 0700), 0);
        assert_int_equal(mkdir(place(w, "in/deeper.xml"), 0700), 0);
        put(w, "in/b.XML", life(w, "B", 2));
        put(w, "in/a.xml", life(w, "A", 1));
        put(w, "in/a.txt", life(w, "C", 3));
        put(w, "in/.xml", life(w, "D", 4));
        put(w, "in/deeper.xml/c.xml", life(w, "E", 5));
        assert_int_equal(fumi_tax_add_path(w->t, place(w, "in")), 0);
        assert_int_equal(w->t->count, 2);
        assert_string_equal(tax_world_see(w, 0)->name, "a.xml");
        assert_string_equal(tax_world_see(w, 1)->name, "b.XML");
        assert_int_equal(sum(w), 200);
}

static void a_file_that_is_named_is_taken_whatever_its_name(void **state)
{
        struct tax_world *w = *state;
        struct slice xml = life(w, "A", 1);
        struct hash digest;

        put(w, "certificate", xml);
        assert_int_equal(fumi_tax_add_path(w->t, place(w, "certificate")), 0);
        assert_int_equal(sum(w), 100);
        assert_int_equal(tax_world_see(w, 0)->size, xml.len);
        assert_memory_equal(tax_world_see(w, 0)->bytes, xml.at, xml.len);
        hash_sha256(&digest, xml);
        assert_memory_equal(tax_world_see(w, 0)->sha256, digest.b, sizeof(digest.b));
        assert_int_equal(tax_world_see(w, 0)->sender, FUMI_TAX_NO_LETTER);
        assert_null(tax_world_see(w, 0)->letter);
}

static void what_is_not_there_or_no_file_is_said(void **state)
{
        struct tax_world *w = *state;

        assert_int_equal(fumi_tax_add_path(w->t, place(w, "nothing")), -ENOENT);
        assert_non_null(strstr(fumi_tax_error(w->t), "nothing"));
        assert_int_equal(fumi_tax_add_path(w->t, "/dev/null"), -EINVAL);
        assert_non_null(strstr(fumi_tax_error(w->t), "/dev/null: is not a regular file"));
        assert_int_equal(w->t->count, 0);
}

/* Not even the certificates before the one that could not be read. */
static void a_folder_is_taken_whole_or_not_at_all(void **state)
{
        struct tax_world *w = *state;

        assert_int_equal(fumi_tax_add(w->t, "before.xml", life(w, "Z", 9).at, life(w, "Z", 9).len),
                         0);
        assert_int_equal(mkdir(place(w, "in"), 0700), 0);
        put(w, "in/a.xml", life(w, "A", 1));
        assert_int_equal(symlink("nowhere", place(w, "in/b.xml")), 0);
        assert_int_equal(fumi_tax_add_path(w->t, place(w, "in")), -ENOENT);
        assert_int_equal(w->t->count, 1);
        assert_int_equal(sum(w), 100);
}

static void a_file_too_large_to_be_one_is_there_and_refused(void **state)
{
        struct tax_world *w = *state;

        put(w, "large.xml", slice_str("<"));
        assert_int_equal(truncate(place(w, "large.xml"), JUDGE_BYTES_MOST + 1), 0);
        assert_int_equal(fumi_tax_add_path(w->t, place(w, "large.xml")), 0);
        assert_int_equal(tax_world_see(w, 0)->refused, OUTCOME_XML_TOO_LARGE);
        assert_int_equal(tax_world_see(w, 0)->size, 0);
        assert_int_equal(w->t->bytes, 0);
}

/* ---- ZIPs ---- */

struct entry {
        const char *name;
        struct slice bytes;
        const char *password;
};

static const char *zip_of(struct tax_world *w, const char *name, const struct entry *e,
                          size_t count)
{
        const char *path = place(w, name);
        zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);

        assert_non_null(z);
        for (size_t i = 0; i < count; i++) {
                zip_source_t *s = zip_source_buffer(z, e[i].bytes.at, e[i].bytes.len, 0);
                zip_int64_t at = zip_file_add(z, e[i].name, s, ZIP_FL_ENC_UTF_8);

                assert_true(at >= 0);
                zip_set_file_compression(z, (zip_uint64_t)at, ZIP_CM_DEFLATE, 1);
                if (e[i].password)
                        assert_int_equal(zip_file_set_encryption(z, (zip_uint64_t)at,
                                                                 ZIP_EM_AES_256, e[i].password),
                                         0);
        }
        assert_int_equal(zip_close(z), 0);
        return path;
}

static void of_a_zip_only_xml_is_taken_from_any_folder_of_it(void **state)
{
        struct tax_world *w = *state;
        const struct entry e[] = { { "a.xml", life(w, "A", 1), NULL },
                                   { "../../etc/令和8年/控除.XML", life(w, "B", 2), NULL },
                                   { "summary.csv", slice_str("x"), NULL },
                                   { "nested.zip", slice_str("PK"), NULL } };

        assert_int_equal(fumi_tax_add_path(w->t, zip_of(w, "a.bin", e, 4)), 0);
        assert_int_equal(w->t->count, 2);
        assert_int_equal(sum(w), 200);
        assert_string_equal(tax_world_see(w, 1)->name, "控除.XML");
        assert_int_equal(tax_world_see(w, 0)->size, e[0].bytes.len);
        assert_memory_equal(tax_world_see(w, 0)->bytes, e[0].bytes.at, e[0].bytes.len);
}

/* 控除.xml in CP932, which says nothing of its encoding. */
static void a_name_from_windows_is_read_as_it_was_meant(void **state)
{
        struct tax_world *w = *state;
        const struct entry e[] = { { "WXYZ.xml", life(w, "A", 1), NULL },
                                   { "\xe6\x8e\xa7.xml", life(w, "B", 2), NULL } };
        BUF_OWNED zip = { 0 };
        uint8_t *name;

        zip_of(w, "a.zip", e, 2);
        assert_int_equal(file_read(&zip, place(w, "a.zip"), 1 << 20), 0);
        while ((name = memmem(zip.at, zip.len, "WXYZ", 4)))
                memcpy(name, "\x8d\x54\x8f\x9c", 4);
        put(w, "a.zip", buf_slice(&zip));
        assert_int_equal(fumi_tax_add_path(w->t, place(w, "a.zip")), 0);
        assert_string_equal(tax_world_see(w, 0)->name, "控除.xml");
        assert_string_equal(tax_world_see(w, 1)->name, "控.xml");
        assert_int_equal(sum(w), 200);
}

static void a_bomb_is_refused_and_the_rest_is_taken(void **state)
{
        struct tax_world *w = *state;
        size_t len = 4 * (size_t)JUDGE_BYTES_MOST;
        void *zeros = calloc(1, len);
        const struct entry e[] = { { "bomb.xml", slice_of(zeros, len), NULL },
                                   { "a.xml", life(w, "A", 1), NULL } };

        assert_non_null(zeros);
        assert_int_equal(fumi_tax_add_path(w->t, zip_of(w, "bomb.zip", e, 2)), 0);
        free(zeros);
        assert_int_equal(tax_world_see(w, 0)->refused, OUTCOME_XML_TOO_LARGE);
        assert_int_equal(tax_world_see(w, 0)->size, 0);
        assert_int_equal(sum(w), 100);
        /* What was read counts, kept or not; and it was read no further than need be. */
        assert_true(w->t->bytes > JUDGE_BYTES_MOST);
        assert_true(w->t->bytes < JUDGE_BYTES_MOST + (1 << 18));
}

/* Each entry is small in the ZIP and larger than a certificate may be. */
static void many_bombs_are_more_than_a_collection_takes_and_leave_nothing(void **state)
{
        enum { BOMBS = TAX_BYTES_MOST / JUDGE_BYTES_MOST };
        struct tax_world *w = *state;
        void *zeros = calloc(1, JUDGE_BYTES_MOST + 1);
        static char name[BOMBS][16];
        static struct entry e[BOMBS];

        assert_non_null(zeros);
        for (size_t i = 0; i < BOMBS; i++) {
                snprintf(name[i], sizeof(name[i]), "%zu.xml", i);
                e[i] = (struct entry){ name[i], slice_of(zeros, JUDGE_BYTES_MOST + 1), NULL };
        }
        assert_int_equal(fumi_tax_add_path(w->t, zip_of(w, "bombs.zip", e, BOMBS)),
                         OUTCOME_TAX_TOO_MUCH);
        free(zeros);
        assert_int_equal(w->t->count, 0);
        assert_int_equal(w->t->bytes, 0);
}

static void a_zip_of_too_many_entries_is_refused(void **state)
{
        struct tax_world *w = *state;
        zip_t *z = zip_open(place(w, "many.zip"), ZIP_CREATE, NULL);
        char name[16];

        assert_non_null(z);
        for (int i = 0; i < 65536; i++) {
                snprintf(name, sizeof(name), "%d", i);
                assert_true(zip_dir_add(z, name, 0) >= 0);
        }
        assert_int_equal(zip_close(z), 0);
        assert_int_equal(fumi_tax_add_path(w->t, place(w, "many.zip")), OUTCOME_TAX_TOO_MUCH);
        assert_non_null(strstr(fumi_tax_error(w->t), "65535"));
}

static void a_locked_entry_is_there_and_says_so(void **state)
{
        struct tax_world *w = *state;
        const struct entry e[] = { { "locked.xml", life(w, "A", 1), "secret" },
                                   { "a.xml", life(w, "B", 2), NULL } };

        assert_int_equal(fumi_tax_add_path(w->t, zip_of(w, "a.zip", e, 2)), 0);
        assert_int_equal(tax_world_see(w, 0)->refused, OUTCOME_TAX_NOT_READ);
        assert_int_equal(sum(w), 100);
}

static void a_damaged_entry_says_so_and_a_damaged_zip_is_refused(void **state)
{
        struct tax_world *w = *state;
        const struct entry e[] = { { "a.xml", life(w, "A", 1), NULL } };
        BUF_OWNED zip = { 0 };

        zip_of(w, "a.zip", e, 1);
        assert_int_equal(file_read(&zip, place(w, "a.zip"), 1 << 20), 0);
        zip.at[zip.len / 2] ^= 0xff;
        put(w, "bent.zip", buf_slice(&zip));
        assert_int_equal(fumi_tax_add_path(w->t, place(w, "bent.zip")), 0);
        assert_int_equal(tax_world_see(w, 0)->refused, OUTCOME_TAX_NOT_READ);
        put(w, "cut.zip", slice_upto(buf_slice(&zip), zip.len / 2));
        assert_int_equal(fumi_tax_add_path(w->t, place(w, "cut.zip")), OUTCOME_TAX_NOT_READ);
        assert_non_null(strstr(fumi_tax_error(w->t), "cut.zip"));
        assert_int_equal(w->t->count, 1);
        assert_int_equal(unzip_bytes(w->t, "cut", slice_upto(buf_slice(&zip), 40)),
                         OUTCOME_TAX_NOT_READ);
}

/* ---- letters ---- */

struct mail {
        struct box_world box;
        struct craft craft;
        size_t letters;
        fumi_id refused;
        int result;
};

static void mail_new(struct mail *m, const char *name, const char *number)
{
        *m = (struct mail){ 0 };
        assert_int_equal(box_world_new(&m->box), 0);
        m->box.letters.registration.name = slice_str(name);
        m->box.letters.registration.number_kind = number ? NUMBER_HOUJIN : NUMBER_NONE;
        m->box.letters.registration.number = slice_str(number);
        letter_world_publish(&m->box.letters);
}

static void mail_free(struct mail *m)
{
        box_world_free(&m->box);
}

static void part(struct craft *c, size_t i, const char *name, const char *media, struct slice bytes)
{
        c->part[i] = bytes;
        hash_sha256(&c->line[i].digest, bytes);
        c->line[i].size = bytes.len;
        c->line[i].name = slice_str(name);
        c->line[i].media = slice_str(media);
}

/* A letter with @xml and a picture. */
static fumi_id post(struct mail *m, struct slice xml)
{
        fumi_id id;

        craft_new(&m->craft, &m->box.letters);
        part(&m->craft, 0, "picture.png", "image/png", slice_str("not a certificate"));
        part(&m->craft, 1, "certificate.xml", "application/xml", xml);
        box_world_put(&m->box, &m->craft, ++m->letters, &id);
        craft_free(&m->craft);
        return id;
}

static void on_refused(void *ctx, const fumi_id *id, int result)
{
        struct mail *m = ctx;

        m->refused = *id;
        m->result = result;
}

#define COMPANY "エグザンプル生命保険株式会社"

static void the_xml_of_every_letter_is_taken_with_its_sender(void **state)
{
        struct tax_world *w = *state;
        struct mail m;
        fumi_id first;

        mail_new(&m, COMPANY, "8010001000123");
        first = post(&m, life(w, "A", 1));
        post(&m, life(w, "B", 2));
        assert_int_equal(fumi_tax_add_box(w->t, m.box.b, on_refused, &m), 0);
        assert_int_equal(m.result, 0);
        assert_int_equal(w->t->count, 2);
        assert_int_equal(sum(w), 200);
        assert_memory_equal(tax_world_see(w, 0)->letter->b, first.b, sizeof(first.b));
        assert_string_equal(tax_world_see(w, 0)->from_name, COMPANY);
        assert_int_equal(tax_world_see(w, 0)->sender, FUMI_TAX_SAME);
        assert_string_equal(tax_world_see(w, 1)->name, "certificate.xml");
        mail_free(&m);
}

static void a_letter_that_does_not_open_is_told_of_and_gives_nothing(void **state)
{
        struct tax_world *w = *state;
        char path[256], hex[BOX_ID_HEX + 1];
        struct mail m;
        struct hash id;
        fumi_id bad;

        mail_new(&m, COMPANY, "8010001000123");
        bad = post(&m, life(w, "A", 1));
        post(&m, life(w, "B", 2));
        memcpy(id.b, bad.b, sizeof(id.b));
        box_letter_name(hex, &id);
        snprintf(path, sizeof(path), "%s/letters/%s.age", m.box.folder, hex);
        assert_int_equal(truncate(path, 3000), 0);
        assert_int_equal(fumi_tax_add_box(w->t, m.box.b, on_refused, &m), 0);
        assert_true(m.result > 0);
        assert_memory_equal(m.refused.b, bad.b, sizeof(bad.b));
        assert_int_equal(w->t->count, 1);
        assert_int_equal(sum(w), 100);
        mail_free(&m);
}

static enum fumi_tax_sender sent_by(struct tax_world *w, const char *name, const char *number)
{
        enum fumi_tax_sender sender;
        struct mail m;

        tax_world_again(w, NULL);
        mail_new(&m, name, number);
        post(&m, life(w, "A", 1));
        assert_int_equal(fumi_tax_add_box(w->t, m.box.b, NULL, NULL), 0);
        sender = tax_world_see(w, 0)->sender;
        assert_int_equal(tax_world_found(tax_world_see(w, 0), OUTCOME_ISSUER_OTHER),
                         sender == FUMI_TAX_OTHER);
        assert_int_equal(sum(w), 100); /* said, and not judged by */
        mail_free(&m);
        return sender;
}

/* N3.6: the certificate names エグザンプル生命保険㈱, 8010001000123. */
static void the_issuer_is_compared_with_the_registered_sender(void **state)
{
        struct tax_world *w = *state;

        assert_int_equal(sent_by(w, "別の名前", "8010001000123"), FUMI_TAX_SAME);
        assert_int_equal(sent_by(w, COMPANY, "2010001000789"), FUMI_TAX_OTHER);
        assert_int_equal(sent_by(w, COMPANY, NULL), FUMI_TAX_SAME);
        assert_int_equal(sent_by(w, "文箱配達株式会社", NULL), FUMI_TAX_OTHER);
}

static void a_later_one_from_somebody_else_supersedes_nothing(void **state)
{
        struct tax_world *w = *state;
        struct mail good, evil;
        const struct fumi_certificate *c;

        mail_new(&good, COMPANY, "8010001000123");
        mail_new(&evil, "文箱配達株式会社", "2010001000789");
        post(&good, life(w, "A", 1));
        post(&evil,
             tax_world_xml(w, &(struct tax_paper){ .form = "TEG800",
                                                   .serial = 9,
                                                   .stranger = true,
                                                   .lines = tax_world_life(w, "30", "A", 1, 1) }));
        assert_int_equal(fumi_tax_add_box(w->t, evil.box.b, NULL, NULL), 0);
        assert_int_equal(fumi_tax_add_box(w->t, good.box.b, NULL, NULL), 0);
        assert_int_equal(sum(w), 100);
        c = tax_world_see(w, 0);
        assert_int_equal(c->state, FUMI_TAX_SHOWN);
        assert_int_equal(c->why, OUTCOME_TAX_DOUBTFUL);
        assert_true(tax_world_found(c, OUTCOME_TAX_DOUBTFUL));
        assert_ptr_equal(c->by, tax_world_see(w, 1));
        mail_free(&good);
        mail_free(&evil);
}

/* An insurer's agent delivers under its own name what one trusted signer signed. */
static void of_one_trusted_signer_the_later_counts_whoever_sent_it(void **state)
{
        struct tax_world *w = *state;
        const struct tax_paper late = { .form = "TEG800",
                                        .serial = 2,
                                        .lines = tax_world_life(w, "30", "A", 1, 70) };
        struct mail insurer, agent;

        tax_world_again(w, place(w, "signer.pem"));
        mail_new(&insurer, COMPANY, "8010001000123");
        mail_new(&agent, "文箱配達株式会社", "2010001000789");
        post(&insurer, life(w, "A", 1));
        post(&agent, tax_world_xml(w, &late));
        assert_int_equal(fumi_tax_add_box(w->t, insurer.box.b, NULL, NULL), 0);
        assert_int_equal(fumi_tax_add_box(w->t, agent.box.b, NULL, NULL), 0);
        assert_int_equal(sum(w), 70);
        assert_int_equal(tax_world_see(w, 0)->state, FUMI_TAX_SUPERSEDED);
        assert_int_equal(tax_world_see(w, 1)->sender, FUMI_TAX_OTHER);
        mail_free(&insurer);
        mail_free(&agent);
}

static void collect(void *ctx, const void *bytes, size_t size)
{
        buf_put(ctx, slice_of(bytes, size));
}

static void a_certificate_of_the_collection_can_be_shown(void **state)
{
        struct tax_world *w = *state;
        BUF_OWNED text = { 0 };
        BUF_OWNED json = { 0 };

        assert_int_equal(fumi_tax_add(w->t, "a.xml", life(w, "A-17", 1).at, life(w, "A-17", 1).len),
                         0);
        assert_int_equal(fumi_tax_show(w->t, 0, FUMI_TAX_TEXT, collect, &text), 0);
        assert_non_null(strstr(buf_cstr(&text), "A-17"));
        assert_int_equal(fumi_tax_show(w->t, 0, FUMI_TAX_JSON, collect, &json), 0);
        assert_int_equal(json.at[0], '{');
        json.len = 0;
        assert_int_equal(fumi_tax_show(w->t, 1, FUMI_TAX_JSON, collect, &json), -EINVAL);
        assert_int_equal(fumi_tax_show(w->t, 0, (enum fumi_tax_shown)3, collect, &json), -EINVAL);
        assert_int_equal(json.len, 0);
        assert_true(*fumi_tax_error(w->t));
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        static const struct CMUnitTest stories[] = {
                STORY(of_a_folder_only_xml_is_taken_in_the_order_of_names),
                STORY(a_file_that_is_named_is_taken_whatever_its_name),
                STORY(what_is_not_there_or_no_file_is_said),
                STORY(a_folder_is_taken_whole_or_not_at_all),
                STORY(a_file_too_large_to_be_one_is_there_and_refused),
                STORY(of_a_zip_only_xml_is_taken_from_any_folder_of_it),
                STORY(a_name_from_windows_is_read_as_it_was_meant),
                STORY(a_bomb_is_refused_and_the_rest_is_taken),
                STORY(many_bombs_are_more_than_a_collection_takes_and_leave_nothing),
                STORY(a_zip_of_too_many_entries_is_refused),
                STORY(a_locked_entry_is_there_and_says_so),
                STORY(a_damaged_entry_says_so_and_a_damaged_zip_is_refused),
                STORY(the_xml_of_every_letter_is_taken_with_its_sender),
                STORY(a_letter_that_does_not_open_is_told_of_and_gives_nothing),
                STORY(the_issuer_is_compared_with_the_registered_sender),
                STORY(a_later_one_from_somebody_else_supersedes_nothing),
                STORY(of_one_trusted_signer_the_later_counts_whoever_sent_it),
                STORY(a_certificate_of_the_collection_can_be_shown),
        };
        return cmocka_run_group_tests(stories, NULL, NULL);
}
