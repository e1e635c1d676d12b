/* compose.c - station one of a letter's way: from the caller's files into the spool, sealed
 *
 * From here on the letter is bytes that do not change: the same header and body are sent until the
 * broker has answered. Only when the recipient exchanged keys before it was filed is it sealed
 * again, from its draft, as a new letter in the same place. */
#include "sdk/compose.h"

#include "base/fault.h"
#include "base/text.h"
#include "letter/submit.h"
#include "schemas/outcomes.h"
#include "sdk/content.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { PENDING_MOST = 32 << 20 };

static int open_parts(struct composing *c, struct fumi_sender *s, const struct fumi_letter *l)
{
        c->part = calloc(l->parts + 1, sizeof(*c->part));
        c->seal_part = calloc(l->parts + 1, sizeof(*c->seal_part));
        if (!c->part || !c->seal_part)
                return sender_tell(s, fault(-ENOMEM), "parts");
        for (size_t i = 0; i < l->parts; i++) {
                const char *file = l->part[i].file;
                char about[32];
                int r;

                c->seal.parts = i + 1; /* for compose_free() */
                r = part_open(&c->part[i], &l->part[i]);
                snprintf(about, sizeof(about), "part %zu", i + 1);
                if (r)
                        return sender_tell(s, r, file ? file : about);
                c->seal_part[i] = part_seal(&c->part[i]);
        }
        return 0;
}

static int check_registration(struct fumi_sender *s, unsigned class, instant now)
{
        const struct sender_statement *r = &s->registration;

        if (now < r->from || now >= r->until)
                return sender_tell(s, OUTCOME_SENDER_NOT_VALID, s->name);
        if (!(r->classes >> class & 1))
                return sender_tell(s, OUTCOME_CLASS_NOT_GRANTED, name_class(class));
        return 0;
}

/* What does not follow from the letter. */
static void plan_common(struct composing *c, struct fumi_sender *s)
{
        c->seal.from = slice_str(s->name);
        c->seal.sign = s->sign;
        c->seal.to = &c->to.statement;
        c->seal.part = c->seal_part;
        c->seal.type = c->type;
        c->seal.title = c->title;
        c->seal.issued = c->issued;
        c->seal.created = clock_now();
        c->seal.nonce = c->nonce;
        c->body.folder = spool_folder(s->spool);
        nonce_next(&s->nonces, c->seal.created, c->nonce);
}

static int own(char **to, struct slice from)
{
        *to = strndup(from.len ? (const char *)from.at : "", from.len);
        return *to ? 0 : fault(-ENOMEM);
}

static int plan_texts(struct composing *c, struct fumi_sender *s, const struct fumi_letter *l)
{
        char now[CLOCK_RFC3339];
        int r = own(&c->type, slice_str(l->type));

        clock_rfc3339(now, clock_now());
        if (!r)
                r = own(&c->title, slice_str(l->title));
        if (!r)
                r = own(&c->issued, slice_str(l->issued ? l->issued : now));
        if (!r && l->key)
                r = own(&c->key, slice_str(l->key));
        return sender_tell(s, r, "letter");
}

/* ---- the caller's key ---- */

/* The letter @old has this key: is it the one that is wanted? */
static int same_content(struct fumi_sender *s, const struct fumi_letter *l,
                        const struct row_spool_letter *old)
{
        bool known = old->has_content;
        struct hash before = old->content, now;
        struct composing c = { 0 };
        int r = compose_check(s, l);

        if (!r && known)
                r = open_parts(&c, s, l);
        if (!r && known) {
                content_digest(&now, l, c.part);
                if (!hash_eq(&now, &before))
                        r = sender_say(s, OUTCOME_KEY_IN_USE,
                                       "key: '%s' is that of another letter, with other content",
                                       l->key);
        }
        compose_free(&c);
        return r;
}

/* ---- station one ---- */

int compose_plan(struct composing *c, struct fumi_sender *s, const struct fumi_letter *l)
{
        int r = compose_check(s, l);

        *c = (struct composing){ 0 };
        if (r)
                return r;
        c->seal.class = name_class_get(slice_str(l->letter_class));
        c->seal.not_before = l->not_before;
        c->seal.expires = l->expires;
        c->seal.assurance = (unsigned)l->assurance;
        c->seal.grade = l->grade ? (unsigned)l->grade : 1;
        if (l->reply_to) {
                memcpy(c->reply_to.b, l->reply_to->b, sizeof(c->reply_to.b));
                c->seal.reply_to = &c->reply_to;
        }
        r = check_registration(s, c->seal.class, clock_now());
        if (!r)
                r = lookup_address(s, l->to, c->seal.class, c->seal.assurance, &c->to);
        if (!r)
                r = open_parts(c, s, l);
        if (!r && l->key)
                content_digest(&c->content, l, c->part);
        if (!r)
                r = plan_texts(c, s, l);
        if (!r)
                plan_common(c, s);
        return r;
}

int compose_seal(struct composing *c)
{
        int r = seal_compose(&c->header, &c->seal, spool_body_put, &c->body, c->where);

        return r ? r : spool_body_end(&c->body);
}

void compose_free(struct composing *c)
{
        for (size_t i = 0; i < c->seal.parts && c->part; i++)
                part_close(&c->part[i]);
        free(c->part);
        free(c->seal_part);
        free(c->key);
        free(c->type);
        free(c->title);
        free(c->issued);
        address_book_entry_free(&c->to);
        buf_free(&c->header);
        spool_body_drop(&c->body);
}

/* ---- keeping ---- */

static int say_sealed(struct composing *c, struct fumi_sender *s, int sealed)
{
        switch (sealed) {
        case 0:
                return 0;
        case SEAL_TOO_LARGE:
                return sender_say(s, OUTCOME_TOO_LARGE, "%s: a letter takes up to 64 MiB",
                                  c->where);
        case SEAL_CHANGED:
                return sender_say(s, OUTCOME_PART_DISAGREES, "%s: changed while it was read",
                                  c->where);
        case SEAL_BAD_TEXT:
                return sender_say(s, OUTCOME_MALFORMED, "%s: not as a letter may have it",
                                  c->where);
        case SEAL_NO_RECIPIENT:
                return sender_say(s, OUTCOME_STATEMENT_EXPIRED,
                                  "to: no key of the recipient is in force for this class");
        case -ENOSPC:
                return sender_tell(s, OUTCOME_SPOOL_FULL, c->body.folder);
        default:
                return sender_tell(s, sealed, "sealing");
        }
}

/* The row of a letter that has just been sealed. */
static struct row_spool_letter sealed_row(const struct composing *c)
{
        struct row_spool_letter row = {
                .has_key = c->key != NULL,
                .key = slice_str(c->key),
                .header = buf_slice(&c->header),
                .size = c->body.size,
                .state = SPOOL_WAITING,
                .has_content = c->key != NULL,
                .content = c->content,
                .has_part = true,
                .part = c->part[0].digest,
        };

        submit_letter_id(&row.id, row.header);
        row.composed = row.id;
        return row;
}

static int put_draft(struct buf *items, struct row_spool_draft *d, const struct composing *c)
{
        *d = (struct row_spool_draft){
                .type = slice_str(c->type),
                .title = slice_str(c->title),
                .issued = slice_str(c->issued),
        };
        for (size_t i = 0; i < c->seal.parts; i++) {
                struct draft_part p = part_draft(&c->part[i]);

                field_write(&draft_part_table, items, &p);
        }
        d->parts = (struct field_list){ buf_slice(items), (uint32_t)c->seal.parts };
        return buf_fault(items) ? fault(buf_fault(items)) : 0;
}

/* The letter that the caller's key has. */
static int find_key(struct fumi_sender *s, const char *key, uint64_t *place,
                    struct row_spool_letter *row)
{
        int r = key && *key && strlen(key) <= COMPOSE_KEY_MOST
                        ? spool_letter_find_key(s->spool, key, place)
                        : SPOOL_ABSENT;

        if (!r)
                r = spool_letter_get(s->spool, *place, row);
        return r;
}

/* A refused letter makes room for the one that is composed under its key. */
static int drop_refused(struct fumi_sender *s, const char *key)
{
        struct row_spool_letter row;
        uint64_t place;
        int r = find_key(s, key, &place, &row);

        if (!r && row.state == SPOOL_REFUSED)
                r = spool_letter_drop(s->spool, place);
        return r == SPOOL_ABSENT ? 0 : r;
}

int compose_keep(struct composing *c, struct fumi_sender *s, int sealed, fumi_id *id)
{
        struct row_spool_letter row;
        struct row_spool_draft draft;
        BUF_OWNED items = { 0 };
        uint64_t place;
        int r = say_sealed(c, s, sealed);

        if (!r)
                r = sender_spool(s, drop_refused(s, c->key));
        if (r)
                return r;
        row = sealed_row(c);
        r = sender_tell(s, put_draft(&items, &draft, c), "draft");
        if (!r)
                r = sender_spool(s, spool_letter_add(s->spool, &row, &c->body, &draft, &place));
        if (!r && spool_pending(s->spool) > PENDING_MOST)
                r = sender_commit(s);
        if (!r)
                memcpy(id->b, row.id.b, sizeof(id->b));
        return r;
}

int fumi_compose(fumi_sender *s, const struct fumi_letter *l, fumi_id *id)
{
        struct composing c = { 0 };
        struct row_spool_letter row;
        uint64_t place;
        int r;

        sender_begin(s);
        r = find_key(s, l->key, &place, &row);
        if (r == 0 && row.state != SPOOL_REFUSED) {
                struct hash found = row.id;

                r = same_content(s, l, &row);
                if (!r)
                        memcpy(id->b, found.b, sizeof(id->b));
                return r;
        }
        if (r < 0)
                return sender_spool(s, r);
        r = compose_plan(&c, s, l);
        if (!r)
                r = compose_keep(&c, s, compose_seal(&c), id);
        compose_free(&c);
        return r;
}

/* ---- sealing again ---- */

static int reopen_parts(struct composing *c, struct fumi_sender *s, const struct row_spool_draft *d)
{
        struct field_list l = d->parts;
        struct draft_part from;
        size_t i = 0;

        c->part = calloc(l.count + 1, sizeof(*c->part));
        c->seal_part = calloc(l.count + 1, sizeof(*c->seal_part));
        if (!c->part || !c->seal_part)
                return sender_tell(s, fault(-ENOMEM), "parts");
        for (; field_list_next(&l, &draft_part_table, &from); i++) {
                int r = part_reopen(&c->part[i], &from);

                c->seal.parts = i + 1;
                if (r)
                        return sender_tell(s, r, c->part[i].path ? c->part[i].path : "part");
                c->seal_part[i] = part_seal(&c->part[i]);
        }
        return 0;
}

static void plan_header(struct composing *c, const struct header *h)
{
        c->seal.class = (unsigned)h->class;
        c->seal.not_before = h->has_not_before ? (instant)h->not_before : 0;
        c->seal.expires = h->has_expires ? (instant)h->expires : 0;
        c->seal.assurance = (unsigned)h->assurance;
        c->seal.grade = (unsigned)h->grade;
        if (h->has_reply_to) {
                c->reply_to = h->reply_to;
                c->seal.reply_to = &c->reply_to;
        }
}

/* The statement that is in force now. The level of what came without an attestation is not known,
 * and the broker judges it anyway. */
static int plan_statement(struct composing *c, struct fumi_sender *s, const char *to,
                          struct slice newer)
{
        int r;

        if (newer.len == 0)
                return lookup_afresh(s, to, c->seal.class, c->seal.assurance, &c->to);
        r = address_book_take(&c->to, s->spool, &s->trust, to, newer, slice_str(""), clock_now());
        if (!r)
                r = address_book_usable(&c->to, slice_str(s->name), c->seal.class, 0, clock_now());
        return sender_tell(s, r, to);
}

/* The letter's own facts, from its first header. */
static int plan_old(struct composing *c, struct fumi_sender *s, uint64_t place,
                    char to[static sizeof(struct address)])
{
        struct row_spool_letter row;
        struct header h;
        int r = sender_spool(s, spool_letter_get(s->spool, place, &row));

        if (r)
                return r;
        if (field_read(&header_table, row.header, &h, NULL) || h.to.len >= sizeof(struct address))
                return sender_tell(s, fault(-EBADMSG), "spool");
        memcpy(to, h.to.at, h.to.len);
        to[h.to.len] = 0;
        plan_header(c, &h);
        return row.has_key ? sender_tell(s, own(&c->key, row.key), "key") : 0;
}

static int plan_draft(struct composing *c, struct fumi_sender *s, uint64_t place)
{
        struct row_spool_draft draft;
        int r = sender_spool(s, spool_letter_draft(s->spool, place, &draft));

        if (!r)
                r = reopen_parts(c, s, &draft);
        if (r)
                return r;
        r = own(&c->type, draft.type);
        if (!r)
                r = own(&c->title, draft.title);
        if (!r)
                r = own(&c->issued, draft.issued);
        return sender_tell(s, r, "draft");
}

int compose_again(struct fumi_sender *s, uint64_t place, struct slice newer)
{
        struct composing c = { 0 };
        struct row_spool_letter old, row;
        char to[sizeof(struct address)];
        int r = plan_old(&c, s, place, to);

        if (!r)
                r = plan_statement(&c, s, to, newer);
        if (!r)
                r = plan_draft(&c, s, place); /* last, as it borrows from the spool */
        if (!r) {
                plan_common(&c, s);
                r = say_sealed(&c, s, compose_seal(&c));
        }
        if (!r)
                r = sender_spool(s, spool_letter_get(s->spool, place, &old));
        if (!r) {
                row = sealed_row(&c);
                row.composed = old.composed;
                row.has_content = old.has_content;
                row.content = old.content;
                r = sender_spool(s, spool_letter_reseal(s->spool, place, &row, &c.body));
        }
        compose_free(&c);
        return r;
}
