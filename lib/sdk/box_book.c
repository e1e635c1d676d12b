/* box_book.c - the file `addresses`: which addresses this holder has given out
 *
 *      # number address epoch for
 *      1 fumi1q... 1 org.example-life
 *
 * A line is written before its address is published: of an address that the broker has and we do
 * not know, letters could not be told from others' letters. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>

enum { BOOK_MOST = 16 << 20 };

int box_book_add(struct box_book *book, const struct box_address *a)
{
        struct box_address *more = realloc(book->at, (book->count + 1) * sizeof(*more));

        if (!more)
                return fault(-ENOMEM);
        book->at = more;
        book->at[book->count++] = *a;
        return 0;
}

static bool word_number(struct slice *line, uint32_t *out)
{
        struct slice word;
        uint64_t v;

        if (!slice_split(line, ' ', &word) || !text_get_u64(word, &v) || v == 0 || v > UINT32_MAX)
                return false;
        *out = (uint32_t)v;
        return true;
}

static bool read_line(struct box_address *a, struct slice line)
{
        struct slice word;

        memset(a, 0, sizeof(*a));
        if (!word_number(&line, &a->number) || !slice_split(&line, ' ', &word) ||
            !name_address_get(word, &a->name) || !word_number(&line, &a->epoch))
                return false;
        if (line.len >= sizeof(a->remark))
                return false;
        memcpy(a->remark, line.at, line.len);
        return true;
}

int box_book_read(struct fumi_box *b, struct box_book *out)
{
        struct box_book book = { 0 };
        char path[PATH_MAX];
        BUF_OWNED text = { 0 };
        struct slice rest, line;
        int r;

        box_path(b, path, "addresses");
        r = file_read(&text, path, BOOK_MOST);
        if (r == FILE_ABSENT)
                r = 0;
        rest = buf_slice(&text);
        for (size_t n = 1; !r && slice_split(&rest, '\n', &line); n++) {
                struct box_address a;

                if (line.len == 0 || line.at[0] == '#')
                        continue;
                if (!read_line(&a, line))
                        r = box_say(b, -EBADMSG, "%s:%zu: not 'number address epoch for'", path, n);
                else
                        r = box_book_add(&book, &a);
        }
        if (r) {
                box_book_free(&book);
                return r > 0 ? box_say(b, -EFBIG, "%s: too large", path) : r;
        }
        *out = book;
        return 0;
}

int box_book_write(struct fumi_box *b, const struct box_book *book)
{
        char path[PATH_MAX];
        BUF_OWNED text = { 0 };
        int r;

        buf_puts(&text, "# number address epoch for\n");
        for (size_t i = 0; i < book->count; i++)
                buf_printf(&text, "%lu %s %lu %s\n", (unsigned long)book->at[i].number,
                           book->at[i].name.s, (unsigned long)book->at[i].epoch,
                           book->at[i].remark);
        box_path(b, path, "addresses");
        r = buf_fault(&text) ? fault(buf_fault(&text)) : file_replace(path, buf_slice(&text), 0600);
        return r ? box_say(b, r, "%s: %s", path, strerror(-r)) : 0;
}

struct box_address *box_book_find(const struct box_book *book, struct slice address)
{
        for (size_t i = 0; i < book->count; i++)
                if (slice_is(address, book->at[i].name.s))
                        return &book->at[i];
        return NULL;
}

void box_book_free(struct box_book *book)
{
        free(book->at);
        *book = (struct box_book){ 0 };
}
