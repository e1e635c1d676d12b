/* write.c - a certificate's values as XML, octet by octet (N2.1) */
#include "xml/write.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

/* Canonical XML 1.0, 2.3: what stands for a character in text and in an attribute's value; NULL:
 * the character itself. Tab and line feed stay in text. */
static const char *escape(uint8_t c, bool attribute)
{
        switch (c) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return attribute ? NULL : "&gt;";
        case '"':
                return attribute ? "&quot;" : NULL;
        case '\r':
                return "&#xD;";
        case '\t':
                return attribute ? "&#x9;" : NULL;
        case '\n':
                return attribute ? "&#xA;" : NULL;
        default:
                return NULL;
        }
}

/* XML 1.0, 2.2: no control characters, no U+FFFE and U+FFFF. That it is UTF-8 is known already. */
static bool has_forbidden(struct slice s)
{
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];

                if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
                        return true;
                if (c == 0xef && s.at[i + 1] == 0xbf && s.at[i + 2] >= 0xbe)
                        return true;
        }
        return false;
}

static void put_text(struct buf *out, struct slice s, bool attribute)
{
        size_t done = 0;

        if (!text_is_utf8(s) || has_forbidden(s)) {
                out->fault = out->fault ? out->fault : -EINVAL;
                return;
        }
        for (size_t i = 0; i < s.len; i++) {
                const char *instead = s.at[i] > '>' ? NULL : escape(s.at[i], attribute);

                if (!instead)
                        continue;
                buf_put(out, slice_of(s.at + done, i - done));
                buf_puts(out, instead);
                done = i + 1;
        }
        buf_put(out, slice_from(s, done));
}

static void put_attribute(struct buf *out, const char *name, struct slice value)
{
        if (!value.at)
                return;
        buf_putc(out, ' ');
        buf_puts(out, name);
        buf_puts(out, "=\"");
        put_text(out, value, true);
        buf_putc(out, '"');
}

static void put_tag(struct buf *out, const char *before, const char *prefix, const char *name)
{
        buf_puts(out, before);
        buf_puts(out, prefix);
        buf_puts(out, name);
}

static void put_parts(struct buf *out, const struct doc_node *n, const struct form_part *part)
{
        for (int i = 0; part[i].name; i++) {
                const char *prefix = part[i].general ? "gen:" : "";

                if (!n->part[i].at)
                        continue;
                put_tag(out, "<", prefix, part[i].name);
                buf_putc(out, '>');
                put_text(out, n->part[i], false);
                put_tag(out, "</", prefix, part[i].name);
                buf_putc(out, '>');
        }
}

static void put_node(struct buf *out, const struct form_element *e, const struct doc_node *n)
{
        put_tag(out, "<", "", e->id);
        if (e->page)
                buf_printf(out, " page=\"%u\"", e->page);
        buf_putc(out, '>');
        if (form_parts[e->type][0].name)
                put_parts(out, n, form_parts[e->type]);
        else if (e->type != FORM_GROUP)
                put_text(out, n->part[0], false);
}

static void put_end(struct buf *out, const char *name)
{
        put_tag(out, "</", "", name);
        buf_putc(out, '>');
}

void xml_write_head(struct buf *out, const struct form *f)
{
        buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                      "<?xml-stylesheet type=\"text/xsl\" "
                      "href=\"https://xml.e-tax.nta.go.jp/xsl/1.0/CM");
        buf_puts(out, f->id);
        buf_puts(out, "-001.xsl\"?>\n");
}

void xml_write_root(struct buf *out, const struct doc *d)
{
        put_tag(out, "<", "", d->form->id);
        buf_puts(out, " xmlns=\"" XML_KYOTSU "\" xmlns:gen=\"" XML_GENERAL "\"");
        put_attribute(out, "VR", d->version);
        put_attribute(out, "id", d->id);
        put_attribute(out, "page", d->page);
        put_attribute(out, "sakuseiDay", d->made_on);
        put_attribute(out, "sakuseiNM", d->made_by);
        put_attribute(out, "softNM", d->software);
        buf_putc(out, '>');
        for (uint32_t i = 0; i < d->count; i++) {
                put_node(out, &d->form->element[d->node[i].element], &d->node[i]);
                /* Whatever has nothing inside any more is closed, from the inside out. */
                for (uint32_t n = i; n != DOC_TOP && d->node[n].end == i + 1; n = d->node[n].up)
                        put_end(out, d->form->element[d->node[n].element].id);
        }
}

void xml_write_end(struct buf *out, const struct form *f)
{
        put_end(out, f->id);
}

/* Who made it is who says it: the form's issuer, or the one its first entry names. */
static struct slice issuer(const struct doc *d)
{
        const struct form *f = d->form;
        struct slice name = { 0 };

        if (f->issuer != FORM_NONE)
                name = doc_text(d, DOC_TOP, f->issuer);
        else if (f->entries && f->entry[0].issuer != FORM_NONE)
                name = doc_text(d, DOC_TOP, f->entry[0].issuer);
        return name.at ? name : slice_str("");
}

void xml_stamp(struct doc *d, struct xml_stamp *stamp, instant now, unsigned number,
               const char *software)
{
        const char *const *version = d->form->version;
        time_t t = (time_t)(now / 1000) + 9 * 3600; /* Japan has no summer time */
        char second[16];
        struct tm tm;

        gmtime_r(&t, &tm);
        strftime(second, sizeof(second), "%Y%m%d%H%M%S", &tm);
        strftime(stamp->day, sizeof(stamp->day), "%Y-%m-%d", &tm);
        snprintf(stamp->id, sizeof(stamp->id), "%s%s%07u", d->form->id, second, number); /* N2.2 */
        while (version[1])
                version++;
        d->version = slice_str(*version);
        d->id = slice_str(stamp->id);
        d->page = slice_str("1");
        d->made_on = slice_str(stamp->day);
        d->made_by = issuer(d);
        d->software = slice_str(software);
}
