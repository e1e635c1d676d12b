/* head.h - what a certificate says about itself: the root's attributes, and that it is signed */
#pragma once

#include "xml/contents.h"

/* Fill in the doc's attributes and hold them against the form. @signature NULL: there is none. */
void head_hold(struct contents *c, const xmlNode *root, const xmlNode *signature,
               struct findings *f);
