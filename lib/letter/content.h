/* content.h - what lies inside the seal: note, parts, padding (E4.1, E4.2)
 *
 *      82 01 <str: note> 02 <array: bin, bin, ...> 00 00 00 ... up to the padded length
 *
 * Both ways go through memory that does not grow with the parts. Reading gives codes of
 * schemas/outcomes.h, as everything about opening does. */
#pragma once

#include "base/buf.h"

/* ---- writing: heads only, the bytes follow by other means ---- */
void content_put_begin(struct buf *out, struct slice note, uint32_t parts);
void content_put_part(struct buf *out, uint32_t size);

/* ---- reading ---- */

/* Told in this order; anything but 0 ends the reading and is given back by content_feed(). */
struct content_sink {
        int (*note)(void *ctx, struct slice note); /* lives as long as the reader */
        int (*parts)(void *ctx, uint32_t count);
        int (*begin)(void *ctx, uint32_t size); /* the next part */
        int (*bytes)(void *ctx,
                     struct slice bytes); /* of it, once or more; not for an empty part */
        int (*end)(void *ctx);            /* it is complete */
        void *ctx;
};

struct content_reader;
struct content_reader *content_reader_new(const struct content_sink *sink); /* NULL: no memory */
void content_reader_free(struct content_reader *c);

/* OUTCOME_BAD_CONTENT, OUTCOME_BAD_PADDING, what the sink said, -ENOMEM. Any of them is final. */
int content_feed(struct content_reader *c, struct slice plain);
/* The plaintext ended here. */
int content_end(struct content_reader *c);
