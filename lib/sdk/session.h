/* session.h - questions to a broker and their answers, over one CURVE connection
 *
 * Every request is idempotent, so a question without an answer is asked again with the same bytes. Used by one
 * thread at a time. */
#pragma once

#include "base/buf.h"
#include "crypt/keys.h"
#include "letter/trust.h"
#include "wire/frame.h"

struct session;

enum { SESSION_TIMEOUT = 10000 };               /* ms, for one answer before asking again */

/* @pub/@sec: the transport key by which the broker knows us (or a random one for questions that anyone
 * may ask). Copied into secret memory. Connecting happens in the background. */
int session_open(struct session **out, const struct trust *trust, const struct curve_pub *pub,
                 const struct curve_sec *sec);
void session_close(struct session **s);

/* Ask and wait. 0: @answer (struct answer_VERB) is filled, its slices borrow from @bytes. Positive: an outcome
 * code, from the broker or OUTCOME_NO_ANSWER after @timeout_ms in all; @where (may be NULL) then names the field.
 * Answers that break the protocol are -EPROTO. */
int session_ask(struct session *s, uint64_t verb, const void *ask, struct buf *bytes, void *answer,
                int64_t timeout_ms, struct field_trouble *where);

/* The same in two halves, for many questions in flight. The number tells the answers apart. */
int session_send(struct session *s, uint64_t verb, const void *ask, uint64_t *number);
/* An answer, or OUTCOME_NO_ANSWER when none came within @timeout_ms. @frame borrows from @bytes. */
int session_receive(struct session *s, struct frame *frame, struct buf *bytes, int64_t timeout_ms);
/* The same, but SESSION_LOST as soon as the connection was lost: what is in flight may be, and can be asked
 * again at once. */
enum { SESSION_LOST = 1 };
int session_hear(struct session *s, struct frame *frame, struct buf *bytes, int64_t timeout_ms);
/* After a silence: is it because the other side does not hold the key that the trust file names? */
bool session_refused(struct session *s);
/* Drop the connection and connect again: after a silence longer than SESSION_TIMEOUT. */
int session_reconnect(struct session *s);

/* A tile_source that asks the broker, for receipts; @size is the tree's. */
struct tile_source;
struct tile_source session_tiles(struct session *s, uint64_t size);
