/* box_cursor.c - how far this device has come, and what the broker had shown by then
 *
 * The count and head of the box (E6.5) are remembered, so that a broker that drops even the newest
 * letter shows another history than before and is found out. */
#include "sdk/box.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "schemas/outcomes.h"

#include <errno.h>

static const char title[] = "fumibako cursor v1\n";

static bool take(struct slice *rest, const char *word, struct slice *value)
{
        size_t n = strlen(word);

        if (!slice_split(rest, '\n', value) || !slice_is(slice_upto(*value, n), word))
                return false;
        *value = slice_from(*value, n);
        return true;
}

static bool read_text(struct box_cursor *c, struct slice rest)
{
        const size_t n = sizeof(title) - 1;
        struct slice v;

        if (!slice_is(slice_upto(rest, n), title))
                return false;
        rest = slice_from(rest, n);
        return take(&rest, "count ", &v) && text_get_u64(v, &c->count) &&
               take(&rest, "head ", &v) && text_get_base64(v, c->head.b, sizeof(c->head.b)) &&
               take(&rest, "got ", &v) && text_get_u64(v, &c->got) && take(&rest, "told ", &v) &&
               text_get_u64(v, &c->told) && rest.len == 0;
}

int box_cursor_read(struct fumi_box *b, struct box_cursor *out)
{
        struct box_cursor c = { 0 };
        char path[PATH_MAX];
        BUF_OWNED text = { 0 };
        int r;

        box_path(b, path, "cursor");
        r = file_read(&text, path, 1024);
        if (r < 0)
                return box_say(b, r, "%s: %s", path, strerror(-r));
        if (r != FILE_ABSENT && (r || !read_text(&c, buf_slice(&text))))
                return box_say(b, -EBADMSG,
                               "%s: damaged; remove it, and this device begins to count anew",
                               path);
        *out = c;
        return 0;
}

int box_cursor_write(struct fumi_box *b, const struct box_cursor *c)
{
        char path[PATH_MAX];
        BUF_OWNED text = { 0 };
        int r;

        buf_puts(&text, title);
        buf_printf(&text, "count %llu\nhead ", (unsigned long long)c->count);
        text_put_base64(&text, slice_hash(&c->head));
        buf_printf(&text, "\ngot %llu\ntold %llu\n", (unsigned long long)c->got,
                   (unsigned long long)c->told);
        box_path(b, path, "cursor");
        r = buf_fault(&text) ? fault(buf_fault(&text)) : file_replace(path, buf_slice(&text), 0600);
        return r ? box_say(b, r, "%s: %s", path, strerror(-r)) : 0;
}

int box_cursor_check(struct fumi_box *b, uint64_t count, const struct hash *head)
{
        struct box_cursor c;
        BOX_LOCKED lock = -1;
        int r = box_lock(b, &lock);

        if (!r)
                r = box_cursor_read(b, &c);
        if (r)
                return r;
        if (count < c.count || (count == c.count && !hash_eq(head, &c.head)))
                return box_say(b, OUTCOME_RECEIPT_FORGED,
                               "the broker shows another history of this mailbox than before: "
                               "%llu letters then, %llu now",
                               (unsigned long long)c.count, (unsigned long long)count);
        if (count == c.count)
                return 0;
        c.count = count;
        c.head = *head;
        return box_cursor_write(b, &c);
}
