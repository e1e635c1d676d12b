/* send_job.c - the questions that sending asks
 *
 * A letter's header and body go out as they lie in the spool, so the same letter is always the same
 * bytes. How letters are grouped may differ from try to try: the broker knows them by their ids. */
#include "sdk/send.h"

#include "base/fault.h"
#include "letter/submit.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>

enum { DELAY_FIRST = 100, DELAY_MOST = 5000 };

int64_t send_job_delay(unsigned tries)
{
        int64_t d = DELAY_FIRST;

        while (tries-- && d < DELAY_MOST)
                d *= 2;
        return d < DELAY_MOST ? d : DELAY_MOST;
}

static void append(struct send *p, struct send_job *j)
{
        struct send_job **end = &p->jobs;

        while (*end)
                end = &(*end)->next;
        *end = j;
}

int send_job_add(struct send *p, const uint64_t *place, size_t count, int64_t delay, unsigned tries)
{
        struct send_job *j = calloc(1, sizeof(*j));

        if (!j)
                return fault(-ENOMEM);
        memcpy(j->place, place, count * sizeof(*place));
        j->count = count;
        j->not_before = send_now() + delay;
        j->tries = tries;
        append(p, j);
        return 0;
}

/* Letters behind the cursor, as many as one question carries. */
static int gather(struct send *p, struct send_job *j)
{
        struct spool *spool = p->s->spool;
        struct row_spool_letter row;
        uint64_t place = p->cursor, bytes = 0;
        int r = 0;

        while (j->count < MESSAGES_BATCH_MOST) {
                r = spool_letter_next_waiting(spool, place, &place);
                if (!r)
                        r = spool_letter_get(spool, place, &row);
                if (r)
                        break;
                if (j->count && bytes + row.size > MESSAGES_INLINE_MOST)
                        break;
                bytes += row.size;
                j->place[j->count++] = place;
                p->cursor = place;
        }
        return r == SPOOL_ABSENT ? 0 : sender_spool(p->s, r);
}

int send_job_next(struct send *p, struct send_job **out)
{
        struct send_job *j = calloc(1, sizeof(*j));
        int r;

        if (!j)
                return fault(-ENOMEM);
        r = gather(p, j);
        if (r || j->count == 0) {
                free(j);
                *out = NULL;
                return r;
        }
        append(p, j);
        *out = j;
        return 0;
}

/* ---- asking ---- */

/* A larger body comes in pieces, once the broker wants it. */
static int put_letter(struct send *p, uint64_t place, struct hash *id, struct buf *letters)
{
        struct row_spool_letter row;
        struct letter_in in;
        int r = spool_letter_get(p->s->spool, place, &row);

        if (r)
                return sender_spool(p->s, r == SPOOL_ABSENT ? fault(-EBADMSG) : r);
        in = (struct letter_in){ .header = row.header,
                                 .has_body = row.size <= MESSAGES_INLINE_MOST };
        if (in.has_body)
                r = spool_body_inline(p->s->spool, place, &in.body);
        if (r)
                return sender_spool(p->s, r == SPOOL_ABSENT ? fault(-EBADMSG) : r);
        *id = row.id;
        field_write(&letter_in_table, letters, &in);
        return buf_fault(letters) ? fault(buf_fault(letters)) : 0;
}

static int ask_submit(struct send *p, struct send_job *j)
{
        struct ask_submit ask = { .sender = slice_str(p->s->name) };
        struct hash ids[MESSAGES_BATCH_MOST], root;
        BUF_OWNED letters = { 0 };
        struct signature sig;
        int r;

        for (size_t i = 0; i < j->count; i++) {
                r = put_letter(p, j->place[i], &ids[i], &letters);
                if (r)
                        return r;
        }
        submit_root(&root, ids, j->count);
        submit_sign(&sig, ask.sender, &root, p->s->sign);
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        ask.letters = (struct field_list){ buf_slice(&letters), (uint32_t)j->count };
        return session_send(p->s->session, VERB_SUBMIT, &ask, &j->number);
}

static int ask_chunk(struct send *p, struct send_job *j)
{
        struct ask_chunk ask = { .offset = j->offset };
        struct row_spool_letter row;
        BUF_OWNED bytes = { 0 };
        int r = spool_letter_get(p->s->spool, j->place[0], &row);

        if (!r && (row.size <= MESSAGES_INLINE_MOST || j->offset >= row.size))
                return sender_tell(p->s, fault(-EPROTO), p->s->trust.endpoint); /* it had it all */
        if (!r)
                r = spool_body_read(p->s->spool, &row.id, j->offset, MESSAGES_CHUNK_MOST, &bytes);
        if (!r && bytes.len == 0)
                r = SPOOL_ABSENT; /* the file was cut */
        if (r)
                return sender_spool(p->s, r == SPOOL_ABSENT ? fault(-EBADMSG) : r);
        ask.letter = row.id;
        ask.bytes = buf_slice(&bytes);
        return session_send(p->s->session, VERB_CHUNK, &ask, &j->number);
}

int send_job_ask(struct send *p, struct send_job *j)
{
        int r = j->announced ? ask_chunk(p, j) : ask_submit(p, j);

        if (r)
                return r;
        j->state = SEND_FLYING;
        j->asked = send_now();
        p->flying++;
        return 0;
}
