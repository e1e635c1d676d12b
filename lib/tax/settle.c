/* settle.c - what counts, what is there twice, what is superseded (N4.2, N4.3, N4.4)
 *
 * First each certificate for itself: what is refused, broken, revoked or not trusted is out, and
 * takes no part in what follows. So nobody can put a good certificate out of the sums by sending
 * one that nothing vouches for. Then the same bytes or contents a second time; then, entry by
 * entry, what a later certificate of the same contract and year says anew.
 *
 * Entries that may be about the same thing are found by sorting: form, year, number, what tells two
 * of a number apart. Who issued them is compared within such a run, because a certificate with the
 * issuer's number and one without it can be of the same. */
#include "tax/tax.h"

#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>

/* ---- remarks ---- */

static bool one_name(const struct tax_item *a, const struct tax_item *b)
{
        return *a->c.signer && strcmp(a->c.signer, b->c.signer) == 0;
}

/* Who signed the other one is said where it was somebody else. */
static void remark(struct tax_item *i, int code, const struct tax_item *about)
{
        for (size_t n = 0; n < i->c.findings; n++)
                if (i->finding[n].code == code)
                        return;
        if (i->c.findings < i->judged + TAX_REMARKS)
                i->finding[i->c.findings++] = (struct fumi_tax_finding){
                        .code = code,
                        .warning = true,
                        .where = one_name(i, about) ? "" : about->c.signer_name,
                        .detail = about->c.name,
                };
}

static void reset(struct tax_item *i)
{
        for (size_t n = 0; n < i->c.entries; n++) {
                i->facts.entry[n].state = i->against ? FUMI_TAX_SHOWN : FUMI_TAX_COUNTS;
                i->facts.entry[n].why = i->against;
                i->facts.entry[n].by = NULL;
        }
        i->c.finding = i->finding;
        i->c.findings = i->judged;
        i->duplicate = NULL;
}

static void put_out(struct tax_item *i, size_t entry, enum fumi_tax_state state, int why,
                    const struct tax_item *by)
{
        struct fumi_tax_entry *e = &i->facts.entry[entry];

        e->state = state;
        e->why = why;
        e->by = &by->c;
}

static void put_duplicate_out(struct tax_item *i)
{
        for (size_t n = 0; i->duplicate && n < i->c.entries; n++)
                put_out(i, n, FUMI_TAX_DUPLICATE, OUTCOME_TAX_DUPLICATE, i->duplicate);
}

/* ---- which is later ---- */

static int compare(int a, int b)
{
        return (a > b) - (a < b);
}

/* Ids of one length are counted up by their maker. */
static int compare_ids(const char *a, const char *b)
{
        return strlen(a) == strlen(b) ? strcmp(a, b) : 0;
}

/* Positive: @a is later than @b; 0: nothing decides. */
static int later(const struct tax_item *a, const struct tax_item *b)
{
        int r = 0;

        if (a->facts.issued && b->facts.issued)
                r = compare(a->facts.issued, b->facts.issued);
        if (!r && a->facts.made && b->facts.made)
                r = compare(a->facts.made, b->facts.made);
        return r ? r : compare_ids(a->c.id, b->c.id);
}

/* Positive: there is more to say for @a, or less against it, than for @b. Of one signer there is
 * not: who signed both says which counts. Without anchors its name is no proof, and stops no
 * contradiction. */
static int standing(const struct tax_item *a, const struct tax_item *b)
{
        bool trusted =
                a->c.issuer_trust == FUMI_TAX_TRUSTED && b->c.issuer_trust == FUMI_TAX_TRUSTED;

        if (one_name(a, b))
                return trusted ? 0 : b->contradicted - a->contradicted;
        return a->contradicted != b->contradicted ? b->contradicted - a->contradicted
                                                  : a->vouched - b->vouched;
}

/* Positive: @a counts and @b does not. N4.3 */
static int stands_before(const struct tax_item *a, const struct tax_item *b)
{
        int r = standing(a, b);

        return r ? r : later(a, b);
}

/* Does nothing but a date that anybody could write say that @a counts and @b does not? */
static bool undecided(const struct tax_item *a, const struct tax_item *b)
{
        if (standing(a, b))
                return false;
        return later(a, b) == 0 || a->ahead || !(one_name(a, b) || (a->vouched && b->vouched));
}

/* ---- entry by entry ---- */

struct place {
        struct tax_item *item;
        size_t entry;
        struct who { /* the issuer: its number where one is known, else its name */
                const char *number, *name;
        } who;
};

static const struct facts_key *key_of(const struct place *p)
{
        return &p->item->facts.key[p->entry];
}

/* Of what may be about the same thing. */
static int compare_keys(const struct place *a, const struct place *b)
{
        const struct facts_key *x = key_of(a), *y = key_of(b);
        int r = strcmp(a->item->c.form, b->item->c.form);

        if (!r)
                r = compare(a->item->facts.entry[a->entry].year,
                            b->item->facts.entry[b->entry].year);
        if (!r)
                r = strcmp(x->number, y->number);
        return r ? r : strcmp(x->apart, y->apart);
}

static int by_key(const void *a, const void *b)
{
        return compare_keys(a, b);
}

static int in_order(const struct place *a, const struct place *b)
{
        if (a->item != b->item)
                return a->item->c.number < b->item->c.number ? -1 : 1;
        return (a->entry > b->entry) - (a->entry < b->entry);
}

/* Of one name, who has a number leads. */
static int by_name(const void *a, const void *b)
{
        const struct facts_key *x = key_of(a), *y = key_of(b);
        int r = strcmp(x->issuer, y->issuer);

        if (!r)
                r = !*x->issuer_number - !*y->issuer_number;
        return r ? r : in_order(a, b);
}

static int compare_who(const struct place *a, const struct place *b)
{
        int r = strcmp(a->who.number, b->who.number);

        return r ? r : strcmp(a->who.name, b->who.name);
}

static int by_who(const void *a, const void *b)
{
        int r = compare_who(a, b);

        return r ? r : in_order(a, b);
}

/* One issuer can stand here with its number and there without: by name, the first number is taken
 * for it. A number says more than a name, which may have changed. */
static void find_issuers(struct place *run, size_t count)
{
        const char *number = "", *name = NULL;

        qsort(run, count, sizeof(*run), by_name);
        for (size_t i = 0; i < count; i++) {
                const struct facts_key *k = key_of(&run[i]);

                if (!name || !*name || strcmp(name, k->issuer) != 0)
                        number = k->issuer_number;
                name = k->issuer;
                run[i].who.number = *k->issuer_number ? k->issuer_number : number;
                run[i].who.name = *run[i].who.number ? "" : name;
        }
        qsort(run, count, sizeof(*run), by_who);
}

/* ---- what of one contract counts ---- */

static void both_say(struct tax_item *a, struct tax_item *b)
{
        remark(a, OUTCOME_TAX_AMBIGUOUS, b);
        remark(b, OUTCOME_TAX_AMBIGUOUS, a);
}

static void supersede(struct place *p, struct tax_item *by)
{
        bool aside = standing(by, p->item) > 0 && later(by, p->item) <= 0;

        if (undecided(by, p->item))
                both_say(p->item, by);
        if (aside)
                remark(p->item, OUTCOME_TAX_DOUBTFUL, by);
        put_out(p->item, p->entry, aside ? FUMI_TAX_SHOWN : FUMI_TAX_SUPERSEDED,
                aside ? OUTCOME_TAX_DOUBTFUL : OUTCOME_TAX_SUPERSEDED, by);
}

static bool silent(const struct place *p)
{
        return p->entry >= p->item->facts.silent;
}

/* Of those that say an amount; NULL: nobody says one. */
static struct tax_item *best_of(const struct place *run, size_t count)
{
        struct tax_item *best = NULL;

        for (size_t i = 0; i < count; i++)
                if (!silent(&run[i]) && (!best || stands_before(run[i].item, best) > 0))
                        best = run[i].item;
        return best;
}

/* What became of @p beside the best one, which declares a bit for each category. The same number in
 * two of one day that declare other things is twice something to declare. A later one that says no
 * amount may take the thing back, or say nothing of it: a person has to look. */
static void settle_place(struct place *p, struct tax_item *best, uint64_t declared)
{
        struct tax_item *item = p->item;

        if (silent(p)) {
                if (stands_before(item, best) > 0)
                        both_say(item, best);
        } else if (item->facts.issued == best->facts.issued && one_name(item, best) &&
                   !(declared >> key_of(p)->category & 1)) {
                both_say(item, best);
        } else {
                supersede(p, best);
        }
}

/* @run is of one issuer. The same number twice in one certificate (a contract and its rider) is
 * twice something to declare. */
static void settle_issuer(struct place *run, size_t count)
{
        struct tax_item *best = best_of(run, count);
        uint64_t declared = 0;

        for (size_t i = 0; i < count; i++)
                if (run[i].item == best && !silent(&run[i]))
                        declared |= UINT64_C(1) << key_of(&run[i])->category;
        for (size_t i = count; best && i-- > 0;)
                if (run[i].item != best)
                        settle_place(&run[i], best, declared);
}

/* Without a number nothing says that two are about the same; a person has to look. */
static void doubt(struct place *run, size_t count)
{
        for (size_t i = 0; i + 1 < count; i++)
                if (run[i].item != run[i + 1].item)
                        both_say(run[i].item, run[i + 1].item);
}

static void settle_run(struct place *run, size_t count)
{
        size_t end;

        find_issuers(run, count);
        for (size_t i = 0; i < count; i = end) {
                bool nobody = !*run[i].who.number && !*run[i].who.name;

                for (end = i + 1; end < count && !nobody && compare_who(&run[i], &run[end]) == 0;)
                        end++;
                if (*key_of(&run[i])->number)
                        settle_issuer(run + i, end - i);
                else
                        doubt(run + i, end - i);
        }
}

/* Without an amount and without a number it says nothing about anything. */
static bool has_place(const struct facts *f, size_t entry)
{
        return entry < f->entries || (entry >= f->silent && *f->key[entry].number);
}

static size_t put_places(fumi_tax *t, struct place *place)
{
        size_t count = 0;

        for (size_t i = 0; i < t->count; i++) {
                struct tax_item *item = t->item[i];

                if (item->against || item->duplicate)
                        continue;
                for (size_t n = 0; n < item->facts.room; n++) {
                        if (!has_place(&item->facts, n))
                                continue;
                        if (place)
                                place[count] = (struct place){ .item = item, .entry = n };
                        count++;
                }
        }
        return count;
}

static int settle_entries(fumi_tax *t)
{
        size_t count = put_places(t, NULL), end;
        struct place *place = malloc((count + 1) * sizeof(struct place));

        if (!place)
                return fault(-ENOMEM);
        put_places(t, place);
        qsort(place, count, sizeof(*place), by_key);
        for (size_t i = 0; i < count; i = end) {
                for (end = i + 1; end < count && compare_keys(&place[i], &place[end]) == 0;)
                        end++;
                settle_run(place + i, end - i);
        }
        free(place);
        return 0;
}

/* ---- a certificate as a whole ---- */

static void conclude(struct tax_item *i)
{
        struct fumi_certificate *c = &i->c;
        const struct fumi_tax_entry *e = i->facts.entry;

        c->state = i->duplicate ? FUMI_TAX_DUPLICATE : FUMI_TAX_SHOWN;
        c->why = i->duplicate ? OUTCOME_TAX_DUPLICATE
                 : i->against ? i->against
                              : OUTCOME_TAX_NOTHING;
        c->by = i->duplicate ? &i->duplicate->c : NULL;
        if (i->duplicate || !c->entries)
                return;
        c->state = e->state;
        c->why = e->why;
        c->by = e->by;
        for (size_t n = 0; n < c->entries; n++)
                if (e[n].state == FUMI_TAX_COUNTS) {
                        c->state = FUMI_TAX_COUNTS;
                        c->why = 0;
                        c->by = NULL;
                }
}

int settle(fumi_tax *t)
{
        int r;

        if (t->settled)
                return 0;
        for (size_t i = 0; i < t->count; i++)
                reset(t->item[i]);
        r = twice_mark(t);
        for (size_t i = 0; i < t->count && !r; i++)
                put_duplicate_out(t->item[i]);
        if (!r)
                r = settle_entries(t);
        if (r)
                return tax_say(t, r, "%s", strerror(-r));
        for (size_t i = 0; i < t->count; i++)
                conclude(t->item[i]);
        t->settled = true;
        return 0;
}
