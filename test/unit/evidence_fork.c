/* evidence_fork.c - two histories are proved for all small trees, and one history never is (E6.9)
 */
#include "base/secret.h"
#include "base/text.h"
#include "evidence/fork.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define ORIGIN "post.example/log/0"
enum { LEAVES = 40 };

static struct sign_sec *sec;
static struct note_key key = { ORIGIN, { { 0 } } };

static int set_up(void **state)
{
        if (secret_init() || !(sec = secret_new(sizeof(*sec))))
                return -1;
        keys_sign_new(&key.pub, sec);
        return 0;
}

static int tear_down(void **state)
{
        secret_free(sec);
        return 0;
}

/* A log whose leaves from @from on are of another history. */
struct log {
        struct hash leaf[LEAVES];
};

static struct log log_of(size_t from)
{
        struct log l;

        for (size_t i = 0; i < LEAVES; i++) {
                const uint8_t data[2] = { (uint8_t)i, i >= from };

                tree_leaf(&l.leaf[i], slice_of(data, sizeof(data)));
        }
        return l;
}

static int node(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
        struct log *l = ctx;

        tree_root_of(out, l->leaf + (index << level), (size_t)1 << level);
        return 0;
}

static void put_checkpoint(struct buf *out, struct log *l, uint64_t size)
{
        struct checkpoint c = { .origin = ORIGIN, .size = size };

        tree_root_of(&c.root, l->leaf, size);
        checkpoint_write(out, &c, sec);
}

/* @one of size @m, @other of size @n with what becomes of the first m in it. */
static int judge(struct log *one, uint64_t m, struct log *other, uint64_t n, struct buf *text)
{
        const struct tree_source src = { node, other };
        struct fork f = { .nodes = 0 }, read;
        struct checkpoint c, d;
        BUF_OWNED first = { 0 };
        BUF_OWNED second = { 0 };
        int r;

        put_checkpoint(&first, one, m);
        put_checkpoint(&second, other, n);
        f.one = buf_slice(&first);
        f.other = buf_slice(&second);
        if (m < n)
                assert_int_equal(fork_nodes(&f, m, n, &src), 0);
        buf_clear(text);
        fork_write(text, &f);
        assert_int_equal(fork_read(&read, buf_slice(text)), 0);
        r = fork_judge(&read, &key, 1, &c, &d);
        assert_int_equal(c.size, m);
        assert_int_equal(d.size, n);
        fork_free(&read);
        return r;
}

static void two_histories_are_proved_and_one_is_not(void **state)
{
        struct log honest = log_of(LEAVES), other;
        BUF_OWNED text = { 0 };

        for (uint64_t from = 0; from < 20; from += 3) {
                other = log_of(from);
                for (uint64_t m = 1; m < 20; m++)
                        for (uint64_t n = m; n < LEAVES; n += 1 + n / 8) {
                                int wanted = m > from ? 0 : FORK_NONE;

                                assert_int_equal(judge(&honest, m, &other, n, &text),
                                                 m == n && m <= from ? FORK_NONE : wanted);
                                assert_int_equal(judge(&honest, m, &honest, n, &text), FORK_NONE);
                        }
        }
}

/* Nodes that lead nowhere prove nothing, whoever wrote them. */
static void nodes_that_were_made_up_prove_nothing(void **state)
{
        struct log honest = log_of(LEAVES);
        const struct tree_source src = { node, &honest };
        struct fork f = { .nodes = 0 };
        struct checkpoint c, d;
        BUF_OWNED one = { 0 };
        BUF_OWNED other = { 0 };

        put_checkpoint(&one, &honest, 6);
        put_checkpoint(&other, &honest, 13);
        f.one = buf_slice(&one);
        f.other = buf_slice(&other);
        assert_int_equal(fork_judge(&f, &key, 1, &c, &d), FORK_UNPROVEN);
        assert_int_equal(fork_nodes(&f, 6, 13, &src), 0);
        assert_int_equal(fork_judge(&f, &key, 1, &c, &d), FORK_NONE);
        for (size_t i = 0; i < f.nodes; i++) {
                f.node[i].b[7] ^= 1;
                assert_int_equal(fork_judge(&f, &key, 1, &c, &d), FORK_UNPROVEN);
                f.node[i].b[7] ^= 1;
        }
        f.nodes--;
        assert_int_equal(fork_judge(&f, &key, 1, &c, &d), FORK_UNPROVEN);
        f.nodes += 2;
        assert_int_equal(fork_judge(&f, &key, 1, &c, &d), FORK_UNPROVEN);
}

static void whom_the_log_did_not_sign_is_convicted_of_nothing(void **state)
{
        struct log honest = log_of(LEAVES), other = log_of(0);
        struct note_key stranger = key, elsewhere = key;
        BUF_OWNED one = { 0 };
        BUF_OWNED two = { 0 };
        struct fork f = { .nodes = 0 };
        struct checkpoint c, d;

        put_checkpoint(&one, &honest, 6);
        put_checkpoint(&two, &other, 6);
        f.one = buf_slice(&one);
        f.other = buf_slice(&two);
        assert_int_equal(fork_judge(&f, &key, 1, &c, &d), 0);
        assert_int_equal(fork_judge(&f, &key, 0, &c, &d), FORK_UNSIGNED);
        stranger.pub.b[0] ^= 1;
        assert_int_equal(fork_judge(&f, &stranger, 1, &c, &d), FORK_UNSIGNED);
        memcpy(elsewhere.name, "else.example/log/0", 18);
        assert_int_equal(fork_judge(&f, &elsewhere, 1, &c, &d), FORK_UNSIGNED);
        two.at[two.len - 20] = two.at[two.len - 20] == 'A' ? 'B' : 'A'; /* its signature */
        assert_int_equal(fork_judge(&f, &key, 1, &c, &d), FORK_NONE);
        f.other = slice_str("nothing");
        assert_int_equal(fork_judge(&f, &key, 1, &c, &d), FORK_MALFORMED);
}

static void an_empty_log_contradicts_nothing(void **state)
{
        struct log honest = log_of(LEAVES);
        struct checkpoint empty = { .origin = ORIGIN }, c, d;
        struct fork f = { .nodes = 0 };
        BUF_OWNED one = { 0 };
        BUF_OWNED other = { 0 };

        tree_empty(&empty.root);
        checkpoint_write(&one, &empty, sec);
        put_checkpoint(&other, &honest, 5);
        f.one = buf_slice(&other);
        f.other = buf_slice(&one);
        assert_int_equal(fork_judge(&f, &key, 1, &c, &d), FORK_NONE);
}

static void changed_evidence_does_not_convince(void **state)
{
        struct log honest = log_of(LEAVES), other = log_of(5);
        BUF_OWNED text = { 0 };

        assert_int_equal(judge(&honest, 8, &other, 13, &text), 0);
        for (size_t i = 0; i < text.len; i++) {
                struct checkpoint c, d;
                struct fork f;
                int r;

                text.at[i] ^= 1;
                r = fork_read(&f, buf_slice(&text));
                if (r == 0) {
                        r = fork_judge(&f, &key, 1, &c, &d);
                        fork_free(&f);
                }
                assert_int_not_equal(r, 0);
                text.at[i] ^= 1;
        }
}

static void what_is_no_evidence_is_not_read(void **state)
{
        static const char *const bad[] = {
                "",
                "fumibako fork v1\n",
                "fumibako fork v1\none QQ==\n",
                "fumibako fork v2\none QQ==\nother QQ==\n",
                "fumibako fork v1\none QQ==\nother QQ==\nnode QQ==\n",
                "fumibako fork v1\none QQ==\nother QQ==\nmore\n",
                "fumibako fork v1\none QQ=\nother QQ==\n",
        };
        struct fork f;
        BUF_OWNED many = { 0 };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_int_equal(fork_read(&f, slice_str(bad[i])), FORK_MALFORMED);
        buf_puts(&many, "fumibako fork v1\none QQ==\nother QQ==\n");
        for (int i = 0; i <= FORK_NODES_MOST; i++)
                buf_puts(&many, "node AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
        assert_int_equal(fork_read(&f, buf_slice(&many)), FORK_MALFORMED);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(two_histories_are_proved_and_one_is_not),
                cmocka_unit_test(nodes_that_were_made_up_prove_nothing),
                cmocka_unit_test(whom_the_log_did_not_sign_is_convicted_of_nothing),
                cmocka_unit_test(an_empty_log_contradicts_nothing),
                cmocka_unit_test(changed_evidence_does_not_convince),
                cmocka_unit_test(what_is_no_evidence_is_not_read),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
