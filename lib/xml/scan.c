/* scan.c - what a file is made of, before an XML parser sees it (N3.1) */
#include "xml/scan.h"

#include "base/text.h"
#include "schemas/outcomes.h"
#include "xml/judge.h"

#include <strings.h>

struct scanning {
        struct slice all;
        size_t at;
        unsigned depth, nodes;
        unsigned namespaces[SCAN_DEPTH + 1]; /* in force at each depth */
        struct scan *out;
};

static bool stop(struct scanning *s, int code, const char *what)
{
        const uint8_t *p = s->all.at, *end = s->all.at + s->at;

        s->out->refused = code;
        s->out->what = what;
        for (s->out->line = 1; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
                s->out->line++;
        return false;
}

static bool begins(const struct scanning *s, const char *with)
{
        return slice_is(slice_upto(slice_from(s->all, s->at), strlen(with)), with);
}

/* Step behind the next @mark. When there is none the parser will say so: nothing follows. */
static bool step_behind(struct scanning *s, const char *mark)
{
        struct slice rest = slice_from(s->all, s->at);
        const uint8_t *found = memmem(rest.at, rest.len, mark, strlen(mark));

        s->at = found ? (size_t)(found - s->all.at) + strlen(mark) : s->all.len;
        return true;
}

static bool inside_root(const struct scanning *s)
{
        return s->depth > 0;
}

static bool count(struct scanning *s, unsigned nodes)
{
        s->nodes += nodes;
        return s->nodes <= SCAN_NODES || stop(s, OUTCOME_XML_TOO_LARGE, "elements");
}

/* What a tag has, besides its name. */
struct tag {
        unsigned attributes, namespaces;
        size_t end; /* of its '>', or of the file */
};

static bool begin_element(struct scanning *s, const struct tag *t)
{
        unsigned namespaces = s->namespaces[s->depth] + t->namespaces;

        if (!count(s, 1 + t->attributes))
                return false;
        if (s->depth >= SCAN_DEPTH)
                return stop(s, OUTCOME_XML_TOO_LARGE, "depth");
        if (namespaces > SCAN_NAMESPACES)
                return stop(s, OUTCOME_XML_TOO_LARGE, "namespaces");
        if (s->all.at[t->end - 1] != '/')
                s->namespaces[++s->depth] = namespaces;
        return true;
}

/* A tag up to its '>', which may also stand inside an attribute's quotes. */
static bool read_tag(struct scanning *s, struct tag *t)
{
        uint8_t quote = 0;
        size_t i = s->at + 1;

        for (; i < s->all.len && (quote || s->all.at[i] != '>'); i++) {
                uint8_t c = s->all.at[i];

                if (i - s->at > SCAN_TAG_BYTES)
                        return stop(s, OUTCOME_XML_TOO_LARGE, "tag");
                if (quote && c == quote)
                        quote = 0;
                else if (!quote && (c == '"' || c == '\''))
                        quote = c, t->attributes++;
                else if (!quote && c == 'x' &&
                         slice_is(slice_upto(slice_from(s->all, i), 5), "xmlns"))
                        t->namespaces++;
                if (t->attributes > SCAN_ATTRIBUTES)
                        return stop(s, OUTCOME_XML_TOO_LARGE, "attributes");
        }
        t->end = i;
        return true;
}

static bool step_over_tag(struct scanning *s)
{
        struct tag t = { 0 };
        bool closing = begins(s, "</");

        if (!read_tag(s, &t))
                return false;
        if (closing)
                s->depth -= s->depth > 0;
        else if (!begin_element(s, &t))
                return false;
        s->at = t.end < s->all.len ? t.end + 1 : t.end;
        return true;
}

/* A comment or an instruction, which begins with @open bytes: fine outside the root, up to @mark.
 */
static bool step_over_aside(struct scanning *s, const char *what, size_t open, const char *mark)
{
        if (inside_root(s))
                return stop(s, OUTCOME_XML_HIDDEN, what);
        if (!count(s, 1))
                return false;
        s->at += open;
        return step_behind(s, mark);
}

static bool step_over_markup(struct scanning *s)
{
        if (begins(s, "<!--"))
                return step_over_aside(s, "comment", 4, "-->");
        if (begins(s, "<![CDATA["))
                return stop(s, inside_root(s) ? OUTCOME_XML_HIDDEN : OUTCOME_XML_NOT_READABLE,
                            "CDATA");
        if (begins(s, "<!"))
                return stop(s, inside_root(s) ? OUTCOME_XML_NOT_READABLE : OUTCOME_XML_DOCTYPE,
                            "<!");
        if (begins(s, "<?"))
                return step_over_aside(s, "processing instruction", 2, "?>");
        return step_over_tag(s);
}

/* What the XML declaration says behind @name=, without its quotes. */
static bool declared(struct slice declaration, const char *name, struct slice *out)
{
        const uint8_t *found = memmem(declaration.at, declaration.len, name, strlen(name));
        const uint8_t *end = declaration.at + declaration.len, *from;

        if (!found)
                return false;
        for (from = found + strlen(name); from < end && *from != '"' && *from != '\'';)
                from++;
        if (from == end)
                return false;
        found = memchr(from + 1, *from, (size_t)(end - from - 1));
        if (!found)
                return false;
        *out = slice_of(from + 1, (size_t)(found - from - 1));
        return true;
}

/* Only UTF-8, and what is not said otherwise is. A wrong word here would let a parser read other
 * characters than were checked. */
static bool scan_encoding(struct scanning *s)
{
        struct slice head = slice_upto(s->all, 256), value;
        const uint8_t *end;

        if (memchr(s->all.at, 0, s->all.len) || !text_is_utf8(s->all))
                return stop(s, OUTCOME_XML_ENCODING, "");
        if (!begins(s, "<?xml") || head.len < 6 || !strchr(" \t\r\n", head.at[5]))
                return true;
        end = memmem(head.at, head.len, "?>", 2);
        if (!end)
                return stop(s, OUTCOME_XML_NOT_READABLE, "<?xml");
        head.len = (size_t)(end - head.at);
        if (declared(head, "encoding", &value) &&
            (value.len != 5 || strncasecmp((const char *)value.at, "UTF-8", 5) != 0))
                return stop(s, OUTCOME_XML_ENCODING, "encoding");
        if (declared(head, "version", &value) && !slice_is(value, "1.0"))
                return stop(s, OUTCOME_XML_NOT_READABLE, "version");
        return true;
}

int scan_bytes(struct scan *out, struct slice bytes)
{
        struct scanning s = { .all = bytes, .out = out };
        const uint8_t *next;

        *out = (struct scan){ 0 };
        if (bytes.len >= 3 && memcmp(bytes.at, "\xEF\xBB\xBF", 3) == 0)
                s.all = slice_from(bytes, 3);
        out->xml = s.all;
        if (bytes.len > JUDGE_BYTES_MOST)
                return out->refused = OUTCOME_XML_TOO_LARGE;
        if (s.all.len == 0)
                return out->refused = OUTCOME_XML_NOT_READABLE;
        if (!scan_encoding(&s))
                return out->refused;
        while ((next = memchr(s.all.at + s.at, '<', s.all.len - s.at)) != NULL) {
                s.at = (size_t)(next - s.all.at);
                if (!step_over_markup(&s))
                        break;
        }
        return out->refused;
}
