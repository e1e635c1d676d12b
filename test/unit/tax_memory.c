/* tax_memory.c - memory that runs out at any place: said, nothing lost, nothing left behind
 *
 * Linked so that every request for memory of the project's own code comes here first. One story is
 * played again and again, and each time a later request is refused, until none is. */
#include "tax_world.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static long left = -1; /* requests until the one that is refused; -1: none is */
static bool refused;

static bool refuse(void)
{
        if (left < 0 || left-- > 0)
                return false;
        refused = true;
        errno = ENOMEM;
        return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__real_reallocarray(void *at, size_t count, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
void *__wrap_reallocarray(void *at, size_t count, size_t size);
char *__wrap_strdup(const char *s);

void *__wrap_malloc(size_t size)
{
        return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
        return refuse() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size)
{
        return refuse() ? NULL : __real_realloc(at, size);
}

void *__wrap_reallocarray(void *at, size_t count, size_t size)
{
        return refuse() ? NULL : __real_reallocarray(at, count, size);
}

char *__wrap_strdup(const char *s)
{
        return refuse() ? NULL : __real_strdup(s);
}

/* Judging is another room's story: inside it nothing is refused. */
int __real_judge_certificate(struct judged **out, struct judge *j, struct slice bytes);
int __wrap_judge_certificate(struct judged **out, struct judge *j, struct slice bytes);

int __wrap_judge_certificate(struct judged **out, struct judge *j, struct slice bytes)
{
        long before = left;
        int r;

        left = -1;
        r = __real_judge_certificate(out, j, bytes);
        left = before;
        return r;
}

/* ---- the story ---- */

struct place {
        struct tax_world w;
        char in[128], zip[128], out[128], out_zip[128], anchors[128];
};

static size_t files_in(const char *folder)
{
        DIR *d = opendir(folder);
        size_t n = 0;

        assert_non_null(d);
        while (readdir(d))
                n++;
        closedir(d);
        return n;
}

static void put(struct place *p, const char *name, const char *number, unsigned serial)
{
        const struct tax_paper paper = { .form = "TEG800",
                                         .serial = serial,
                                         .lines = tax_world_life(&p->w, "1", number, 1, 100) };
        char path[256];

        snprintf(path, sizeof(path), "%s/%s", p->in, name);
        assert_int_equal(file_replace(path, tax_world_xml(&p->w, &paper), 0600), 0);
}

static int setup(void **state)
{
        static struct place p;
        const char *root = p.w.root;

        if (tax_world_new(&p.w))
                return -1;
        snprintf(p.in, sizeof(p.in), "%s/in", root);
        snprintf(p.zip, sizeof(p.zip), "%s/in.zip", root);
        snprintf(p.out, sizeof(p.out), "%s/out", root);
        snprintf(p.out_zip, sizeof(p.out_zip), "%s/out.zip", root);
        snprintf(p.anchors, sizeof(p.anchors), "%s/signer.pem", root);
        assert_int_equal(mkdir(p.in, 0700), 0);
        put(&p, "a.xml", "A", 1);
        put(&p, "b.xml", "A", 2);
        put(&p, "c.xml", "C", 3);
        assert_int_equal(fumi_tax_add_path(p.w.t, p.in), 0);
        assert_int_equal(fumi_tax_export(p.w.t, 2026, p.zip, NULL, NULL), 0);
        *state = &p;
        return 0;
}

static int teardown(void **state)
{
        tax_world_free(&((struct place *)*state)->w);
        return 0;
}

static int nothing(void *ctx, const struct fumi_certificate *c)
{
        return 0;
}

static int all_of_it(struct place *p)
{
        const struct fumi_tax_trust trust = { .anchors = p->anchors, .at = TAX_NOON };
        char why[TAX_WHY];
        fumi_tax *t = NULL;
        int r = fumi_tax_open(&t, &trust, why);

        if (!r)
                r = fumi_tax_add_path(t, p->in);
        if (!r)
                r = fumi_tax_add_path(t, p->zip);
        if (!r)
                r = fumi_tax_each(t, 2026, nothing, NULL);
        if (!r)
                r = fumi_tax_export(t, 2026, p->out, NULL, NULL);
        if (!r)
                r = fumi_tax_export(t, 2026, p->out_zip, NULL, NULL);
        if (!r)
                assert_int_equal(t->count, 5);
        fumi_tax_close(t);
        return r;
}

static bool is_there(const char *path)
{
        return access(path, F_OK) == 0;
}

/* What was written before the memory ran out is there whole: an export is one thing, two are two.
 */
static void clear(struct place *p, size_t files)
{
        char command[512];

        if (is_there(p->out))
                assert_int_equal(files_in(p->out), 2 + 4);
        snprintf(command, sizeof(command), "rm -rf '%s' '%s'", p->out, p->out_zip);
        assert_int_equal(system(command), 0);
        assert_int_equal(files_in(p->w.root), files);
}

static void memory_that_runs_out_is_said_and_leaves_nothing(void **state)
{
        struct place *p = *state;
        size_t files = files_in(p->w.root), refusals = 0;
        long n = 0;
        int r;

        do {
                left = n++;
                refused = false;
                r = all_of_it(p);
                left = -1;
                if (refused && r != -ENOMEM)
                        fail_msg("request %ld was refused, and it gave %d", n - 1, r);
                refusals += refused;
                clear(p, files);
        } while (refused);
        assert_int_equal(r, 0);
        assert_true(refusals > 100);
}

/* The collection is as it was before, and what failed can be done again. */
static void a_collection_outlives_what_failed(void **state)
{
        struct place *p = *state;
        fumi_tax *t;
        int r;

        assert_int_equal(fumi_tax_open(&t, NULL, NULL), 0);
        assert_int_equal(fumi_tax_add_path(t, p->zip), 0);
        assert_int_equal(t->count, 2);
        for (long n = 0; refused || !n; n += 3) {
                left = n;
                refused = false;
                r = fumi_tax_add_path(t, p->in);
                left = -1;
                assert_int_equal(r, refused ? -ENOMEM : 0);
                assert_int_equal(t->count, refused ? 2 : 5);
        }
        assert_int_equal(fumi_tax_each(t, 0, nothing, NULL), 0);
        fumi_tax_close(t);
}

int main(void)
{
        static const struct CMUnitTest stories[] = {
                cmocka_unit_test_setup_teardown(memory_that_runs_out_is_said_and_leaves_nothing,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(a_collection_outlives_what_failed, setup, teardown),
        };
        return cmocka_run_group_tests(stories, NULL, NULL);
}
