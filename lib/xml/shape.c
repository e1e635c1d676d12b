/* shape.c - is a signature built as a certificate's has to be? (N3.2) */
#include "xml/shape.h"

#include "base/fault.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <strings.h>

static const char C14N[] = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
static const char ENVELOPED[] = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

struct method {
        const char *algorithm;
        bool sha1;
};
static const struct method canonical[] = { { C14N, false }, { NULL, false } };
static const struct method signing[] = {
        { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", false },
        { "http://www.w3.org/2000/09/xmldsig#rsa-sha1", true },
        { NULL, false },
};
static const struct method digesting[] = {
        { "http://www.w3.org/2001/04/xmlenc#sha256", false },
        { "http://www.w3.org/2000/09/xmldsig#sha1", true },
        { NULL, false },
};

/* What is left to look at inside one element, and what was wrong first. */
struct looking {
        struct shape *shape;
        struct slice id; /* the root's; empty when it has none */
        struct findings *f;
        int refused;
};

static bool refuse(struct looking *l, int code, const xmlNode *at, struct slice detail)
{
        const char *name = at->type == XML_ELEMENT_NODE ? (const char *)at->name : "";

        if (!l->refused)
                finding_add(l->f, code, read_line(at), name, detail);
        l->refused = code;
        return false;
}

static bool refuse_attribute(struct looking *l, int code, const xmlAttr *a)
{
        struct slice value;

        if (!read_text(a->children, &value))
                value = slice_str("");
        return refuse(l, code, a->parent, value.len ? value : slice_str((const char *)a->name));
}

static bool is_blank(const xmlNode *n)
{
        return n->type == XML_TEXT_NODE &&
               read_trimmed(slice_str((const char *)n->content)).len == 0;
}

static bool is_text(const xmlNode *n)
{
        struct slice text;

        return read_text(n->children, &text);
}

/* @n, or the first behind it that is not white space. */
static const xmlNode *from(const xmlNode *n)
{
        while (n && is_blank(n))
                n = n->next;
        return n;
}

/* Take @next when it is the element @name of a signature, with no attributes but @allowed and Id.
 * NULL: it is refused. */
static const xmlNode *take(struct looking *l, const xmlNode **next, const xmlNode *up,
                           const char *name, const char *allowed)
{
        const xmlNode *n = from(*next);

        if (!n || !read_is(n, READ_SIGNATURE, name)) {
                refuse(l, OUTCOME_SIGNATURE_SHAPE, n ? n : up, slice_str(name));
                return NULL;
        }
        for (const xmlAttr *a = n->properties; a; a = a->next)
                if (a->ns || (strcmp((const char *)a->name, "Id") != 0 &&
                              (!allowed || strcmp((const char *)a->name, allowed) != 0))) {
                        refuse_attribute(l, OUTCOME_SIGNATURE_SHAPE, a);
                        return NULL;
                }
        *next = n->next;
        return n;
}

static bool take_end(struct looking *l, const xmlNode *next, int code)
{
        next = from(next);
        return !next || refuse(l, code, next, slice_str(""));
}

/* Take an element that does nothing but name one of @methods. */
static bool take_method(struct looking *l, const xmlNode **next, const xmlNode *up,
                        const char *name, const struct method *methods)
{
        const xmlNode *n = take(l, next, up, name, "Algorithm");
        const xmlAttr *algorithm;

        if (!n)
                return false;
        algorithm = read_attribute(n, "Algorithm");
        if (!algorithm)
                return refuse(l, OUTCOME_SIGNATURE_ALGORITHM, n, slice_str("Algorithm"));
        for (; methods->algorithm; methods++)
                if (read_attribute_is(n, "Algorithm", methods->algorithm))
                        break;
        if (!methods->algorithm)
                return refuse_attribute(l, OUTCOME_SIGNATURE_ALGORITHM, algorithm);
        l->shape->sha1 |= methods->sha1;
        return take_end(l, n->children, OUTCOME_SIGNATURE_ALGORITHM);
}

static bool take_text(struct looking *l, const xmlNode **next, const xmlNode *up, const char *name)
{
        const xmlNode *n = take(l, next, up, name, NULL);

        return n && (is_text(n) || refuse(l, OUTCOME_SIGNATURE_SHAPE, n, slice_str("")));
}

/* enveloped-signature, then C14N. The latter is what XML-DSig does anyway when it is not there. */
static bool look_at_transforms(struct looking *l, const xmlNode *transforms)
{
        static const struct method enveloped[] = { { ENVELOPED, false }, { NULL, false } };
        const xmlNode *next = transforms->children;

        if (!take_method(l, &next, transforms, "Transform", enveloped))
                return false;
        if (from(next) && !take_method(l, &next, transforms, "Transform", canonical))
                return false;
        return take_end(l, next, OUTCOME_SIGNATURE_ALGORITHM);
}

/* Is the reference's address the root's own id? */
static bool look_at_address(struct looking *l, const xmlNode *reference)
{
        const xmlAttr *uri = read_attribute(reference, "URI");
        struct slice address;

        if (!uri)
                return refuse(l, OUTCOME_SIGNATURE_REFERENCE, reference, slice_str("URI"));
        if (!read_text(uri->children, &address) || address.len < 2 || address.at[0] != '#' ||
            !slice_eq(slice_from(address, 1), l->id) || xmlValidateNCName(l->id.at, 0) != 0)
                return refuse_attribute(l, OUTCOME_SIGNATURE_REFERENCE, uri);
        return true;
}

static bool look_at_reference(struct looking *l, const xmlNode *reference)
{
        const xmlNode *next = reference->children, *n;

        return look_at_address(l, reference) &&
               (n = take(l, &next, reference, "Transforms", NULL)) != NULL &&
               look_at_transforms(l, n) &&
               take_method(l, &next, reference, "DigestMethod", digesting) &&
               take_text(l, &next, reference, "DigestValue") &&
               take_end(l, next, OUTCOME_SIGNATURE_SHAPE);
}

static bool look_at_signed_info(struct looking *l, const xmlNode *info)
{
        const xmlNode *next = info->children, *n;

        return take_method(l, &next, info, "CanonicalizationMethod", canonical) &&
               take_method(l, &next, info, "SignatureMethod", signing) &&
               (n = take(l, &next, info, "Reference", "URI")) != NULL && look_at_reference(l, n) &&
               take_end(l, next, OUTCOME_SIGNATURE_REFERENCE);
}

/* Names of the signer beside its certificate are read by nobody, so they may stand there. */
static bool is_name_of_signer(const xmlNode *n)
{
        if (!read_is(n, READ_SIGNATURE, "X509IssuerSerial"))
                return (read_is(n, READ_SIGNATURE, "X509SubjectName") ||
                        read_is(n, READ_SIGNATURE, "X509SKI")) &&
                       is_text(n);
        for (n = from(n->children); n; n = from(n->next))
                if ((!read_is(n, READ_SIGNATURE, "X509IssuerName") &&
                     !read_is(n, READ_SIGNATURE, "X509SerialNumber")) ||
                    !is_text(n))
                        return false;
        return true;
}

static bool look_at_certificates(struct looking *l, const xmlNode *data)
{
        struct shape *s = l->shape;
        const xmlNode *n;

        for (n = from(data->children); n; n = from(n->next)) {
                if (is_name_of_signer(n))
                        continue;
                if (!read_is(n, READ_SIGNATURE, "X509Certificate") ||
                    s->certificates == SHAPE_CERTIFICATES ||
                    !read_text(n->children, &s->certificate[s->certificates]))
                        return refuse(l, OUTCOME_SIGNATURE_KEY, n, slice_str(""));
                s->certificates++;
        }
        return s->certificates || refuse(l, OUTCOME_SIGNATURE_KEY, data, slice_str(""));
}

static bool look_at_key(struct looking *l, const xmlNode *signature, const xmlNode *n)
{
        const xmlNode *data;

        if (!n || !read_is(n, READ_SIGNATURE, "KeyInfo"))
                return refuse(l, OUTCOME_SIGNATURE_KEY, n ? n : signature, slice_str("KeyInfo"));
        data = from(n->children);
        if (!data || !read_is(data, READ_SIGNATURE, "X509Data") || data->properties)
                return refuse(l, OUTCOME_SIGNATURE_KEY, data ? data : n, slice_str("X509Data"));
        return look_at_certificates(l, data) && take_end(l, data->next, OUTCOME_SIGNATURE_KEY) &&
               take_end(l, n->next, OUTCOME_SIGNATURE_SHAPE);
}

static bool look_at_signature(struct looking *l, const xmlNode *signature)
{
        const xmlNode *next = signature->children, *n;

        return (n = take(l, &next, signature, "SignedInfo", NULL)) != NULL &&
               look_at_signed_info(l, n) && take_text(l, &next, signature, "SignatureValue") &&
               look_at_key(l, signature, from(next));
}

static bool is_in(const xmlNode *n, const xmlNode *above)
{
        while (n && n != above)
                n = n->parent;
        return n != NULL;
}

/* Nothing of a signature stands anywhere else, and no second element has the root's id. */
static bool look_elsewhere(struct looking *l, const xmlNode *n)
{
        struct slice other;

        if (read_in(n, READ_SIGNATURE) && (!l->shape->signature || !is_in(n, l->shape->signature)))
                return refuse(l, OUTCOME_SIGNATURE_SHAPE, n, slice_str(""));
        for (const xmlAttr *a = n->properties; a; a = a->next)
                if (a != l->shape->id && strcasecmp((const char *)a->name, "id") == 0 &&
                    read_text(a->children, &other) && l->id.len && slice_eq(l->id, other))
                        return refuse_attribute(l, OUTCOME_SIGNATURE_REFERENCE, a);
        return true;
}

static bool look_everywhere(struct looking *l, const xmlNode *root)
{
        const xmlNode *n = root;

        while (n) {
                if (n->type == XML_ELEMENT_NODE && !look_elsewhere(l, n))
                        return false;
                if (n->type == XML_ELEMENT_NODE && n->children) {
                        n = n->children;
                        continue;
                }
                while (n != root && !n->next)
                        n = n->parent;
                n = n == root ? NULL : n->next;
        }
        return true;
}

static xmlAttr *id_of(xmlNode *root)
{
        for (xmlAttr *a = root->properties; a; a = a->next)
                if (!a->ns && strcmp((const char *)a->name, "id") == 0)
                        return a;
        return NULL;
}

int shape_check(struct shape *out, xmlNode *root, struct findings *f)
{
        struct shape shape = { .id = id_of(root) };
        struct looking l = { .shape = &shape, .f = f };
        xmlNode *last = root->last;

        if (shape.id && !read_text(shape.id->children, &l.id))
                l.id = slice_of(NULL, 0);
        while (last && is_blank(last))
                last = last->prev;
        if (last && read_is(last, READ_SIGNATURE, "Signature"))
                shape.signature = last;
        /* A signature elsewhere is a finding of look_everywhere(), so none here is none at all. */
        if (look_everywhere(&l, root) && shape.signature)
                (void)look_at_signature(&l, shape.signature);
        if (f->no_memory)
                return fault(-ENOMEM);
        if (l.refused)
                return l.refused;
        *out = shape;
        return 0;
}
