/* item.c - a certificate judged: what was found and what it says, kept without the document */
#include "tax/tax.h"

#include "base/fault.h"
#include "crypt/hash.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- what it says as one number ---- */

static void put_part(struct buf *out, struct slice part)
{
        uint8_t len[8];

        put_be64(len, part.at ? part.len + 1 : 0);
        buf_put(out, slice_of(len, sizeof(len)));
        buf_put(out, part);
}

/* Not the root's attributes, which say who wrote it down and when. N4.2 */
static int contents_of(struct hash *out, const struct doc *d)
{
        BUF_OWNED all = { 0 };

        put_part(&all, slice_str(d->form->id));
        for (uint32_t i = 0; i < d->count; i++) {
                uint8_t at[8];

                put_be32(at, d->node[i].element);
                put_be32(at + 4, d->node[i].up);
                buf_put(&all, slice_of(at, sizeof(at)));
                for (size_t p = 0; p < FORM_PARTS; p++)
                        put_part(&all, d->node[i].part[p]);
        }
        if (buf_fault(&all))
                return fault(buf_fault(&all));
        hash_sha256(out, buf_slice(&all));
        return 0;
}

/* ---- what was found ---- */

static void put_finding(struct tax_item *i, int code, bool warning, unsigned line,
                        const char *where, const char *detail)
{
        i->finding[i->judged++] = (struct fumi_tax_finding){
                .code = code,
                .warning = warning,
                .line = line,
                .where = keep_text(&i->keep, slice_str(where)),
                .detail = keep_text(&i->keep, slice_str(detail)),
        };
}

/* Of two days that of issue is said, which decides. */
static void put_day_ahead(struct tax_item *i, int today)
{
        int day = i->facts.issued > today ? i->facts.issued : i->facts.made;
        char text[16];

        snprintf(text, sizeof(text), "%04d-%02d-%02d", day / 10000 % 10000, day / 100 % 100,
                 day % 100);
        put_finding(i, OUTCOME_TAX_DAY_AHEAD, true, 0, "", text);
}

/* The reader's own remarks behind the judge's. */
static void remark(struct tax_item *i, const struct tax_source *s, int today)
{
        for (size_t n = 0; n < i->facts.entries; n++)
                if (i->facts.entry[n].year_assumed) {
                        put_finding(i, OUTCOME_TAX_YEAR_ASSUMED, true, 0, "", "");
                        break;
                }
        if (i->c.sender == FUMI_TAX_OTHER)
                put_finding(i, OUTCOME_ISSUER_OTHER, true, 0, i->c.issuer, s->from_name);
        if (i->ahead)
                put_day_ahead(i, today);
}

enum { OWN_REMARKS = 3 };

static bool finding_room(struct tax_item *i, size_t judged)
{
        i->finding =
                keep_room(&i->keep, (judged + OWN_REMARKS + TAX_REMARKS) * sizeof(*i->finding));
        return i->finding != NULL;
}

/* Why it is in no sum, whatever else there is; 0: nothing is against it. N4.4 */
static int against(const struct judged *d, bool anchors)
{
        if (d->refused)
                return d->refused;
        if (d->integrity == JUDGE_BROKEN)
                return OUTCOME_SIGNATURE_BROKEN;
        if (d->revocation == JUDGE_REVOKED)
                return OUTCOME_SIGNER_REVOKED;
        for (size_t i = 0; i < d->findings && !d->valid; i++)
                if (!d->finding[i].warning)
                        return d->finding[i].code;
        if (!d->valid)
                return OUTCOME_FORM_VALUE;
        return anchors && d->issuer != JUDGE_TRUSTED ? OUTCOME_SIGNER_UNTRUSTED : 0;
}

static int take_doc(struct tax_item *i, const struct doc *d)
{
        struct fumi_certificate *c = &i->c;
        int r = facts_read(&i->facts, d, &i->keep);

        if (!r)
                r = contents_of(&i->contents, d);
        if (r)
                return r;
        c->form = d->form->id;
        c->form_name = d->form->name;
        c->version = keep_text(&i->keep, d->version);
        c->id = keep_text(&i->keep, d->id);
        i->made_by = keep_text(&i->keep, d->made_by);
        c->issuer = i->facts.issuer;
        c->issuer_number = i->facts.issuer_number;
        c->person = i->facts.person;
        c->unique = i->facts.unique;
        c->issued = i->facts.issued;
        c->made = i->facts.made;
        c->entry = i->facts.entry;
        c->entries = i->facts.entries;
        return 0;
}

/* yyyymmdd, in Japan. */
static int day_of(instant now)
{
        time_t t = (time_t)(now / CLOCK_SECOND) + 9 * 3600;
        struct tm tm;

        gmtime_r(&t, &tm);
        return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

static int take_judged(struct tax_item *i, const struct judged *d, const fumi_tax *t,
                       const struct tax_source *s)
{
        int today = day_of(t->at ? t->at : clock_now());
        int r = d->doc ? take_doc(i, d->doc) : 0;

        if (r)
                return r;
        if (!finding_room(i, d->findings))
                return fault(-ENOMEM);
        for (size_t n = 0; n < d->findings; n++)
                put_finding(i, d->finding[n].code, d->finding[n].warning, d->finding[n].line,
                            d->finding[n].where, d->finding[n].detail);
        i->c.refused = d->refused;
        i->c.valid = d->valid;
        i->c.integrity = (enum fumi_tax_integrity)d->integrity;
        i->c.issuer_trust = (enum fumi_tax_issuer)d->issuer;
        i->c.revocation = (enum fumi_tax_revocation)d->revocation;
        i->c.signer = keep_text(&i->keep, slice_str(d->signer));
        i->c.signer_name = keep_text(&i->keep, slice_str(d->signer_name));
        i->against = against(d, t->anchors);
        i->c.sender = sender_of(i, s);
        i->contradicted = sender_contradicts(i, d->signer_number);
        i->vouched = sender_vouches(i, d->signer_number);
        i->ahead = i->facts.issued > today || i->facts.made > today;
        remark(i, s, today);
        return 0;
}

static int take_refused(struct tax_item *i, int why)
{
        if (!finding_room(i, 1))
                return fault(-ENOMEM);
        i->c.refused = i->against = why;
        put_finding(i, why, false, 0, "", "");
        return 0;
}

/* ---- as a whole ---- */

static int take_source(struct tax_item *i, const struct tax_source *s)
{
        struct fumi_certificate *c = &i->c;
        struct hash digest;
        fumi_id *letter;

        c->form = c->form_name = c->version = c->id = c->issuer = c->issuer_number = "";
        c->person = c->unique = c->signer = c->signer_name = i->made_by = "";
        c->name = keep_text(&i->keep, slice_str(s->name));
        c->from = keep_text(&i->keep, slice_str(s->from));
        c->from_name = keep_text(&i->keep, slice_str(s->from_name));
        if (s->letter) {
                letter = keep_room(&i->keep, sizeof(*letter));
                if (!letter)
                        return fault(-ENOMEM);
                *letter = *s->letter;
                c->letter = letter;
        }
        i->bytes = malloc(s->bytes.len + 1);
        if (!i->bytes)
                return fault(-ENOMEM);
        if (s->bytes.len)
                memcpy(i->bytes, s->bytes.at, s->bytes.len);
        c->bytes = i->bytes;
        c->size = s->bytes.len;
        hash_sha256(&digest, s->bytes);
        memcpy(c->sha256, digest.b, sizeof(c->sha256));
        return 0;
}

int item_new(struct tax_item **out, const fumi_tax *t, const struct tax_source *s)
{
        struct tax_item *i = calloc(1, sizeof(*i));
        struct judged *judged = NULL;
        int r = i ? take_source(i, s) : fault(-ENOMEM);

        if (!r && s->refused)
                r = take_refused(i, s->refused);
        else if (!r)
                r = judge_certificate(&judged, t->judge, s->bytes);
        if (judged)
                r = take_judged(i, judged, t, s);
        judged_free(judged);
        if (!r && i->keep.failed)
                r = fault(-ENOMEM);
        if (r)
                item_free(i);
        else
                *out = i;
        return r;
}

void item_free(struct tax_item *i)
{
        if (!i)
                return;
        keep_free(&i->keep);
        free(i->bytes);
        free(i);
}
