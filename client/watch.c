/* watch.c - fumibako watch: a line for each letter as it comes
 *
 * Between letters one question waits at the broker; it is asked anew each minute, which is also how
 * soon a connection that was lost is found again. What was told is remembered, so that the next
 * watch goes on there. */
#include "client/client.h"

#include "schemas/outcomes.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

enum { ROUND = 240, PAGE = 256, REST = 2 };

struct watching {
        struct cli *c;
        fumi_box *b;
        uint64_t told;
        int64_t until; /* monotonic microseconds; 0: for ever */
        bool heard, silent;
        int code;
};

static volatile sig_atomic_t stopped;

static void on_signal(int signal_)
{
        (void)signal_;
        stopped = 1;
}

static void catch_signals(void)
{
        struct sigaction a = { .sa_handler = on_signal }; /* without SA_RESTART: waiting ends */

        sigemptyset(&a.sa_mask);
        sigaction(SIGINT, &a, NULL);
        sigaction(SIGTERM, &a, NULL);
        sigaction(SIGHUP, &a, NULL);
}

static void on_letter(void *ctx, const struct fumi_listed *l)
{
        struct watching *w = ctx;
        BUF_OWNED out = { 0 };

        if (cli_json(w->c)) {
                buf_printf(&out, "{\"seq\":%llu,\"id\":\"", (unsigned long long)l->seq);
                show_hex(&out, &l->id);
                buf_putc(&out, '"');
                show_json(&out, "from", slice_str(l->from));
                show_json(&out, "to", slice_str(l->to));
                show_json(&out, "class", slice_str(l->letter_class));
                show_json_time(&out, "filed", l->filed);
                buf_printf(&out, ",\"size\":%llu}\n", (unsigned long long)l->size);
        } else {
                buf_printf(&out, "%4llu  ", (unsigned long long)l->seq);
                show_column(&out, l->from, 26);
                show_column(&out, show_class(l->letter_class), 11);
                show_time(&out, l->filed);
                buf_puts(&out, "  ");
                show_size(&out, l->size);
                buf_putc(&out, '\n');
        }
        w->heard = true;
        w->code = show_out(w->c, &out);
}

static int tell(struct watching *w)
{
        struct box_cursor cursor;
        BOX_LOCKED lock = -1;
        bool more = true, once = cli_has(w->c, "once");
        int r = 0;

        while (!r && more && !w->code && !stopped && !(once && w->heard))
                r = fumi_list(w->b, w->told, once ? 1 : PAGE, on_letter, w, &w->told, &more);
        if (!r)
                r = box_lock(w->b, &lock);
        if (!r)
                r = box_cursor_read(w->b, &cursor);
        if (r || cursor.told >= w->told)
                return r;
        cursor.told = w->told;
        return box_cursor_write(w->b, &cursor);
}

/* How long to ask for; 0 when the time is up. */
static unsigned seconds_left(const struct watching *w)
{
        int64_t left = w->until ? (w->until - clock_mono_us() + 999999) / 1000000 : ROUND;

        return left <= 0 ? 0 : left < ROUND ? (unsigned)left : ROUND;
}

/* A broker that is away comes back; said once. */
static bool wait_for_broker(struct watching *w, int r)
{
        const struct outcome *o = r > 0 ? outcomes_find((uint64_t)r) : NULL;

        if (stopped || !o || !o->retry)
                return false;
        if (!w->silent)
                fprintf(stderr, "fumibako watch: %s\n",
                        show_pick("the broker is silent; waiting for it",
                                  "応答がありません。待機します"));
        w->silent = true;
        sleep(REST);
        return true;
}

static int watch(struct watching *w)
{
        uint64_t newest = 0;
        int r = 0;

        while (!stopped && !w->code && !(w->heard && cli_has(w->c, "once"))) {
                unsigned seconds = seconds_left(w);

                if (!seconds)
                        break;
                r = fumi_watch(w->b, w->told, seconds, &newest);
                if (!r) {
                        w->silent = false;
                        if (newest > w->told)
                                r = tell(w);
                }
                if (r && !wait_for_broker(w, r))
                        break;
                r = 0;
        }
        if (stopped)
                return CLI_DONE;
        return r ? mailbox_refuse(w->c, w->b, r, NULL) : w->code;
}

int client_watch(struct cli *c)
{
        uint64_t seconds = cli_number(c, "seconds", 1, 31536000, 0);
        struct box_cursor cursor;
        struct watching w = { .c = c };
        MAILBOX_OWNED *b = NULL;
        int r = mailbox_open(c, &b);

        if (r)
                return r;
        catch_signals();
        w.b = b;
        w.until = seconds ? clock_mono_us() + (int64_t)seconds * 1000000 : 0;
        r = box_cursor_read(b, &cursor);
        if (r)
                return mailbox_refuse(c, b, r, NULL);
        w.told = cursor.told;
        return watch(&w);
}
