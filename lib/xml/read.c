/* read.c - a stranger's file becomes a tree, or a reason why not (N3.1) */
#include "xml/read.h"

#include "base/fault.h"
#include "schemas/outcomes.h"
#include "xml/scan.h"

#include <errno.h>
#include <libxml/parser.h>

const char READ_KYOTSU[] = "http://xml.e-tax.nta.go.jp/XSD/kyotsu";
const char READ_GENERAL[] = "http://xml.e-tax.nta.go.jp/XSD/general";
const char READ_SIGNATURE[] = "http://www.w3.org/2000/09/xmldsig#";
const char READ_INSTANCE[] = "http://www.w3.org/2001/XMLSchema-instance";

enum {
        /* No entity is replaced, because none can be declared: a DOCTYPE does not get here. For the
         * same reason nothing could be fetched: NONET is a second lock, which no file reaches. */
        OPTIONS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT |
                  XML_PARSE_BIG_LINES,
};

unsigned read_line(const xmlNode *n)
{
        long line = xmlGetLineNo(n);

        return line > 0 ? (unsigned)line : 0;
}

bool read_in(const xmlNode *n, const char *space)
{
        return n->ns && n->ns->href && strcmp((const char *)n->ns->href, space) == 0;
}

bool read_is(const xmlNode *n, const char *space, const char *name)
{
        return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0 &&
               read_in(n, space);
}

struct slice read_name(const xmlNode *n)
{
        return slice_str((const char *)n->name);
}

bool read_text(const xmlNode *children, struct slice *out)
{
        if (children && (children->next || children->type != XML_TEXT_NODE))
                return false;
        *out = slice_str(children && children->content ? (const char *)children->content : "");
        return true;
}

const xmlAttr *read_attribute(const xmlNode *n, const char *name)
{
        for (const xmlAttr *a = n->properties; a; a = a->next)
                if (!a->ns && strcmp((const char *)a->name, name) == 0)
                        return a;
        return NULL;
}

bool read_attribute_is(const xmlNode *n, const char *name, const char *value)
{
        const xmlAttr *a = read_attribute(n, name);
        struct slice text;

        return a && read_text(a->children, &text) && slice_is(text, value);
}

static bool is_space(uint8_t c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct slice read_trimmed(struct slice text)
{
        while (text.len && is_space(text.at[0]))
                text = slice_from(text, 1);
        while (text.len && is_space(text.at[text.len - 1]))
                text.len--;
        return text;
}

/* The next node in document order inside @top, or NULL. */
static const xmlNode *step(const xmlNode *n, const xmlNode *top)
{
        if (n->type == XML_ELEMENT_NODE && n->children)
                return n->children;
        while (n != top && !n->next)
                n = n->parent;
        return n == top ? NULL : n->next;
}

/* The scan saw to it already; should the parser and it ever read a file differently, this is what
 * counts, because everything else works on the tree. */
static const xmlNode *find_other_node(const xmlNode *root)
{
        for (const xmlNode *n = root; n; n = step(n, root))
                if (n->type != XML_ELEMENT_NODE && n->type != XML_TEXT_NODE)
                        return n;
        return NULL;
}

static int refuse(struct findings *f, int code, unsigned line, struct slice detail)
{
        finding_add(f, code, line, "", detail);
        return f->no_memory ? fault(-ENOMEM) : code;
}

static int parse(xmlDoc **out, struct slice xml, struct findings *f)
{
        xmlParserCtxt *ctxt = xmlNewParserCtxt();
        xmlDoc *doc;
        int r = 0;

        if (!ctxt)
                return fault(-ENOMEM);
        doc = xmlCtxtReadMemory(ctxt, (const char *)xml.at, (int)xml.len, NULL, NULL, OPTIONS);
        /* libxml2 says so of a text of ten million bytes, too, and cannot be asked which it was. */
        if (ctxt->lastError.code == XML_ERR_NO_MEMORY)
                r = refuse(f, OUTCOME_XML_TOO_LARGE, 0, slice_str(""));
        else if (!doc || !ctxt->wellFormed || !ctxt->nsWellFormed)
                r = refuse(f, OUTCOME_XML_NOT_READABLE, (unsigned)ctxt->lastError.line,
                           read_trimmed(slice_str(ctxt->lastError.message)));
        xmlFreeParserCtxt(ctxt);
        if (r)
                xmlFreeDoc(doc);
        else
                *out = doc;
        return r;
}

int read_tree(xmlDoc **out, struct slice bytes, struct findings *f)
{
        const xmlNode *other;
        struct scan scan;
        xmlDoc *doc;
        int r;

        if (scan_bytes(&scan, bytes))
                return refuse(f, scan.refused, scan.line, slice_str(scan.what));
        r = parse(&doc, scan.xml, f);
        if (r)
                return r;
        other = find_other_node(xmlDocGetRootElement(doc));
        if (doc->intSubset || doc->extSubset)
                r = refuse(f, OUTCOME_XML_DOCTYPE, 0, slice_str(""));
        else if (other)
                r = refuse(f, OUTCOME_XML_HIDDEN, read_line(other), slice_str(""));
        if (r)
                xmlFreeDoc(doc);
        else
                *out = doc;
        return r;
}
