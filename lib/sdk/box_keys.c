/* box_keys.c - which keys may open a letter to one of our addresses
 *
 * Everything follows from the seed, so a letter opens even when another device of the same holder
 * made the address or stepped its epoch, and this one has not heard of it: a few numbers and epochs
 * beyond those in the book are tried. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/secret.h"
#include "schemas/outcomes.h"

#include <errno.h>

enum { NUMBERS_BEYOND = 64, EPOCHS_BEYOND = 8 };

static uint32_t number_of(struct fumi_box *b, const struct box_book *book, struct slice to)
{
        uint32_t last = 0;

        for (size_t i = 0; i < book->count; i++)
                if (book->at[i].number > last)
                        last = book->at[i].number;
        for (uint32_t n = last + 1; n <= last + NUMBERS_BEYOND; n++) {
                struct address name;
                struct sign_pub pub;

                identity_address(b->identity, n, &name, &pub);
                if (slice_is(to, name.s))
                        return n;
        }
        return 0;
}

int box_keys_of(struct fumi_box *b, struct slice to, struct box_keys *out)
{
        BOX_BOOK_OWNED book = { 0 };
        const struct box_address *a;
        struct box_keys k = { 0 };
        struct seal_pub pub;
        int r = box_book_read(b, &book);

        if (r)
                return r;
        a = box_book_find(&book, to);
        k.number = a ? a->number : number_of(b, &book, to);
        if (k.number == 0)
                return box_say(b, OUTCOME_WRONG_ADDRESS, "%.*s is no address of this mailbox",
                               (int)to.len, (const char *)to.at);
        k.count = (a ? a->epoch : 0) + EPOCHS_BEYOND;
        k.sec = secret_new(k.count * sizeof(*k.sec));
        if (!k.sec)
                return fault(-ENOMEM);
        for (uint32_t i = 0; i < k.count; i++)
                identity_address_seal(b->identity, k.number, i + 1, &pub, &k.sec[i]);
        *out = k;
        return 0;
}

void box_keys_free(struct box_keys *k)
{
        secret_free(k->sec);
        *k = (struct box_keys){ 0 };
}
