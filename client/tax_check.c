/* tax_check.c - fumibako tax check: is this file a certificate, whole, and from whom?
 *
 * Four facts in words of their own, because none of them follows from another: a signature can hold
 * and be of anybody, and a certificate of a known issuer can be changed. No mailbox is needed. */
#include "client/tax.h"
#include "client/tax_finding.h"

#include "base/file.h"
#include "form/number.h"
#include "schemas/outcomes.h"
#include "tax/show_words.h"

#include <stdio.h>

struct checking {
        struct cli *c;
        struct judge *judge;
        struct judge_trust trust;
        struct slice sender; /* the number the issuer has to have; empty: not asked */
        struct buf out;
        int first; /* the code of the first file that is not as it should be; -1: not a code */
        size_t files;
};

/* The issuer against the sender that was named (N3.6). */
enum sender { SENDER_NOT_ASKED, SENDER_SAME, SENDER_OTHER, SENDER_CANNOT_TELL };

struct issuer {
        struct slice name, number;
        enum sender sender;
};

static struct slice text_of(const struct doc *d, uint16_t element)
{
        return element == FORM_NONE ? slice_of(NULL, 0) : doc_text(d, DOC_TOP, element);
}

static struct issuer issuer_of(const struct checking *k, const struct judged *d)
{
        struct issuer i = { .sender = SENDER_NOT_ASKED };
        uint32_t node;

        if (d->doc) {
                i.name = text_of(d->doc, d->doc->form->issuer);
                node = d->doc->form->issuer_number == FORM_NONE
                               ? DOC_TOP
                               : doc_find(d->doc, DOC_TOP, d->doc->form->issuer_number, 0);
                if (node != DOC_TOP)
                        i.number = d->doc->node[node].part[1];
        }
        if (k->sender.len)
                i.sender = !i.number.len                   ? SENDER_CANNOT_TELL
                           : slice_eq(i.number, k->sender) ? SENDER_SAME
                                                           : SENDER_OTHER;
        return i;
}

/* 0 when everything that was asked for holds; else what is wrong first. */
static int verdict(const struct checking *k, const struct judged *d, const struct issuer *i)
{
        if (d->refused)
                return d->refused;
        for (size_t n = 0; n < d->findings; n++)
                if (!d->finding[n].warning)
                        return d->finding[n].code;
        if (k->trust.crls && d->revocation != JUDGE_GOOD)
                return OUTCOME_REVOCATION_UNKNOWN;
        return i->sender == SENDER_OTHER ? OUTCOME_ISSUER_OTHER : 0;
}

/* ---- for a person ---- */

static const char *say_sender(enum sender s)
{
        switch (s) {
        case SENDER_SAME:
                return show_pick("the issuer is the sender", "発行者と一致します");
        case SENDER_OTHER:
                return show_pick("the issuer is NOT the sender", "発行者と一致しません");
        default:
                return show_pick("cannot tell: the certificate names no number",
                                 "判定不能: 証明書に法人番号がありません");
        }
}

static void put_line(struct buf *out, const char *english, const char *japanese, const char *value)
{
        buf_puts(out, "  ");
        show_column(out, show_pick(english, japanese), 12);
        show_string(out, value);
        buf_putc(out, '\n');
}

static void put_who(struct buf *out, const char *english, const char *japanese, struct slice name,
                    struct slice number)
{
        if (!name.len && !number.len)
                return;
        buf_puts(out, "  ");
        show_column(out, show_pick(english, japanese), 12);
        show_text(out, name);
        if (number.len) {
                buf_puts(out, name.len ? " (法人番号 " : "(法人番号 ");
                show_text(out, number);
                buf_putc(out, ')');
        }
        buf_putc(out, '\n');
}

static void put_form(struct buf *out, const struct doc *d)
{
        buf_puts(out, "  ");
        show_column(out, show_pick("form", "様式"), 12);
        buf_printf(out, "%s %s", d->form->id, d->form->name);
        if (d->version.len) {
                buf_puts(out, " (");
                show_text(out, d->version);
                buf_putc(out, ')');
        }
        buf_putc(out, '\n');
}

static void put_person(struct checking *k, const char *path, const struct judged *d,
                       const struct issuer *i)
{
        bool other = d->refused && d->refused != OUTCOME_XML_TOO_LARGE;
        const char *guess = other ? tax_guess(d->bytes) : NULL;
        struct buf *out = &k->out;

        show_string(out, path);
        buf_putc(out, '\n');
        if (d->refused) {
                put_line(out, "refused", "拒否",
                         show_pick("it is not read at all", "読み取りません"));
        } else {
                put_form(out, d->doc);
                put_who(out, "issuer", "発行者", i->name, i->number);
                put_who(out, "signer", "署名者", slice_str(d->signer_name),
                        slice_str(d->signer_number));
                put_line(out, "by its form", "記載内容", show_words_valid(d, cli_japanese()));
                put_line(out, "integrity", "署名", show_words_integrity(d, cli_japanese()));
                put_line(out, "trust", "信頼", show_words_issuer(d, cli_japanese()));
                put_line(out, "revocation", "失効", show_words_revocation(d, cli_japanese()));
                if (k->sender.len)
                        put_line(out, "sender", "差出人", say_sender(i->sender));
        }
        if (guess) /* a sentence about XML would only confuse */
                buf_printf(out, "  ! %s\n", guess);
        for (size_t n = 0; n < d->findings && !guess; n++)
                tax_finding_put(out, d->doc, &d->finding[n]);
        if (i->sender == SENDER_OTHER) {
                buf_puts(out, "  ! ");
                tax_finding_put_outcome(out, OUTCOME_ISSUER_OTHER, false, "");
        }
}

/* ---- for a program ---- */

static void put_json_findings(struct buf *out, const struct judged *d)
{
        buf_puts(out, ",\"findings\":[");
        for (size_t n = 0; n < d->findings; n++) {
                const struct judge_finding *f = &d->finding[n];
                const struct outcome *o = outcomes_find((uint64_t)f->code);

                buf_printf(out, "%s{\"code\":%d", n ? "," : "", f->code);
                show_json(out, "name", slice_str(o->name));
                buf_printf(out, ",\"warning\":%s,\"line\":%u", f->warning ? "true" : "false",
                           f->line);
                show_json(out, "where", slice_str(f->where));
                show_json(out, "detail", slice_str(f->detail));
                show_json(out, "en", slice_str(o->en));
                show_json(out, "ja", slice_str(o->ja));
                buf_puts(out, "}");
        }
        buf_puts(out, "]");
}

static void put_program(struct checking *k, const char *path, const struct judged *d,
                        const struct issuer *i)
{
        static const char *const integrity[] = { "not judged", "intact", "broken" };
        static const char *const issuer[] = { "no anchors", "trusted", "untrusted" };
        static const char *const revocation[] = { "not checked", "good", "revoked" };
        static const char *const sender[] = { "not asked", "same", "other", "cannot tell" };
        struct buf *out = &k->out;

        buf_printf(out, "%s{\"code\":%d,\"refused\":%d", k->files ? "," : "", verdict(k, d, i),
                   d->refused);
        show_json(out, "file", slice_str(path));
        show_json(out, "form", d->doc ? slice_str(d->doc->form->id) : slice_str(""));
        show_json(out, "form_name", d->doc ? slice_str(d->doc->form->name) : slice_str(""));
        show_json(out, "version", d->doc ? d->doc->version : slice_str(""));
        show_json(out, "id", d->doc ? d->doc->id : slice_str(""));
        buf_printf(out, ",\"valid\":%s", d->valid ? "true" : "false");
        show_json(out, "integrity", slice_str(integrity[d->integrity]));
        show_json(out, "trust", slice_str(issuer[d->issuer]));
        show_json(out, "revocation", slice_str(revocation[d->revocation]));
        show_json(out, "sender", slice_str(sender[i->sender]));
        show_json(out, "issuer", i->name);
        show_json(out, "issuer_number", i->number);
        show_json(out, "signer", slice_str(d->signer));
        show_json(out, "signer_name", slice_str(d->signer_name));
        show_json(out, "signer_number", slice_str(d->signer_number));
        put_json_findings(out, d);
        buf_puts(out, "}");
}

/* ---- the command ---- */

static int check_bytes(struct checking *k, const char *path, struct slice bytes)
{
        struct judged *d;
        struct issuer i;
        int r = judge_certificate(&d, k->judge, bytes);

        if (r < 0)
                return cli_fail(k->c, "%s: %s", path, strerror(-r));
        i = issuer_of(k, d);
        if (!k->first)
                k->first = verdict(k, d, &i);
        if (cli_json(k->c)) {
                put_program(k, path, d, &i);
        } else {
                if (k->files)
                        buf_putc(&k->out, '\n');
                put_person(k, path, d, &i);
                r = show_out(k->c, &k->out);
                buf_clear(&k->out);
        }
        k->files++;
        judged_free(d);
        return r;
}

static int check_file(struct checking *k, const char *path)
{
        BUF_OWNED bytes = { 0 };
        int r = file_read(&bytes, path, JUDGE_BYTES_MOST);

        if (r == FILE_TOO_LARGE)
                return check_bytes(k, path, slice_of(NULL, JUDGE_BYTES_MOST + 1));
        if (r) /* says why */
                r = mailbox_file(k->c, path, JUDGE_BYTES_MOST, &bytes);
        return r ? r : check_bytes(k, path, buf_slice(&bytes));
}

/* "houjin:9234567890123", as 'fumibako open' shows it, or the digits alone. */
static int take_sender(struct checking *k, const char *given)
{
        if (!given)
                return 0;
        k->sender = slice_str(given);
        if (strncmp(given, "houjin", 6) == 0 && (given[6] == ':' || given[6] == ' '))
                k->sender = slice_from(k->sender, 7);
        if (form_hojinbango_ok(k->sender))
                return 0;
        return cli_wrong(k->c,
                         "--sender-number takes houjin: and the thirteen digits of a corporate "
                         "number (法人番号); '%s' is none",
                         given);
}

static int begin(struct checking *k)
{
        char why[JUDGE_WHY];
        int r = take_sender(k, cli_get(k->c, "sender-number"));

        if (!r)
                r = tax_trust(k->c, &k->trust);
        if (r)
                return r;
        r = judge_new(&k->judge, &k->trust, why);
        return r < 0 ? cli_fail(k->c, "%s", why) : 0;
}

static int put_all(struct cli *c, const struct checking *k)
{
        BUF_OWNED all = { 0 };

        buf_printf(&all, "{\"code\":%d,\"certificates\":[", k->first);
        buf_put(&all, buf_slice(&k->out));
        buf_puts(&all, "]}\n");
        return show_out(c, &all);
}

int client_tax_check(struct cli *c)
{
        struct checking k = { .c = c };
        int r = begin(&k), worst = 0;

        if (r)
                return r;
        for (int i = 0; i < c->count && !(worst && cli_json(c)); i++) {
                r = check_file(&k, c->argument[i]);
                worst = r > worst ? r : worst;
        }
        judge_free(k.judge);
        if (cli_json(c) && !worst)
                worst = put_all(c, &k);
        buf_free(&k.out);
        return worst ? worst : k.first ? CLI_FAILED : 0;
}
