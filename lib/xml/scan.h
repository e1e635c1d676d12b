/* scan.h - what a file is made of, before an XML parser sees it
 *
 * A parser can be made to work for hours, or fill the memory, by few bytes: entities, thousands of
 * attributes in one tag, a hundred thousand elements inside each other. None of it is in a
 * certificate. One pass over the bytes, as cheap as reading them, refuses all of that, and what
 * N3.1 forbids inside the root. A file without a DOCTYPE is exact in this: '<' begins a tag, a
 * comment, an instruction or CDATA, and nothing else; where a file is no XML, the parser stops at
 * the same place, or before. */
#pragma once

#include "base/bytes.h"

enum {
        SCAN_TAG_BYTES = 64 << 10,
        SCAN_ATTRIBUTES = 32, /* in one tag, namespaces included */
        /* In force at one place: canonical XML looks at each one of them for every element. */
        SCAN_NAMESPACES = 16,
        SCAN_DEPTH = 32,
        /* Elements, attributes, comments and instructions. TEG830 with a thousand donations has
         * 17,000. */
        SCAN_NODES = 50000,
};

struct scan {
        int refused;      /* 0, or an outcome (750-754) */
        unsigned line;    /* of what refused it */
        const char *what; /* it, in a word */
        struct slice xml; /* the file without a byte order mark */
};

/* @bytes without a byte order mark go into @out; the outcome is @out->refused. */
int scan_bytes(struct scan *out, struct slice bytes);
