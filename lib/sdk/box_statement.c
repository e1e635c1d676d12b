/* box_statement.c - statements of our addresses, as the broker has them and as they are kept here
 *
 * A broker cannot put another statement in place of ours: it must be signed by the key that the
 * address certifies, which comes from our own seed. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"
#include "schemas/outcomes.h"

#include <assert.h>
#include <errno.h>

static void kept_path(struct fumi_box *b, const struct box_address *a, char path[static PATH_MAX])
{
        box_path(b, path, "statements/%s", a->name.s);
}

int box_statement_keep(struct fumi_box *b, const struct box_address *a, struct slice note)
{
        char path[PATH_MAX];
        int r;

        kept_path(b, a, path);
        r = file_replace(path, note, 0600);
        return r ? box_say(b, r, "%s: %s", path, strerror(-r)) : 0;
}

int box_statement(struct fumi_box *b, const struct box_address *a, struct buf *note,
                  struct address_statement *s)
{
        char path[PATH_MAX];
        int r;

        kept_path(b, a, path);
        r = file_read(note, path, STATEMENT_MOST);
        if (r == FILE_ABSENT)
                return BOX_ABSENT;
        if (r || statement_read_address(s, buf_slice(note)) || strcmp(s->address.s, a->name.s) != 0)
                return box_say(b, r < 0 ? r : -EBADMSG, "%s: not the statement of this address",
                               path);
        return 0;
}

int box_lookup(struct fumi_box *b, const struct box_address *a, struct buf *note,
               struct address_statement *s)
{
        const struct ask_lookup ask = { .address = slice_str(a->name.s) };
        struct answer_lookup answer;
        BUF_OWNED bytes = { 0 };
        int r = box_ask(b, VERB_LOOKUP, &ask, &bytes, &answer);

        if (r)
                return r;
        if (!answer.has_statement)
                return box_say(b, fault(-EPROTO), "%s left out the statement", b->trust.broker);
        buf_put(note, answer.statement);
        if (buf_fault(note))
                return fault(buf_fault(note));
        if (statement_read_address(s, buf_slice(note)) || strcmp(s->address.s, a->name.s) != 0)
                return box_say(b, OUTCOME_KEY_MISMATCH, "%s: the broker's statement is not ours",
                               a->name.s);
        return box_statement_keep(b, a, buf_slice(note));
}

/* Of an address whose publishing was never answered: either the broker has it, or nobody does. */
static int settle(struct fumi_box *b, struct box_book *book, bool *changed)
{
        size_t i = 0;

        while (i < book->count) {
                struct box_address *a = &book->at[i];
                struct address_statement s;
                BUF_OWNED note = { 0 };
                int r;

                assert(book->at);
                r = box_statement(b, a, &note, &s);
                if (r == BOX_ABSENT)
                        r = box_lookup(b, a, &note, &s);
                if (r && r != OUTCOME_NO_SUCH_ADDRESS)
                        return r;
                if (r == 0) {
                        i++;
                        continue;
                }
                book->count--;
                memmove(a, a + 1, (book->count - i) * sizeof(*a));
                *changed = true;
        }
        return 0;
}

int box_sync(struct fumi_box *b, struct box_book *book, size_t *found)
{
        bool changed = false;
        struct box_address a = { .number = 1 };
        struct address_statement s;
        int r = settle(b, book, &changed);

        if (r)
                return r;
        *found = 0;
        for (size_t i = 0; i < book->count; i++)
                if (book->at[i].number >= a.number)
                        a.number = book->at[i].number + 1;
        for (;; a.number++) {
                BUF_OWNED note = { 0 };
                struct sign_pub key;

                identity_address(b->identity, a.number, &a.name, &key);
                r = box_lookup(b, &a, &note, &s);
                if (r)
                        break;
                a.epoch = (uint32_t)s.epoch;
                a.remark[0] = 0;
                for (size_t i = 0; i < s.accepts && !i; i++)
                        memcpy(a.remark, s.accept[i].sender.at, s.accept[i].sender.len);
                r = box_book_add(book, &a);
                if (r)
                        return r;
                ++*found;
        }
        if (r != OUTCOME_NO_SUCH_ADDRESS)
                return r;
        return *found || changed ? box_book_write(b, book) : 0;
}
