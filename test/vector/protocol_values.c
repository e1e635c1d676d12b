/* protocol_values.c - the values of the protocol document's examples (P8), by the real code
 *
 * Prints "name = value" for protocol_examples.py, which compares them with the document. The inputs
 * are those that the document gives. */
#include "base/secret.h"
#include "base/text.h"
#include "crypt/bech32.h"
#include "crypt/hash.h"
#include "evidence/note.h"
#include "letter/event.h"
#include "letter/identity.h"
#include "letter/seal.h"
#include "letter/statement.h"
#include "letter/submit.h"
#include "schemas/outcomes.h"
#include "wire/frame.h"

#include <assert.h>
#include <stdio.h>

#define SENDER "org.example-life"
#define BROKER "post.example"

enum { LETTERS = 3 };

struct world {
        struct identity *holder;
        struct mailbox mailbox;
        struct address address;
        struct hash statement;
        struct header header;
        struct hash id[LETTERS];
};

static void say(const char *name, struct slice bytes)
{
        BUF_OWNED text = { 0 };

        text_put_hex(&text, bytes);
        printf("%s = %s\n", name, buf_cstr(&text));
}

static void say_text(const char *name, struct slice text)
{
        printf("%s = %.*s\n", name, (int)text.len, (const char *)text.at);
}

static void say_base64(const char *name, const uint8_t bytes[static 32])
{
        BUF_OWNED text = { 0 };

        text_put_base64(&text, slice_of(bytes, 32));
        say_text(name, buf_slice(&text));
}

static struct seed seed_from(uint8_t first)
{
        struct seed s;

        for (size_t i = 0; i < sizeof(s.b); i++)
                s.b[i] = (uint8_t)(first + i);
        return s;
}

/* P8.1 */
static void say_holder(struct world *w)
{
        const struct seed seed = seed_from(0);
        struct sign_pub key;
        struct seal_pub seal;
        struct seal_sec seal_sec;
        struct curve_pub device;
        struct curve_sec device_sec;
        BUF_OWNED text = { 0 };
        int r = identity_of_seed(&w->holder, &seed);

        assert(r == 0);
        identity_mailbox(w->holder, &w->mailbox, &key);
        say("mailbox_key", slice_of(key.b, sizeof(key.b)));
        say_text("mailbox", slice_str(w->mailbox.s));
        identity_address(w->holder, 1, &w->address, &key);
        say("address_key", slice_of(key.b, sizeof(key.b)));
        say_text("address", slice_str(w->address.s));
        identity_address_seal(w->holder, 1, 1, &seal, &seal_sec);
        bech32_put_recipient(&text, &seal);
        say_text("seal", buf_slice(&text));
        identity_transport(w->holder, "phone", &device, &device_sec);
        say_base64("device", device.b);
}

static void say_vkey(const char *name, const char *party, const struct sign_sec *sec)
{
        struct note_key key = { 0 };
        BUF_OWNED text = { 0 };

        snprintf(key.name, sizeof(key.name), "%s", party);
        keys_sign_pub(&key.pub, sec);
        note_vkey_put(&text, &key);
        say_text(name, buf_slice(&text));
}

static void say_broker(void)
{
        const struct seed seed = seed_from(0x40);
        struct curve_sec transport;
        struct curve_pub pub;
        struct sign_sec sec;

        keys_derive_sign(&sec, &seed, "log 0 sign", 0);
        say_vkey("log_vkey", BROKER "/log/0", &sec);
        keys_derive_sign(&sec, &seed, "broker sign", 0);
        say_vkey("attest_vkey", BROKER, &sec);
        keys_derive_curve(&transport, &seed, "broker transport", 0);
        keys_curve_pub(&pub, &transport);
        say_base64("transport", pub.b);
}

static void say_ask(const char *name, uint64_t verb, uint64_t number, const void *ask)
{
        BUF_OWNED out = { 0 };

        frame_write_ask(&out, verb, number, frame_verb_of(verb)->ask, ask);
        say(name, buf_slice(&out));
}

/* P8.2 */
static void say_messages(const struct world *w)
{
        const struct ask_list list = { .mailbox = slice_str(w->mailbox.s), .limit = 100 };
        const struct answer_watch watch = { .has_count = true, .count = 5 };
        BUF_OWNED refusal = { 0 };
        BUF_OWNED answer = { 0 };

        say_ask("info_request", VERB_INFO, 7, &(struct ask_info){ 0 });
        say_ask("list_request", VERB_LIST, 300, &list);
        frame_write_answer(&refusal, VERB_SUBMIT, 8, OUTCOME_UNKNOWN_SENDER, slice_str("sender"),
                           NULL, NULL);
        say("refusal", buf_slice(&refusal));
        frame_write_answer(&answer, VERB_WATCH, 70000, OUTCOME_DONE, slice_str(""),
                           frame_verb_of(VERB_WATCH)->answer, &watch);
        say("watch_answer", buf_slice(&answer));
}

/* P8.3 */
static void say_statement(struct world *w)
{
        struct address_statement s = { .epoch = 1, .accepts = 1, .seals = 1 };
        struct signature sig;
        struct seal_sec seal;
        struct sign_sec sec;
        BUF_OWNED note = { 0 };
        BUF_OWNED bind = { 0 };

        s.accept[0] = (struct statement_accept){ slice_str(SENDER),
                                                 1u << CLASS_CERTIFICATE | 1u << CLASS_NOTICE };
        identity_address_seal(w->holder, 1, 1, &s.seal[0].to, &seal);
        clock_parse(slice_str("2026-11-23T00:00:00Z"), &s.from);
        clock_parse(slice_str("2027-11-23T00:00:00Z"), &s.until);
        identity_address_secret(w->holder, 1, &sec);
        statement_write_address(&note, &s, &sec);
        w->statement = s.hash;
        say("statement_hash", slice_hash(&s.hash));
        statement_bind_message(&bind, slice_str(w->mailbox.s), &s.hash);
        identity_mailbox_sign(w->holder, &sig, buf_slice(&bind));
        say("bind_signature", slice_of(sig.b, sizeof(sig.b)));
}

/* P8.4 */
static void say_letters(struct world *w)
{
        static const char *const names[LETTERS] = { "letter_id", "letter_id_b", "letter_id_c" };
        const struct slice sealed = slice_str("not really sealed");
        struct header *h = &w->header;

        *h = (struct header){
                .version = 1,
                .suite = 1,
                .from = slice_str(SENDER),
                .to = slice_str(w->address.s),
                .class = CLASS_CERTIFICATE,
                .created = 1795392000000,
                .grade = 1,
                .size = sealed.len,
                .statement = w->statement,
        };
        hash_sha256(&h->digest, sealed);
        for (size_t i = LETTERS; i-- > 0;) {
                BUF_OWNED bytes = { 0 };

                memcpy(h->nonce, "\x01\x99\xb0\xc1\xd2\xe3\x70\x00\x80\x01\x02\x03\x04\x05\x06",
                       15);
                h->nonce[15] = (uint8_t)(0x0a + i);
                field_write(&header_table, &bytes, h);
                submit_letter_id(&w->id[i], buf_slice(&bytes));
                say(names[i], slice_hash(&w->id[i]));
                if (i == 0)
                        say("header", buf_slice(&bytes));
        }
}

/* P8.5 */
static void say_batch(const struct world *w)
{
        const struct seed seed = seed_from(0x20);
        struct hash root, path[SUBMIT_PATH_MOST];
        struct signature sig;
        struct sign_sec sec;
        struct sign_pub pub;
        size_t len;

        submit_root(&root, w->id, LETTERS);
        say("batch_root", slice_hash(&root));
        len = submit_path(path, w->id, LETTERS, 0);
        say("path_a", slice_of(path, len * sizeof(path[0])));
        len = submit_path(path, w->id, LETTERS, 2);
        say("path_c", slice_of(path, len * sizeof(path[0])));
        keys_derive_sign(&sec, &seed, "sender sign", 0);
        keys_sign_pub(&pub, &sec);
        say("sender_key", slice_of(pub.b, sizeof(pub.b)));
        submit_sign(&sig, slice_str(SENDER), &root, &sec);
        say("batch_signature", slice_of(sig.b, sizeof(sig.b)));
}

/* P8.6 */
static void say_event(const struct world *w)
{
        uint8_t salt[EVENT_SALT];
        struct hash leaf, head = { { 0 } };
        BUF_OWNED event = { 0 };

        for (size_t i = 0; i < sizeof(salt); i++)
                salt[i] = (uint8_t)(0xa0 + i);
        event_put_filed(&event, slice_str(BROKER), &w->header, &w->id[0], 1795392001234);
        say("event", buf_slice(&event));
        event_leaf(&leaf, salt, buf_slice(&event));
        say("leaf", slice_hash(&leaf));
        event_head(&head, &leaf);
        say("head", slice_hash(&head));
}

/* P8.7 */
static void say_ack(const struct world *w)
{
        struct ask_ack ask = { .mailbox = slice_str(w->mailbox.s),
                               .letters = slice_hash(&w->id[0]),
                               .time = 1795478400000 };
        struct signature sig;
        BUF_OWNED message = { 0 };
        BUF_OWNED seqs = { 0 };

        field_numbers_put(&ask.seqs, &seqs, 1);
        statement_ack_message(&message, ask.mailbox, (instant)ask.time, ask.letters);
        identity_mailbox_sign(w->holder, &sig, buf_slice(&message));
        say("ack_signature", slice_of(sig.b, sizeof(sig.b)));
        memcpy(ask.signature, sig.b, sizeof(sig.b));
        say_ask("ack_request", VERB_ACK, 9, &ask);
}

/* P8.8 */
static void say_padded(void)
{
        static const unsigned lengths[] = { 0,  1,  2,   3,    7,    8,    9,     15,
                                            16, 17, 100, 1000, 1025, 4139, 65537, 1000000 };

        printf("padded =");
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
                printf(" %u>%llu", lengths[i], (unsigned long long)seal_padded(lengths[i]));
        printf("\n");
}

int main(void)
{
        struct world w = { 0 };
        int r = secret_init();

        assert(r == 0);
        say_holder(&w);
        say_broker();
        say_messages(&w);
        say_statement(&w);
        say_letters(&w);
        say_batch(&w);
        say_event(&w);
        say_ack(&w);
        say_padded();
        identity_free(w.holder);
        return 0;
}
