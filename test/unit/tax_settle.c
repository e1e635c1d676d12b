/* tax_settle.c - what counts, what is there twice, what is superseded (N4.2, N4.3, N4.4)
 *
 * Real certificates, signed and judged. Every story looks at the sum, and at what each certificate
 * says of itself. */
#include "tax_world.h"

#include "base/file.h"
#include "schemas/outcomes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define DAY INT64_C(86400000)

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

static int64_t life(struct tax_world *w)
{
        return tax_world_sum(w, 2026, "life-general-new", NULL);
}

static void check(struct tax_world *w, size_t number, enum fumi_tax_state state, int why)
{
        const struct fumi_certificate *c = tax_world_see(w, number);

        assert_int_equal(c->state, state);
        assert_int_equal(c->why, why);
}

static size_t add(struct tax_world *w, const char *lines, instant made, unsigned serial)
{
        char name[32];

        snprintf(name, sizeof(name), "%zu.xml", w->t->count);
        return tax_world_add(
                w, name,
                &(struct tax_paper){
                        .form = "TEG800", .lines = lines, .made = made, .serial = serial });
}

static size_t contract(struct tax_world *w, const char *day, const char *number, int amount)
{
        return add(w, tax_world_life(w, day, number, amount, amount), 0, (unsigned)w->t->count + 1);
}

/* ---- the same a second time ---- */

static void the_same_bytes_count_once(void **state)
{
        struct tax_world *w = *state;
        size_t a = add(w, tax_world_life(w, "1", "A", 9000, 12000), 0, 1);
        size_t b = add(w, tax_world_life(w, "1", "A", 9000, 12000), 0, 1);

        assert_int_equal(life(w), 12000);
        check(w, a, FUMI_TAX_COUNTS, 0);
        check(w, b, FUMI_TAX_DUPLICATE, OUTCOME_TAX_DUPLICATE);
        assert_ptr_equal(tax_world_see(w, b)->by, tax_world_see(w, a));
}

static void the_same_contents_under_another_id_and_signature_count_once(void **state)
{
        struct tax_world *w = *state;
        const char *lines = tax_world_life(w, "1", "A", 9000, 12000);
        size_t a = add(w, lines, 0, 1);
        size_t b = add(w, lines, TAX_NOON + DAY, 2);
        size_t c = add(w, lines, TAX_NOON + DAY, 2);

        assert_int_equal(life(w), 12000);
        check(w, a, FUMI_TAX_COUNTS, 0);
        check(w, b, FUMI_TAX_DUPLICATE, OUTCOME_TAX_DUPLICATE);
        check(w, c, FUMI_TAX_DUPLICATE, OUTCOME_TAX_DUPLICATE);
        assert_ptr_equal(tax_world_see(w, c)->by, tax_world_see(w, a));
}

static void a_good_certificate_is_no_duplicate_of_a_broken_one(void **state)
{
        struct tax_world *w = *state;
        struct tax_paper p = { .form = "TEG800",
                               .lines = tax_world_life(w, "1", "A", 9000, 12000),
                               .broken = true };
        size_t broken = tax_world_add(w, "broken.xml", &p), again, good;

        again = tax_world_add(w, "again.xml", &p);
        p.broken = false;
        good = tax_world_add(w, "good.xml", &p);
        assert_int_equal(life(w), 12000);
        check(w, broken, FUMI_TAX_SHOWN, OUTCOME_SIGNATURE_BROKEN);
        check(w, again, FUMI_TAX_DUPLICATE, OUTCOME_TAX_DUPLICATE);
        check(w, good, FUMI_TAX_COUNTS, 0);
        assert_int_equal(tax_world_see(w, broken)->entries, 1); /* N3.5: its values are there */
        assert_int_equal(tax_world_see(w, broken)->entry[0].carried, 12000);
}

static void nor_does_a_broken_one_between_two_good_ones_hide_that_they_are_the_same(void **state)
{
        struct tax_world *w = *state;
        struct tax_paper p = { .form = "TEG800",
                               .lines = tax_world_life(w, "1", "A", 9000, 12000),
                               .serial = 1 };
        size_t good = tax_world_add(w, "good.xml", &p), again;

        p.broken = true;
        p.serial = 2;
        tax_world_add(w, "broken.xml", &p);
        p.broken = false;
        p.serial = 3;
        again = tax_world_add(w, "again.xml", &p);
        assert_int_equal(life(w), 12000);
        check(w, good, FUMI_TAX_COUNTS, 0);
        check(w, again, FUMI_TAX_DUPLICATE, OUTCOME_TAX_DUPLICATE);
        assert_ptr_equal(tax_world_see(w, again)->by, tax_world_see(w, good));
}

/* ---- issued again ---- */

static void of_two_days_of_issue_the_later_counts_whatever_the_order(void **state)
{
        struct tax_world *w = *state;
        size_t early = contract(w, "1", "A", 100), late = contract(w, "20", "A", 250);

        assert_int_equal(life(w), 250);
        check(w, early, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        check(w, late, FUMI_TAX_COUNTS, 0);
        assert_ptr_equal(tax_world_see(w, early)->by, tax_world_see(w, late));
        tax_world_again(w, NULL);
        late = contract(w, "20", "A", 250);
        early = contract(w, "1", "A", 100);
        assert_int_equal(life(w), 250);
        check(w, early, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        check(w, late, FUMI_TAX_COUNTS, 0);
}

static void of_one_day_of_issue_the_one_made_later_counts(void **state)
{
        struct tax_world *w = *state;
        size_t late = add(w, tax_world_life(w, "1", "A", 1, 250), TAX_NOON + DAY, 1);
        size_t early = add(w, tax_world_life(w, "1", "A", 1, 100), TAX_NOON, 9);

        assert_int_equal(life(w), 250);
        check(w, early, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        check(w, late, FUMI_TAX_COUNTS, 0);
}

static void of_one_day_of_making_the_larger_id_counts(void **state)
{
        struct tax_world *w = *state;
        size_t late = add(w, tax_world_life(w, "1", "A", 1, 250), 0, 2);
        size_t early = add(w, tax_world_life(w, "1", "A", 1, 100), 0, 1);

        assert_int_equal(life(w), 250);
        check(w, early, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        assert_false(tax_world_found(tax_world_see(w, late), OUTCOME_TAX_AMBIGUOUS));
}

static void when_nothing_decides_one_counts_and_both_say_so(void **state)
{
        struct tax_world *w = *state;
        size_t a = add(w, tax_world_life(w, "1", "A", 1, 100), 0, 1);
        size_t b = add(w, tax_world_life(w, "1", "A", 1, 250), 0, 1);

        assert_int_equal(life(w), 100);
        check(w, a, FUMI_TAX_COUNTS, 0);
        check(w, b, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        assert_true(tax_world_found(tax_world_see(w, a), OUTCOME_TAX_AMBIGUOUS));
        assert_true(tax_world_found(tax_world_see(w, b), OUTCOME_TAX_AMBIGUOUS));
}

static void ids_of_two_lengths_are_not_counted_up_and_decide_nothing(void **state)
{
        struct tax_world *w = *state;
        struct tax_paper p = { .form = "TEG800",
                               .id = "TEG80010",
                               .lines = tax_world_life(w, "1", "A", 1, 100) };
        size_t a = tax_world_add(w, "a.xml", &p), b;

        p.id = "TEG8009";
        p.lines = tax_world_life(w, "1", "A", 1, 250);
        b = tax_world_add(w, "b.xml", &p);
        assert_int_equal(life(w), 100);
        check(w, b, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        assert_true(tax_world_found(tax_world_see(w, a), OUTCOME_TAX_AMBIGUOUS));
        assert_true(tax_world_found(tax_world_see(w, b), OUTCOME_TAX_AMBIGUOUS));
}

static bool both_say(struct tax_world *w)
{
        bool first = tax_world_found(tax_world_see(w, 0), OUTCOME_TAX_AMBIGUOUS);

        assert_int_equal(tax_world_found(tax_world_see(w, 1), OUTCOME_TAX_AMBIGUOUS), first);
        return first;
}

static void a_day_that_has_not_come_yet_replaces_nothing_silently(void **state)
{
        struct tax_world *w = *state;
        size_t early = contract(w, "1", "A", 100), late;

        late = add(w,
                   "WCA00000=エグザンプル生命保険㈱\nWCB00000.hojinbango=8010001000123\n"
                   "WCC00000.yyyy=9999\nWCC00000.mm=11\nWCC00000.dd=1\nWCD00000=文箱　花子\n"
                   "WCE00000*\nWCE00010.yyyy=2026\nWCE00020=題\nWCE00030.kubun_CD=1\n"
                   "WCE00040=A\nWCE00350=2\n",
                   0, 2);
        check(w, early, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        assert_true(both_say(w));
        assert_true(tax_world_found(tax_world_see(w, late), OUTCOME_TAX_DAY_AHEAD));
        assert_false(tax_world_found(tax_world_see(w, early), OUTCOME_TAX_DAY_AHEAD));
}

/* 2026-11-16 is the day of judging. */
static void the_day_of_judging_has_come(void **state)
{
        struct tax_world *w = *state;
        const char *lines = tax_world_life(w, "1", "A", 1, 100);

        add(w, lines, TAX_NOON + DAY / 2 - 1, 1);
        add(w, lines, TAX_NOON + DAY / 2, 2);
        for (int day = 16; day <= 17; day++) {
                char issued[512];

                snprintf(issued, sizeof(issued),
                         "WCA00000=文箱\nWCC00000.yyyy=2026\nWCC00000.mm=11\nWCC00000.dd=%d\n"
                         "WCD00000=文箱　花子\nWCE00000*\nWCE00020=題\n"
                         "WCE00030.kubun_CD=1\nWCE00040=B\nWCE00350=2\n",
                         day);
                add(w, issued, 0, (unsigned)day);
        }
        assert_false(tax_world_found(tax_world_see(w, 0), OUTCOME_TAX_DAY_AHEAD));
        assert_true(tax_world_found(tax_world_see(w, 1), OUTCOME_TAX_DAY_AHEAD));
        assert_false(tax_world_found(tax_world_see(w, 2), OUTCOME_TAX_DAY_AHEAD));
        assert_true(tax_world_found(tax_world_see(w, 3), OUTCOME_TAX_DAY_AHEAD));
}

#define TAKEN_BACK(day)                                                                            \
        "WCA00000=エグザンプル生命保険㈱\nWCC00000.yyyy=2026\nWCC00000.mm=10\n"         \
        "WCC00000.dd=" day "\nWCD00000=文箱　花子\nWCE00000*\nWCE00010.yyyy=2026\n"           \
        "WCE00020=題\nWCE00030.kubun_CD=1\nWCE00040=A\nWCE00720=取消\n"

static void a_later_one_of_no_amount_is_said_and_the_earlier_counts(void **state)
{
        struct tax_world *w = *state;
        size_t early = contract(w, "5", "A", 100), late = add(w, TAKEN_BACK("20"), 0, 2);

        assert_int_equal(life(w), 100);
        check(w, early, FUMI_TAX_COUNTS, 0);
        check(w, late, FUMI_TAX_SHOWN, OUTCOME_TAX_NOTHING);
        assert_true(both_say(w));
        assert_int_equal(tax_world_see(w, late)->entries, 0);
}

static void an_earlier_one_of_no_amount_is_of_no_account(void **state)
{
        struct tax_world *w = *state;

        contract(w, "5", "A", 100);
        add(w, TAKEN_BACK("1"), 0, 2);
        contract(w, "5", "B", 7);
        assert_int_equal(life(w), 107);
        assert_false(both_say(w));
}

/* ---- another signer ---- */

static void trust_all(struct tax_world *w)
{
        static const char *const names[] = { "signer", "stranger", "numbered" };
        BUF_OWNED all = { 0 };
        char path[128];

        for (size_t i = 0; i < (w->numbered ? 3 : 2); i++) {
                BUF_OWNED one = { 0 };

                snprintf(path, sizeof(path), "%s/%s.pem", w->root, names[i]);
                assert_int_equal(file_read(&one, path, 1 << 16), 0);
                buf_put(&all, buf_slice(&one));
        }
        snprintf(path, sizeof(path), "%s/all.pem", w->root);
        assert_int_equal(file_replace(path, buf_slice(&all), 0600), 0);
        tax_world_again(w, path);
}

static size_t numbered(struct tax_world *w, const char *day, int amount)
{
        return tax_world_add(
                w, "numbered.xml",
                &(struct tax_paper){ .form = "TEG800",
                                     .numbered = true,
                                     .serial = (unsigned)w->t->count + 1,
                                     .lines = tax_world_life(w, day, "A", amount, amount) });
}

/* Whose signature the remark is about. */
static const char *said_of(const struct fumi_certificate *c)
{
        for (size_t i = 0; i < c->findings; i++)
                if (c->finding[i].code == OUTCOME_TAX_AMBIGUOUS)
                        return c->finding[i].where;
        return NULL;
}

/* The insurer's own on the 10th, a stranger's on @day. */
static void two_signers(struct tax_world *w, const char *day, int64_t counts)
{
        contract(w, "10", "A", 100);
        tax_world_add(w, "stranger.xml",
                      &(struct tax_paper){ .form = "TEG800",
                                           .stranger = true,
                                           .serial = 2,
                                           .lines = tax_world_life(w, day, "A", 2, 2) });
        assert_int_equal(life(w), counts);
        assert_true(both_say(w));
        assert_string_equal(said_of(tax_world_see(w, 0)), "stranger");
        assert_string_equal(said_of(tax_world_see(w, 1)), "signer");
}

static void of_two_signers_nobody_vouches_for_both_say_so(void **state)
{
        struct tax_world *w = *state;

        two_signers(w, "30", 2);
        tax_world_again(w, NULL);
        two_signers(w, "1", 100);
        trust_all(w);
        two_signers(w, "30", 2);
        assert_int_equal(tax_world_see(w, 1)->issuer_trust, FUMI_TAX_TRUSTED);
        trust_all(w);
        two_signers(w, "1", 100);
}

static void one_signers_later_one_replaces_with_nothing_to_say(void **state)
{
        struct tax_world *w = *state;

        for (int trusted = 0; trusted < 2; trusted++) {
                tax_world_again(w, NULL);
                if (trusted)
                        trust_all(w);
                contract(w, "1", "A", 100);
                contract(w, "2", "A", 200);
                assert_int_equal(life(w), 200);
                assert_false(both_say(w));
        }
}

static void who_has_the_issuers_number_counts_whatever_the_day(void **state)
{
        struct tax_world *w = *state;

        tax_world_number(w, "8010001000123");
        for (int trusted = 0; trusted < 2; trusted++) {
                tax_world_again(w, NULL);
                if (trusted)
                        trust_all(w);
                numbered(w, "1", 100);
                contract(w, "20", "A", 2);
                assert_int_equal(life(w), 100);
                check(w, 0, FUMI_TAX_COUNTS, 0);
                check(w, 1, FUMI_TAX_SHOWN, OUTCOME_TAX_DOUBTFUL);
                assert_true(tax_world_found(tax_world_see(w, 1), OUTCOME_TAX_DOUBTFUL));
        }
}

static void who_has_another_number_replaces_nothing(void **state)
{
        struct tax_world *w = *state;

        tax_world_number(w, "2010001000789");
        for (int trusted = 0; trusted < 2; trusted++) {
                tax_world_again(w, NULL);
                if (trusted)
                        trust_all(w);
                contract(w, "1", "A", 100);
                numbered(w, "20", 2);
                assert_int_equal(life(w), 100);
                check(w, 0, FUMI_TAX_COUNTS, 0);
                check(w, 1, FUMI_TAX_SHOWN, OUTCOME_TAX_DOUBTFUL);
        }
}

/* ---- of one number ---- */

static void one_number_twice_in_one_certificate_is_twice_to_declare(void **state)
{
        struct tax_world *w = *state;
        char rider[2048];
        size_t both, one;

        snprintf(rider, sizeof(rider),
                 "%sWCE00000*\nWCE00010.yyyy=2026\nWCE00020=特約\nWCE00030.kubun_CD=1\n"
                 "WCE00040=A\nWCE00350=30\n",
                 tax_world_life(w, "1", "A", 100, 100));
        both = add(w, rider, 0, 1);
        assert_int_equal(life(w), 130);
        check(w, both, FUMI_TAX_COUNTS, 0);
        one = contract(w, "2", "A", 7); /* the insurer says both anew, in one */
        assert_int_equal(life(w), 7);
        check(w, both, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        check(w, one, FUMI_TAX_COUNTS, 0);
}

static void only_the_entry_that_was_corrected_is_superseded(void **state)
{
        struct tax_world *w = *state;
        char two[2048];
        size_t first, correction;

        snprintf(two, sizeof(two),
                 "%sWCE00000*\nWCE00010.yyyy=2026\nWCE00020=B\nWCE00030.kubun_CD=1\n"
                 "WCE00040=B\nWCE00350=30\n",
                 tax_world_life(w, "1", "A", 100, 100));
        first = add(w, two, 0, 1);
        correction = contract(w, "2", "B", 31);
        assert_int_equal(life(w), 131);
        check(w, first, FUMI_TAX_COUNTS, 0);
        check(w, correction, FUMI_TAX_COUNTS, 0);
        assert_int_equal(tax_world_see(w, first)->entry[0].state, FUMI_TAX_COUNTS);
        assert_int_equal(tax_world_see(w, first)->entry[1].state, FUMI_TAX_SUPERSEDED);
        assert_ptr_equal(tax_world_see(w, first)->entry[1].by, tax_world_see(w, correction));
}

static void two_insurers_with_one_policy_number_do_not_collide(void **state)
{
        struct tax_world *w = *state;
        size_t entries;

        contract(w, "1", "A", 100);
        add(w,
            "WCA00000=文箱生命保険株式会社\nWCB00000.hojinbango=2010001000789\n"
            "WCC00000.yyyy=2026\nWCC00000.mm=10\nWCC00000.dd=2\nWCD00000=文箱　花子\n"
            "WCE00000*\nWCE00010.yyyy=2026\nWCE00020=題\nWCE00030.kubun_CD=1\nWCE00040=A\n"
            "WCE00350=30\n",
            0, 2);
        assert_int_equal(tax_world_sum(w, 2026, "life-general-new", &entries), 130);
        assert_int_equal(entries, 2);
}

static void an_issuer_without_its_number_is_known_by_its_name(void **state)
{
        struct tax_world *w = *state;
        size_t first = contract(w, "1", "A", 100), second;

        second = add(w,
                     "WCA00000=エグザンプル生命保険株式会社\nWCC00000.yyyy=2026\nWCC00000.mm=11\n"
                     "WCC00000.dd=2\nWCD00000=文箱　花子\nWCE00000*\nWCE00010.yyyy=2026\n"
                     "WCE00020=題\nWCE00030.kubun_CD=1\nWCE00040=Ａ\nWCE00350=30\n",
                     0, 2);
        assert_int_equal(life(w), 30);
        check(w, first, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        check(w, second, FUMI_TAX_COUNTS, 0);
}

static size_t by_issuer(struct tax_world *w, const char *name, const char *number, int amount)
{
        char lines[512];

        snprintf(lines, sizeof(lines),
                 "WCA00000=%s\nWCB00000.hojinbango=%s\nWCC00000.yyyy=2026\nWCC00000.mm=10\n"
                 "WCC00000.dd=2\nWCD00000=文箱　花子\nWCE00000*\nWCE00010.yyyy=2026\n"
                 "WCE00020=題\nWCE00030.kubun_CD=1\nWCE00040=A\nWCE00350=%d\n",
                 name, number, amount);
        return add(w, lines, 0, (unsigned)w->t->count + 1);
}

static void an_issuer_that_changed_its_name_is_known_by_its_number(void **state)
{
        struct tax_world *w = *state;
        size_t first = by_issuer(w, "い生命", "8010001000123", 1);

        by_issuer(w, "は生命", "2010001000789", 10); /* by name it stands between the two */
        by_issuer(w, "ろ生命", "8010001000123", 100);
        assert_int_equal(life(w), 110);
        check(w, first, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
}

static void it_is_so_whichever_of_them_came_first(void **state)
{
        struct tax_world *w = *state;
        size_t first, second;

        first = add(w,
                    "WCA00000=エグザンプル生命保険株式会社\nWCC00000.yyyy=2026\nWCC00000.mm=9\n"
                    "WCC00000.dd=2\nWCD00000=文箱　花子\nWCE00000*\nWCE00010.yyyy=2026\n"
                    "WCE00020=題\nWCE00030.kubun_CD=1\nWCE00040=A\nWCE00350=30\n",
                    0, 1);
        second = contract(w, "1", "A", 100);
        assert_int_equal(life(w), 100);
        check(w, first, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
        check(w, second, FUMI_TAX_COUNTS, 0);
}

static void years_are_kept_apart(void **state)
{
        struct tax_world *w = *state;
        int years[4];
        size_t entries;

        contract(w, "1", "A", 100);
        add(w,
            "WCA00000=エグザンプル生命保険㈱\nWCB00000.hojinbango=8010001000123\n"
            "WCC00000.yyyy=2025\nWCC00000.mm=10\nWCC00000.dd=2\nWCD00000=文箱　花子\n"
            "WCE00000*\nWCE00010.yyyy=2025\nWCE00020=題\nWCE00030.kubun_CD=1\nWCE00040=A\n"
            "WCE00350=30\n",
            0, 2);
        assert_int_equal(life(w), 100);
        assert_int_equal(tax_world_sum(w, 2025, "life-general-new", &entries), 30);
        assert_int_equal(entries, 1);
        assert_int_equal(tax_world_sum(w, 2024, "life-general-new", NULL), 0);
        assert_int_equal(fumi_tax_years(w->t, years, 4), 2);
        assert_int_equal(years[0], 2026);
        assert_int_equal(years[1], 2025);
        assert_int_equal(fumi_tax_years(w->t, years, 0), 2);
}

/* ---- nobody's certificates ---- */

static void a_broken_one_supersedes_nothing(void **state)
{
        struct tax_world *w = *state;
        size_t good = contract(w, "1", "A", 100), evil;

        evil = tax_world_add(w, "evil.xml",
                             &(struct tax_paper){ .form = "TEG800",
                                                  .broken = true,
                                                  .serial = 9,
                                                  .lines = tax_world_life(w, "30", "A", 1, 1) });
        assert_int_equal(life(w), 100);
        check(w, good, FUMI_TAX_COUNTS, 0);
        check(w, evil, FUMI_TAX_SHOWN, OUTCOME_SIGNATURE_BROKEN);
}

/* No anchors, no letter, no number in the signers' certificates: nothing but the dates. */
static void another_signer_replaces_nothing_without_a_word(void **state)
{
        struct tax_world *w = *state;
        size_t own = contract(w, "1", "A", 60000);
        size_t other =
                tax_world_add(w, "other.xml",
                              &(struct tax_paper){ .form = "TEG800",
                                                   .lines = tax_world_life(w, "2", "A", 2, 2),
                                                   .stranger = true,
                                                   .serial = 2 });

        assert_int_equal(life(w), 2);
        assert_true(tax_world_found(tax_world_see(w, own), OUTCOME_TAX_AMBIGUOUS));
        assert_true(tax_world_found(tax_world_see(w, other), OUTCOME_TAX_AMBIGUOUS));
        tax_world_again(w, NULL);
        contract(w, "1", "A", 60000);
        contract(w, "2", "A", 50000); /* the same signer's own correction needs no remark */
        assert_int_equal(life(w), 50000);
        assert_false(tax_world_found(tax_world_see(w, 0), OUTCOME_TAX_AMBIGUOUS));
}

static void a_rider_on_a_paper_of_its_own_counts_beside_the_contract(void **state)
{
        struct tax_world *w = *state;
        size_t main_one = contract(w, "1", "A", 60000);
        size_t rider =
                add(w,
                    "WCA00000=エグザンプル生命保険㈱\nWCB00000.hojinbango=8010001000123\n"
                    "WCC00000.yyyy=2026\nWCC00000.mm=10\nWCC00000.dd=1\nWCD00000=文箱　花子\n"
                    "WCE00000*\nWCE00010.yyyy=2026\nWCE00020=介護医療保険料控除証明書\n"
                    "WCE00030.kubun_CD=1\nWCE00040=A\nWCE00390=7000\nWCE00630=9000\n",
                    0, 2);

        assert_int_equal(life(w), 60000);
        assert_int_equal(tax_world_sum(w, 2026, "life-care", NULL), 9000);
        check(w, main_one, FUMI_TAX_COUNTS, 0);
        check(w, rider, FUMI_TAX_COUNTS, 0);
        assert_true(tax_world_found(tax_world_see(w, rider), OUTCOME_TAX_AMBIGUOUS));
        contract(w, "9", "A", 50000); /* issued again later: it speaks for the whole */
        assert_int_equal(life(w), 50000);
        assert_int_equal(tax_world_sum(w, 2026, "life-care", NULL), 0);
}

static void one_that_the_anchors_do_not_lead_to_supersedes_nothing(void **state)
{
        struct tax_world *w = *state;
        char anchors[128];
        size_t good, evil;

        snprintf(anchors, sizeof(anchors), "%s/signer.pem", w->root);
        tax_world_again(w, anchors);
        good = contract(w, "1", "A", 100);
        evil = tax_world_add(w, "evil.xml",
                             &(struct tax_paper){ .form = "TEG800",
                                                  .stranger = true,
                                                  .serial = 9,
                                                  .lines = tax_world_life(w, "30", "A", 1, 1) });
        assert_int_equal(life(w), 100);
        check(w, good, FUMI_TAX_COUNTS, 0);
        check(w, evil, FUMI_TAX_SHOWN, OUTCOME_SIGNER_UNTRUSTED);
        assert_int_equal(tax_world_see(w, good)->issuer_trust, FUMI_TAX_TRUSTED);
        assert_int_equal(tax_world_see(w, evil)->issuer_trust, FUMI_TAX_UNTRUSTED);
}

static void what_is_no_certificate_is_there_and_says_why(void **state)
{
        static const char junk[] = "<?xml version=\"1.0\"?><letter/>";
        struct tax_world *w = *state;
        const struct fumi_certificate *c;

        assert_int_equal(fumi_tax_add(w->t, "junk.xml", junk, sizeof(junk) - 1), 0);
        assert_int_equal(fumi_tax_add(w->t, "empty.xml", "", 0), 0);
        c = tax_world_see(w, 0);
        assert_int_equal(c->state, FUMI_TAX_SHOWN);
        assert_int_equal(c->refused, OUTCOME_XML_OTHER_FORM);
        assert_int_equal(c->why, c->refused);
        assert_string_equal(c->form, "");
        assert_true(tax_world_found(c, OUTCOME_XML_OTHER_FORM));
        assert_int_equal(tax_world_see(w, 1)->state, FUMI_TAX_SHOWN);
        assert_int_equal(life(w), 0);
        assert_int_equal(fumi_tax_years(w->t, NULL, 0), 0);
}

static void one_that_is_not_as_its_form_asks_is_in_no_sum(void **state)
{
        struct tax_world *w = *state;
        char lines[2048];

        snprintf(lines, sizeof(lines), "%sWCE00720=その他\nWCE00720=二つ目\n",
                 tax_world_life(w, "1", "A", 100, 100));
        add(w, lines, 0, 1);
        assert_int_equal(life(w), 0);
        assert_false(tax_world_see(w, 0)->valid);
        assert_int_equal(tax_world_see(w, 0)->state, FUMI_TAX_SHOWN);
        assert_int_equal(tax_world_see(w, 0)->why, OUTCOME_FORM_TOO_MANY);
}

static void a_certificate_of_no_amount_says_so(void **state)
{
        struct tax_world *w = *state;

        add(w,
            "WCA00000=エグザンプル生命保険㈱\nWCC00000.yyyy=2026\nWCC00000.mm=10\nWCC00000.dd=2\n"
            "WCD00000=文箱　花子\nWCE00000*\nWCE00010.yyyy=2026\nWCE00020=題\n"
            "WCE00030.kubun_CD=1\nWCE00040=A\n",
            0, 1);
        check(w, 0, FUMI_TAX_SHOWN, OUTCOME_TAX_NOTHING);
        assert_true(tax_world_see(w, 0)->valid);
}

/* ---- forms with a trap each ---- */

#define PENSION_HEAD(kind, year)                                                                   \
        "WOA00000.kubun_CD=" kind "\nWOB00000.kubun_CD=1\nWOC00000.era=5\nWOC00000.yy=" year       \
        "\nWOD00000=0150004052\nWOE00000=公的　一郎\nWOF00000=鎌倉市\nWOG00000.era=5\n"    \
        "WOG00000.yy=8\n"
#define PENSION_TAIL(day)                                                                          \
        "WOQ00000.era=5\nWOQ00000.yy=8\nWOQ00000.mm=11\nWOQ00000.dd=" day                          \
        "\nWOR00000=歳入徴収官\nWOT00000=NA1\n"

static size_t pension(struct tax_world *w, const char *lines, unsigned serial)
{
        return tax_world_add(
                w, "pension.xml",
                &(struct tax_paper){ .form = "TEG840", .lines = lines, .serial = serial });
}

static void periods_and_kinds_of_pension_are_added_up(void **state)
{
        struct tax_world *w = *state;
        size_t entries;

        pension(w,
                PENSION_HEAD("1", "8") "WOH00000.mm=1\nWOH00000.dd=1\nWOI00000.mm=9\n"
                                       "WOI00000.dd=30\nWOK00000=90000\n" PENSION_TAIL("2"),
                1);
        pension(w,
                PENSION_HEAD("1", "8") "WOH00000.mm=10\nWOH00000.dd=1\nWOI00000.mm=12\n"
                                       "WOI00000.dd=31\nWOK00000=30000\n" PENSION_TAIL("20"),
                2);
        pension(w, PENSION_HEAD("2", "8") "WOK00000=5000\n" PENSION_TAIL("20"), 3);
        assert_int_equal(tax_world_sum(w, 2026, "social", &entries), 125000);
        assert_int_equal(entries, 3);
        /* Said anew from January to December: it replaces what begins as it does. */
        pension(w,
                PENSION_HEAD("1", "8") "WOH00000.mm=01\nWOH00000.dd=01\nWOI00000.mm=12\n"
                                       "WOI00000.dd=31\nWOK00000=110000\n" PENSION_TAIL("28"),
                4);
        assert_int_equal(tax_world_sum(w, 2026, "social", NULL), 145000);
        check(w, 0, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
}

static void what_was_paid_ahead_in_another_year_is_added_up(void **state)
{
        struct tax_world *w = *state;
        size_t entries;

        pension(w, PENSION_HEAD("1", "8") "WOK00000=240000\n" PENSION_TAIL("2"), 1);
        pension(w,
                PENSION_HEAD(
                        "1",
                        "6") "WON00170.era=5\nWON00170.yy=8\nWON00180=30000\n" PENSION_TAIL("2"),
                2);
        assert_int_equal(tax_world_sum(w, 2026, "social", &entries), 270000);
        assert_int_equal(entries, 2);
}

#define PORTAL(id, amount) PORTAL_OF("2", id, amount)
#define PORTAL_OF(kind, id, amount)                                                                \
        "WMA00000.era=5\nWMA00000.yy=8\nWMB00000.kubun_CD=" kind "\nWMC00000=文箱　花子\n" id      \
        "WMF00000=" amount "\nWMI00000.era=5\nWMI00000.yy=9\nWMI00000.mm=1\nWMI00000.dd=15\n"      \
        "WMJ00000=ふるさと文箱㈱\nWMK00000.hojinbango=2010001000789\nWML00010*\n"           \
        "WML00030.yyyy=2026\nWML00030.mm=4\nWML00030.dd=1\nWML00050=燕市\nWML00070=" amount "\n"

static size_t portal(struct tax_world *w, const char *lines, unsigned serial)
{
        return tax_world_add(
                w, "portal.xml",
                &(struct tax_paper){ .form = "TEG830", .lines = lines, .serial = serial });
}

static void donations_under_two_ids_are_added_up_and_under_one_replaced(void **state)
{
        struct tax_world *w = *state;
        size_t entries;

        portal(w, PORTAL("WMD00000=U1\n", "10000"), 1);
        portal(w, PORTAL("WMD00000=U2\n", "2000"), 2);
        assert_int_equal(tax_world_sum(w, 2026, "donation", &entries), 12000);
        portal(w, PORTAL("WMD00000=U1\n", "15000"), 3);
        assert_int_equal(tax_world_sum(w, 2026, "donation", &entries), 17000);
        assert_int_equal(entries, 2);
}

static void donations_of_two_kinds_are_added_up(void **state)
{
        struct tax_world *w = *state;
        size_t entries;

        portal(w, PORTAL_OF("2", "WMD00000=U1\n", "10000"), 1);
        portal(w, PORTAL_OF("1", "WMD00000=U1\n", "5000"), 2);
        assert_int_equal(tax_world_sum(w, 2026, "donation", &entries), 15000);
        assert_int_equal(entries, 2);
        portal(w, PORTAL_OF("1", "WMD00000=U1\n", "6000"), 3);
        assert_int_equal(tax_world_sum(w, 2026, "donation", NULL), 16000);
        check(w, 1, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
}

static void without_an_id_nobody_knows_and_both_say_so(void **state)
{
        struct tax_world *w = *state;
        size_t entries;

        portal(w, PORTAL("", "10000"), 1);
        portal(w, PORTAL("", "15000"), 2);
        assert_int_equal(tax_world_sum(w, 2026, "donation", &entries), 25000);
        assert_int_equal(entries, 2);
        assert_true(tax_world_found(tax_world_see(w, 0), OUTCOME_TAX_AMBIGUOUS));
        assert_true(tax_world_found(tax_world_see(w, 1), OUTCOME_TAX_AMBIGUOUS));
}

#define RECEIPT(number, amount) RECEIPT_OF("文箱の森", number, amount)
#define RECEIPT_OF(issuer, number, amount)                                                         \
        "WLB00000*\nWLB00010=" number "\nWLB00020.kubun_CD=6\nWLB00050=" amount                    \
        "\nWLB00060.yyyy=2026\nWLB00060.mm=3\nWLB00060.dd=31\nWLB00070=" issuer "\n"               \
        "WLB00080=燕市\nWLB00100=寄附金として\n"

static void receipts_of_one_number_are_told_apart_by_who_received(void **state)
{
        struct tax_world *w = *state;
        struct tax_paper p = { .form = "TEG822" };
        size_t entries;

        p.lines = "WLA00000=文箱　花子\n" RECEIPT_OF("一の会", "1", "1")
                RECEIPT_OF("二の会", "1", "10") RECEIPT_OF("三の会", "1", "100");
        tax_world_add(w, "a.xml", &p);
        p.serial = 2;
        p.lines = "WLA00000=文箱　花子\n" RECEIPT_OF("三の会", "1", "200")
                RECEIPT_OF("四の会", "1", "1000") RECEIPT_OF("一の会", "1", "2");
        tax_world_add(w, "b.xml", &p);
        assert_int_equal(tax_world_sum(w, 2026, "donation", &entries), 1212);
        assert_int_equal(entries, 4);
}

static void a_receipt_that_is_in_two_certificates_counts_once(void **state)
{
        struct tax_world *w = *state;
        size_t entries;

        tax_world_add(w, "a.xml",
                      &(struct tax_paper){ .form = "TEG822",
                                           .serial = 1,
                                           .lines = "WLA00000=文箱　花子\n" RECEIPT("R1", "100")
                                                   RECEIPT("R2", "200") });
        tax_world_add(w, "b.xml",
                      &(struct tax_paper){ .form = "TEG822",
                                           .serial = 2,
                                           .lines = "WLA00000=文箱　花子\n" RECEIPT("R2", "200")
                                                   RECEIPT("R3", "400") });
        assert_int_equal(tax_world_sum(w, 2026, "donation", &entries), 700);
        assert_int_equal(entries, 3);
        check(w, 0, FUMI_TAX_COUNTS, 0);
}

static void a_year_that_was_assumed_is_remarked(void **state)
{
        struct tax_world *w = *state;

        tax_world_add(w, "quake.xml",
                      &(struct tax_paper){
                              .form = "TEG810",
                              .lines = "WDA00000=文箱損害保険㈱\nWDC00000.yyyy=2026\n"
                                       "WDC00000.mm=10\nWDC00000.dd=13\nWDD00000=文箱　花子\n"
                                       "WDE00000*\nWDE00020.kubun_CD=1\nWDE00040=FB1\n"
                                       "WDE00070.kubun_CD=1\nWDE00090.yyyy=2020\nWDE00090.mm=1\n"
                                       "WDE00090.dd=1\nWDE00100=5\nWDE00130.yyyy=2020\n"
                                       "WDE00130.mm=1\nWDE00130.dd=1\nWDE00140=5\n"
                                       "WDE00180=-100\nWDE00215=所得税法第77条\n" });
        assert_int_equal(tax_world_sum(w, 2026, "earthquake", NULL), -100);
        assert_true(tax_world_found(tax_world_see(w, 0), OUTCOME_TAX_YEAR_ASSUMED));
        assert_true(tax_world_see(w, 0)->entry[0].year_assumed);
}

/* ---- sums ---- */

static int count(void *ctx, const struct fumi_tax_total *t)
{
        ++*(int *)ctx;
        return 0;
}

/* Ten thousand certificates need no signature to overflow: the entries are put there. */
static void a_sum_that_does_not_fit_is_refused_and_none_is_given(void **state)
{
        struct tax_world *w = *state;
        struct tax_item *item;
        int heard = 0;

        contract(w, "1", "A", 100);
        contract(w, "1", "B", 100);
        item = w->t->item[0];
        item->facts.entry[0].carried = item->facts.entry[0].projected = INT64_MAX - 99;
        assert_int_equal(fumi_tax_totals(w->t, 2026, count, &heard), OUTCOME_TAX_SUM);
        assert_int_equal(heard, 0);
        assert_true(*fumi_tax_error(w->t));
        item->facts.entry[0].carried = item->facts.entry[0].projected = INT64_MAX - 100;
        assert_int_equal(fumi_tax_totals(w->t, 2026, count, &heard), 0);
        assert_int_equal(heard, 1);
        assert_int_equal(life(w), INT64_MAX);
}

static void asking_in_between_changes_nothing(void **state)
{
        struct tax_world *w = *state;

        contract(w, "1", "A", 100);
        assert_int_equal(life(w), 100);
        contract(w, "2", "A", 200);
        assert_int_equal(life(w), 200);
        contract(w, "1", "B", 5);
        assert_int_equal(life(w), 205);
        check(w, 0, FUMI_TAX_SUPERSEDED, OUTCOME_TAX_SUPERSEDED);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        static const struct CMUnitTest stories[] = {
                STORY(the_same_bytes_count_once),
                STORY(the_same_contents_under_another_id_and_signature_count_once),
                STORY(a_good_certificate_is_no_duplicate_of_a_broken_one),
                STORY(nor_does_a_broken_one_between_two_good_ones_hide_that_they_are_the_same),
                STORY(of_two_days_of_issue_the_later_counts_whatever_the_order),
                STORY(of_one_day_of_issue_the_one_made_later_counts),
                STORY(of_one_day_of_making_the_larger_id_counts),
                STORY(when_nothing_decides_one_counts_and_both_say_so),
                STORY(ids_of_two_lengths_are_not_counted_up_and_decide_nothing),
                STORY(a_day_that_has_not_come_yet_replaces_nothing_silently),
                STORY(the_day_of_judging_has_come),
                STORY(a_later_one_of_no_amount_is_said_and_the_earlier_counts),
                STORY(an_earlier_one_of_no_amount_is_of_no_account),
                STORY(of_two_signers_nobody_vouches_for_both_say_so),
                STORY(one_signers_later_one_replaces_with_nothing_to_say),
                STORY(who_has_the_issuers_number_counts_whatever_the_day),
                STORY(who_has_another_number_replaces_nothing),
                STORY(one_number_twice_in_one_certificate_is_twice_to_declare),
                STORY(only_the_entry_that_was_corrected_is_superseded),
                STORY(two_insurers_with_one_policy_number_do_not_collide),
                STORY(an_issuer_without_its_number_is_known_by_its_name),
                STORY(it_is_so_whichever_of_them_came_first),
                STORY(an_issuer_that_changed_its_name_is_known_by_its_number),
                STORY(years_are_kept_apart),
                STORY(a_broken_one_supersedes_nothing),
                STORY(another_signer_replaces_nothing_without_a_word),
                STORY(a_rider_on_a_paper_of_its_own_counts_beside_the_contract),
                STORY(one_that_the_anchors_do_not_lead_to_supersedes_nothing),
                STORY(what_is_no_certificate_is_there_and_says_why),
                STORY(one_that_is_not_as_its_form_asks_is_in_no_sum),
                STORY(a_certificate_of_no_amount_says_so),
                STORY(periods_and_kinds_of_pension_are_added_up),
                STORY(what_was_paid_ahead_in_another_year_is_added_up),
                STORY(donations_under_two_ids_are_added_up_and_under_one_replaced),
                STORY(donations_of_two_kinds_are_added_up),
                STORY(without_an_id_nobody_knows_and_both_say_so),
                STORY(receipts_of_one_number_are_told_apart_by_who_received),
                STORY(a_receipt_that_is_in_two_certificates_counts_once),
                STORY(a_year_that_was_assumed_is_remarked),
                STORY(a_sum_that_does_not_fit_is_refused_and_none_is_given),
                STORY(asking_in_between_changes_nothing),
        };
        return cmocka_run_group_tests(stories, NULL, NULL);
}
