/* tax_facts.c - what a certificate says for a return, by its form's table (N4.1) */
#include "tax_world.h"

#include "tax/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

struct story {
        struct keep keep;
        struct doc d;
        struct facts f;
};

static int setup(void **state)
{
        static struct story s;

        s = (struct story){ 0 };
        *state = &s;
        return 0;
}

static int teardown(void **state)
{
        struct story *s = *state;

        doc_free(&s->d);
        keep_free(&s->keep);
        return 0;
}

static void read_lines(struct story *s, const char *form, const char *lines)
{
        tax_world_doc(&s->d, &s->keep, form, lines);
        s->d.made_on = slice_str("2026-12-01");
        assert_int_equal(facts_read(&s->f, &s->d, &s->keep), 0);
}

static void check(const struct fumi_tax_entry *e, int year, const char *number,
                  const char *category, int64_t carried)
{
        assert_int_equal(e->year, year);
        assert_string_equal(e->number, number);
        assert_string_equal(e->category, category);
        assert_int_equal(e->carried, carried);
}

#define LIFE_HEAD                                                                                  \
        "WCA00000=エグザンプル生命保険㈱\nWCB00000.hojinbango=8010001000123\n"          \
        "WCC00000.yyyy=2026\nWCC00000.mm=10\nWCC00000.dd=09\nWCD00000=文箱　花子\n"

static void each_contract_and_each_kind_of_amount_is_an_entry(void **state)
{
        struct story *s = *state;

        read_lines(s, "TEG800",
                   LIFE_HEAD "WCE00000*\nWCE00010.yyyy=2026\nWCE00020=新旧\nWCE00040=A-1\n"
                             "WCE00260=1000\nWCE00300=2000\nWCE00350=3000\nWCE00390=4000\n"
                             "WCE00430=5000\n"
                             "WCE00000*\nWCE00010.yyyy=2025\nWCE00040=A-2\nWCE00350=7\n");
        assert_int_equal(s->f.entries, 6);
        check(&s->f.entry[0], 2026, "A-1", "life-general-new", 3000);
        check(&s->f.entry[1], 2026, "A-1", "life-general-old", 1000);
        check(&s->f.entry[2], 2026, "A-1", "life-care", 4000);
        check(&s->f.entry[3], 2026, "A-1", "life-annuity-new", 5000);
        check(&s->f.entry[4], 2026, "A-1", "life-annuity-old", 2000);
        check(&s->f.entry[5], 2025, "A-2", "life-general-new", 7);
        assert_string_equal(s->f.entry[0].label, "新旧");
        assert_string_equal(s->f.entry[5].label, "");
        assert_string_equal(s->f.issuer, "エグザンプル生命保険㈱");
        assert_string_equal(s->f.issuer_number, "8010001000123");
        assert_string_equal(s->f.person, "文箱　花子");
        assert_int_equal(s->f.issued, 20261009);
        assert_int_equal(s->f.made, 20261201);
}

static void the_amount_expected_by_december_is_carried_over_when_there_is_one(void **state)
{
        struct story *s = *state;

        read_lines(s, "TEG800",
                   LIFE_HEAD "WCE00000*\nWCE00010.yyyy=2026\nWCE00040=A\nWCE00350=9000\n"
                             "WCE00390=800\nWCE00590=12000\n"
                             "WCE00000*\nWCE00010.yyyy=2026\nWCE00040=B\nWCE00590=5\n");
        assert_int_equal(s->f.entries, 3);
        assert_int_equal(s->f.entry[0].declared, 9000);
        assert_int_equal(s->f.entry[0].projected, 12000);
        assert_int_equal(s->f.entry[0].carried, 12000);
        assert_false(s->f.entry[1].has_projected);
        assert_int_equal(s->f.entry[1].carried, 800);
        assert_false(s->f.entry[2].has_declared);
        assert_int_equal(s->f.entry[2].carried, 5);
}

static void amounts_may_have_zeros_before_them_be_negative_or_empty(void **state)
{
        struct story *s = *state;

        read_lines(s, "TEG800",
                   LIFE_HEAD "WCE00000*\nWCE00010.yyyy=2026\nWCE00040=A\nWCE00350=000005678\n"
                             "WCE00000*\nWCE00010.yyyy=2026\nWCE00040=B\nWCE00350=-120\n"
                             "WCE00000*\nWCE00010.yyyy=2026\nWCE00040=C\nWCE00350=\n"
                             "WCE00000*\nWCE00010.yyyy=2026\nWCE00040=D\nWCE00350=0\n"
                             "WCE00000*\nWCE00010.yyyy=2026\nWCE00040=E\n"
                             "WCE00350=999999999999999\n");
        assert_int_equal(s->f.entries, 4);
        check(&s->f.entry[0], 2026, "A", "life-general-new", 5678);
        check(&s->f.entry[1], 2026, "B", "life-general-new", -120);
        check(&s->f.entry[2], 2026, "D", "life-general-new", 0);
        check(&s->f.entry[3], 2026, "E", "life-general-new", 999999999999999);
}

#define QUAKE                                                                                         \
        "WDA00000=文箱損害保険株式会社\nWDC00000.yyyy=2026\nWDC00000.mm=1\nWDC00000.dd=8\n" \
        "WDD00000=文箱　太郎\nWDE00000*\n"

static void a_year_left_out_is_that_of_the_day_of_issue_and_says_so(void **state)
{
        struct story *s = *state;

        read_lines(s, "TEG810",
                   QUAKE "WDE00020.kubun_CD=3\nWDE00040=FB1\nWDE00050=02\nWDE00180=100\n"
                         "WDE00210=20\nWDE00000*\nWDE00010.yyyy=2025\nWDE00040=FB2\nWDE00180=3\n");
        assert_int_equal(s->f.entries, 3);
        check(&s->f.entry[0], 2026, "FB1-02", "earthquake", 100);
        check(&s->f.entry[1], 2026, "FB1-02", "long-term-old", 20);
        assert_true(s->f.entry[0].year_assumed);
        check(&s->f.entry[2], 2025, "FB2", "earthquake", 3);
        assert_false(s->f.entry[2].year_assumed);
        assert_true(*s->f.entry[0].label); /* the code's name, which the file leaves out */
}

#define PENSION                                                                                    \
        "WOA00000.kubun_CD=1\nWOB00000.kubun_CD=1\nWOC00000.era=5\nWOC00000.yy=08\n"               \
        "WOD00000=0150004052\nWOE00000=公的　一郎\nWOG00000.era=5\nWOG00000.yy=8\n"

static void what_is_expected_is_added_to_what_was_paid(void **state)
{
        struct story *s = *state;

        read_lines(s, "TEG840",
                   PENSION "WOK00000=150000\nWOL00000=50000\nWOQ00000.era=5\nWOQ00000.yy=8\n"
                           "WOQ00000.mm=11\nWOQ00000.dd=2\nWOR00000=歳入徴収官\n");
        assert_int_equal(s->f.entries, 1);
        check(&s->f.entry[0], 2026, "0150004052", "social", 200000);
        assert_int_equal(s->f.entry[0].declared, 150000);
        assert_string_equal(s->f.entry[0].label, "国民年金保険料");
        assert_int_equal(s->f.issued, 20261102);
}

static void nothing_expected_is_no_expectation(void **state)
{
        struct story *s = *state;

        read_lines(s, "TEG840", PENSION "WOK00000=150000\nWOR00000=歳入徴収官\n");
        assert_int_equal(s->f.entries, 1);
        assert_false(s->f.entry[0].has_projected);
        assert_int_equal(s->f.entry[0].carried, 150000);
}

static void shares_of_several_years_count_only_when_the_whole_is_not_certified(void **state)
{
        static const char shares[] =
                "WON00050.era=5\nWON00050.yy=8\nWON00060=90000\nWON00110.era=5\nWON00110.yy=9\n"
                "WON00120=120000\nWON00170.era=5\nWON00170.yy=10\nWON00180=30000\n";
        struct story *s = *state;
        char lines[2048];

        snprintf(lines, sizeof(lines), PENSION "%s", shares);
        read_lines(s, "TEG840", lines);
        assert_int_equal(s->f.entries, 3);
        check(&s->f.entry[0], 2026, "0150004052", "social", 90000);
        check(&s->f.entry[1], 2027, "0150004052", "social", 120000);
        check(&s->f.entry[2], 2028, "0150004052", "social", 30000);
        snprintf(lines, sizeof(lines), PENSION "WOK00000=240000\n%s", shares);
        read_lines(s, "TEG840", lines);
        assert_int_equal(s->f.entries, 1);
        check(&s->f.entry[0], 2026, "0150004052", "social", 240000);
}

static void every_receipt_of_a_gift_has_an_issuer_of_its_own(void **state)
{
        struct story *s = *state;

        read_lines(s, "TEG822",
                   "WLA00000=文箱　花子\nWLB00000*\nWLB00010=R1\nWLB00020.kubun_CD=6\n"
                   "WLB00050=5000\nWLB00060.yyyy=2026\nWLB00060.mm=03\nWLB00060.dd=31\n"
                   "WLB00070=文箱の森\n"
                   "WLB00000*\nWLB00010=R1\nWLB00050=3000\nWLB00060.yyyy=2025\nWLB00060.mm=12\n"
                   "WLB00060.dd=31\nWLB00070=小金井市\n");
        assert_int_equal(s->f.entries, 2);
        check(&s->f.entry[0], 2026, "R1", "donation", 5000);
        check(&s->f.entry[1], 2025, "R1", "donation", 3000);
        assert_string_equal(s->f.entry[0].issuer, "文箱の森");
        assert_string_equal(s->f.entry[1].issuer, "小金井市");
        assert_string_equal(s->f.issuer, "");
        assert_int_equal(s->f.issued, 0);
}

static void the_years_sum_of_a_portal_is_one_entry(void **state)
{
        struct story *s = *state;

        read_lines(s, "TEG830",
                   "WMA00000.era=5\nWMA00000.yy=8\nWMB00000.kubun_CD=2\nWMC00000=文箱　花子\n"
                   "WMF00000=30000\nWMI00000.era=5\nWMI00000.yy=9\nWMI00000.mm=1\n"
                   "WMI00000.dd=15\nWMJ00000=ふるさと文箱㈱\nWMK00000.hojinbango=2010001000789\n"
                   "WML00010*\nWML00070=10000\nWML00010*\nWML00070=20000\n");
        assert_int_equal(s->f.entries, 1);
        check(&s->f.entry[0], 2026, "", "donation", 30000);
        assert_string_equal(s->f.key[0].number, "");
        assert_int_equal(s->f.issued, 20270115);
}

static void what_an_employer_paid_is_in_no_sum_of_deductions(void **state)
{
        struct story *s = *state;

        read_lines(s, "TEG108",
                   "ZPB00000.era=5\nZPB00000.yy=8\nZPC00120=文箱　花子\nZPD00000=給料\n"
                   "ZPE00020=5000000\nZPH00020=100000\nZPM00020=700000\nZPX00020=㈱文箱\n");
        assert_int_equal(s->f.entries, 3);
        check(&s->f.entry[0], 2026, "", "salary", 5000000);
        check(&s->f.entry[1], 2026, "", "salary-tax", 100000);
        check(&s->f.entry[2], 2026, "", "salary-social", 700000);
        assert_false(s->f.entry[0].deduction);
        assert_string_equal(s->f.issuer, "㈱文箱");
}

/* Every form's table, filled completely, gives entries that a reader can use. */
static void every_form_says_something(void **state)
{
        struct story *s = *state;

        for (const struct form *const *f = form_list; *f; f++)
                for (size_t i = 0; i < (*f)->entries; i++) {
                        const struct form_entry *e = &(*f)->entry[i];
                        char lines[256];

                        snprintf(lines, sizeof(lines), "%s%s%s=1\n",
                                 e->each == FORM_NONE ? "" : (*f)->element[e->each].id,
                                 e->each == FORM_NONE ? "" : "*\n",
                                 (*f)->element[e->amount[0].declared[0]].id);
                        read_lines(s, (*f)->id, lines);
                        assert_true(s->f.entries > 0);
                        assert_int_equal(s->f.entry[0].carried, 1);
                        assert_int_equal(s->f.entry[0].year, 2026);
                        assert_true(s->f.entry[0].year_assumed);
                }
}

static void one_number_in_other_characters_is_the_same_key(void **state)
{
        struct story *s = *state;
        struct facts_key first;

        read_lines(s, "TEG800", LIFE_HEAD "WCE00000*\nWCE00040=第１２－３ 号\nWCE00350=1\n");
        first = s->f.key[0];
        read_lines(s, "TEG800",
                   "WCA00000=エグザンプル生命保険株式会社\nWCE00000*\nWCE00040=第12-3号\n"
                   "WCE00350=1\n");
        assert_string_equal(s->f.key[0].number, first.number);
        assert_string_equal(s->f.key[0].issuer, first.issuer);
        read_lines(s, "TEG810", QUAKE "WDE00040=1-2\nWDE00180=1\n");
        first = s->f.key[0];
        read_lines(s, "TEG810", QUAKE "WDE00040=1\nWDE00050=2\nWDE00180=1\n");
        assert_string_not_equal(s->f.key[0].number, first.number);
        assert_string_equal(s->f.entry[0].number, "1-2");
}

static void the_writings_of_one_kind_of_company_are_one_and_of_two_kinds_two(void **state)
{
        static const char *const limited[] = { "有限会社文箱", "(有)文箱", "（有）文箱", "㈲文箱" };
        static const char *const stock[] = { "株式会社文箱", "(株)文箱", "（株）文箱", "㈱文箱" };
        struct story *s = *state;

        for (size_t i = 0; i < 4; i++)
                for (size_t n = 0; n < 4; n++) {
                        assert_true(fold_same(&s->keep, limited[i], limited[n]));
                        assert_true(fold_same(&s->keep, stock[i], stock[n]));
                        assert_false(fold_same(&s->keep, limited[i], stock[n]));
                }
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        static const struct CMUnitTest stories[] = {
                STORY(each_contract_and_each_kind_of_amount_is_an_entry),
                STORY(the_amount_expected_by_december_is_carried_over_when_there_is_one),
                STORY(amounts_may_have_zeros_before_them_be_negative_or_empty),
                STORY(a_year_left_out_is_that_of_the_day_of_issue_and_says_so),
                STORY(what_is_expected_is_added_to_what_was_paid),
                STORY(nothing_expected_is_no_expectation),
                STORY(shares_of_several_years_count_only_when_the_whole_is_not_certified),
                STORY(every_receipt_of_a_gift_has_an_issuer_of_its_own),
                STORY(the_years_sum_of_a_portal_is_one_entry),
                STORY(what_an_employer_paid_is_in_no_sum_of_deductions),
                STORY(every_form_says_something),
                STORY(one_number_in_other_characters_is_the_same_key),
                STORY(the_writings_of_one_kind_of_company_are_one_and_of_two_kinds_two),
        };
        return cmocka_run_group_tests(stories, NULL, NULL);
}
