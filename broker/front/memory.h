/* memory.h - how much memory the queues in libzmq hold, as malloc sees it
 *
 * An answer that nobody reads waits in libzmq, where it can be neither seen nor taken back. So the
 * front asks malloc how much is in use, and takes on less as it grows:
 *
 *      LOW     everything
 *      TIGHT   nothing whose answer is large; large answers that are under way are dropped
 *      HIGH    nothing
 *
 * Small requests, such as filing, go on while somebody fills the memory with letters fetched and
 * not read. */
#pragma once

#include "base/bytes.h"

enum memory_level { MEMORY_LOW, MEMORY_TIGHT, MEMORY_HIGH };
enum { MEMORY_LARGE = 256 << 10 }; /* bytes: an answer above is large */

struct memory {
        enum memory_level level;
        int64_t looked; /* when */
        size_t since;   /* bytes sent since then */
        int64_t logged;
};

/* Once: let malloc give large pieces back to the system as soon as they are free. */
void memory_begin(void);
/* Look, if it is time to: every few milliseconds, or after as many bytes as could matter. */
void memory_look(struct memory *m, int64_t now_us);
/* @bytes were handed to libzmq. */
void memory_sent(struct memory *m, size_t bytes);
