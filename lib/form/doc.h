/* doc.h - a certificate as values: what a CSV becomes before it is XML, and XML after it was read
 *
 * The elements that are there, in document order (preorder), each with what it says as it is
 * written: leading zeros stay. Judging, facts, showing and writing all work on this. The text is
 * borrowed: it lives as long as whatever the doc was made from. */
#pragma once

#include "form/form.h"

#define DOC_TOP UINT32_MAX

struct doc_node {
        uint16_t element; /* of the form */
        uint32_t up;      /* the node that holds it; DOC_TOP under the root */
        uint32_t end;     /* behind the last node inside it */
        /* What it says: by form_parts[type], or in part[0] for a type without parts. A part that is
         * not there has at == NULL; one that is there and empty has not. */
        struct slice part[FORM_PARTS];
};

struct doc {
        const struct form *form;
        /* The root's attributes; at == NULL when absent. */
        struct slice version, id, page, made_on, made_by,
                software; /* VR id page sakuseiDay sakuseiNM softNM */
        struct doc_node *node;
        uint32_t count, room;
};

void doc_free(struct doc *d);  /* and zeroes it */
void doc_clear(struct doc *d); /* no nodes; memory kept */

/* Append @element as the last one inside @up (a node of this doc whose inside is still the end of
 * the list, or DOC_TOP). Its number, or DOC_TOP when memory ran out. Pointers to nodes are no
 * longer valid. */
uint32_t doc_add(struct doc *d, uint32_t up, uint16_t element);

/* The first node of @element inside @above (DOC_TOP: anywhere) from number @from on; DOC_TOP: there
 * is none. */
uint32_t doc_find(const struct doc *d, uint32_t above, uint16_t element, uint32_t from);
/* Its text (part 0), or the empty slice when there is no such node. */
struct slice doc_text(const struct doc *d, uint32_t above, uint16_t element);
