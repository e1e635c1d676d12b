/* parent.c - starting, watching, stopping
 *
 *      STARTING --both ready--> SERVING --signal--> STOPPING --both ended--> done
 *          ^                       |
 *          '--- PAUSING <--death---'
 *
 * One poll(2) loop; signals come as a descriptor. */
#include "parent.h"

#include "base/clock.h"
#include "base/fault.h"
#include "child.h"
#include "counters.h"
#include "ground.h"
#include "metric/metric.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum state { STARTING, SERVING, STOPPING, PAUSING };
enum { FRONT, KEEPER, CHILDREN };

enum {
        STOP_US = 15000000, /* an orderly stop may take so long, then it is ended */
        PAUSE_US = 100000, /* before starting again; doubles while the pair does not get to serve */
        PAUSE_MOST_US = 5000000,
        MINUTE_US = 60000000,
};

static const char *const rooms[CHILDREN] = { "front", "keeper" };

struct parent {
        const struct config *config;
        struct ground ground;
        int signals;
        int ready_fd; /* of our caller */
        enum state state;
        pid_t child[CHILDREN]; /* 0: not running */
        int ready;             /* children write one byte each */
        int ready_count;
        int stop;      /* closing it tells the front to stop */
        int64_t until; /* STOPPING: patience; PAUSING: start again */
        int64_t pause;
        int64_t window; /* restarts are counted by the minute */
        uint64_t restarts;
        bool hopeless;
        bool killed; /* by us, so that a death by SIGKILL is no news */
};

static int take_signals(struct parent *p)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGHUP);
        sigaddset(&set, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return fault(-errno);
        p->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
        return p->signals < 0 ? fault(-errno) : 0;
}

/* ---- children ---- */

static void close_in_child(struct parent *p, int which)
{
        close(p->ground.lock);
        close(p->ground.counters);
        close(p->signals);
        close(p->ready);
        close(p->stop);
        if (p->ready_fd >= 0)
                close(p->ready_fd);
        for (size_t i = 0; i < p->config->listens && which == KEEPER; i++)
                close(p->ground.listen[i]);
}

static int start_child(struct parent *p, int which, struct child_start *s,
                       const int other_ends[static 2])
{
        pid_t pid = fork();

        if (pid < 0)
                return fault(-errno);
        if (pid > 0) {
                p->child[which] = pid;
                return 0;
        }
        close_in_child(p, which);
        close(other_ends[0]);
        close(other_ends[1]);
        if (which == FRONT)
                child_front(s);
        child_keeper(s);
}

/* The channel between the two, a pipe on which they say ready, and one on which the front hears
 * stop. */
static int start_pair(struct parent *p)
{
        int channel[2], ready[2], stop[2], r;
        struct child_start s = { .config = p->config,
                                 .parent = getpid(),
                                 .listen = p->ground.listen,
                                 .endpoint = p->ground.endpoint,
                                 .listens = p->config->listens };

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, channel) < 0 ||
            pipe2(ready, O_CLOEXEC | O_NONBLOCK) < 0 || pipe2(stop, O_CLOEXEC | O_NONBLOCK) < 0)
                return fault(-errno);
        p->ready = ready[0];
        p->stop = stop[1];
        p->ready_count = 0;
        p->killed = false;
        s.ready = ready[1];
        s.channel = channel[0];
        s.stop = stop[0];
        r = start_child(p, FRONT, &s, (const int[]){ channel[1], -1 });
        s.channel = channel[1];
        if (!r)
                r = start_child(p, KEEPER, &s, (const int[]){ channel[0], stop[0] });
        close(channel[0]);
        close(channel[1]);
        close(ready[1]);
        close(stop[0]);
        metric_set(METRIC_FRONT_PID, (uint64_t)p->child[FRONT]);
        metric_set(METRIC_KEEPER_PID, (uint64_t)p->child[KEEPER]);
        metric_set(METRIC_WATCHES, 0); /* those of a keeper that died */
        p->state = STARTING;
        return r;
}

static void end_pipes(struct parent *p)
{
        if (p->ready >= 0)
                close(p->ready);
        if (p->stop >= 0)
                close(p->stop);
        p->ready = p->stop = -1;
}

static void kill_children(struct parent *p)
{
        for (int i = 0; i < CHILDREN; i++)
                if (p->child[i])
                        kill(p->child[i], SIGKILL);
}

/* ---- what happens ---- */

static void became_ready(struct parent *p)
{
        if (place_endpoints(p->config, p->ground.endpoint, p->config->listens) != 0)
                log_warn("cannot write the endpoint file", "run", "%s", p->config->run);
        for (size_t i = 0; i < p->config->listens; i++)
                log_info("ready", "endpoint", "%s", p->ground.endpoint[i]);
        if (p->ready_fd >= 0 && write(p->ready_fd, "", 1) == 1) {
                close(p->ready_fd);
                p->ready_fd = -1;
        }
        p->pause = PAUSE_US;
        p->state = SERVING;
}

static void hear_ready(struct parent *p)
{
        char bytes[CHILDREN];
        ssize_t n = read(p->ready, bytes, sizeof(bytes));

        p->ready_count += n > 0 ? (int)n : 0;
        if (p->state == STARTING && p->ready_count == CHILDREN)
                became_ready(p);
        if (n == 0) { /* both have said it, or died, of which a signal tells */
                close(p->ready);
                p->ready = -1;
        }
}

static void begin_stop(struct parent *p)
{
        if (p->state == STOPPING)
                return;
        log_info("stopping", "front", "%ld, keeper %ld", (long)p->child[FRONT],
                 (long)p->child[KEEPER]);
        p->state = STOPPING;
        p->until = clock_mono_us() + STOP_US;
        if (p->stop >= 0)
                close(p->stop);
        p->stop = -1;
}

static void say_death(const struct parent *p, int which, int status)
{
        if (WIFSIGNALED(status))
                log_error("died", "process", "%s %ld: %s%s", rooms[which], (long)p->child[which],
                          strsignal(WTERMSIG(status)),
                          WTERMSIG(status) == SIGSYS ? " (a forbidden system call)" : "");
        else
                log_error("ended", "process", "%s %ld: exit code %d", rooms[which],
                          (long)p->child[which], WEXITSTATUS(status));
}

static bool done_well(int status)
{
        return WIFEXITED(status) && WEXITSTATUS(status) == CHILD_DONE;
}

/* One that ended well while serving saw the other's end of the channel close: the other's death is
 * the news, and is on its way. */
static void child_ended(struct parent *p, int which, int status)
{
        bool well = done_well(status);

        if (!p->killed && !well)
                say_death(p, which, status);
        if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_HOPELESS)
                p->hopeless = true;
        p->child[which] = 0;
        if (p->state == STARTING || p->state == SERVING) {
                p->until = clock_mono_us() + p->pause;
                p->pause = p->pause * 2 < PAUSE_MOST_US ? p->pause * 2 : PAUSE_MOST_US;
                p->state = PAUSING;
        }
        if (!well) {
                p->killed = true;
                kill_children(p);
        }
}

static void reap(struct parent *p)
{
        pid_t pid;
        int status;

        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
                for (int i = 0; i < CHILDREN; i++)
                        if (p->child[i] == pid)
                                child_ended(p, i, status);
}

static void hear_signals(struct parent *p)
{
        struct signalfd_siginfo info;

        while (read(p->signals, &info, sizeof(info)) == sizeof(info)) {
                if (info.ssi_signo == SIGCHLD)
                        reap(p);
                else if (info.ssi_signo !=
                         SIGHUP) /* the log is standard error: nothing to open again */
                        begin_stop(p);
        }
}

/* The pause is over. False when it happens too often to be of any use. */
static bool start_again(struct parent *p)
{
        int64_t now = clock_mono_us();

        if (now - p->window > MINUTE_US) {
                p->window = now;
                p->restarts = 0;
        }
        if (p->hopeless || ++p->restarts > p->config->restarts_most) {
                log_error("giving up", "restarts", "%llu",
                          (unsigned long long)(p->restarts ? p->restarts - 1 : 0));
                return false;
        }
        metric_add(METRIC_RESTARTS, 1);
        end_pipes(p);
        return start_pair(p) == 0;
}

static bool running(const struct parent *p)
{
        return p->child[FRONT] || p->child[KEEPER];
}

/* ---- the loop ---- */

static int wait_ms(const struct parent *p)
{
        int64_t left = p->until - clock_mono_us();

        if (p->state == STARTING || p->state == SERVING)
                return -1;
        return left > 0 ? (int)(left / 1000 + 1) : 0;
}

static int serve(struct parent *p)
{
        for (;;) {
                struct pollfd f[3] = { { .fd = p->signals, .events = POLLIN },
                                       { .fd = p->ground.counters, .events = POLLIN },
                                       { .fd = p->ready, .events = POLLIN } };

                if (poll(f, 3, wait_ms(p)) < 0 && errno != EINTR)
                        return fault(-errno);
                if (f[2].revents)
                        hear_ready(p);
                if (f[0].revents)
                        hear_signals(p);
                if (f[1].revents)
                        counters_serve(p->ground.counters);
                if (p->state == STOPPING && !running(p))
                        return p->hopeless ? PARENT_FAILED : PARENT_DONE;
                if ((p->state == STOPPING || p->state == PAUSING) && clock_mono_us() > p->until)
                        kill_children(p);
                if (p->state == PAUSING && !running(p) &&
                    (p->hopeless || clock_mono_us() >= p->until) && !start_again(p))
                        return PARENT_FAILED;
        }
}

static void say_lines(struct buf *why)
{
        struct slice rest = buf_slice(why), line;

        while (slice_split(&rest, '\n', &line))
                log_error("cannot start", "why", "%.*s", (int)line.len, (const char *)line.at);
}

int parent_run(const struct config *c, int ready_fd)
{
        struct parent p = { .config = c,
                            .ready_fd = ready_fd,
                            .ready = -1,
                            .stop = -1,
                            .pause = PAUSE_US,
                            .window = clock_mono_us() };
        BUF_OWNED why = { 0 };
        int r;

        log_open("parent", (enum log_level)c->log, (enum log_form)c->log_form);
        r = ground_take(&p.ground, c, &why);
        if (!r)
                r = metric_map();
        if (r > 0) {
                say_lines(&why);
                return PARENT_FAILED;
        }
        if (!r)
                r = take_signals(&p);
        metric_set(METRIC_STARTED, (uint64_t)clock_now());
        if (!r)
                r = start_pair(&p);
        if (!r)
                r = serve(&p);
        kill_children(&p);
        if (r < 0)
                log_error("cannot go on", "error", "%s", strerror(-r));
        else
                place_leave(c);
        log_info("ended", "code", "%d", r < 0 ? PARENT_FAILED : r);
        return r < 0 ? PARENT_FAILED : r;
}
