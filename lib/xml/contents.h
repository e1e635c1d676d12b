/* contents.h - a tree becomes the values of a form: what stands where, as it is written
 *
 * Every element that the form has at its place is taken, whatever is wrong with it, so that a
 * person still sees it; what the form does not have is a finding and is left out. Whether all of it
 * is there, in order and of its kind, is looked at afterwards, on the values. */
#pragma once

#include "xml/read.h"

struct contents {
        struct doc doc;
        uint32_t *line; /* of each node of @doc */
        uint8_t *text;  /* what @doc borrows from */
        size_t text_len, text_room;
};

/* Values of @root, with copies of its texts; @room is as many bytes as they can have. 0, -ENOMEM.
 */
int contents_read(struct contents *out, const xmlNode *root, const struct form *form, size_t room,
                  struct findings *f);
void contents_free(struct contents *c);

/* A copy of @text, of the same file. */
struct slice contents_keep(struct contents *c, struct slice text);

bool contents_is_positive(struct slice text); /* xsd:positiveInteger */

enum { CONTENTS_WHERE = 96 };
/* "WCE00000[2]/WCE00350"; "" for DOC_TOP. */
void contents_where(char out[static CONTENTS_WHERE], const struct doc *d, uint32_t node);
