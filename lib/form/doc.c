/* doc.c - the list of a certificate's elements */
#include "form/doc.h"

#include <stdlib.h>

void doc_free(struct doc *d)
{
        free(d->node);
        *d = (struct doc){ 0 };
}

void doc_clear(struct doc *d)
{
        *d = (struct doc){ .node = d->node, .room = d->room };
}

static bool make_room(struct doc *d)
{
        uint32_t room = d->room ? d->room * 2 : 64;
        struct doc_node *node;

        if (d->count < d->room)
                return true;
        if (d->room >= DOC_TOP / 2)
                return false;
        node = reallocarray(d->node, room, sizeof(*node));
        if (!node)
                return false;
        d->node = node;
        d->room = room;
        return true;
}

uint32_t doc_add(struct doc *d, uint32_t up, uint16_t element)
{
        uint32_t at = d->count;

        if (!make_room(d))
                return DOC_TOP;
        d->count++;
        d->node[at] = (struct doc_node){ .element = element, .up = up, .end = d->count };
        for (; up != DOC_TOP; up = d->node[up].up)
                d->node[up].end = d->count;
        return at;
}

uint32_t doc_find(const struct doc *d, uint32_t above, uint16_t element, uint32_t from)
{
        uint32_t at = above == DOC_TOP ? 0 : above;
        uint32_t end = above == DOC_TOP ? d->count : d->node[above].end;

        for (at = at > from ? at : from; at < end; at++)
                if (d->node[at].element == element)
                        return at;
        return DOC_TOP;
}

struct slice doc_text(const struct doc *d, uint32_t above, uint16_t element)
{
        uint32_t at = doc_find(d, above, element, 0);

        return at == DOC_TOP ? slice_of(NULL, 0) : d->node[at].part[0];
}
