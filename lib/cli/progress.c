/* progress.c - how far, how fast, how much longer; on a terminal only */
#include "cli/cli.h"

#include "base/clock.h"

#include <unistd.h>

void cli_progress_begin(struct cli_progress *p, const char *what, uint64_t total)
{
        *p = (struct cli_progress){
                .what = what,
                .total = total,
                .started = clock_mono_us(),
                .terminal = isatty(STDERR_FILENO) == 1,
        };
}

/* A rate over less than that says nothing about what is left. */
enum { WARM_UP = 1000000 };

static void line(const struct cli_progress *p, uint64_t done, int64_t now)
{
        double seconds = (double)(now - p->started) / 1e6;
        double rate = seconds > 0 ? (double)done / seconds : 0;

        fprintf(stderr, "\r\033[K%s %llu", p->what, (unsigned long long)done);
        if (p->total)
                fprintf(stderr, "/%llu", (unsigned long long)p->total);
        fprintf(stderr, "  %.0f/s", rate);
        if (p->total > done && rate > 0 && now - p->started >= WARM_UP) {
                unsigned left = (unsigned)((double)(p->total - done) / rate + 0.5);

                fprintf(stderr, cli_japanese() ? "  残り %u:%02u" : "  %u:%02u left", left / 60,
                        left % 60);
        }
        fflush(stderr);
}

void cli_progress_show(struct cli_progress *p, uint64_t done)
{
        int64_t now = clock_mono_us();

        if (!p->terminal || now - p->shown < 100000)
                return;
        p->shown = now;
        line(p, done, now);
}

void cli_progress_end(struct cli_progress *p, uint64_t done)
{
        if (!p->terminal)
                return;
        line(p, done, clock_mono_us());
        fputc('\n', stderr);
}
