/* tax_world.c - certificates for the stories of lib/tax, written down as lines and signed */
#include "tax_world.h"
#include "xml_world.h"

#include "xml/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- documents ---- */

static size_t part_of(const struct form_element *e, struct slice name)
{
        for (size_t i = 0; i < FORM_PARTS && form_parts[e->type][i].name; i++)
                if (slice_is(name, form_parts[e->type][i].name))
                        return i;
        fail_msg("%s has no part %.*s", e->id, (int)name.len, (const char *)name.at);
        return 0;
}

/* The last node of @element that is still open at the end of the list, or DOC_TOP. */
static uint32_t open_node(const struct doc *d, uint16_t element)
{
        for (uint32_t i = d->count; i-- > 0;)
                if (d->node[i].element == element && d->node[i].end == d->count)
                        return i;
        return DOC_TOP;
}

static uint32_t make(struct doc *d, uint16_t element)
{
        uint16_t up = d->form->element[element].up;
        uint32_t above = up == FORM_NONE ? DOC_TOP : open_node(d, up);
        uint32_t at;

        if (up != FORM_NONE && above == DOC_TOP)
                above = make(d, up);
        at = doc_add(d, above, element);
        assert_int_not_equal(at, DOC_TOP);
        return at;
}

static void put_line(struct doc *d, struct slice line)
{
        struct slice name = line, part = { 0 }, value = line;
        bool another = line.len && line.at[line.len - 1] == '*';
        uint16_t element;
        uint32_t at;

        if (another)
                name = slice_upto(line, line.len - 1);
        else
                assert_true(slice_split(&value, '=', &name));
        if (slice_split(&name, '.', &part)) {
                struct slice swap = name;

                name = part;
                part = swap;
        }
        element = form_element(d->form, name);
        if (element == FORM_NONE)
                fail_msg("%s has no %.*s", d->form->id, (int)name.len, (const char *)name.at);
        at = part.len ? open_node(d, element) : DOC_TOP;
        if (at == DOC_TOP)
                at = make(d, element);
        if (!another)
                d->node[at].part[part.len ? part_of(&d->form->element[element], part) : 0] = value;
}

void tax_world_doc(struct doc *d, struct keep *keep, const char *form, const char *lines)
{
        struct slice rest = slice_str(keep_text(keep, slice_str(lines))), line;

        doc_clear(d);
        d->form = form_find(slice_str(form));
        assert_non_null(d->form);
        while (slice_split(&rest, '\n', &line))
                put_line(d, line);
        assert_int_equal(rest.len, 0);
}

/* ---- signed ---- */

static struct xml_signer *signer_new(struct tax_world *w, EVP_PKEY *key, const char *name,
                                     const char *number)
{
        char key_path[128], certificate[128], why[XML_WHY];
        struct xml_key_from from = { .key = key_path, .certificate = certificate };
        X509 *x = xml_world_certificate(key, name);
        struct xml_signer *s = NULL;

        if (number) {
                X509_NAME *subject = X509_get_subject_name(x);

                X509_NAME_add_entry_by_txt(subject, "organizationIdentifier", MBSTRING_UTF8,
                                           (const uint8_t *)number, -1, -1, 0);
                X509_set_issuer_name(x, subject);
                assert_true(X509_sign(x, key, EVP_sha256()) > 0);
        }
        snprintf(key_path, sizeof(key_path), "%s/%s.key", w->root, name);
        snprintf(certificate, sizeof(certificate), "%s/%s.pem", w->root, name);
        xml_world_put_key(key_path, key, NULL);
        xml_world_put_certificate(certificate, x, "w");
        X509_free(x);
        assert_int_equal(xml_signer_open(&s, &from, TAX_NOON, why), 0);
        return s;
}

static EVP_PKEY *other_key(void)
{
        static EVP_PKEY *key; /* one for all stories: making it takes longest */

        if (!key)
                key = EVP_RSA_gen(2048);
        return key;
}

void tax_world_number(struct tax_world *w, const char *number)
{
        char identifier[32];

        snprintf(identifier, sizeof(identifier), "NTRJP-%s", number);
        xml_signer_free(w->numbered);
        w->numbered = signer_new(w, other_key(), "numbered", identifier);
}

int tax_world_new(struct tax_world *w)
{
        *w = (struct tax_world){ .root = "/tmp/tax_world.XXXXXX" };
        if (fumi_start() || !mkdtemp(w->root))
                return -1;
        w->signer = signer_new(w, xml_world_key(), "signer", NULL);
        w->stranger = signer_new(w, other_key(), "stranger", NULL);
        tax_world_again(w, NULL);
        return 0;
}

void tax_world_again(struct tax_world *w, const char *anchors)
{
        struct fumi_tax_trust trust = { .anchors = anchors, .at = TAX_NOON };
        char why[TAX_WHY] = "";

        fumi_tax_close(w->t);
        w->t = NULL;
        if (fumi_tax_open(&w->t, &trust, why))
                fail_msg("%s", why);
}

void tax_world_free(struct tax_world *w)
{
        char command[256];

        fumi_tax_close(w->t);
        xml_signer_free(w->signer);
        xml_signer_free(w->stranger);
        xml_signer_free(w->numbered);
        keep_free(&w->keep);
        snprintf(command, sizeof(command), "chmod -R u+w '%s'; rm -rf '%s'", w->root, w->root);
        if (system(command) != 0)
                fprintf(stderr, "%s stays behind\n", w->root);
}

struct slice tax_world_xml(struct tax_world *w, const struct tax_paper *p)
{
        struct xml_stamp stamp;
        struct doc d = { 0 };
        BUF_OWNED out = { 0 };
        uint8_t *kept;

        tax_world_doc(&d, &w->keep, p->form, p->lines);
        xml_stamp(&d, &stamp, p->made ? p->made : TAX_NOON, p->serial ? p->serial : 1, "test");
        if (p->id)
                d.id = slice_str(p->id);
        assert_int_equal(xml_certificate(&out,
                                         p->stranger   ? w->stranger
                                         : p->numbered ? w->numbered
                                                       : w->signer,
                                         &d),
                         0);
        doc_free(&d);
        kept = keep_room(&w->keep, out.len);
        assert_non_null(kept);
        memcpy(kept, out.at, out.len);
        if (p->broken) {
                uint8_t *day = memmem(kept, out.len, "sakuseiDay=\"2026", 16);

                assert_non_null(day);
                day[15] = '7';
        }
        return slice_of(kept, out.len);
}

size_t tax_world_add(struct tax_world *w, const char *name, const struct tax_paper *p)
{
        struct slice xml = tax_world_xml(w, p);

        assert_int_equal(fumi_tax_add(w->t, name, xml.at, xml.len), 0);
        return w->t->count - 1;
}

/* ---- what came of it ---- */

struct looking {
        size_t number;
        const struct fumi_certificate *found;
};

static int look(void *ctx, const struct fumi_certificate *c)
{
        struct looking *l = ctx;

        if (c->number == l->number)
                l->found = c;
        return 0;
}

const struct fumi_certificate *tax_world_see(struct tax_world *w, size_t number)
{
        struct looking l = { .number = number };

        assert_int_equal(fumi_tax_each(w->t, 0, look, &l), 0);
        assert_non_null(l.found);
        return l.found;
}

struct adding {
        const char *category;
        int64_t sum;
        size_t entries;
};

static int add(void *ctx, const struct fumi_tax_total *t)
{
        struct adding *a = ctx;

        if (strcmp(t->category, a->category) == 0) {
                a->sum = t->carried;
                a->entries = t->entries;
        }
        return 0;
}

int64_t tax_world_sum(struct tax_world *w, int year, const char *category, size_t *entries)
{
        struct adding a = { .category = category };

        assert_int_equal(fumi_tax_totals(w->t, year, add, &a), 0);
        if (entries)
                *entries = a.entries;
        return a.sum;
}

bool tax_world_found(const struct fumi_certificate *c, int code)
{
        for (size_t i = 0; i < c->findings; i++)
                if (c->finding[i].code == code)
                        return true;
        return false;
}

const char *tax_world_life(struct tax_world *w, const char *day, const char *number, int amount,
                           int projected)
{
        char text[2048];

        snprintf(text, sizeof(text),
                 "WCA00000=エグザンプル生命保険㈱\nWCB00000.hojinbango=8010001000123\n"
                 "WCC00000.yyyy=2026\nWCC00000.mm=10\nWCC00000.dd=%s\nWCD00000=文箱　花子\n"
                 "WCE00000*\nWCE00010.yyyy=2026\nWCE00020=生命保険料控除証明書\n"
                 "WCE00030.kubun_CD=1\nWCE00040=%s\nWCE00350=%d\nWCE00590=%d\n",
                 day, number, amount, projected);
        return keep_text(&w->keep, slice_str(text));
}
