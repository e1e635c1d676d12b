/* fuzz_core.c - a stranger's bytes at the broker's core, on a store in memory
 *
 * The first byte chooses who speaks and how. Raw: the rest is a frame, from a stranger's, the
 * holder's or the sender's connection. Signed: the rest is the header of a letter that the sender
 * really submits, or the text of an address statement that the holder really publishes, so that
 * signatures do not stop everything at the door. Whatever comes: an answer that the tables allow,
 * and a tree that still agrees with its checkpoint. */
#include "../core/world.h"

#include "base/secret.h"
#include "crypt/hash.h"
#include "evidence/note.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct world *w;
static struct party stranger;
static unsigned since;

static void fresh_world(void)
{
        struct letter l;

        w = world_new();
        for (int i = 0; i < 3; i++) {
                world_file(w, &l, 100);
                letter_free(&l);
        }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        if (secret_init())
                abort();
        stranger = party_new();
        fresh_world();
        return 0;
}

/* The answer is one that a client can read. */
static void check_answer(void)
{
        union {
                struct answer_submit submit;
                struct answer_fetch fetch;
                uint8_t any[4096];
        } answer;
        const struct frame_verb *v;
        struct frame frame;

        if (w->answer.len == 0)
                return;
        assert(frame_read(&frame, buf_slice(&w->answer), true) == 0);
        v = frame_verb_of(frame.verb);
        if (!v || frame.code)
                return;
        assert(v->answer_size <= sizeof(answer));
        assert(field_read_message(v->answer, buf_slice(&w->answer), &answer, NULL) == 0);
}

static void submit_header(struct slice header)
{
        struct letter l;

        letter_new(&l, w, 64);
        buf_clear(&l.header);
        buf_put(&l.header, header);
        submit_letter_id(&l.id, header);
        world_submit(w, &l, 1);
        letter_free(&l);
}

static void publish_text(struct slice text)
{
        struct ask_publish ask = { .mailbox = slice_str(w->mailbox.s) };
        BUF_OWNED note = { 0 };
        BUF_OWNED message = { 0 };
        struct signature sig;
        struct hash hash;

        note_sign(&note, text, w->to.s, w->address.sec);
        /* What our own writer would refuse to put into a message is for the raw frames. */
        if (buf_fault(&note) || note.len > 16384 || memchr(note.at, 0x7f, note.len))
                return;
        hash_sha256(&hash, buf_slice(&note));
        statement_bind_message(&message, ask.mailbox, &hash);
        sign_make(&sig, buf_slice(&message), w->holder.sec);
        ask.statement = buf_slice(&note);
        memcpy(ask.signature, sig.b, sizeof(ask.signature));
        world_ask(w, &w->holder, VERB_PUBLISH, &ask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct party *who[] = { &stranger, &w->holder, &w->sender };
        struct slice rest = slice_of(data + 1, size ? size - 1 : 0);

        if (size < 2)
                return 0;
        w->now += 1000;
        if (data[0] % 5 == 3 && rest.len <= 2048)
                submit_header(rest);
        else if (data[0] % 5 == 4)
                publish_text(rest);
        else
                world_ask_bytes(w, who[data[0] % 3], rest);
        check_answer();
        if (++since == 4096) { /* so that one input's state does not weigh on all that follow */
                since = 0;
                world_end(w);
                fresh_world();
        }
        return 0;
}
