/* show.c - words for a person and for a program */
#include "client/client.h"

#include "base/plain_text.h"
#include "base/text.h"

#include <errno.h>
#include <time.h>

void show_text(struct buf *out, struct slice text)
{
        plain_text_put(out, text);
}

void show_string(struct buf *out, const char *text)
{
        plain_text_put(out, slice_str(text));
}

void show_column(struct buf *out, const char *text, size_t columns)
{
        size_t have = plain_text_put(out, slice_str(text));

        do
                buf_putc(out, ' ');
        while (++have <= columns);
}

void show_time(struct buf *out, instant t)
{
        time_t seconds = (time_t)(t / 1000);
        struct tm at;
        char text[64];

        localtime_r(&seconds, &at);
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &at);
        buf_puts(out, text);
}

void show_size(struct buf *out, uint64_t bytes)
{
        if (bytes < 1024)
                buf_printf(out, "%llu B", (unsigned long long)bytes);
        else if (bytes < 1024 * 1024)
                buf_printf(out, "%.1f KiB", (double)bytes / 1024);
        else
                buf_printf(out, "%.1f MiB", (double)bytes / (1024 * 1024));
}

const char *show_pick(const char *english, const char *japanese)
{
        return cli_japanese() ? japanese : english;
}

const char *show_class(const char *word)
{
        static const char *const japanese[] = { NULL,   "証明書", "通知", "紹介",
                                                "申請", "決定",   "記録", "連絡" };
        unsigned n = name_class_get(slice_str(word));

        return n && cli_japanese() ? japanese[n] : word;
}

void show_hex(struct buf *out, const fumi_id *id)
{
        text_put_hex(out, slice_of(id->b, sizeof(id->b)));
}

void show_json(struct buf *out, const char *name, struct slice text)
{
        buf_printf(out, ",\"%s\":", name);
        text_put_json(out, text);
}

void show_json_time(struct buf *out, const char *name, instant t)
{
        char text[CLOCK_RFC3339_MS];

        if (!t)
                return;
        clock_rfc3339_ms(text, t);
        buf_printf(out, ",\"%s\":\"%s\"", name, text);
}

int show_out(struct cli *c, const struct buf *out)
{
        if (buf_fault(out))
                return cli_fail(c, "%s", strerror(-buf_fault(out)));
        if (fwrite(out->at, 1, out->len, stdout) != out->len || fflush(stdout) != 0)
                return cli_fail(c, "standard output: %s", strerror(errno));
        return CLI_DONE;
}
