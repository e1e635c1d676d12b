/* box_recover.c - a folder made from the seed alone gets back what the broker knows
 *
 * From the seed follow the mailbox, every address and every key of every epoch; what does not
 * follow from it the broker has: the mailbox statement in force, how many addresses there are,
 * their epochs, and the letters. All of it is signed by keys of ours, so the broker can hold it
 * back, or show an older statement, but not make one up. */
#include "sdk/box.h"

#include "base/clock.h"
#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* One address: a new key, for as long as it was in force anyway. Consent is not prolonged by it. */
static int renew(struct fumi_box *b, const struct box_address *a, struct box_recovered *out)
{
        struct address_statement *s = calloc(1, sizeof(*s));
        struct box_change change = { .from = clock_now() / CLOCK_DAY * CLOCK_DAY };
        struct box_level level;
        BUF_OWNED note = { 0 };
        int r = s ? box_lookup(b, a, &note, s) : fault(-ENOMEM);

        if (!r && (s->closed || s->until <= change.from)) {
                out->shut++;
        } else if (!r) {
                change.until = s->until;
                r = box_address_follow(b, a, &change, &level);
                out->renewed += r == 0;
        }
        free(s);
        return r;
}

static int find_addresses(struct fumi_box *b, struct box_book *book)
{
        BOX_LOCKED lock = -1;
        size_t found;
        int r = box_lock(b, &lock);

        if (!r)
                r = box_book_read(b, book);
        return r ? r : box_sync(b, book, &found);
}

static int count_letters(struct fumi_box *b, uint64_t *count)
{
        const struct ask_list ask = { .mailbox = slice_str(b->mailbox.s), .limit = 1 };
        struct answer_list answer;
        BUF_OWNED bytes = { 0 };
        int r = box_ask(b, VERB_LIST, &ask, &bytes, &answer);

        if (!r)
                *count = answer.count;
        return r;
}

/* E8.4 */
int box_recover(struct fumi_box *b, const char *const *lost, size_t count,
                struct box_recovered *out)
{
        BOX_BOOK_OWNED book = { 0 };
        struct box_recovered done = { 0 };
        int r;

        assert(count <= STATEMENT_DEVICES_MOST);
        r = box_register(b, slice_str(""), &done.level);

        for (size_t i = 0; i < count && !r; i++) {
                r = box_device_remove(b, lost[i]);
                if (r == BOX_ABSENT) { /* somebody was faster, or the name is a slip */
                        done.unknown[done.unknowns++] = lost[i];
                        r = 0;
                }
        }
        if (!r)
                r = find_addresses(b, &book);
        done.addresses = book.count;
        for (size_t i = 0; i < book.count && !r; i++)
                r = renew(b, &book.at[i], &done);
        if (!r)
                r = count_letters(b, &done.letters);
        if (!r)
                *out = done;
        return r;
}
