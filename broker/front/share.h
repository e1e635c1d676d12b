/* share.h - what each connection has of the broker: requests under way, answers sent lately
 *
 * An answer that was handed to libzmq cannot be followed further: whether it was read does not
 * show. So what a connection was sent counts against it for a while, halving every second. When
 * memory is scarce, those who were sent much are told to come later, and those who ask little are
 * served, though somebody reads nothing of what he asks for. */
#pragma once

#include "base/bytes.h"

enum {
        SHARE_UNDER_WAY = 1024,     /* requests of one connection at the keeper */
        SHARE_GREEDY = 1024 * 1024, /* bytes sent lately that are much */
};

struct share;

int share_new(struct share **out);
void share_free(struct share *s); /* NULL is fine */

/* One more request goes to the keeper; false when there are too many. */
bool share_ask(struct share *s, const uint8_t route[static 4]);
/* The keeper has answered one. */
void share_answered(struct share *s, const uint8_t route[static 4]);
/* @bytes were handed to libzmq. */
void share_sent(struct share *s, const uint8_t route[static 4], size_t bytes, int64_t now_us);
bool share_greedy(struct share *s, const uint8_t route[static 4], int64_t now_us);
