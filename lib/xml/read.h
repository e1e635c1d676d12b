/* read.h - a stranger's file becomes a tree, or a reason why not (N3.1)
 *
 * Nothing is fetched, no entity and no DTD is taken, nothing that is not there for every reader
 * alike. What comes out is elements and texts only. */
#pragma once

#include "xml/finding.h"

#include <libxml/tree.h>

extern const char READ_KYOTSU[], READ_GENERAL[], READ_SIGNATURE[], READ_INSTANCE[]; /* namespaces */

/* 0 and a tree for xmlFreeDoc(); the outcome (750-754) that is the finding, too; -ENOMEM. */
int read_tree(xmlDoc **out, struct slice bytes, struct findings *f);

unsigned read_line(const xmlNode *n);
/* Is @n an element of that name in that namespace? */
bool read_is(const xmlNode *n, const char *space, const char *name);
bool read_in(const xmlNode *n, const char *space);
struct slice read_name(const xmlNode *n);

/* An element's or attribute's text. False when there is anything else inside. Borrowed from the
 * tree; the empty slice, but not NULL, when there is none. */
bool read_text(const xmlNode *children, struct slice *out);
/* The attribute without a namespace; NULL when there is none. */
const xmlAttr *read_attribute(const xmlNode *n, const char *name);
bool read_attribute_is(const xmlNode *n, const char *name, const char *value);
/* Without the white space around it, as XML Schema reads numbers. */
struct slice read_trimmed(struct slice text);
