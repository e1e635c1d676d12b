/* tally.c - how often a digest has occurred, and where first */
#include "post/tally.h"

#include <errno.h>
#include <stdlib.h>

int tally_begin(struct tally *t, size_t most)
{
        for (t->places = 64; t->places < 2 * most;)
                t->places *= 2;
        t->place = calloc(t->places, sizeof(*t->place));
        return t->place ? 0 : -ENOMEM;
}

void tally_free(struct tally *t)
{
        free(t->place);
        *t = (struct tally){ 0 };
}

const struct tally_of *tally_add(struct tally *t, const struct hash *digest, unsigned line)
{
        size_t i = (size_t)(get_be64(digest->b) & (t->places - 1));

        while (t->place[i].count && !hash_eq(&t->place[i].digest, digest))
                i = (i + 1) & (t->places - 1);
        if (t->place[i].count++ == 0) {
                t->place[i].digest = *digest;
                t->place[i].first = line;
        }
        return &t->place[i];
}
