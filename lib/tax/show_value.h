/* show_value.h - what one element says, read by its type: once, for the eye and for a page */
#pragma once

#include "base/buf.h"
#include "form/date.h"

enum show_kind {
        SHOW_TEXT, /* a text, or something wrong: as it is written */
        SHOW_AMOUNT,
        SHOW_DIGITS,
        SHOW_DATE,
        SHOW_CODE,
        SHOW_CORPORATE,
        SHOW_PERSONAL,
        SHOW_TELEPHONE,
};

struct show_value {
        enum show_kind kind;
        int64_t amount;        /* SHOW_AMOUNT */
        struct form_date date; /* SHOW_DATE */
        struct slice text;     /* SHOW_TEXT, _CODE (the code), _DIGITS, numbers; not yet safe */
        const char *name;      /* SHOW_CODE: by the form's table; "" when it has none */
        struct slice written;  /* SHOW_CODE: the name in the file */
};

/* Borrows from the doc. */
struct show_value show_value_read(const struct form *f, const struct doc_node *n);
/* As a person reads it, not yet safe for a terminal: "72,000円", "令和8年11月2日". */
void show_value_put(struct buf *out, const struct show_value *v, const struct doc_node *n);
/* "2026-11-02" */
void show_value_iso(struct buf *out, const struct form_date *d);
