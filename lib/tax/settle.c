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

static void remark(struct tax_item *i, int code, const struct tax_item *about)
{
        for (size_t n = 0; n < i->c.findings; n++)
                if (i->finding[n].code == code)
                        return;
        if (i->c.findings < i->judged + TAX_REMARKS)
                i->finding[i->c.findings++] = (struct fumi_tax_finding){
                        .code = code, .warning = true, .where = "", .detail = about->c.name
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

/* ---- the same a second time ---- */

static int by_bytes(const void *a, const void *b)
{
        const struct tax_item *x = *(struct tax_item *const *)a, *y = *(struct tax_item *const *)b;
        int r = memcmp(x->c.sha256, y->c.sha256, sizeof(x->c.sha256));

        return r ? r : (x->c.number > y->c.number) - (x->c.number < y->c.number);
}

static bool same_bytes(const struct tax_item *a, const struct tax_item *b)
{
        return memcmp(a->c.sha256, b->c.sha256, sizeof(a->c.sha256)) == 0 && a->c.size && b->c.size;
}

static int by_contents(const void *a, const void *b)
{
        const struct tax_item *x = *(struct tax_item *const *)a, *y = *(struct tax_item *const *)b;
        int r = memcmp(x->contents.b, y->contents.b, sizeof(x->contents.b));

        if (r || !x->against != !y->against)
                return r ? r : x->against ? 1 : -1;
        return (x->c.number > y->c.number) - (x->c.number < y->c.number);
}

/* A good certificate is no duplicate of a broken one. */
static bool same_contents(const struct tax_item *a, const struct tax_item *b)
{
        return !a->against && !b->against && hash_eq(&a->contents, &b->contents);
}

/* The first of each run of @sorted that is the same stays; the others are duplicates of it. N4.2 */
static void mark_runs(struct tax_item **sorted, size_t count,
                      bool (*same)(const struct tax_item *a, const struct tax_item *b))
{
        struct tax_item *first = NULL;

        for (size_t i = 0; i < count; i++) {
                if (!first || !same(first, sorted[i]))
                        first = sorted[i];
                else if (!sorted[i]->duplicate)
                        sorted[i]->duplicate = first->duplicate ? first->duplicate : first;
        }
}

static void put_duplicate_out(struct tax_item *i)
{
        if (i->duplicate && i->duplicate->duplicate)
                i->duplicate = i->duplicate->duplicate;
        for (size_t n = 0; i->duplicate && n < i->c.entries; n++)
                put_out(i, n, FUMI_TAX_DUPLICATE, OUTCOME_TAX_DUPLICATE, i->duplicate);
}

static int mark_duplicates(fumi_tax *t)
{
        struct tax_item **sorted = malloc((t->count + 1) * sizeof(struct tax_item *));

        if (!sorted)
                return fault(-ENOMEM);
        for (size_t i = 0; i < t->count; i++)
                sorted[i] = t->item[i];
        qsort(sorted, t->count, sizeof(struct tax_item *), by_bytes);
        mark_runs(sorted, t->count, same_bytes);
        qsort(sorted, t->count, sizeof(struct tax_item *), by_contents);
        mark_runs(sorted, t->count, same_contents);
        free(sorted);
        for (size_t i = 0; i < t->count; i++)
                put_duplicate_out(t->item[i]);
        return 0;
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

static bool one_name(const struct tax_item *a, const struct tax_item *b)
{
        return *a->c.signer && strcmp(a->c.signer, b->c.signer) == 0;
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

/* Does nothing but a date that anybody could write say which of them counts? */
static bool undecided(const struct tax_item *a, const struct tax_item *b)
{
        if (standing(a, b))
                return false;
        return later(a, b) == 0 || !(one_name(a, b) || (a->vouched && b->vouched));
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

static void supersede(struct place *p, struct tax_item *by)
{
        bool aside = standing(by, p->item) > 0 && later(by, p->item) <= 0;

        if (undecided(by, p->item)) {
                remark(p->item, OUTCOME_TAX_AMBIGUOUS, by);
                remark(by, OUTCOME_TAX_AMBIGUOUS, p->item);
        }
        if (aside)
                remark(p->item, OUTCOME_TAX_DOUBTFUL, by);
        put_out(p->item, p->entry, aside ? FUMI_TAX_SHOWN : FUMI_TAX_SUPERSEDED,
                aside ? OUTCOME_TAX_DOUBTFUL : OUTCOME_TAX_SUPERSEDED, by);
}

/* @run is of one issuer. The same number twice in one certificate (a contract and its rider) is
 * twice something to declare; so it is in two of one day that declare other things. */
static void settle_issuer(struct place *run, size_t count)
{
        struct tax_item *best = run[0].item;
        uint64_t declared = 0; /* by the best one: a bit for each category */

        for (size_t i = 1; i < count; i++)
                if (stands_before(run[i].item, best) > 0)
                        best = run[i].item;
        for (size_t i = 0; i < count; i++)
                if (run[i].item == best)
                        declared |= UINT64_C(1) << key_of(&run[i])->category;
        for (size_t i = count; i-- > 0;) {
                struct tax_item *item = run[i].item;

                if (item == best)
                        continue;
                if (item->facts.issued == best->facts.issued && one_name(item, best) &&
                    !(declared >> key_of(&run[i])->category & 1)) {
                        remark(item, OUTCOME_TAX_AMBIGUOUS, best);
                        remark(best, OUTCOME_TAX_AMBIGUOUS, item);
                } else {
                        supersede(&run[i], best);
                }
        }
}

/* Without a number nothing says that two are about the same; a person has to look. */
static void doubt(struct place *run, size_t count)
{
        for (size_t i = 0; i + 1 < count; i++)
                if (run[i].item != run[i + 1].item) {
                        remark(run[i].item, OUTCOME_TAX_AMBIGUOUS, run[i + 1].item);
                        remark(run[i + 1].item, OUTCOME_TAX_AMBIGUOUS, run[i].item);
                }
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

static size_t put_places(fumi_tax *t, struct place *place)
{
        size_t count = 0;

        for (size_t i = 0; i < t->count; i++) {
                struct tax_item *item = t->item[i];

                if (item->against || item->duplicate)
                        continue;
                for (size_t n = 0; n < item->c.entries; n++) {
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
        r = mark_duplicates(t);
        if (!r)
                r = settle_entries(t);
        if (r)
                return tax_say(t, r, "%s", strerror(-r));
        for (size_t i = 0; i < t->count; i++)
                conclude(t->item[i]);
        t->settled = true;
        return 0;
}
