/* statement_message.c - what a mailbox key signs without a note: binding an address (E5.2), and
 * acknowledging letters (E5.8)
 *
 * Both begin with a line of their own, which no other thing that this key signs begins with. */
#include "letter/statement.h"

void statement_bind_message(struct buf *out, struct slice mailbox, const struct hash *statement)
{
        buf_puts(out, "fumibako bind v1\n");
        buf_put(out, mailbox);
        buf_putc(out, '\n');
        buf_put(out, slice_hash(statement));
}

void statement_ack_message(struct buf *out, struct slice mailbox, instant time, struct slice ids)
{
        buf_puts(out, "fumibako ack v1\n");
        buf_put(out, mailbox);
        buf_printf(out, "\n%lld\n", (long long)time);
        buf_put(out, ids);
}
