/* request.c - a request's life: found, decided, answered, freed */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int request_refuse(struct core_request *r, uint64_t code, const char *where)
{
        assert(code);
        r->code = code;
        snprintf(r->where, sizeof(r->where), "%s", where);
        return 0;
}

int request_find(struct core_request *r, size_t size, void *found)
{
        assert(!r->found);
        r->found = calloc(1, size);
        if (!r->found)
                return fault(-ENOMEM);
        *(void **)found = r->found;
        return 0;
}

int request_verdicts(struct core_request *r, size_t count)
{
        assert(!r->verdict);
        r->verdict = calloc(count, sizeof(*r->verdict));
        if (!r->verdict)
                return fault(-ENOMEM);
        r->verdicts = count;
        return 0;
}

void request_again(struct core_request *r)
{
        r->code = 0;
        r->where[0] = 0;
        r->tells = false;
        r->awaits = false;
        r->number = 0;
        r->next = NULL;
        if (r->verdicts)
                memset(r->verdict, 0, r->verdicts * sizeof(*r->verdict));
        buf_clear(&r->texts);
        buf_clear(&r->note);
        buf_clear(&r->checkpoint);
}

void core_request_free(struct core_request *r)
{
        if (!r)
                return;
        buf_free(&r->texts);
        buf_free(&r->note);
        buf_free(&r->checkpoint);
        free(r->verdict);
        free(r->found);
        free(r->bytes);
        free(r);
}

uint64_t core_request_verb(const struct core_request *r)
{
        return r->frame.verb;
}

uint64_t core_request_weight(const struct core_request *r)
{
        return r->weight;
}

void request_answer(const struct core_request *r, struct buf *out, const void *fields)
{
        const struct frame_verb *verb = frame_verb_of(r->frame.verb);

        assert(verb);
        frame_write_answer(out, r->frame.verb, r->frame.number, r->code, slice_str(r->where),
                           verb->answer, fields);
}

void core_answer_code(struct core_request *r, uint64_t code, struct buf *out)
{
        frame_write_answer(out, r->frame.verb, r->frame.number, code, slice_str(""), NULL, NULL);
}

void core_answer(struct core_request *r, struct buf *out)
{
        if (r->code && !r->tells) {
                frame_write_answer(out, r->frame.verb, r->frame.number, r->code,
                                   slice_str(r->where), NULL, NULL);
                return;
        }
        assert(r->duty && r->duty->answer);
        assert(!r->awaits || r->checkpoint.len);
        r->duty->answer(r, out);
}

void core_answer_watch(const struct core_request *r, uint64_t count, struct buf *out)
{
        const struct answer_watch answer = { .has_count = true, .count = count };

        request_answer(r, out, &answer);
}
