/* nonce.c - UUID version 7, RFC 9562 5.7 with a counter in rand_a (6.2, method 1)
 *
 *      48 bits milliseconds, 4 bits version, 12 bits counter, 2 bits variant, 62 bits random */
#include "sdk/nonce.h"

#include "crypt/keys.h"

enum { COUNT_MOST = 0xfff };

void nonce_next(struct nonce_source *n, instant now, uint8_t out[static NONCE_BYTES])
{
        if ((uint64_t)now > n->ms) {
                n->ms = (uint64_t)now;
                n->count = 0;
        } else if (n->count < COUNT_MOST) {
                n->count++;
        } else {
                n->ms++; /* ahead of the clock until it has caught up */
                n->count = 0;
        }
        keys_random(out, NONCE_BYTES);
        for (int i = 0; i < 6; i++)
                out[i] = (uint8_t)(n->ms >> (40 - 8 * i));
        out[6] = (uint8_t)(0x70 | n->count >> 8);
        out[7] = (uint8_t)n->count;
        out[8] = (uint8_t)(0x80 | (out[8] & 0x3f));
}
