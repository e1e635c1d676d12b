/* frame.h - the head of every message: verb, number, in answers code and where (P3.5, P3.6) */
#pragma once

#include "wire/field.h"

struct frame {
        uint64_t verb;
        uint64_t number;
        uint64_t code;                  /* answers only; an outcome of schemas/outcomes.h, 0 = done */
        struct slice where;             /* answers only */
};

enum frame_outcome { FRAME_MALFORMED = 1 };

/* Read keys 0-3 only; the rest of the map is not looked at (field_read_message does). */
int frame_read(struct frame *out, struct slice bytes, bool answer);

/* Append a whole message: head and the fields of @t from @in. @in NULL: head only. */
void frame_write_ask(struct buf *out, uint64_t verb, uint64_t number, const struct field_table *t, const void *in);
void frame_write_answer(struct buf *out, uint64_t verb, uint64_t number, uint64_t code, struct slice where,
                        const struct field_table *t, const void *in);

/* The tables of a verb, from messages.toml; NULL for an unknown one. */
struct frame_verb {
        uint64_t verb;
        const char *name;
        const struct field_table *ask;
        const struct field_table *answer;
        size_t ask_size;                /* sizeof(struct ask_...) */
        size_t answer_size;
};
const struct frame_verb *frame_verb_of(uint64_t verb);
