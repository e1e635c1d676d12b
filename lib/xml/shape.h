/* shape.h - is a signature built as a certificate's has to be? (N3.2)
 *
 * XML signatures can sign other things than what a reader reads: a copy that was moved aside, what
 * a transform made of it, nothing at all. So before any of it is computed the signature's elements
 * are held against the one shape that is allowed here; whatever differs is refused, with no
 * attempt to understand it. */
#pragma once

#include "xml/read.h"

enum { SHAPE_CERTIFICATES = 8 };

struct shape {
        xmlNode *signature;                           /* NULL: there is none at all */
        struct slice certificate[SHAPE_CERTIFICATES]; /* base64, as it stands there */
        unsigned certificates;
        xmlAttr *id; /* the root's own */
        bool sha1;   /* it, or its digest, is made with SHA-1 */
};

/* 0, and @out borrows from the tree; the outcome (756-759) that is the finding, too; -ENOMEM. */
int shape_check(struct shape *out, xmlNode *root, struct findings *f);
