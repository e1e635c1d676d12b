/* address_show.c - fumibako address show: the address as text and picture, and what it accepts */
#include "client/client.h"

#include "schemas/outcomes.h"

#include <stdlib.h>

static void put_accepts(struct buf *out, const struct address_statement *s)
{
        for (size_t i = 0; i < s->accepts; i++) {
                BUF_OWNED classes = { 0 };

                name_classes_put(&classes, s->accept[i].classes);
                buf_printf(out, "%s  ", i ? "         " : show_pick("accepts  ", "受取可   "));
                show_text(out, s->accept[i].sender);
                buf_printf(out, " %s\n", buf_cstr(&classes));
        }
}

static void put_person(struct buf *out, const struct box_address *a,
                       const struct address_statement *s)
{
        buf_printf(out, "%s\n\n", a->name.s);
        qr_put(out, a->name.s);
        buf_printf(out, "\n%s  ", show_pick("state    ", "状態     "));
        statement_state(out, s, clock_now());
        buf_putc(out, '\n');
        if (!s)
                return;
        put_accepts(out, s);
        buf_printf(out, "%s  %llu\n", show_pick("epoch    ", "鍵の世代 "),
                   (unsigned long long)s->epoch);
        for (size_t i = 1; i < s->seals; i++) {
                BUF_OWNED classes = { 0 };

                if (s->seal[i].classes)
                        name_classes_put(&classes, s->seal[i].classes);
                buf_printf(out, "%s  %s\n", show_pick("proxy    ", "代理     "),
                           s->seal[i].classes ? buf_cstr(&classes) : "");
        }
}

static void put_program(struct buf *out, const struct box_address *a,
                        const struct address_statement *s)
{
        buf_printf(out, "{\"code\":0,\"number\":%lu", (unsigned long)a->number);
        show_json(out, "address", slice_str(a->name.s));
        show_json(out, "for", slice_str(a->remark));
        show_json(out, "state", slice_str(statement_word(s, clock_now())));
        if (s) {
                buf_printf(out, ",\"epoch\":%llu", (unsigned long long)s->epoch);
                show_json_time(out, "from", s->from);
                show_json_time(out, "until", s->until);
                show_json_time(out, "closed", s->closed);
                buf_puts(out, ",\"accepts\":[");
                for (size_t i = 0; i < s->accepts; i++) {
                        BUF_OWNED classes = { 0 };

                        name_classes_put(&classes, s->accept[i].classes);
                        buf_printf(out, "%s{\"classes\":\"%s\"", i ? "," : "", buf_cstr(&classes));
                        show_json(out, "sender", s->accept[i].sender);
                        buf_putc(out, '}');
                }
                buf_puts(out, "]");
        }
        buf_puts(out, "}\n");
}

static int show(struct cli *c, fumi_box *b, const struct box_address *a,
                struct address_statement *s)
{
        BUF_OWNED note = { 0 };
        BUF_OWNED out = { 0 };
        int r = cli_has(c, "check") ? box_lookup(b, a, &note, s) : box_statement(b, a, &note, s);

        if (r && r != BOX_ABSENT && r != OUTCOME_NO_SUCH_ADDRESS)
                return mailbox_refuse(c, b, r, a->name.s);
        if (cli_json(c))
                put_program(&out, a, r ? NULL : s);
        else
                put_person(&out, a, r ? NULL : s);
        return show_out(c, &out);
}

int client_address_show(struct cli *c)
{
        struct address_statement *s;
        struct box_address a;
        MAILBOX_OWNED *b = NULL;
        int r = mailbox_open(c, &b);

        if (!r)
                r = mailbox_address(c, b, c->argument[0], &a);
        if (r)
                return r;
        s = calloc(1, sizeof(*s));
        r = s ? show(c, b, &a, s) : cli_fail(c, "no memory");
        free(s);
        return r;
}
