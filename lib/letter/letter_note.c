/* letter_note.c - the text of a letter's signed note: E4.3
 *
 *      fumibako letter v1
 *      from, to, class, type, title, issued    one line each, in this order
 *      part HASH LENGTH MEDIA NAME             one for each part
 *
 * Titles and names are shown to people, so no control characters of any kind are in them, not only
 * those that a signed note forbids. */
#include "letter/letter_note.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>

enum { MEDIA_MOST = 127 };

static const char first_line[] = "fumibako letter v1";

/* UTF-8 without the controls of ASCII (C0, DEL) and of Latin-1 (C1: C2 80 to C2 9F). */
bool letter_note_text_ok(struct slice s, size_t most)
{
        if (s.len == 0 || s.len > most || !text_is_utf8(s))
                return false;
        for (size_t i = 0; i < s.len; i++) {
                if (s.at[i] < 0x20 || s.at[i] == 0x7f)
                        return false;
                if (s.at[i] == 0xc2 && s.at[i + 1] < 0xa0)
                        return false;
        }
        return true;
}

static bool is_alnum(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Words of letters, digits, '-' and '_' with one dot between each two. */
bool letter_note_type_ok(struct slice s)
{
        bool open = false; /* a word has begun */

        if (s.len > SEAL_TYPE_MOST)
                return false;
        for (size_t i = 0; i < s.len; i++) {
                if (s.at[i] != '.' && !is_alnum(s.at[i]) && s.at[i] != '-' && s.at[i] != '_')
                        return false;
                if (s.at[i] == '.' && !open)
                        return false;
                open = s.at[i] != '.';
        }
        return open;
}

/* "application/xml", "text/plain;charset=utf-8": printable ASCII without a space, a slash inside.
 */
static bool is_media(struct slice s)
{
        const uint8_t *slash;

        if (s.len == 0 || s.len > MEDIA_MOST)
                return false;
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] < 0x21 || s.at[i] > 0x7e)
                        return false;
        slash = memchr(s.at, '/', s.len);
        return slash && slash != s.at && slash != s.at + s.len - 1;
}

static const char *part_fault(const struct open_note *n, char where[static LETTER_NOTE_WHERE])
{
        for (size_t i = 0; i < n->parts; i++) {
                const char *what = NULL;

                if (!is_media(n->part[i].media))
                        what = "media";
                else if (!letter_note_text_ok(n->part[i].name, SEAL_NAME_MOST))
                        what = "name";
                if (!what)
                        continue;
                snprintf(where, LETTER_NOTE_WHERE, "part %zu %s", i + 1, what);
                return where;
        }
        return NULL;
}

const char *letter_note_fault(const struct open_note *n, char where[static LETTER_NOTE_WHERE])
{
        instant t;

        if (!name_party_ok(n->from))
                return "from";
        if (!name_address_get(n->to, NULL))
                return "to";
        if (!name_class(n->class))
                return "class";
        if (!letter_note_type_ok(n->type))
                return "type";
        if (!letter_note_text_ok(n->title, SEAL_TITLE_MOST))
                return "title";
        if (!clock_parse(n->issued, &t))
                return "issued";
        if (n->parts > SEAL_PARTS_MOST)
                return "parts";
        return part_fault(n, where);
}

/* "HASH LENGTH MEDIA NAME"; the name is all that is left, spaces included. */
static bool get_part(struct open_part *p, struct slice rest)
{
        struct slice hash, size;

        if (!slice_split(&rest, ' ', &hash) || !slice_split(&rest, ' ', &size) ||
            !slice_split(&rest, ' ', &p->media))
                return false;
        p->name = rest;
        return text_get_base64(hash, p->digest.b, sizeof(p->digest.b)) &&
               text_get_u64(size, &p->size);
}

bool letter_note_read(struct open_note *out, struct open_part part[static SEAL_PARTS_MOST],
                      struct slice text)
{
        struct note_text t = note_text_of(text);
        struct open_note n = { .part = part };
        char where[LETTER_NOTE_WHERE];
        struct slice line;

        note_text_line(&t, first_line);
        n.from = note_text_field(&t, "from");
        n.to = note_text_field(&t, "to");
        n.class = name_class_get(note_text_field(&t, "class"));
        n.type = note_text_field(&t, "type");
        n.title = note_text_field(&t, "title");
        n.issued = note_text_field(&t, "issued");
        while (n.parts < SEAL_PARTS_MOST && note_text_field_if(&t, "part", &line))
                if (!get_part(&part[n.parts++], line))
                        return false;
        if (!note_text_end(&t) || letter_note_fault(&n, where))
                return false;
        n.whole = out->whole;
        *out = n;
        return true;
}

static void put_line(struct buf *out, const char *word, struct slice value)
{
        buf_puts(out, word);
        buf_putc(out, ' ');
        buf_put(out, value);
        buf_putc(out, '\n');
}

void letter_note_write(struct buf *out, const struct open_note *n)
{
        char where[LETTER_NOTE_WHERE];

        assert(!letter_note_fault(n, where));
        buf_puts(out, first_line);
        buf_putc(out, '\n');
        put_line(out, "from", n->from);
        put_line(out, "to", n->to);
        put_line(out, "class", slice_str(name_class(n->class)));
        put_line(out, "type", n->type);
        put_line(out, "title", n->title);
        put_line(out, "issued", n->issued);
        for (size_t i = 0; i < n->parts; i++) {
                const struct open_part *p = &n->part[i];

                buf_puts(out, "part ");
                text_put_base64(out, slice_hash(&p->digest));
                buf_printf(out, " %llu ", (unsigned long long)p->size);
                buf_put(out, p->media);
                buf_putc(out, ' ');
                buf_put(out, p->name);
                buf_putc(out, '\n');
        }
}
