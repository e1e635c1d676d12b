/* head.c - the root's attributes, and that there is a signature with an Id (N3.3) */
#include "xml/head.h"

#include "form/date.h"
#include "schemas/outcomes.h"

#include <stdio.h>

struct heading {
        struct contents *c;
        const xmlNode *root;
        struct findings *f;
};

static void say(struct heading *h, int code, const xmlNode *at, const char *name,
                struct slice detail)
{
        char where[CONTENTS_WHERE];

        snprintf(where, sizeof(where), "%s@%s", at == h->root ? "" : "Signature/", name);
        finding_add(h->f, code, read_line(at), where, detail);
}

static bool is_version(const struct form *form, struct slice text)
{
        for (const char *const *v = form->version; *v; v++)
                if (slice_is(text, *v))
                        return true;
        return false;
}

static bool is_ncname(struct slice text)
{
        char name[256];

        text = read_trimmed(text);
        if (!text.len || text.len >= sizeof(name))
                return false;
        memcpy(name, text.at, text.len);
        name[text.len] = 0;
        return xmlValidateNCName((const xmlChar *)name, 0) == 0;
}

static int two_digits(struct slice s, size_t at)
{
        unsigned a = s.at[at] - (unsigned)'0', b = s.at[at + 1] - (unsigned)'0';

        return a > 9 || b > 9 ? -1 : (int)(a * 10 + b);
}

/* Nothing, Z, +09:00 */
static bool is_zone(struct slice s)
{
        int hours, minutes;

        if (s.len == 0 || slice_is(s, "Z"))
                return true;
        if (s.len != 6 || (s.at[0] != '+' && s.at[0] != '-') || s.at[3] != ':')
                return false;
        hours = two_digits(s, 1);
        minutes = two_digits(s, 4);
        return hours >= 0 && minutes >= 0 && minutes < 60 && hours * 60 + minutes <= 14 * 60;
}

/* xsd:date of the years that certificates can be of. */
static bool is_day(struct slice text)
{
        struct form_date d = { 0 };
        int century, year;

        if (text.len < 10 || text.at[4] != '-' || text.at[7] != '-')
                return false;
        century = two_digits(text, 0);
        year = two_digits(text, 2);
        d.month = two_digits(text, 5);
        d.day = two_digits(text, 8);
        d.year = century * 100 + year;
        return century >= 0 && year >= 0 && d.year > 0 && d.month > 0 && d.day > 0 &&
               form_date_exists(&d) && is_zone(slice_from(text, 10));
}

/* The root's attribute @name, which @out takes, is there when it @must be, and @fine. */
static void take(struct heading *h, const char *name, bool must, bool (*fine)(struct slice text),
                 struct slice *out)
{
        const xmlAttr *a = read_attribute(h->root, name);
        struct slice text;

        if (!a || !read_text(a->children, &text)) {
                if (must)
                        say(h, OUTCOME_FORM_ATTRIBUTE, h->root, name, slice_str(""));
                return;
        }
        *out = contents_keep(h->c, text);
        if (fine && !fine(text))
                say(h, OUTCOME_FORM_ATTRIBUTE, h->root, name, text);
}

/* Where a schema is to be found may be said, and is not looked at. */
static bool is_known(const xmlAttr *a)
{
        static const char *const names[] = { "VR",        "id",     "page", "sakuseiDay",
                                             "sakuseiNM", "softNM", NULL };
        const char *name = (const char *)a->name;

        if (a->ns)
                return strcmp((const char *)a->ns->href, READ_INSTANCE) == 0 &&
                       (strcmp(name, "schemaLocation") == 0 ||
                        strcmp(name, "noNamespaceSchemaLocation") == 0);
        for (const char *const *n = names; *n; n++)
                if (strcmp(*n, name) == 0)
                        return true;
        return false;
}

static void look_at_signature(struct heading *h, const xmlNode *signature)
{
        const xmlAttr *id;
        struct slice text;

        if (!signature) {
                finding_add(h->f, OUTCOME_SIGNATURE_ABSENT, read_line(h->root), "Signature",
                            slice_str(""));
                return;
        }
        id = read_attribute(signature, "Id");
        if (!id || !read_text(id->children, &text))
                text = slice_str("");
        if (!is_ncname(text))
                say(h, OUTCOME_FORM_ATTRIBUTE, signature, "Id", text);
}

void head_hold(struct contents *c, const xmlNode *root, const xmlNode *signature,
               struct findings *f)
{
        struct heading h = { .c = c, .root = root, .f = f };
        struct doc *d = &c->doc;
        struct slice text;

        take(&h, "VR", true, NULL, &d->version);
        if (d->version.at && !is_version(d->form, d->version))
                say(&h, OUTCOME_FORM_VERSION, root, "VR", d->version);
        take(&h, "id", false, is_ncname, &d->id);
        take(&h, "page", false, contents_is_positive, &d->page);
        take(&h, "sakuseiDay", true, is_day, &d->made_on);
        take(&h, "sakuseiNM", true, NULL, &d->made_by);
        take(&h, "softNM", true, NULL, &d->software);
        for (const xmlAttr *a = root->properties; a; a = a->next)
                if (!is_known(a))
                        say(&h, OUTCOME_FORM_ATTRIBUTE, root, (const char *)a->name,
                            read_text(a->children, &text) ? text : slice_str(""));
        look_at_signature(&h, signature);
}
