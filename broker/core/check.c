/* check.c - the table of verbs, and what can be found out before the write transaction
 *
 * A stranger's bytes become a struct here and nowhere else; whatever a verb's own check does starts
 * from fields that keep the limits of the schema. */
#include "core/core_impl.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static const struct duty duties[] = {
        { VERB_INFO, CORE_READS, NULL, NULL, info_read, NULL },
        { VERB_SUBMIT, CORE_WRITES, submit_check, submit_step, NULL, submit_answer },
        { VERB_CHUNK, CORE_WRITES, chunk_check, chunk_step, NULL, chunk_answer },
        { VERB_LOOKUP, CORE_READS, NULL, NULL, lookup_read, NULL },
        { VERB_SENDER, CORE_READS, NULL, NULL, lookup_read_sender, NULL },
        { VERB_ENLIST, CORE_WRITES, enlist_check, enlist_step, NULL, enlist_answer },
        { VERB_REGISTER, CORE_WRITES, register_check, register_step, NULL, register_answer },
        { VERB_PUBLISH, CORE_WRITES, publish_check, publish_step, NULL, publish_answer },
        { VERB_LIST, CORE_READS, NULL, NULL, list_read, NULL },
        { VERB_FETCH, CORE_READS, NULL, NULL, fetch_read, NULL },
        { VERB_ACK, CORE_WRITES, ack_check, ack_step, NULL, ack_answer },
        { VERB_WATCH, CORE_WAITS, NULL, NULL, NULL, NULL },
        { VERB_TILE, CORE_READS, NULL, NULL, tiles_read, NULL },
        { VERB_STATUS, CORE_READS, NULL, NULL, status_read, NULL },
        { VERB_COSIGN, CORE_WRITES, witness_check, witness_step, NULL, witness_answer },
        { VERB_CHECKPOINT, CORE_READS, NULL, NULL, witness_read, NULL },
};
static_assert(sizeof(duties) / sizeof(duties[0]) == MESSAGES_VERBS, "every verb has its line");

static const struct duty *duty_of(uint64_t number)
{
        for (size_t i = 0; i < sizeof(duties) / sizeof(duties[0]); i++)
                if (duties[i].verb == number)
                        return &duties[i];
        return NULL;
}

/* Shape only: P3 and the tables of P4. */
static int check_shape(struct core_request *r)
{
        const struct frame_verb *tables;
        struct field_trouble why;

        if (r->whole.len > MESSAGES_FRAME_MOST)
                return request_refuse(r, OUTCOME_TOO_LARGE, "");
        if (frame_read(&r->frame, r->whole, false)) {
                r->frame = (struct frame){ 0 };
                return request_refuse(r, OUTCOME_MALFORMED, "");
        }
        r->duty = duty_of(r->frame.verb);
        if (!r->duty)
                return request_refuse(r, OUTCOME_UNKNOWN_VERB, "verb");
        tables = frame_verb_of(r->frame.verb);
        assert(tables && tables->ask_size <= sizeof(r->ask));
        if (field_read_message(tables->ask, r->whole, &r->ask, &why))
                return request_refuse(r, OUTCOME_MALFORMED, why.where);
        return 0;
}

int core_check(struct core *c, struct core_request **out, uint8_t **bytes, size_t len,
               const struct curve_pub *peer, struct store_txn *look, instant now)
{
        struct rows t = { .txn = look };
        struct core_request *req = calloc(1, sizeof(*req));
        int r;

        if (!req) {
                free(*bytes);
                *bytes = NULL;
                return fault(-ENOMEM);
        }
        req->bytes = *bytes;
        *bytes = NULL;
        req->whole = slice_of(req->bytes, len);
        req->peer = *peer;
        req->weight = len;
        r = check_shape(req);
        if (!r && !req->code && req->duty->check)
                r = req->duty->check(c, req, &t, now);
        if (r) {
                assert(r < 0);
                core_request_free(req);
                return r;
        }
        *out = req;
        return req->code ? CORE_REFUSED : (int)req->duty->kind;
}
