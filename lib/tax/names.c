/* names.c - what the files of an export are called
 *
 * Several certificates may have come under one name. The first keeps it, the next are NAME (2).xml
 * and so on, past names that others came with. Names are compared without case, as some systems
 * do. */
#include "tax/names.h"

#include "base/fault.h"
#include "sdk/safe_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct naming {
        char given[SAFE_NAME_ROOM];
        size_t item;
};

static bool counts_in(const struct tax_item *i, int year)
{
        for (size_t n = 0; n < i->c.entries; n++)
                if (i->facts.entry[n].year == year && i->facts.entry[n].state == FUMI_TAX_COUNTS)
                        return true;
        return false;
}

/* Not more than a name may have, with ".xml" and a number. */
static void give(char out[static SAFE_NAME_ROOM], const struct tax_item *i)
{
        char name[512]; /* safe_name() cuts what is in the middle */
        size_t n;

        snprintf(name, sizeof(name) - 8, "%s", *i->c.name ? i->c.name : i->c.id);
        n = strlen(name);
        if (n <= 4 || strcasecmp(name + n - 4, ".xml") != 0)
                memcpy(name + n, ".xml", sizeof(".xml"));
        safe_name(out, slice_str(name));
}

static int by_name(const void *a, const void *b)
{
        const struct naming *x = a, *y = b;
        int r = strcasecmp(x->given, y->given);

        return r ? r : (x->item > y->item) - (x->item < y->item);
}

static int by_name_only(const void *a, const void *b)
{
        const struct naming *x = a, *y = b;

        return strcasecmp(x->given, y->given);
}

/* A name for one more of those that came as @given. */
static void next(char out[static SAFE_NAME_ROOM], const char *given, unsigned *n,
                 const struct naming *all, size_t count)
{
        struct naming wanted;

        do {
                safe_name_again(wanted.given, given, ++*n);
        } while (bsearch(&wanted, all, count, sizeof(*all), by_name_only));
        memcpy(out, wanted.given, SAFE_NAME_ROOM);
}

static int hand_out(char **name, const struct naming *all, size_t count)
{
        unsigned n = 1;

        for (size_t i = 0; i < count; i++) {
                char text[SAFE_NAME_ROOM];

                memcpy(text, all[i].given, sizeof(text));
                if (i && by_name_only(&all[i - 1], &all[i]) == 0)
                        next(text, all[i].given, &n, all, count);
                else
                        n = 1;
                name[all[i].item] = strdup(text);
                if (!name[all[i].item])
                        return fault(-ENOMEM);
        }
        return 0;
}

int names_of(fumi_tax *t, int year, char ***out)
{
        char **name = calloc(t->count + 1, sizeof(char *));
        struct naming *all = calloc(t->count + 1, sizeof(*all));
        size_t count = 0;
        int r = name && all ? 0 : fault(-ENOMEM);

        for (size_t i = 0; i < t->count && !r; i++)
                if (counts_in(t->item[i], year)) {
                        give(all[count].given, t->item[i]);
                        all[count++].item = i;
                }
        if (!r && count) {
                qsort(all, count, sizeof(*all), by_name);
                r = hand_out(name, all, count);
        }
        free(all);
        if (r)
                names_free(name, t->count);
        else
                *out = name;
        return r;
}

void names_free(char **name, size_t count)
{
        for (size_t i = 0; name && i < count; i++)
                free(name[i]);
        free(name);
}
