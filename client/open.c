/* open.c - fumibako open: a letter is opened, and what was checked is said
 *
 * The names of parts, the title and the type are what the sender wrote; who the sender is, a
 * registrar vouches for. */
#include "client/client.h"

struct opening {
        struct cli *c;
        const struct picked *picked;
        struct buf out;
};

static void put_field(struct buf *out, const char *english, const char *japanese, const char *value)
{
        buf_puts(out, "  ");
        show_column(out, show_pick(english, japanese), 11);
        show_string(out, value);
        buf_putc(out, '\n');
}

/* "houjin 9234567890123" as people say it */
static void put_sender(struct buf *out, const struct fumi_opened *o)
{
        const char *digits = strchr(o->from_number, ' ');

        buf_puts(out, "  ");
        show_column(out, show_pick("from", "差出人"), 11);
        show_string(out, o->from_name);
        buf_puts(out, "  (");
        show_string(out, o->from);
        if (digits) {
                buf_puts(out,
                         strncmp(o->from_number, "houjin", 6) == 0 ? ", 法人番号" : ", 団体コード");
                show_string(out, digits);
        }
        buf_puts(out, ")\n");
}

static void put_parts(struct buf *out, const struct fumi_opened *o)
{
        for (size_t i = 0; i < o->parts; i++) {
                BUF_OWNED size = { 0 };

                buf_puts(out, "  ");
                show_column(out, i ? "" : show_pick("parts", "添付"), 11);
                buf_printf(out, "%zu. ", i + 1);
                show_string(out, o->part[i].name);
                show_size(&size, o->part[i].size);
                buf_printf(out, "  (");
                show_string(out, o->part[i].media);
                buf_printf(out, ", %s)\n", buf_cstr(&size));
        }
}

static void put_checked(struct buf *out, bool logged)
{
        static const char *const english[] = {
                "a registrar you trust vouches for the sender, also at the time of filing",
                "the sender signed the submission and the letter",
                "it is written to this address and is what the header says",
                "the sealed bytes and every part are unchanged",
                "the broker's log holds the filing",
        };
        static const char *const japanese[] = {
                "信頼する登録機関が差出人を証明 (受付時点で有効)",
                "差出人の署名 (送付と文書の両方)",
                "宛先と見出しの一致",
                "封書と添付の改変なし",
                "私書箱の記録への登載",
        };

        for (size_t i = 0; i < sizeof(english) / sizeof(english[0]) - !logged; i++) {
                buf_puts(out, "  ");
                show_column(out, i ? "" : show_pick("verified", "検証済み"), 11);
                buf_printf(out, "%s\n", show_pick(english[i], japanese[i]));
        }
}

/* Only where the trust file asks for witnesses, or one has cosigned. */
static void put_witnesses(struct buf *out, const struct fumi_opened *o)
{
        if (!o->logged || (o->witnessed && !o->witnesses))
                return;
        buf_puts(out, "  ");
        show_column(out, "", 11);
        if (o->witnessed)
                buf_printf(out,
                           cli_japanese() ? "証人 %u 名が記録に署名\n"
                                          : "%u witnesses cosigned the log\n",
                           o->witnesses);
        else
                buf_printf(out,
                           cli_japanese()
                                   ? "記録に署名した証人が足りません (%u 名)。'fumibako get 番号' "
                                     "で再確認できます\n"
                                   : "not enough witnesses cosigned the log yet (%u); 'fumibako "
                                     "get' with its number asks again\n",
                           o->witnesses);
}

static void put_person(struct opening *on, const struct fumi_opened *o)
{
        struct buf *out = &on->out;

        show_string(out, o->title);
        buf_puts(out, "\n");
        put_sender(out, o);
        put_field(out, "to", "宛先", o->to);
        put_field(out, "class", "種別", show_class(o->letter_class));
        put_field(out, "type", "様式", o->type);
        put_field(out, "issued", "発行", o->issued);
        buf_puts(out, "  ");
        show_column(out, show_pick("filed", "受付"), 11);
        show_time(out, o->filed);
        buf_putc(out, '\n');
        put_parts(out, o);
        put_checked(out, o->logged);
        put_witnesses(out, o);
        buf_puts(out, "  ");
        show_column(out, show_pick("id", "文書番号"), 11);
        show_hex(out, &o->id);
        buf_putc(out, '\n');
}

static void put_program(struct opening *on, const struct fumi_opened *o)
{
        struct buf *out = &on->out;

        buf_printf(out, "{\"code\":0,\"seq\":%llu,\"id\":\"", (unsigned long long)on->picked->seq);
        show_hex(out, &o->id);
        buf_putc(out, '"');
        show_json(out, "from", slice_str(o->from));
        show_json(out, "from_name", slice_str(o->from_name));
        show_json(out, "from_number", slice_str(o->from_number));
        show_json(out, "to", slice_str(o->to));
        show_json(out, "class", slice_str(o->letter_class));
        show_json(out, "type", slice_str(o->type));
        show_json(out, "title", slice_str(o->title));
        show_json(out, "issued", slice_str(o->issued));
        show_json_time(out, "filed", o->filed);
        buf_printf(out, ",\"logged\":%s,\"witnesses\":%u,\"witnessed\":%s",
                   o->logged ? "true" : "false", o->witnesses, o->witnessed ? "true" : "false");
        buf_puts(out, ",\"parts\":[");
        for (size_t i = 0; i < o->parts; i++) {
                fumi_id digest;

                memcpy(digest.b, o->part[i].sha256, sizeof(digest.b));
                buf_printf(out, "%s{\"size\":%llu", i ? "," : "",
                           (unsigned long long)o->part[i].size);
                show_json(out, "name", slice_str(o->part[i].name));
                show_json(out, "media", slice_str(o->part[i].media));
                buf_puts(out, ",\"sha256\":\"");
                show_hex(out, &digest);
                buf_puts(out, "\"}");
        }
        buf_puts(out, "]");
        show_json(out, "note", slice_str(o->note));
        buf_puts(out, "}\n");
}

static void on_opened(void *ctx, const struct fumi_opened *o)
{
        struct opening *on = ctx;

        if (cli_json(on->c))
                put_program(on, o);
        else
                put_person(on, o);
}

int client_open(struct cli *c)
{
        struct picked p = { 0 };
        struct opening on = { .c = c, .picked = &p };
        MAILBOX_OWNED *b = NULL;
        int r = mailbox_open(c, &b);

        if (!r)
                r = pick_here(c, b, c->argument[0], &p);
        if (r)
                return r;
        r = fumi_open(b, &p.id, on_opened, NULL, &on);
        r = r ? mailbox_refuse(c, b, r, p.label) : show_out(c, &on.out);
        buf_free(&on.out);
        return r;
}
