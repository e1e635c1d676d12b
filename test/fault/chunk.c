/* chunk.c - letters too large to think about, piece by piece, one after the other
 *
 * A body follows from its letter's nonce, so that whoever comes after us can go on with it. */
#include "driver.h"

#include "base/clock.h"
#include "crypt/hash.h"
#include "letter/submit.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>

enum { LEAST = 50000, MOST = 400000, PIECE = MESSAGES_CHUNK_UNIT };

static void fill_body(uint8_t *body, size_t len, const uint8_t nonce[16])
{
        struct driver generator = { .state = get_be64(nonce) };

        for (size_t i = 0; i < len; i++)
                body[i] = (uint8_t)driver_random(&generator, 256);
}

static int announce(struct driver *d, uint64_t *serial)
{
        const struct place *to = &d->places.at[driver_random(d, d->places.count)];
        struct header h = {
                .version = 1,
                .suite = 1,
                .from = slice_str(d->key.name),
                .to = slice_str(to->address.s),
                .class = CLASS_CERTIFICATE,
                .created = (uint64_t)clock_now(),
                .grade = 1,
                .size = LEAST + driver_random(d, MOST - LEAST),
                .statement = to->statement,
        };
        struct ask_submit ask = { .sender = h.from };
        uint8_t *body = malloc(h.size);
        struct hash id, root;
        struct signature sig;
        struct letter_in in = { .has_body = false };
        BUF_OWNED header = { 0 };
        BUF_OWNED items = { 0 };
        BUF_OWNED bytes = { 0 };

        if (!body)
                return -ENOMEM;
        keys_random(h.nonce, sizeof(h.nonce));
        fill_body(body, h.size, h.nonce);
        hash_sha256(&h.digest, slice_of(body, h.size));
        free(body);
        field_write(&header_table, &header, &h);
        in.header = buf_slice(&header);
        submit_letter_id(&id, in.header);
        submit_root(&root, &id, 1);
        submit_sign(&sig, h.from, &root, d->sign);
        field_write(&letter_in_table, &items, &in);
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        ask.letters = (struct field_list){ buf_slice(&items), 1 };
        frame_write_ask(&bytes, VERB_SUBMIT, 1, &ask_submit_table, &ask);
        return buf_fault(&bytes) ? -ENOMEM : journal_ask(&d->journal, buf_slice(&bytes), serial);
}

/* Pieces from @offset on, until the letter is filed; @bytes holds the answer that says so. */
static int send_pieces(struct session *s, const struct hash *id, const uint8_t *body, uint64_t size,
                       uint64_t offset, struct buf *bytes)
{
        for (;;) {
                size_t len = size - offset < PIECE ? size - offset : PIECE;
                struct ask_chunk ask = { *id, offset, slice_of(body + offset, len) };
                struct answer_chunk answer;
                int r = driver_ask(s, VERB_CHUNK, &ask, bytes, &answer);

                if (r && r != OUTCOME_OUT_OF_ORDER)
                        return r;
                if (answer.has_letter)
                        return 0;
                if (!answer.has_offset || answer.offset >= size)
                        return -EPROTO;
                offset = answer.offset;
        }
}

static int upload(struct driver *d, struct session *s, uint64_t serial)
{
        struct ask_submit ask;
        struct answer_submit answer;
        struct letter_in in;
        struct filed filed;
        struct header h;
        struct hash id;
        uint8_t *body;
        BUF_OWNED request = { 0 };
        BUF_OWNED bytes = { 0 };
        int r = journal_read(&d->journal, serial, &request);

        if (r || field_read_message(&ask_submit_table, buf_slice(&request), &ask, NULL) ||
            !field_list_next(&(struct field_list){ ask.letters.items, 1 }, &letter_in_table, &in) ||
            field_read(&header_table, in.header, &h, NULL))
                return -EBADMSG;
        submit_letter_id(&id, in.header);
        r = driver_ask(s, VERB_SUBMIT, &ask, &bytes, &answer);
        if (r || !field_list_next(&answer.letters, &filed_table, &filed))
                return r ? r : -EPROTO;
        if (filed.code == OUTCOME_BODY_WANTED) {
                body = malloc(h.size);
                if (!body)
                        return -ENOMEM;
                fill_body(body, h.size, h.nonce);
                r = send_pieces(s, &id, body, h.size, filed.offset, &bytes);
                free(body);
        } else {
                r = (int)filed.code;
        }
        return r ? r : journal_note(&d->journal, JOURNAL_ANSWER, serial, buf_slice(&bytes));
}

int chunk_run(struct driver *d)
{
        struct session *s = NULL;
        uint64_t serial = 0;
        int r = session_open(&s, &d->trust, &d->pub, d->curve);

        while (!r) {
                if (!journal_open_ask(&d->journal, &serial)) {
                        if (driver_stop)
                                break;
                        r = announce(d, &serial);
                }
                if (!r)
                        r = upload(d, s, serial);
        }
        session_close(&s);
        return r;
}
