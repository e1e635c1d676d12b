/* nta_csv_inside.h - what the parts of the CSV reader share
 *
 * The way of a file: nta_csv_read.c cuts it into records and fields, nta_csv_text.c makes UTF-8 of
 * a field, nta_csv_check.c holds a record against its form, nta_csv_group.c puts records together,
 * nta_csv_doc.c makes certificates of them. nta_csv.c leads through it, nta_csv_say.c words the
 * findings.
 *
 * Of a file only its bytes and a few numbers a record are kept; fields and text are made again when
 * they are needed, which costs a few microseconds a record. */
#pragma once

#include "form/nta_csv.h"

enum {
        NTA_FIELDS_MOST = 256,      /* of a record; more than any form has */
        NTA_RECORD_MOST = 64 << 10, /* bytes; ten times what the longest form can fill */
        NTA_TEXT_GROWS = 3,         /* bytes of UTF-8 for one of the file, at most */
};

/* ---- nta_csv_read.c ---- */

struct nta_field {
        struct slice raw; /* as it stands in the file, without the quotes around it */
        bool quoted;      /* then two quotes inside are one */
};

struct nta_line {
        struct slice bytes; /* without the line's end */
        unsigned line;      /* of the file, from 1 */
        unsigned fields;    /* how many; only the first NTA_FIELDS_MOST are kept */
        unsigned filled;    /* the last one that is not empty, from 1; at trouble the one with it */
};

struct nta_reader {
        struct slice rest;
        unsigned line;
        unsigned columns; /* of the form; 0: not known */
};

enum { NTA_READ_END = 1, NTA_READ_QUOTES = 2 };
/* The next record that is not an empty line. At NTA_READ_QUOTES @out says where, and the rest of
 * that line is skipped. */
int nta_csv_read_next(struct nta_reader *r, struct nta_field field[static NTA_FIELDS_MOST],
                      struct nta_line *out);

/* ---- nta_csv_text.c ---- */

/* The next character of a field that is not empty: its code point, CP932_NONE when it is none. */
uint32_t nta_csv_text_next(struct nta_field *f, bool utf8);

struct nta_text {
        struct slice utf8; /* what is no character is U+FFFD */
        unsigned characters;
        bool odd; /* some of them cannot stand in a certificate */
};
/* @out has room for NTA_TEXT_GROWS times the field's bytes. */
struct nta_text nta_csv_text_read(struct nta_field f, bool utf8, uint8_t *out);

/* What @column writes into an element of @value: without a plus, or the zeros before a month. */
struct slice nta_csv_text_written(const struct form_column *column, struct slice value);

/* ---- nta_csv_plan.c: the columns of a form by element ---- */

struct nta_feed {
        uint16_t element, occurrence, part;
        uint16_t column; /* from 1 */
        uint16_t target; /* which of the column's */
};

struct nta_plan {
        struct nta_feed *feed; /* by element, occurrence, part */
        unsigned feeds;
        struct nta_element {
                uint16_t feed, feeds;
                uint16_t gift_from;           /* column that gives its text; 0: none */
                uint16_t occurrences;         /* by `within`: so many within one record; 0: plain */
                uint32_t takes;               /* rows in one of it; 0: it is on the way to none */
                const struct form_code *gift; /* the text by that column's code */
        } * element;
        unsigned rows_most;          /* in one certificate */
        bool outer[NTA_FIELDS_MOST]; /* the column is equal in all records of a certificate */
};

int nta_csv_plan(struct nta_plan *p, const struct form *f); /* -ENOMEM */
void nta_csv_plan_free(struct nta_plan *p);

/* ---- nta_csv.c ---- */

struct nta_record {
        uint32_t at, len;      /* in the file */
        uint32_t number, line; /* from 1 */
};

struct nta_group {
        uint32_t first, count; /* of @member */
};

struct nta_csv {
        struct buf bytes;
        bool utf8; /* by mistake: only findings come of it */
        const struct form *form;
        struct nta_plan plan;
        struct nta_record *record;
        uint32_t records;
        uint32_t *member; /* records by certificate */
        struct nta_group *group;
        uint32_t groups;
        struct buf text,
                value; /* of the certificate at hand: UTF-8, and a slice for every column */
};

/* Cut record @n again, one that was cut before. */
void nta_csv_again(const struct nta_csv *c, uint32_t n,
                   struct nta_field field[static NTA_FIELDS_MOST]);

/* ---- nta_csv_say.c ---- */

struct nta_hearing {
        nta_say say;
        void *ctx;
        int first; /* the first finding's code; 0: none yet */
};

struct nta_place {
        unsigned record, line, column;
        const char *name;
        struct nta_field value;
        bool utf8;
};

/* @fmt may be NULL: nothing more to say. What does not fit is cut between characters. */
void nta_csv_say(struct nta_hearing *h, int code, const struct nta_place *at, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
/* One finding for each character of the place's value that cannot stand in a certificate. N1.3 */
void nta_csv_say_characters(struct nta_hearing *h, const struct nta_place *at);

/* ---- nta_csv_check.c ---- */

struct nta_check {
        const struct nta_csv *csv;
        struct nta_hearing *hearing;
        unsigned record;
        const struct nta_line *line;
        const struct nta_field *field;
        uint8_t *text;                       /* room for the record's UTF-8 */
        struct slice value[NTA_FIELDS_MOST]; /* by column, from 0 */
        bool failed[NTA_FIELDS_MOST];
};
/* Every column behind the first, then days and months. N1.4 */
void nta_csv_check(struct nta_check *c);

/* ---- nta_csv_group.c ---- */

/* Put the records together (N1.6). @scratch has room for two records' UTF-8. -ENOMEM. */
int nta_csv_group(struct nta_csv *c, struct nta_hearing *h, uint8_t *scratch);
