/* fuzz_frame.c - any bytes as a whole message, head and fields, there and back */
#include "help/any.h"
#include "schemas/messages.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same_head(const struct frame *f, struct slice again, bool answer)
{
        struct frame g;

        assert(frame_read(&g, again, answer) == 0);
        assert(g.verb == f->verb && g.number == f->number && g.code == f->code);
        assert(slice_eq(g.where, f->where));
}

static void check_side(struct slice bytes, bool answer)
{
        const struct frame_verb *v;
        const struct field_table *t;
        BUF_OWNED again = { 0 };
        struct frame f;
        void *first, *second;

        if (frame_read(&f, bytes, answer))
                return;
        v = frame_verb_of(f.verb);
        if (!v)
                return;
        t = answer ? v->answer : v->ask;
        first = calloc(2, t->size);
        assert(first);
        second = (uint8_t *)first + t->size;
        if (field_read_message(t, bytes, first, NULL) == 0) {
                if (answer)
                        frame_write_answer(&again, f.verb, f.number, f.code, f.where, t, first);
                else
                        frame_write_ask(&again, f.verb, f.number, t, first);
                check_same_head(&f, buf_slice(&again), answer);
                assert(field_read_message(t, buf_slice(&again), second, NULL) == 0);
                assert(any_same(t, first, second));
        }
        free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        check_side(slice_of(data, size), false);
        check_side(slice_of(data, size), true);
        return 0;
}
