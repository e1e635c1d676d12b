/* log.c - one structured line per event on standard error */
#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const words[] = { "debug", "info", "warn", "error", "quiet" };

static struct {
        const char *room;
        enum log_level least;
        enum log_form form;
} state = { "fumibako", LOG_WARN, LOG_TEXT };

void log_open(const char *room, enum log_level least, enum log_form form)
{
        state.room = room;
        state.least = least;
        state.form = form;
}

int log_level_parse(const char *word)
{
        for (int i = 0; i <= LOG_QUIET; i++)
                if (strcmp(word, words[i]) == 0)
                        return i;
        return -1;
}

/* Control characters and quotes become \u00XX, so that a stranger's bytes cannot forge a line. */
static size_t put_quoted(char *to, size_t room, const char *from)
{
        size_t n = 0;

        for (; *from && n + 8 < room; from++) {
                unsigned char c = *from;

                if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
                        n += (size_t)snprintf(to + n, room - n, "\\u%04x", c);
                else
                        to[n++] = (char)c;
        }
        to[n] = 0;
        return n;
}

void log_say(enum log_level level, const char *event, const char *key, const char *fmt, ...)
{
        char value[512], quoted[1024], line[1400], time[CLOCK_RFC3339_MS];
        ssize_t written;
        va_list ap;
        int n;

        if (level < state.least)
                return;
        va_start(ap, fmt);
        vsnprintf(value, sizeof(value), fmt, ap);
        va_end(ap);
        put_quoted(quoted, sizeof(quoted), value);
        clock_rfc3339_ms(time, clock_now());
        n = snprintf(line, sizeof(line),
                     state.form == LOG_JSON ? "{\"time\":\"%s\",\"level\":\"%s\",\"room\":\"%s\","
                                              "\"event\":\"%s\",\"%s\":\"%s\"}\n"
                                            : "%s %s %s: %s %s=\"%s\"\n",
                     time, words[level], state.room, event, key, quoted);
        if (n >= (int)sizeof(line))
                n = sizeof(line) - 1;
        written = write(STDERR_FILENO, line, (size_t)n);
        (void)written; /* a log that cannot be written has nowhere to say so */
}
