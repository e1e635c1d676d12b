/* content.c - what lies inside the seal, read as it comes
 *
 * A row of stations; each takes what is its own from the bytes in hand and says where to go next.
 * Heads are gathered in a few bytes, the note in a buffer, parts go straight to the sink. The
 * spelling is the shortest or refused, as everywhere, so that equal letters are equal bytes. */
#include "letter/content.h"

#include "base/fault.h"
#include "base/secret.h"
#include "evidence/note.h"
#include "letter/seal.h"
#include "schemas/outcomes.h"
#include "wire/mp.h"

#include <errno.h>
#include <stdlib.h>

enum station { MAP, NOTE_KEY, NOTE_HEAD, NOTE, PARTS_KEY, PARTS_HEAD, PART_HEAD, PART, PADDING };

/* Two pairs, and their keys: one byte each. */
enum { MAP_OF_2 = 0x82, KEY_NOTE = 1, KEY_PARTS = 2 };

/* How msgpack spells the heads of one kind: small values inside the first byte, others behind it.
 */
struct kind {
        uint8_t fix, fix_count; /* first bytes fix .. fix + fix_count - 1 hold the value */
        uint8_t wide[3];        /* first bytes of 8, 16 and 32 bits; 0: none */
};
static const struct kind str = { 0xa0, 32, { 0xd9, 0xda, 0xdb } };
static const struct kind array = { 0x90, 16, { 0, 0xdc, 0xdd } };
static const struct kind bin = { 0, 0, { 0xc4, 0xc5, 0xc6 } };

struct content_reader {
        struct content_sink sink;
        enum station at;
        int result;
        uint8_t head[5]; /* of a head that is not yet complete */
        size_t head_len;
        struct buf note;
        uint64_t left;  /* bytes to come of the note, the part or the padding */
        uint32_t parts; /* parts to come */
        uint64_t len;   /* bytes taken */
};

void content_put_begin(struct buf *out, struct slice note, uint32_t parts)
{
        mp_put_map(out, 2);
        mp_put_u64(out, 1);
        mp_put_str(out, note);
        mp_put_u64(out, 2);
        mp_put_array(out, parts);
}

void content_put_part(struct buf *out, uint32_t size)
{
        mp_put_bin_head(out, size);
}

struct content_reader *content_reader_new(const struct content_sink *sink)
{
        struct content_reader *c = calloc(1, sizeof(*c));

        if (!c)
                return NULL;
        c->sink = *sink;
        return c;
}

void content_reader_free(struct content_reader *c)
{
        if (!c)
                return;
        if (c->note.at)
                secret_wipe(c->note.at, c->note.cap);
        buf_free(&c->note);
        free(c);
}

static struct slice take(struct content_reader *c, struct slice *in, size_t most)
{
        struct slice s = slice_upto(*in, most);

        *in = slice_from(*in, s.len);
        c->len += s.len;
        return s;
}

/* Bytes of the head that begins with @first; 0 when no head of this kind does. */
static size_t head_size(const struct kind *k, uint8_t first)
{
        if (first >= k->fix && first < k->fix + k->fix_count)
                return 1;
        for (size_t i = 0; i < 3; i++)
                if (k->wide[i] && k->wide[i] == first)
                        return 1 + ((size_t)1 << i);
        return 0;
}

/* The value of a complete head; false when a shorter one could have held it. */
static bool head_value(const struct kind *k, struct slice head, uint32_t *v)
{
        uint32_t least = head.len == 5 ? UINT16_MAX + 1 : head.len == 3 ? UINT8_MAX + 1 : 0;

        if (head.len == 1) {
                *v = head.at[0] - k->fix;
                return true;
        }
        if (head.len == (k->wide[0] ? 2 : 3))
                least = k->fix_count;
        *v = 0;
        for (size_t i = 1; i < head.len; i++)
                *v = *v << 8 | head.at[i];
        return *v >= least;
}

/* Gather a head. True when it is there, at most @most, and in @v; else bytes or a result are
 * missing. */
static bool take_head(struct content_reader *c, struct slice *in, const struct kind *k,
                      uint32_t most, uint32_t *v)
{
        size_t size;

        c->head[c->head_len++] = take(c, in, 1).at[0];
        size = head_size(k, c->head[0]);
        if (size == 0) {
                c->result = OUTCOME_BAD_CONTENT;
                return false;
        }
        if (c->head_len < size)
                return false;
        c->head_len = 0;
        if (!head_value(k, slice_of(c->head, size), v) || *v > most)
                c->result = OUTCOME_BAD_CONTENT;
        return c->result == 0;
}

static int take_byte(struct content_reader *c, struct slice *in, uint8_t want, enum station next)
{
        c->at = next;
        return take(c, in, 1).at[0] == want ? 0 : OUTCOME_BAD_CONTENT;
}

static int take_note_head(struct content_reader *c, struct slice *in)
{
        uint32_t v;

        if (!take_head(c, in, &str, NOTE_MOST, &v))
                return c->result;
        c->left = v;
        c->at = NOTE;
        return v ? 0 : OUTCOME_BAD_CONTENT;
}

static int take_note(struct content_reader *c, struct slice *in)
{
        struct slice s = take(c, in, c->left);

        buf_put(&c->note, s);
        if (buf_fault(&c->note))
                return fault(buf_fault(&c->note));
        c->left -= s.len;
        if (c->left)
                return 0;
        c->at = PARTS_KEY;
        return c->sink.note(c->sink.ctx, buf_slice(&c->note));
}

static void go_on(struct content_reader *c)
{
        c->at = c->parts ? PART_HEAD : PADDING;
        if (c->at == PADDING)
                c->left = seal_padded(c->len) - c->len;
}

static int take_parts_head(struct content_reader *c, struct slice *in)
{
        if (!take_head(c, in, &array, SEAL_PARTS_MOST, &c->parts))
                return c->result;
        go_on(c);
        return c->sink.parts(c->sink.ctx, c->parts);
}

static int end_part(struct content_reader *c)
{
        go_on(c);
        return c->sink.end(c->sink.ctx);
}

static int take_part_head(struct content_reader *c, struct slice *in)
{
        uint32_t v;
        int r;

        if (!take_head(c, in, &bin, UINT32_MAX, &v))
                return c->result;
        c->parts--;
        c->left = v;
        c->at = PART;
        r = c->sink.begin(c->sink.ctx, v);
        return r || v ? r : end_part(c);
}

static int take_part(struct content_reader *c, struct slice *in)
{
        struct slice s = take(c, in, c->left);
        int r = c->sink.bytes(c->sink.ctx, s);

        c->left -= s.len;
        return r || c->left ? r : end_part(c);
}

static bool is_zero(struct slice s)
{
        return s.len == 0 || (s.at[0] == 0 && memcmp(s.at, s.at + 1, s.len - 1) == 0);
}

static int take_padding(struct content_reader *c, struct slice *in)
{
        struct slice s = take(c, in, in->len);

        if (s.len > c->left || !is_zero(s))
                return OUTCOME_BAD_PADDING;
        c->left -= s.len;
        return 0;
}

static int take_station(struct content_reader *c, struct slice *in)
{
        switch (c->at) {
        case MAP:
                return take_byte(c, in, MAP_OF_2, NOTE_KEY);
        case NOTE_KEY:
                return take_byte(c, in, KEY_NOTE, NOTE_HEAD);
        case NOTE_HEAD:
                return take_note_head(c, in);
        case NOTE:
                return take_note(c, in);
        case PARTS_KEY:
                return take_byte(c, in, KEY_PARTS, PARTS_HEAD);
        case PARTS_HEAD:
                return take_parts_head(c, in);
        case PART_HEAD:
                return take_part_head(c, in);
        case PART:
                return take_part(c, in);
        case PADDING:
                return take_padding(c, in);
        }
        return fault(-EINVAL);
}

int content_feed(struct content_reader *c, struct slice plain)
{
        while (plain.len && c->result == 0)
                c->result = take_station(c, &plain);
        return c->result;
}

int content_end(struct content_reader *c)
{
        if (c->result == 0 && c->at != PADDING)
                c->result = OUTCOME_BAD_CONTENT;
        if (c->result == 0 && c->left)
                c->result = OUTCOME_BAD_PADDING;
        return c->result;
}
