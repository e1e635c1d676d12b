/* show.c - words for a person and for a program
 *
 * Titles, names and senders are strangers' text. A terminal obeys control characters, and an eye is
 * misled by characters that turn the order of reading or are not seen; all of these become U+FFFD.
 */
#include "client/client.h"

#include "base/text.h"
#include "sdk/plain_text.h"

#include <errno.h>
#include <time.h>

static const char replacement[] = "\xef\xbf\xbd";

static size_t width(int32_t c)
{
        return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                               (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                               (c >= 0xfe30 && c <= 0xfe4f) || (c >= 0xff00 && c <= 0xff60) ||
                               (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x20000 && c <= 0x3fffd)
                       ? 2
                       : 1;
}

/* Gives the columns it takes on a terminal. */
static size_t put(struct buf *out, struct slice text)
{
        size_t columns = 0, len;

        while (text.len) {
                int32_t c = plain_text_next(text, &len);

                if (plain_text_unseen(c))
                        buf_puts(out, replacement);
                else
                        buf_put(out, slice_upto(text, len));
                columns += plain_text_unseen(c) ? 1 : width(c);
                text = slice_from(text, len);
        }
        return columns;
}

void show_text(struct buf *out, struct slice text)
{
        put(out, text);
}

void show_string(struct buf *out, const char *text)
{
        put(out, slice_str(text));
}

void show_column(struct buf *out, const char *text, size_t columns)
{
        size_t have = put(out, slice_str(text));

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
