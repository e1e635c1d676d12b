/* contents.c - a tree becomes the values of a form (N3.3) */
#include "xml/contents.h"

#include "base/fault.h"
#include "schemas/outcomes.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct reading {
        struct contents *to;
        struct findings *f;
        uint32_t line_room;
};

void contents_free(struct contents *c)
{
        doc_free(&c->doc);
        free(c->line);
        free(c->text);
        *c = (struct contents){ 0 };
}

/* How many of the same element stand before @node beside it, and one. */
static uint32_t number_of(const struct doc *d, uint32_t node)
{
        uint32_t up = d->node[node].up, n = 1;

        for (uint32_t i = up == DOC_TOP ? 0 : up + 1; i < node; i = d->node[i].end)
                n += d->node[i].element == d->node[node].element;
        return n;
}

void contents_where(char out[static CONTENTS_WHERE], const struct doc *d, uint32_t node)
{
        uint32_t way[16];
        size_t depth = 0, len = 0;

        out[0] = 0;
        for (; node != DOC_TOP && depth < 16; node = d->node[node].up)
                way[depth++] = node;
        while (depth-- && len < CONTENTS_WHERE) {
                const struct form_element *e = &d->form->element[d->node[way[depth]].element];

                len += (size_t)snprintf(out + len, CONTENTS_WHERE - len, "%s%s", len ? "/" : "",
                                        e->id);
                if (e->most > 1 && len < CONTENTS_WHERE)
                        len += (size_t)snprintf(out + len, CONTENTS_WHERE - len, "[%u]",
                                                (unsigned)number_of(d, way[depth]));
        }
}

/* A finding at the element @node, or at @name inside it. */
static void say(struct reading *r, int code, unsigned line, uint32_t node, const char *name,
                struct slice detail)
{
        char where[CONTENTS_WHERE], inside[CONTENTS_WHERE + 128];

        if (finding_full(r->f))
                return;
        contents_where(where, &r->to->doc, node);
        snprintf(inside, sizeof(inside), "%s%s%s", where, *where && *name ? "/" : "", name);
        finding_add(r->f, code, line, inside, detail);
}

static void say_unknown(struct reading *r, const xmlNode *x, uint32_t up)
{
        char name[64];

        finding_text(name, sizeof(name), read_name(x));
        say(r, OUTCOME_FORM_UNKNOWN, read_line(x), up, name,
            slice_str(x->ns && x->ns->href ? (const char *)x->ns->href : "xmlns=\"\""));
}

static bool is_white(const xmlNode *x)
{
        return read_trimmed(slice_str((const char *)x->content)).len == 0;
}

/* ---- texts ---- */

struct slice contents_keep(struct contents *c, struct slice text)
{
        uint8_t *at = c->text + c->text_len;

        /* The file was longer than all its texts are together: no entity makes more of them. */
        assert(text.len <= c->text_room - c->text_len);
        memcpy(at, text.at, text.len);
        c->text_len += text.len;
        return slice_of(at, text.len);
}

/* Numbers are what is between the white space (xsd:integer); texts, and digits that are texts to
 * the schema (numbers of persons and telephones), are all that is there. */
static bool is_trimmed(enum form_type type, int part)
{
        if (type == FORM_STR || type == FORM_BANGO || type == FORM_TEL_NUMBER)
                return false;
        return !form_parts[type][0].name || !form_parts[type][part].text;
}

static void read_value(struct reading *r, const xmlNode *x, uint32_t node, int part,
                       enum form_type type, const char *name)
{
        struct slice text;

        if (!read_text(x->children, &text)) {
                say(r, OUTCOME_FORM_MIXED, read_line(x), node, name, slice_str(""));
                return;
        }
        text = contents_keep(r->to, is_trimmed(type, part) ? read_trimmed(text) : text);
        r->to->doc.node[node].part[part] = text;
}

/* ---- attributes ---- */

/* xsd:positiveInteger, as far as sheets can be counted */
bool contents_is_positive(struct slice text)
{
        text = read_trimmed(text);
        if (text.len > 1 && text.at[0] == '+')
                text = slice_from(text, 1);
        while (text.len && text.at[0] == '0')
                text = slice_from(text, 1);
        for (size_t i = 0; i < text.len; i++)
                if (text.at[i] < '0' || text.at[i] > '9')
                        return false;
        return text.len > 0 && text.len < 10;
}

/* Sheets have a page. Amounts may say that a program added them up: that says nothing to us. */
static bool may_have(const struct form_element *e, const xmlAttr *a)
{
        struct slice text;

        if (!e || a->ns || !read_text(a->children, &text))
                return false;
        if (strcmp((const char *)a->name, "page") == 0)
                return e->page && contents_is_positive(text);
        return strcmp((const char *)a->name, "AutoCalc") == 0 &&
               (e->type == FORM_KINGAKU || e->type == FORM_NUMBER);
}

static void look_at_attributes(struct reading *r, const xmlNode *x, uint32_t node,
                               const struct form_element *e, const char *inside)
{
        for (const xmlAttr *a = x->properties; a; a = a->next) {
                char name[96];
                struct slice text;

                if (may_have(e, a) || finding_full(r->f))
                        continue;
                if (!read_text(a->children, &text))
                        text = slice_str("");
                snprintf(name, sizeof(name), "%s%s@%s", inside, *inside ? "/" : "",
                         (const char *)a->name);
                say(r, OUTCOME_FORM_ATTRIBUTE, read_line(x), node, name, text);
        }
}

/* ---- elements ---- */

/* Which part of @type is called that, from @next on in a ring, because they come in order. */
static int part_named(const xmlNode *x, enum form_type type, int next)
{
        int count = 0;

        while (form_parts[type][count].name)
                count++;
        for (int i = 0; i < count; i++) {
                const struct form_part *p = &form_parts[type][(next + i) % count];

                if (read_is(x, p->general ? READ_GENERAL : READ_KYOTSU, p->name))
                        return (next + i) % count;
        }
        return -1;
}

/* The elements inside an element of a type: in their order, each once. */
static void read_parts(struct reading *r, const xmlNode *x, uint32_t node, enum form_type type)
{
        int next = 0;

        for (const xmlNode *in = x->children; in; in = in->next) {
                char name[32];
                int part;

                if (in->type != XML_ELEMENT_NODE) {
                        if (!is_white(in))
                                say(r, OUTCOME_FORM_MIXED, read_line(in), node, "",
                                    slice_str((const char *)in->content));
                        continue;
                }
                part = part_named(in, type, next % FORM_PARTS);
                if (part < 0) {
                        say_unknown(r, in, node);
                        continue;
                }
                snprintf(name, sizeof(name), "%s%s", form_parts[type][part].general ? "gen:" : "",
                         form_parts[type][part].name);
                look_at_attributes(r, in, node, NULL, name);
                if (part < next) {
                        say(r,
                            r->to->doc.node[node].part[part].at ? OUTCOME_FORM_TOO_MANY
                                                                : OUTCOME_FORM_ORDER,
                            read_line(in), node, name, slice_str(""));
                        if (r->to->doc.node[node].part[part].at)
                                continue;
                }
                next = part + 1;
                read_value(r, in, node, part, type, name);
        }
}

static bool read_inside(struct reading *r, const xmlNode *x, uint32_t up, uint16_t first,
                        uint16_t end);

static bool read_element(struct reading *r, const xmlNode *x, uint32_t up, uint16_t element)
{
        const struct form_element *e = &r->to->doc.form->element[element];
        uint32_t node = doc_add(&r->to->doc, up, element);

        if (node == DOC_TOP)
                return false;
        if (node >= r->line_room) {
                uint32_t *line = reallocarray(r->to->line, r->to->doc.room, sizeof(*line));

                if (!line)
                        return false;
                r->to->line = line;
                r->line_room = r->to->doc.room;
        }
        r->to->line[node] = read_line(x);
        look_at_attributes(r, x, node, e, "");
        if (e->type == FORM_GROUP)
                return read_inside(r, x, node, (uint16_t)(element + 1), e->end);
        if (form_parts[e->type][0].name)
                read_parts(r, x, node, e->type);
        else
                read_value(r, x, node, 0, e->type, "");
        return true;
}

/* The element of that name directly inside, from @next on in a ring. */
static uint16_t element_named(const struct form *form, const xmlNode *x, uint16_t first,
                              uint16_t end, uint16_t next)
{
        uint16_t e = next;

        if (!read_in(x, READ_KYOTSU))
                return FORM_NONE;
        do {
                if (strcmp(form->element[e].id, (const char *)x->name) == 0)
                        return e;
                e = form->element[e].end < end ? form->element[e].end : first;
        } while (e != next);
        return FORM_NONE;
}

static bool read_inside(struct reading *r, const xmlNode *x, uint32_t up, uint16_t first,
                        uint16_t end)
{
        uint16_t next = first;

        for (const xmlNode *in = x->children; in; in = in->next) {
                uint16_t e;

                if (in->type != XML_ELEMENT_NODE) {
                        if (!is_white(in))
                                say(r, OUTCOME_FORM_MIXED, read_line(in), up, "",
                                    slice_str((const char *)in->content));
                        continue;
                }
                if (up == DOC_TOP && read_in(in, READ_SIGNATURE))
                        continue;
                e = element_named(r->to->doc.form, in, first, end, next);
                if (e == FORM_NONE)
                        say_unknown(r, in, up);
                else if (!read_element(r, in, up, e))
                        return false;
                else
                        next = e;
        }
        return true;
}

int contents_read(struct contents *out, const xmlNode *root, const struct form *form, size_t room,
                  struct findings *f)
{
        struct contents c = { .doc.form = form, .text = malloc(room + 1), .text_room = room };
        struct reading r = { .to = &c, .f = f };

        if (!c.text || !read_inside(&r, root, DOC_TOP, 0, form->elements) || f->no_memory) {
                contents_free(&c);
                return fault(-ENOMEM);
        }
        *out = c;
        return 0;
}
