/* box_address.c - addresses are made, renewed and closed
 *
 * The book is written before the broker is asked: of a key that a sender may already use we must
 * know. What the broker refuses for good is taken out again. A lost answer is harmless: the next
 * change builds on what the broker says is in force. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/secret.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- composing ---- */

static void own_seal(struct fumi_box *b, uint32_t number, uint32_t epoch,
                     struct statement_seal *out)
{
        struct seal_sec *sec = secret_new(sizeof(*sec));

        *out = (struct statement_seal){ 0 };
        if (sec) /* without memory the key stays zero, which nobody can write */
                identity_address_seal(b->identity, number, epoch, &out->to, sec);
        secret_free(sec);
}

static int sign(struct fumi_box *b, uint32_t number, struct address_statement *s, struct buf *note)
{
        SECRET_OWNED struct sign_sec *sec = secret_new(sizeof(*sec));

        if (!sec)
                return fault(-ENOMEM);
        identity_address_secret(b->identity, number, sec);
        statement_write_address(note, s, sec);
        return buf_fault(note)
                       ? box_say(b, fault(buf_fault(note)), "the statement cannot be written")
                       : 0;
}

/* ---- publishing ---- */

static int check_attestation(struct fumi_box *b, const struct address_statement *s,
                             struct slice note, struct box_level *level)
{
        for (size_t i = 0; i < b->trust.attests; i++) {
                struct attestation t;

                if (statement_read_attestation(&t, note, &b->trust.attest[i]) != 0)
                        continue;
                if (strcmp(t.address.s, s->address.s) != 0 || !hash_eq(&t.statement, &s->hash))
                        break;
                level->level = t.level;
                return 0;
        }
        return box_say(b, OUTCOME_RECEIPT_FORGED, "the broker's attestation for %s does not verify",
                       s->address.s);
}

static int publish(struct fumi_box *b, const struct box_address *a,
                   const struct address_statement *s, struct slice note, struct box_level *level)
{
        struct ask_publish ask = { .statement = note, .mailbox = slice_str(b->mailbox.s) };
        struct answer_publish answer;
        struct signature sig;
        BUF_OWNED message = { 0 };
        BUF_OWNED bytes = { 0 };
        int r;

        statement_bind_message(&message, ask.mailbox, &s->hash);
        if (buf_fault(&message))
                return fault(buf_fault(&message));
        identity_mailbox_sign(b->identity, &sig, buf_slice(&message));
        memcpy(ask.signature, sig.b, sizeof(sig.b));
        r = box_ask(b, VERB_PUBLISH, &ask, &bytes, &answer);
        if (!r && !answer.has_attestation)
                return box_say(b, fault(-EPROTO), "%s left out the attestation", b->trust.broker);
        if (!r)
                r = check_attestation(b, s, answer.attestation, level);
        return r ? r : box_statement_keep(b, a, note);
}

/* ---- a new one ---- */

static bool for_good(int r)
{
        const struct outcome *o = r > 0 ? outcomes_find((uint64_t)r) : NULL;

        return o && !o->retry;
}

static int add_new(struct fumi_box *b, struct box_book *book, struct box_address *a,
                   struct address_statement *s, struct box_level *level)
{
        BUF_OWNED note = { 0 };
        int r;

        a->number = book->count ? book->at[book->count - 1].number + 1 : 1;
        for (size_t i = 0; i < book->count; i++)
                if (book->at[i].number >= a->number)
                        a->number = book->at[i].number + 1;
        identity_address(b->identity, a->number, &a->name, &s->key);
        s->epoch = a->epoch = 1;
        s->seals = 1;
        own_seal(b, a->number, 1, &s->seal[0]);
        r = sign(b, a->number, s, &note);
        if (!r)
                r = box_book_add(book, a);
        if (!r)
                r = box_book_write(b, book);
        if (r)
                return r;
        r = publish(b, a, s, buf_slice(&note), level);
        if (for_good(r)) {
                char why[BOX_WHY];

                snprintf(why, sizeof(why), "%s", b->error);
                book->count--;
                box_book_write(b, book);
                box_say(b, r, "%s", why);
        }
        return r;
}

int box_address_new(struct fumi_box *b, struct address_statement *s, const char *remark,
                    struct box_address *out, struct box_level *level)
{
        BOX_BOOK_OWNED book = { 0 };
        struct box_address a = { 0 };
        BOX_LOCKED lock = -1;
        size_t found;
        int r = box_lock(b, &lock);

        snprintf(a.remark, sizeof(a.remark), "%s", remark);
        if (!r)
                r = box_book_read(b, &book);
        if (!r)
                r = box_sync(b, &book, &found);
        if (!r)
                r = add_new(b, &book, &a, s, level);
        if (!r)
                *out = a;
        return r;
}

/* ---- the next epoch ---- */

/* Seal lines of proxies stay; ours, of whatever epoch, go. */
static void drop_own_seals(struct fumi_box *b, uint32_t number, struct address_statement *s)
{
        size_t kept = 0;

        for (size_t i = 0; i < s->seals; i++) {
                bool own = false;

                for (uint32_t e = 1; e <= s->epoch && !own; e++) {
                        struct statement_seal line;

                        own_seal(b, number, e, &line);
                        own = memcmp(line.to.b, s->seal[i].to.b, sizeof(line.to.b)) == 0;
                }
                if (!own)
                        s->seal[kept++] = s->seal[i];
        }
        s->seals = kept;
}

static void advance(struct fumi_box *b, uint32_t number, const struct box_change *change,
                    struct address_statement *s)
{
        drop_own_seals(b, number, s);
        s->previous = s->hash;
        s->epoch++;
        s->from = change->from;
        s->until = change->until;
        s->closed = change->closed;
        if (s->closed) {
                s->seals = 0;
                return;
        }
        if (s->seals == STATEMENT_SEALS_MOST)
                s->seals--;
        memmove(s->seal + 1, s->seal, s->seals * sizeof(s->seal[0]));
        own_seal(b, number, (uint32_t)s->epoch, &s->seal[0]);
        s->seals++;
}

static int follow(struct fumi_box *b, struct box_book *book, struct box_address *a,
                  const struct box_change *change, struct box_level *level)
{
        struct address_statement *s = calloc(1, sizeof(*s));
        BUF_OWNED before = { 0 };
        BUF_OWNED note = { 0 };
        int r = s ? box_lookup(b, a, &before, s) : fault(-ENOMEM);

        if (!r && s->closed)
                r = box_say(b, -EPERM,
                            "it is closed for good; 'fumibako address new' makes another");
        if (!r) {
                advance(b, a->number, change, s);
                a->epoch = (uint32_t)s->epoch;
                r = sign(b, a->number, s, &note);
        }
        if (!r)
                r = box_book_write(b, book);
        if (!r)
                r = publish(b, a, s, buf_slice(&note), level);
        free(s);
        return r;
}

int box_address_follow(struct fumi_box *b, const struct box_address *a,
                       const struct box_change *change, struct box_level *level)
{
        BOX_BOOK_OWNED book = { 0 };
        struct box_address *mine;
        BOX_LOCKED lock = -1;
        int r = box_lock(b, &lock);

        if (!r)
                r = box_book_read(b, &book);
        if (r)
                return r;
        mine = box_book_find(&book, slice_str(a->name.s));
        if (!mine)
                return box_say(b, OUTCOME_NO_SUCH_ADDRESS, "%s", a->name.s);
        return follow(b, &book, mine, change, level);
}

int box_address_sender(struct fumi_box *b, struct slice name)
{
        const struct ask_sender ask = { .name = name };
        struct answer_sender answer;
        BUF_OWNED bytes = { 0 };

        return box_ask(b, VERB_SENDER, &ask, &bytes, &answer);
}
