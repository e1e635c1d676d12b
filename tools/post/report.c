/* report.c - a letter's result as text, JSON or CSV */
#include "post/report.h"

#include "base/text.h"

static bool is_none(const fumi_id *id)
{
        static const fumi_id none;

        return memcmp(id->b, none.b, sizeof(id->b)) == 0;
}

/* A letter that has no id is not in the spool, so it does not wait there; one to nobody cannot be.
 */
static const char *word(const struct fumi_result *r)
{
        static const char *const words[] = { "waiting", "filed", "refused" };

        if (r->state == FUMI_WAITING && is_none(&r->id))
                return *r->to ? "unsent" : "unmapped";
        return words[r->state];
}

/* The same for a person, filled up to a column. */
static const char *shown(const struct fumi_result *r)
{
        static const char *const japanese[] = { "待機    ", "提出済  ", "拒否    " };

        if (!cli_japanese())
                return word(r);
        return r->state == FUMI_WAITING && is_none(&r->id) ? "未送信  " : japanese[r->state];
}

static void put_id(struct buf *out, const fumi_id *id)
{
        if (!is_none(id))
                text_put_hex(out, slice_of(id->b, sizeof(id->b)));
}

static const char *name_of(const struct fumi_result *r)
{
        const struct fumi_outcome *o = fumi_outcome(r->code);

        return r->code == 0 ? "" : o ? o->name : "?";
}

static void put_time(struct buf *out, int64_t time)
{
        char text[CLOCK_RFC3339_MS];

        clock_rfc3339_ms(text, time);
        buf_puts(out, text);
}

void report_text(struct buf *out, uint64_t line, const struct fumi_result *r)
{
        const struct fumi_outcome *o = fumi_outcome(r->code);
        bool ja = cli_japanese();

        if (line)
                buf_printf(out, ja ? "%llu 行目: " : "line %llu: ", (unsigned long long)line);
        buf_printf(out, "%-8s", shown(r));
        put_id(out, &r->id);
        if (r->key)
                buf_printf(out, "  %s", r->key);
        if (r->state == FUMI_FILED) {
                buf_printf(out, ja ? "\n        台帳 %llu 番、" : "\n        leaf %llu, ",
                           (unsigned long long)r->leaf);
                put_time(out, r->time);
                buf_printf(out, ja ? "、封緘 %llu バイト" : ", %llu bytes sealed",
                           (unsigned long long)r->size);
        } else if (r->code && o) {
                buf_printf(out, "\n        %s (%s %d)%s%s", ja ? o->japanese : o->english, o->name,
                           o->code, *r->where ? ": " : "", r->where);
        }
        buf_putc(out, '\n');
}

void report_json(struct buf *out, uint64_t line, const struct fumi_result *r,
                 const struct buf *more)
{
        buf_putc(out, '{');
        if (line)
                buf_printf(out, "\"line\":%llu,", (unsigned long long)line);
        if (r->key) {
                buf_puts(out, "\"key\":");
                text_put_json(out, slice_str(r->key));
                buf_putc(out, ',');
        }
        buf_puts(out, "\"id\":\"");
        put_id(out, &r->id);
        buf_puts(out, "\",\"to\":");
        text_put_json(out, slice_str(r->to));
        buf_printf(out, ",\"state\":\"%s\",\"code\":%d,\"name\":\"%s\"", word(r), r->code,
                   name_of(r));
        if (*r->where) {
                buf_puts(out, ",\"where\":");
                text_put_json(out, slice_str(r->where));
        }
        if (r->state == FUMI_FILED) {
                buf_printf(out, ",\"leaf\":%llu,\"time\":\"", (unsigned long long)r->leaf);
                put_time(out, r->time);
                buf_printf(out, "\",\"duplicate\":%s", r->duplicate ? "true" : "false");
        }
        buf_printf(out, ",\"size\":%llu", (unsigned long long)r->size);
        if (r->sha256) {
                buf_puts(out, ",\"sha256\":\"");
                text_put_hex(out, slice_of(r->sha256, 32));
                buf_putc(out, '"');
        }
        if (more)
                buf_put(out, buf_slice(more));
        buf_puts(out, "}\n");
}

void report_csv_head(struct buf *out, const char *more)
{
        buf_printf(out, "line,key,id,state,code,name,leaf,time,sha256%s\r\n", more ? more : "");
}

void report_csv_field(struct buf *out, const char *text)
{
        if (!strpbrk(text, ",\"\r\n")) {
                buf_puts(out, text);
                return;
        }
        buf_putc(out, '"');
        for (; *text; text++) {
                if (*text == '"')
                        buf_putc(out, '"');
                buf_putc(out, (uint8_t)*text);
        }
        buf_putc(out, '"');
}

void report_csv(struct buf *out, uint64_t line, const struct fumi_result *r, const struct buf *more)
{
        if (line)
                buf_printf(out, "%llu", (unsigned long long)line);
        buf_putc(out, ',');
        report_csv_field(out, r->key ? r->key : "");
        buf_putc(out, ',');
        put_id(out, &r->id);
        buf_printf(out, ",%s,%d,%s,", word(r), r->code, name_of(r));
        if (r->state == FUMI_FILED) {
                buf_printf(out, "%llu,", (unsigned long long)r->leaf);
                put_time(out, r->time);
        } else {
                buf_putc(out, ',');
        }
        buf_putc(out, ',');
        if (r->sha256)
                text_put_hex(out, slice_of(r->sha256, 32));
        if (more)
                buf_put(out, buf_slice(more));
        buf_puts(out, "\r\n");
}

void report_show(struct cli *c, uint64_t line, const struct fumi_result *r, const struct buf *more)
{
        BUF_OWNED out = { 0 };

        if (cli_json(c))
                report_json(&out, line, r, more);
        else
                report_text(&out, line, r);
        fputs(buf_cstr(&out), stdout);
}

int report_exit(const struct fumi_result *r)
{
        return r->state == FUMI_FILED     ? CLI_DONE
               : r->state == FUMI_REFUSED ? CLI_FAILED
                                          : CLI_INCOMPLETE;
}
