/* form.h - the NTA's certificates as data: which elements a form has, and what a sender's CSV fills
 * in
 *
 * The tables are made from the TOML files of schemas/nta by schemas/nta/formc.py. One engine walks
 * them; no form has code of its own. Everything here is constant and lives as long as the program.
 *
 * A form's elements stand in document order (preorder): behind an element come those inside it, up
 * to its @end. So "skip this one" is going on at @end, and "what is inside" is from the next up to
 * there. */
#pragma once

#include "base/bytes.h"

enum form_type {
        FORM_GROUP, /* elements inside, no text */
        FORM_STR,   /* text of gen:str, at most @most characters; 0: any number */
        FORM_KINGAKU,
        FORM_NUMBER, /* up to @most digits */
        FORM_KUBUN,
        FORM_KUBUN2,
        FORM_BANGO,
        FORM_TEL_NUMBER,
        FORM_YYYYMMDD,
        FORM_YYYYMM,
        FORM_YYYY,
        FORM_YYMMDD,
        FORM_YY,
        FORM_MMDD,
        FORM_MM,
        FORM_TYPES,
};

enum { FORM_PARTS = 4, FORM_NONE = UINT16_MAX };

/* An element inside an element of a type: gen:yyyy, kubun_CD. All are xsd:sequence, in this order.
 */
struct form_part {
        const char *name;     /* without prefix; NULL ends the list */
        bool general;         /* in the namespace "general" (gen:), not "kyotsu" */
        bool must;            /* has to be there; of FORM_BANGO exactly one is */
        bool text;            /* gen:str instead of digits */
        uint8_t digits;       /* at most; characters of a text */
        uint16_t least, most; /* the number's range; 0, 0: any digits, none at all too */
};
extern const struct form_part form_parts[FORM_TYPES][FORM_PARTS + 1]; /* none: text itself */

struct form_code {
        const char *code;
        const char *name; /* "" when the schema names none */
};

struct form_element {
        const char *id;               /* "WCE00010" */
        const char *name;             /* "証明年" */
        uint16_t up;                  /* the element that holds it; FORM_NONE under the root */
        uint16_t end;                 /* behind the last element inside it */
        uint16_t least, most;         /* occurrences */
        uint8_t type;                 /* enum form_type */
        uint8_t depth;                /* 0 under the root */
        uint8_t page;                 /* value of the attribute "page"; 0: none */
        uint16_t room;                /* FORM_STR: characters, 0: any; FORM_NUMBER: digits */
        const struct form_code *code; /* FORM_KUBUN...: ends with a NULL code; NULL: any */
};

/* ---- a sender's CSV ---- */

enum form_column_is {
        FORM_TEXT,
        FORM_ALPHANUMERIC,
        FORM_LATIN,
        FORM_NUMERAL,  /* exactly @room digits */
        FORM_AMOUNT,   /* signed, up to @room digits */
        FORM_POSITIVE, /* up to @room digits */
        FORM_CODE,
        FORM_ERA,
        FORM_COLUMN_YYYY,
        FORM_COLUMN_YY,
        FORM_COLUMN_MM,
        FORM_COLUMN_DD,
        FORM_HOJINBANGO,
};

struct form_target {
        uint16_t element;
        uint8_t part; /* which of form_parts[type]; 0 for an element without */
};

/* The column must have a value when column @column has one, or one of @is. */
struct form_condition {
        uint16_t column;       /* 0 ends the list */
        const char *const *is; /* ends with NULL; NULL: any value */
};

struct form_gift {
        uint16_t element;             /* FORM_NONE ends the list */
        const struct form_code *text; /* by the column's code */
};

struct form_column {
        const char *name; /* as the NTA names it */
        uint8_t is;       /* enum form_column_is */
        bool must;
        uint16_t room;       /* characters or digits at most; FORM_NUMERAL: exactly */
        uint16_t occurrence; /* of @within, from 1; 0: of the certificate or its row */
        uint16_t within;     /* element that repeats within one record; FORM_NONE */
        uint8_t targets;
        struct form_target to[2];
        const struct form_condition *when; /* NULL: none. Any of them that holds makes it a must */
        const char *const *code;      /* FORM_CODE, FORM_ERA: what may stand here; ends with NULL */
        const struct form_gift *gift; /* NULL: none */
};

/* Columns, counted from 1, that are a day together, or two months; see schemas/nta/README.md. 0:
 * not used. */
struct form_rule {
        uint16_t column[4];
};

/* ---- what a certificate says ---- */

enum { FORM_NUMBERS = 2, FORM_SUMMANDS = 2, FORM_APARTS = 3 };

struct form_amount {
        uint8_t category;                  /* index into form_category */
        uint16_t declared[FORM_SUMMANDS];  /* elements; FORM_NONE: no more */
        uint16_t projected[FORM_SUMMANDS]; /* to December; FORM_NONE first: not told apart */
};

struct form_entry {
        uint16_t each;   /* one entry for each of these; FORM_NONE: one for the certificate */
        uint16_t unless; /* no entry when this element is there */
        uint16_t year, label, issuer; /* FORM_NONE: none */
        uint16_t number[FORM_NUMBERS];
        uint16_t apart[FORM_APARTS]; /* what tells two of the same number apart */
        const struct form_amount *amount;
        uint8_t amounts;
};

struct form {
        const char *id;             /* "TEG800" */
        const char *name;           /* "生命保険料控除証明書" */
        const char *const *version; /* ends with NULL; the last is the one we write */
        const struct form_element *element;
        uint16_t elements;
        /* The CSV; columns == 0: the form is only read. */
        uint16_t columns;                      /* column 1, the form's id, included */
        const struct form_column *column;      /* column[0] is column 1 */
        uint16_t grouping;                     /* column of the grouping code; 0: none */
        uint16_t row[2];                       /* what a record adds one of; FORM_NONE */
        const struct form_rule *date, *before; /* end with column[0] == 0 */
        /* Facts: elements, FORM_NONE when the form has none. */
        uint16_t issuer, issuer_number, person, issued, unique;
        const struct form_entry *entry;
        uint8_t entries;
};

extern const struct form *const form_list[]; /* ends with NULL; by id */

struct form_category {
        const char *id; /* "life-general-new" */
        const char *name, *english;
        bool deduction; /* counts in the sums of deductions */
};
extern const struct form_category
        form_category[]; /* ends with a NULL id; in the order of a return */

/* Days are yyyymmdd as a number, so that they compare. @last 0: it goes on. */
struct form_era {
        uint8_t code; /* 1-5 */
        char letter;  /* 'R' */
        const char *name;
        uint16_t base; /* Gregorian year = base + year of the era */
        uint32_t first, last;
};
extern const struct form_era form_era[]; /* ends with code 0; oldest first */

/* ---- form.c ---- */

const struct form *form_find(struct slice id); /* NULL: none of ours */
/* The element of that id; FORM_NONE when the form has none. */
uint16_t form_element(const struct form *f, struct slice id);
/* Is @element inside @above, or it? */
static inline bool form_inside(const struct form *f, uint16_t element, uint16_t above)
{
        return element >= above && element < f->element[above].end;
}
/* The name of a code, or NULL when the element has no such code. "" when it has one without a name.
 */
const char *form_code_name(const struct form_code *list, struct slice code);
