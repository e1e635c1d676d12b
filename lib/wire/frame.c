/* frame.c - keys 0 to 3 of every message, and which tables a verb has (P3.5) */
#include "wire/frame.h"

#include "schemas/messages.h"
#include "wire/field_table.h"
#include "wire/mp.h"

#include <assert.h>

enum frame_key {
        KEY_VERB = 0,
        KEY_NUMBER = 1,
        KEY_CODE = 2,
        KEY_WHERE = 3,
};

enum {
        CODE_MOST = 9999,
        WHERE_MOST = 128,
};

/* The value of @key, which must come now. */
static uint64_t expect(struct mp *m, uint32_t *keys, enum frame_key key, uint64_t most)
{
        if (!*keys || mp_u64(m, UINT64_MAX) != key)
                mp_fail(m);
        else
                (*keys)--;
        return mp_u64(m, most);
}

/* The key that comes now, without stepping over it; beyond the head's when there is none. */
static uint64_t peek(const struct mp *m, uint32_t keys)
{
        struct mp look = *m;
        uint64_t key = keys ? mp_u64(&look, UINT64_MAX) : UINT64_MAX;

        return mp_ok(&look) ? key : 0;
}

int frame_read(struct frame *out, struct slice bytes, bool answer)
{
        struct mp m = mp_of(bytes);
        uint32_t keys = mp_map(&m, FIELD_KEYS_MOST);
        struct frame f = { 0 };

        f.verb = expect(&m, &keys, KEY_VERB, UINT64_MAX);
        f.number = expect(&m, &keys, KEY_NUMBER, UINT64_MAX);
        if (answer) {
                f.code = expect(&m, &keys, KEY_CODE, CODE_MOST);
                if (peek(&m, keys) == KEY_WHERE) {
                        keys--;
                        mp_u64(&m, KEY_WHERE);
                        f.where = mp_str(&m, WHERE_MOST);
                }
        }
        /* An ask that speaks of codes, or a key twice. */
        if (!mp_ok(&m) || peek(&m, keys) < FIELD_FIRST_OF_MESSAGE ||
            !field_printable(f.where, false))
                return FRAME_MALFORMED;
        *out = f;
        return 0;
}

static void rest_write(struct buf *out, const struct field_table *t, const void *in)
{
        if (in)
                field_write_entries(t, out, in);
}

void frame_write_ask(struct buf *out, uint64_t verb, uint64_t number, const struct field_table *t,
                     const void *in)
{
        mp_put_map(out, 2 + (in ? field_count(t, in) : 0));
        mp_put_u64(out, KEY_VERB);
        mp_put_u64(out, verb);
        mp_put_u64(out, KEY_NUMBER);
        mp_put_u64(out, number);
        rest_write(out, t, in);
}

void frame_write_answer(struct buf *out, uint64_t verb, uint64_t number, uint64_t code,
                        struct slice where, const struct field_table *t, const void *in)
{
        assert(code <= CODE_MOST && where.len <= WHERE_MOST && field_printable(where, false));
        mp_put_map(out, 3 + (where.len > 0) + (in ? field_count(t, in) : 0));
        mp_put_u64(out, KEY_VERB);
        mp_put_u64(out, verb);
        mp_put_u64(out, KEY_NUMBER);
        mp_put_u64(out, number);
        mp_put_u64(out, KEY_CODE);
        mp_put_u64(out, code);
        if (where.len) {
                mp_put_u64(out, KEY_WHERE);
                mp_put_str(out, where);
        }
        rest_write(out, t, in);
}

const struct frame_verb *frame_verb_of(uint64_t verb)
{
        for (size_t i = 0; i < MESSAGES_VERBS; i++)
                if (messages_verbs[i].verb == verb)
                        return &messages_verbs[i];
        return NULL;
}
