/* judge.c - one certificate's way: read, hold against its form, verify, ask who signed
 *
 * Insurers sign a hundred thousand certificates with one key. What is known of a signer is kept, by
 * the very text of the certificates that came along, for the next file. */
#include "xml/judge.h"

#include "base/fault.h"
#include "schemas/outcomes.h"
#include "xml/chain.h"
#include "xml/head.h"
#include "xml/shape.h"
#include "xml/signer.h"
#include "xml/start.h"
#include "xml/table.h"
#include "xml/verify.h"

#include <errno.h>
#include <libxml/xmlerror.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

enum { KNOWN = 64 };
#define KNOWN_FOR (10 * CLOCK_SECOND) /* when judging as of now, certificates expire meanwhile */

struct known {
        struct hash key; /* of the certificates as they stood in the file */
        bool there, bad; /* bad: they cannot be read */
        struct signer signer;
        struct chain_verdict verdict;
        instant judged;
        uint64_t used;
};

struct judge {
        bool anchors; /* were any given? */
        struct chain *chain;
        instant at; /* 0: now */
        struct known known[KNOWN];
        uint64_t clock; /* counts uses */
};

/* What a judged certificate owns besides what everybody sees. */
struct kept {
        struct judged seen;
        struct contents contents;
        struct findings findings;
        char *signer; /* subject, name and number, one behind the other */
        uint8_t bytes[];
};

int judge_new(struct judge **out, const struct judge_trust *trust, char why[static JUDGE_WHY])
{
        struct judge *j = calloc(1, sizeof(*j));
        int r = j ? xml_start() : fault(-ENOMEM);

        snprintf(why, JUDGE_WHY, "%s", r < 0 ? strerror(-r) : "");
        if (!r)
                r = chain_new(&j->chain, trust, why);
        if (r < 0) {
                free(j);
                return r;
        }
        j->at = trust->at;
        j->anchors = trust->anchors != NULL;
        *out = j;
        return 0;
}

static void forget(struct known *k)
{
        if (k->there && !k->bad)
                signer_free(&k->signer);
        *k = (struct known){ 0 };
}

void judge_free(struct judge *j)
{
        if (!j)
                return;
        for (size_t i = 0; i < KNOWN; i++)
                forget(&j->known[i]);
        chain_free(j->chain);
        free(j);
}

void judged_free(struct judged *d)
{
        struct kept *k = (struct kept *)d;

        if (!k)
                return;
        contents_free(&k->contents);
        finding_free(&k->findings);
        free(k->signer);
        free(k);
}

/* ---- the signer ---- */

static int key_of(struct hash *out, const struct shape *s)
{
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);

        for (unsigned i = 0; i < s->certificates && ok; i++)
                ok = EVP_DigestUpdate(ctx, s->certificate[i].at, s->certificate[i].len) &&
                     EVP_DigestUpdate(ctx, "", 1);
        ok = ok && EVP_DigestFinal_ex(ctx, out->b, NULL);
        EVP_MD_CTX_free(ctx);
        return ok ? 0 : fault(-ENOMEM);
}

static struct known *place_for(struct judge *j, const struct hash *key)
{
        struct known *oldest = &j->known[0];

        for (size_t i = 0; i < KNOWN; i++) {
                if (j->known[i].there && hash_eq(&j->known[i].key, key))
                        return &j->known[i];
                if (j->known[i].used < oldest->used)
                        oldest = &j->known[i];
        }
        forget(oldest);
        oldest->key = *key;
        return oldest;
}

static int know_signer(struct known **out, struct judge *j, const struct shape *s)
{
        instant now = j->at ? j->at : clock_now();
        struct known *k;
        struct hash key;
        int r = key_of(&key, s);

        if (r < 0)
                return r;
        k = place_for(j, &key);
        k->used = ++j->clock;
        if (!k->there) {
                r = signer_read(&k->signer, s->certificate, s->certificates);
                if (r < 0)
                        return r;
                k->there = true;
                k->bad = r == SIGNER_BAD;
                k->judged = INT64_MIN;
        }
        if (!k->bad && (k->judged == INT64_MIN || now - k->judged > KNOWN_FOR || now < k->judged)) {
                r = chain_judge(&k->verdict, j->chain, &k->signer, now);
                if (r < 0)
                        return r;
                k->judged = now;
        }
        *out = k;
        return 0;
}

static int keep_signer(struct kept *k, const struct signer *s)
{
        size_t subject = s->subject.len + 1, name = s->name.len + 1;

        k->signer = calloc(1, subject + name + sizeof(s->number));
        if (!k->signer)
                return fault(-ENOMEM);
        memcpy(k->signer, s->subject.at, s->subject.len);
        if (s->name.len)
                memcpy(k->signer + subject, s->name.at, s->name.len);
        memcpy(k->signer + subject + name, s->number, sizeof(s->number));
        k->seen.signer = k->signer;
        k->seen.signer_name = k->signer + subject;
        k->seen.signer_number = k->signer + subject + name;
        return 0;
}

/* The number that the certificate gives for its issuer, or the empty slice. */
static struct slice issuer_number(const struct doc *d)
{
        uint32_t n = d->form->issuer_number == FORM_NONE
                             ? DOC_TOP
                             : doc_find(d, DOC_TOP, d->form->issuer_number, 0);

        return n != DOC_TOP && d->form->element[d->node[n].element].type == FORM_BANGO
                       ? d->node[n].part[1]
                       : slice_of(NULL, 0);
}

static void look_at_signer(struct kept *k, const struct known *who, unsigned line)
{
        const struct chain_verdict *v = &who->verdict;
        struct slice named = issuer_number(&k->contents.doc);

        k->seen.issuer = v->issuer;
        k->seen.revocation = v->revocation;
        if (v->issuer_code)
                finding_add(&k->findings, v->issuer_code, line, "Signature/KeyInfo",
                            slice_str(v->detail));
        if (v->revocation_code == OUTCOME_SIGNER_REVOKED)
                finding_add(&k->findings, v->revocation_code, line, "Signature/KeyInfo",
                            slice_str(v->detail));
        else if (v->revocation_code)
                finding_warn(&k->findings, v->revocation_code, line, "Signature/KeyInfo",
                             slice_str(v->detail));
        if (named.len && who->signer.number[0] && !slice_is(named, who->signer.number))
                finding_warn(&k->findings, OUTCOME_SIGNER_OTHER, line, "Signature/KeyInfo",
                             slice_str(who->signer.number));
}

/* ---- the signature ---- */

/* A signature that fails is a fact of its own; the form may be fine all the same (N3.5). */
static void say_broken(struct kept *k, int code, unsigned line)
{
        k->seen.integrity = JUDGE_BROKEN;
        finding_add(&k->findings, code, line, "Signature", slice_str(""));
}

static int look_at_signature(struct judge *j, struct kept *k, const struct shape *s)
{
        unsigned line = s->signature ? read_line(s->signature) : 0;
        struct known *who;
        int r;

        if (!s->signature)
                return 0;
        r = know_signer(&who, j, s);
        if (r < 0)
                return r;
        if (who->bad) {
                say_broken(k, OUTCOME_SIGNER_UNREADABLE, line);
                return 0;
        }
        r = keep_signer(k, &who->signer);
        if (r < 0)
                return r;
        look_at_signer(k, who, line);
        if (!signer_key_ok(&who->signer)) {
                say_broken(k, OUTCOME_SIGNER_WEAK, line);
                return 0;
        }
        r = verify_signature(s, X509_get0_pubkey(who->signer.certificate));
        if (r < 0)
                return r;
        if (r == VERIFY_BROKEN)
                say_broken(k, OUTCOME_SIGNATURE_BROKEN, line);
        else
                k->seen.integrity = JUDGE_INTACT;
        if (s->sha1)
                finding_warn(&k->findings, OUTCOME_SIGNATURE_SHA1, line, "Signature",
                             slice_str(""));
        return 0;
}

/* ---- the whole ---- */

static int find_form(const struct form **out, const xmlNode *root, struct findings *f)
{
        const struct form *form = read_in(root, READ_KYOTSU) ? form_find(read_name(root)) : NULL;

        if (form)
                *out = form;
        else
                finding_add(f, OUTCOME_XML_OTHER_FORM, read_line(root), "", read_name(root));
        return form ? 0 : OUTCOME_XML_OTHER_FORM;
}

static int judge_tree(struct judge *j, struct kept *k, xmlNode *root)
{
        const struct form *form;
        struct shape shape;
        int r = find_form(&form, root, &k->findings);

        if (!r)
                r = shape_check(&shape, root, &k->findings);
        if (!r)
                r = contents_read(&k->contents, root, form, k->seen.bytes.len, &k->findings);
        if (r)
                return r;
        head_hold(&k->contents, root, shape.signature, &k->findings);
        table_elements_hold(&k->contents, &k->findings);
        table_values_hold(&k->contents, &k->findings);
        k->seen.doc = &k->contents.doc;
        k->seen.valid = finding_only_warnings(&k->findings);
        return look_at_signature(j, k, &shape);
}

static void say_nothing(void *ctx, xmlErrorPtr error)
{
        (void)ctx, (void)error;
}

static int judge_bytes(struct judge *j, struct kept *k)
{
        /* libxml2's, of this thread: what it finds goes to the host's standard error otherwise. */
        xmlStructuredErrorFunc said = xmlStructuredError;
        void *said_to = xmlStructuredErrorContext;
        xmlDoc *tree;
        int r;

        xmlSetStructuredErrorFunc(NULL, say_nothing);
        r = read_tree(&tree, k->seen.bytes, &k->findings);
        if (!r) {
                r = judge_tree(j, k, xmlDocGetRootElement(tree));
                xmlFreeDoc(tree);
        }
        xmlSetStructuredErrorFunc(said_to, said);
        return r;
}

static int conclude(struct kept *k, int r)
{
        if (r < 0 || k->findings.no_memory)
                return r < 0 ? r : fault(-ENOMEM);
        k->seen.refused = r;
        finding_sort(&k->findings);
        k->seen.finding = k->findings.at;
        k->seen.findings = k->findings.count;
        return 0;
}

int judge_certificate(struct judged **out, struct judge *j, struct slice bytes)
{
        bool too_large = bytes.len > JUDGE_BYTES_MOST;
        struct kept *k = calloc(1, sizeof(*k) + (too_large ? 0 : bytes.len));
        int r;

        if (!k)
                return fault(-ENOMEM);
        if (bytes.len && !too_large)
                memcpy(k->bytes, bytes.at, bytes.len);
        k->seen.bytes = slice_of(k->bytes, too_large ? 0 : bytes.len);
        k->seen.signer = k->seen.signer_name = k->seen.signer_number = "";
        /* Until a signer is found that leads to one of them; there may be none to look at. */
        k->seen.issuer = j->anchors ? JUDGE_UNTRUSTED : JUDGE_NO_ANCHORS;
        if (too_large)
                finding_add(&k->findings, OUTCOME_XML_TOO_LARGE, 0, "", slice_str(""));
        r = too_large ? OUTCOME_XML_TOO_LARGE : judge_bytes(j, k);
        r = conclude(k, r);
        if (r < 0)
                judged_free(&k->seen);
        else
                *out = &k->seen;
        return r;
}
