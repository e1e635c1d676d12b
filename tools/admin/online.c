/* online.c - what needs a running broker: enlisting a sender, looking at counters */
#include "admin/admin.h"

#include "base/secret.h"
#include "schemas/messages.h"
#include "sdk/session.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int admin_enlist(struct cli *c)
{
        SECRET_OWNED struct curve_sec *sec = secret_new(sizeof(*sec));
        struct field_trouble where = { "" };
        struct answer_enlist answer;
        struct session *session;
        struct ask_enlist ask;
        struct curve_pub pub;
        struct trust trust;
        struct trust_why why;
        BUF_OWNED note = { 0 };
        BUF_OWNED bytes = { 0 };
        int r;

        if (!cli_has(c, "trust"))
                return cli_wrong(c, "--trust FILE is missing");
        if (trust_read(&trust, cli_get(c, "trust"), &why))
                return cli_fail(c, "%s", why.text);
        r = admin_get(c, &note, c->argument[0], 16384);
        if (r)
                return r;
        keys_curve_new(&pub, sec);
        r = session_open(&session, &trust, &pub, sec);
        if (r)
                return cli_fail(c, "%s: %s", trust.endpoint, strerror(-r));
        ask.statement = buf_slice(&note);
        r = session_ask(session, VERB_ENLIST, &ask, &bytes, &answer, 30000, &where);
        session_close(&session);
        if (r)
                return cli_refuse(c, r, c->argument[0], where.where);
        if (cli_json(c))
                printf("{\"code\":0}\n");
        return CLI_DONE;
}

int admin_counters(struct cli *c)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        const char *run = cli_get(c, "run");
        char page[4096];
        ssize_t n;
        int fd;

        if (!run)
                return cli_wrong(c, "--run FOLDER is missing");
        if (snprintf(at.sun_path, sizeof(at.sun_path), "%s/counters.sock", run) >=
            (int)sizeof(at.sun_path))
                return cli_wrong(c, "--run: the path is too long for a socket");
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
                int e = errno;

                if (fd >= 0)
                        close(fd);
                return cli_fail(c, "%s: %s (is the broker running?)", at.sun_path, strerror(e));
        }
        if (write(fd, cli_json(c) ? "json\n" : "text\n", 5) != 5)
                n = -1;
        else
                while ((n = read(fd, page, sizeof(page))) > 0)
                        fwrite(page, 1, (size_t)n, stdout);
        close(fd);
        return n < 0 ? cli_fail(c, "%s: %s", at.sun_path, strerror(errno)) : CLI_DONE;
}
