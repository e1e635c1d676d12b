/* example_tax_package.c - a tax package takes a year's certificates out of a mailbox
 *
 *      cc example_tax_package.c $(pkg-config --cflags --libs fumibako-tax)
 *      ./a.out ANCHORS MAILBOX YEAR [FILE|FOLDER|ZIP...] <passphrase
 *
 * What a return needs of this library is four steps: open a collection that trusts somebody, put in
 * whatever the taxpayer has, take over the entries that count, and show the rest to a person. This
 * program prints instead of filling in; example_tax.py does the same from Python. */
#include <fumibako_tax.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int year;

/* Everything that is refused has a sentence. A program with a window would show it and go on. */
static void must(int r, const char *what, const char *why)
{
        const struct fumi_outcome *o = r > 0 ? fumi_outcome(r) : NULL;

        if (r == 0)
                return;
        fprintf(stderr, "%s: %s (%s)\n", what, why, o ? o->name : strerror(-r));
        exit(1);
}

/* ---- put in what there is ---- */

static void on_refused(void *ctx, const fumi_id *id, int result)
{
        fprintf(stderr, "a letter that does not open: %d\n", result);
}

static void take_mailbox(fumi_tax *t, const char *folder)
{
        char passphrase[1024] = "", why[512] = "";
        fumi_box *box;

        if (!fgets(passphrase, sizeof(passphrase), stdin))
                exit(1);
        passphrase[strcspn(passphrase, "\n")] = 0;
        must(fumi_box_open(&box, folder, passphrase, strlen(passphrase), why), folder, why);
        must(fumi_tax_add_box(t, box, on_refused, NULL), folder, fumi_tax_error(t));
        fumi_box_close(box);
}

/* ---- take over what counts ---- */

static const char *name_of(int outcome)
{
        const struct fumi_outcome *o = fumi_outcome(outcome);

        return o ? o->name : "?";
}

/* One line of the return's own tables: the entry, and the certificate that proves it. */
static void fill_in(const struct fumi_certificate *c, const struct fumi_tax_entry *e)
{
        printf("fill in  %-18s %12" PRId64 "  %s  %s  %s%s\n", e->category, e->carried, c->form,
               e->issuer, e->number, e->year_assumed ? "  (check the year)" : "");
}

/* A package that takes nothing from an untrusted issuer has nothing more to ask here: the library
 * left it out of what counts, because anchors were given. */
static int on_certificate(void *ctx, const struct fumi_certificate *c)
{
        for (size_t i = 0; i < c->entries; i++)
                if (c->entry[i].year == year && c->entry[i].state == FUMI_TAX_COUNTS)
                        fill_in(c, &c->entry[i]);
        return 0;
}

/* ---- show the rest to a person ---- */

static int on_rest(void *ctx, const struct fumi_certificate *c)
{
        for (size_t i = 0; i < c->entries; i++)
                if (c->entry[i].year == year && c->entry[i].state != FUMI_TAX_COUNTS)
                        printf("left out %-18s %12" PRId64 "  %s  %s: %s\n", c->entry[i].category,
                               c->entry[i].carried, c->form, c->entry[i].number,
                               name_of(c->entry[i].why));
        if (c->refused)
                printf("refused  %s: %s\n", c->name, name_of(c->refused));
        for (size_t i = 0; i < c->findings; i++)
                if (c->finding[i].warning)
                        printf("remark   %s: %s\n", c->name, name_of(c->finding[i].code));
        return 0;
}

static int on_total(void *ctx, const struct fumi_tax_total *t)
{
        printf("total    %-18s %12" PRId64 "  of %zu%s\n", t->category, t->carried, t->entries,
               t->deduction ? "" : "  (no deduction)");
        return 0;
}

int main(int argc, char **argv)
{
        struct fumi_tax_trust trust = { 0 };
        char why[512] = "";
        fumi_tax *t;

        if (argc < 4)
                return 2;
        trust.anchors = argv[1];
        year = atoi(argv[3]);
        must(fumi_start(), "start", "no crypto library");
        must(fumi_tax_open(&t, &trust, why), "open", why);
        take_mailbox(t, argv[2]);
        for (int i = 4; i < argc; i++)
                must(fumi_tax_add_path(t, argv[i]), argv[i], fumi_tax_error(t));
        must(fumi_tax_each(t, year, on_certificate, NULL), "entries", fumi_tax_error(t));
        must(fumi_tax_totals(t, year, on_total, NULL), "totals", fumi_tax_error(t));
        must(fumi_tax_each(t, 0, on_rest, NULL), "the rest", fumi_tax_error(t));
        fumi_tax_close(t);
        return 0;
}
