/* address_new.c - fumibako address new: an address for a sender */
#include "client/client.h"

#include "schemas/outcomes.h"

#include <stdlib.h>

static const uint32_t every_class = ((1u << (CLASS_LAST + 1)) - 1) & ~1u;

static int accept(struct cli *c, struct address_statement *s, struct slice sender,
                  struct slice classes)
{
        struct statement_accept *a = &s->accept[s->accepts];

        if (!name_party_ok(sender))
                return cli_wrong(c, "'%.*s' is no sender's name, such as org.example-life",
                                 (int)sender.len, (const char *)sender.at);
        if (s->accepts == STATEMENT_ACCEPTS_MOST)
                return cli_wrong(c, "an address accepts at most %d senders",
                                 STATEMENT_ACCEPTS_MOST);
        a->sender = sender;
        a->classes = every_class;
        if (classes.len && !name_classes_get(classes, &a->classes))
                return cli_wrong(
                        c,
                        "'%.*s' is no list of classes: certificate, notice, referral, "
                        "application, decision, record, message, joined by commas in this order",
                        (int)classes.len, (const char *)classes.at);
        s->accepts++;
        return 0;
}

static int accept_all(struct cli *c, struct address_statement *s)
{
        int r = 0;

        if (cli_has(c, "for"))
                r = accept(c, s, slice_str(cli_get(c, "for")), slice_str(cli_get(c, "classes")));
        else if (cli_has(c, "classes"))
                return cli_wrong(c, "--classes goes with --for SENDER");
        for (int i = 0; i < c->count && !r; i++) {
                struct slice rest = slice_str(c->argument[i]), sender;

                if (!slice_split(&rest, '=', &sender))
                        return cli_wrong(c, "'%s' is not SENDER=LIST", c->argument[i]);
                r = accept(c, s, sender, rest);
        }
        if (!r && !s->accepts)
                return cli_wrong(c, "--for SENDER is missing: who may write to the address?");
        return r;
}

static void remark(char out[static BOX_REMARK_MOST], const struct address_statement *s)
{
        size_t n = 0;

        for (size_t i = 0; i < s->accepts; i++) {
                size_t len = s->accept[i].sender.len;

                if (n + len + 2 >= BOX_REMARK_MOST)
                        break;
                if (n)
                        out[n++] = ' ';
                memcpy(out + n, s->accept[i].sender.at, len);
                n += len;
        }
        out[n] = 0;
}

static int say(struct cli *c, const struct box_address *a, const struct box_level *level)
{
        BUF_OWNED out = { 0 };

        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0");
                show_json(&out, "address", slice_str(a->name.s));
                buf_printf(&out, ",\"number\":%lu,\"level\":%u}\n", (unsigned long)a->number,
                           level->level);
        } else if (cli_has(c, "quiet")) {
                buf_printf(&out, "%s\n", a->name.s);
        } else {
                buf_printf(&out, "%s\n\n", a->name.s);
                qr_put(&out, a->name.s);
                buf_printf(&out, "\n%s %s\n",
                           show_pick("Give it, as text or as this picture, to",
                                     "渡す相手 (文字または上の図で):"),
                           a->remark);
        }
        return show_out(c, &out);
}

/* A name that was mistyped makes an address that refuses every letter; one that is registered later
 * is fine, so it is a warning. */
static int warn(struct cli *c, fumi_box *b, const struct address_statement *s)
{
        for (size_t i = 0; i < s->accepts; i++) {
                struct slice name = s->accept[i].sender;
                int r = box_address_sender(b, name);

                if (r == OUTCOME_UNKNOWN_SENDER)
                        fprintf(stderr, "fumibako address new: '%.*s': %s\n", (int)name.len,
                                (const char *)name.at,
                                show_pick(
                                        "the broker knows no sender of this name; is it right?",
                                        "この名前の差出人は登録されていません。確かめてください"));
                else if (r)
                        return mailbox_refuse(c, b, r, NULL);
        }
        return 0;
}

static int make(struct cli *c, fumi_box *b, struct address_statement *s)
{
        char about[BOX_REMARK_MOST];
        struct box_level level = { 0 };
        struct box_address a;
        instant now = clock_now();
        int r;

        s->from = now / CLOCK_DAY * CLOCK_DAY;
        s->until = s->from + (instant)cli_number(c, "days", 1, 36500, 365) * CLOCK_DAY;
        remark(about, s);
        r = box_address_new(b, s, about, &a, &level);
        return r ? mailbox_refuse(c, b, r, about) : say(c, &a, &level);
}

int client_address_new(struct cli *c)
{
        struct address_statement *s = calloc(1, sizeof(*s));
        MAILBOX_OWNED *b = NULL;
        int r = s ? accept_all(c, s) : cli_fail(c, "no memory");

        cli_number(c, "days", 1, 36500, 365); /* said before a pass-phrase is asked for */
        if (!r)
                r = mailbox_open(c, &b);
        if (!r)
                r = warn(c, b, s);
        if (!r)
                r = make(c, b, s);
        free(s);
        return r;
}
