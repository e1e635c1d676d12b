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

/* Is there less to say against one of them? Not when one trusted signer signed both. */
static bool stand_apart(const struct tax_item *a, const struct tax_item *b)
{
        bool one_signer = a->c.issuer_trust == FUMI_TAX_TRUSTED &&
                          b->c.issuer_trust == FUMI_TAX_TRUSTED && *a->c.signer &&
                          strcmp(a->c.signer, b->c.signer) == 0;

        return a->contradicted != b->contradicted && !one_signer;
}

/* Positive: @a counts and @b does not. N4.3 */
static int stands_before(const struct tax_item *a, const struct tax_item *b)
{
        return stand_apart(a, b) ? b->contradicted - a->contradicted : later(a, b);
}

/* ---- entry by entry ---- */

struct place {
        struct tax_item *item;
        size_t entry;
        bool done;
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
        const struct place *x = a, *y = b;
        int r = compare_keys(x, y);

        if (!r) /* who has a number leads: by it two of one name are told apart */
                r = !*key_of(x)->issuer_number - !*key_of(y)->issuer_number;
        if (r || x->item != y->item)
                return r ? r : x->item->c.number < y->item->c.number ? -1 : 1;
        return (x->entry > y->entry) - (x->entry < y->entry);
}

static bool same_issuer(const struct place *a, const struct place *b)
{
        const struct facts_key *x = key_of(a), *y = key_of(b);

        if (*x->issuer_number && *y->issuer_number)
                return strcmp(x->issuer_number, y->issuer_number) == 0;
        return *x->issuer && strcmp(x->issuer, y->issuer) == 0;
}

static void supersede(struct place *p, struct tax_item *by)
{
        bool aside = stand_apart(by, p->item) && later(by, p->item) <= 0;

        if (stands_before(by, p->item) == 0) {
                remark(p->item, OUTCOME_TAX_AMBIGUOUS, by);
                remark(by, OUTCOME_TAX_AMBIGUOUS, p->item);
        }
        if (aside)
                remark(p->item, OUTCOME_TAX_DOUBTFUL, by);
        put_out(p->item, p->entry, aside ? FUMI_TAX_SHOWN : FUMI_TAX_SUPERSEDED,
                aside ? OUTCOME_TAX_DOUBTFUL : OUTCOME_TAX_SUPERSEDED, by);
}

/* Those of a run that have the issuer of its first. The same number twice in one certificate (a
 * contract and its rider) is twice something to declare. */
static void settle_issuer(struct place *run, size_t count)
{
        struct tax_item *best = run[0].item;

        for (size_t i = 0; i < count; i++)
                if (!run[i].done && same_issuer(&run[0], &run[i]) &&
                    stands_before(run[i].item, best) > 0)
                        best = run[i].item;
        for (size_t i = count; i-- > 0;) {
                if (run[i].done || (i && !same_issuer(&run[0], &run[i])))
                        continue;
                run[i].done = true;
                if (run[i].item != best)
                        supersede(&run[i], best);
        }
}

/* Without a number nothing says that two are about the same; a person has to look. */
static void doubt(struct place *run, size_t count)
{
        for (size_t i = 0; i + 1 < count; i++)
                if (run[i].item != run[i + 1].item && same_issuer(&run[i], &run[i + 1])) {
                        remark(run[i].item, OUTCOME_TAX_AMBIGUOUS, run[i + 1].item);
                        remark(run[i + 1].item, OUTCOME_TAX_AMBIGUOUS, run[i].item);
                }
}

static void settle_run(struct place *run, size_t count)
{
        if (!*key_of(run)->number) {
                doubt(run, count);
                return;
        }
        for (size_t i = 0; i < count; i++)
                if (!run[i].done)
                        settle_issuer(run + i, count - i);
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
        struct place *place = malloc((count + 1) * sizeof(*place));

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
