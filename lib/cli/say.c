/* say.c - telling a person what went wrong and what to do next */
#include "cli/cli.h"

#include "base/text.h"
#include "schemas/outcomes.h"

#include <stdarg.h>
#include <stdlib.h>

bool cli_japanese(void)
{
        static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

        for (int i = 0; i < 3; i++) {
                const char *v = getenv(names[i]);

                if (v && *v)
                        return strncmp(v, "ja", 2) == 0;
        }
        return false;
}

static void say_command(const struct cli *c)
{
        fprintf(stderr, "%s%s%s: ", c->program->name, c->command->name ? " " : "",
                c->command->name ? c->command->name : "");
}

void cli_fail_json(const char *text)
{
        BUF_OWNED b = { 0 };

        buf_puts(&b, "{\"code\":-1,\"detail\":");
        text_put_json(&b, slice_str(text));
        buf_puts(&b, "}\n");
        fputs(buf_cstr(&b), stdout);
}

#undef cli_fail /* the analyzer's */
int cli_fail(const struct cli *c, const char *fmt, ...)
{
        char text[1024];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        if (cli_json(c))
                cli_fail_json(text);
        say_command(c);
        fprintf(stderr, "%s\n", text);
        return CLI_FAILED;
}

#undef cli_wrong /* the analyzer's */
int cli_wrong(const struct cli *c, const char *fmt, ...)
{
        char text[1024];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        if (cli_json(c))
                cli_fail_json(text);
        say_command(c);
        fprintf(stderr, "%s ('%s%s%s --help' tells how)\n", text, c->program->name,
                c->command->name ? " " : "", c->command->name ? c->command->name : "");
        return CLI_USAGE;
}

static void refuse_json(const struct outcome *o, const char *about, const char *detail)
{
        BUF_OWNED b = { 0 };

        buf_printf(&b, "{\"code\":%d,\"name\":", (int)o->code);
        text_put_json(&b, slice_str(o->name));
        buf_puts(&b, ",\"about\":");
        text_put_json(&b, slice_str(about ? about : ""));
        buf_puts(&b, ",\"detail\":");
        text_put_json(&b, slice_str(detail ? detail : ""));
        buf_puts(&b, ",\"en\":");
        text_put_json(&b, slice_str(o->en));
        buf_puts(&b, ",\"ja\":");
        text_put_json(&b, slice_str(o->ja));
        buf_puts(&b, ",\"next_en\":");
        text_put_json(&b, slice_str(o->next_en));
        buf_puts(&b, ",\"next_ja\":");
        text_put_json(&b, slice_str(o->next_ja));
        buf_printf(&b, ",\"retry\":%s}\n", o->retry ? "true" : "false");
        fputs(buf_cstr(&b), stdout);
}

int cli_refuse(const struct cli *c, int result, const char *about, const char *detail)
{
        const struct outcome *o = result > 0 ? outcomes_find((uint64_t)result) : NULL;
        bool ja = cli_japanese();

        if (!o)
                return cli_fail(c, "%s%s%s", about ? about : "", about ? ": " : "",
                                detail && *detail ? detail
                                : result < 0      ? strerror(-result)
                                                  : "refused");
        if (cli_json(c))
                refuse_json(o, about, detail);
        say_command(c);
        if (about)
                fprintf(stderr, "%s: ", about);
        fprintf(stderr, "%s (%s %d)\n", ja ? o->ja : o->en, o->name, (int)o->code);
        if (detail && *detail)
                fprintf(stderr, "  %s\n", detail);
        fprintf(stderr, "  %s%s\n", ja ? "→ " : "-> ", ja ? o->next_ja : o->next_en);
        return o->retry ? CLI_INCOMPLETE : CLI_FAILED;
}

/* Damerau-Levenshtein over at most 63 characters, three rows at a time. */
static unsigned distance(const char *a, const char *b)
{
        unsigned row[3][64];
        size_t n = strlen(a), m = strlen(b);

        if (n > 63 || m > 63)
                return 99;
        for (size_t j = 0; j <= m; j++)
                row[0][j] = (unsigned)j;
        for (size_t i = 1; i <= n; i++) {
                unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

                now[0] = (unsigned)i;
                for (size_t j = 1; j <= m; j++) {
                        unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);

                        if (last[j] + 1 < best)
                                best = last[j] + 1;
                        if (now[j - 1] + 1 < best)
                                best = now[j - 1] + 1;
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                            before[j - 2] + 1 < best)
                                best = before[j - 2] + 1;
                        now[j] = best;
                }
        }
        return row[n % 3][m];
}

const char *cli_nearest(const char *word, const char *const *words, size_t count)
{
        const char *near = NULL;
        unsigned best = 3;

        for (size_t i = 0; i < count; i++) {
                unsigned d = distance(word, words[i]);

                if (d < best && d < strlen(words[i])) {
                        best = d;
                        near = words[i];
                }
        }
        return near;
}
