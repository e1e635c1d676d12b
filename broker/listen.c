/* listen.c - the listening sockets */
#include "listen.h"

#include "base/fault.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static int say(char why[static 256], const char *endpoint, const char *cause)
{
        snprintf(why, 256, "%s: %s", endpoint, cause);
        return LISTEN_BAD;
}

static bool split(const char *endpoint, char host[static 128], char port[static 16])
{
        const char *at = endpoint + strlen("tcp://"), *colon = strrchr(endpoint, ':');
        int len = (int)(colon - at);

        if (len < 0 || len > 100)
                return false;
        if (*at == '[' && len > 2 && at[len - 1] == ']')
                at++, len -= 2;
        snprintf(host, 128, "%.*s", len, at);
        snprintf(port, 16, "%s", strcmp(colon + 1, "*") == 0 ? "0" : colon + 1);
        return true;
}

static int bind_one(const struct addrinfo *a)
{
        const int yes = 1;
        int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
        if (bind(fd, a->ai_addr, a->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
                int r = -errno;

                close(fd);
                return r;
        }
        return fd;
}

static int name_of(int fd, char out[static 128])
{
        struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
        socklen_t len = sizeof(sa);
        char host[NI_MAXHOST], port[NI_MAXSERV];

        if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
                return fault(-errno);
        if (getnameinfo((struct sockaddr *)&sa, len, host, sizeof(host), port, sizeof(port),
                        NI_NUMERICHOST | NI_NUMERICSERV) != 0)
                return fault(-EIO);
        snprintf(out, 128, sa.ss_family == AF_INET6 ? "tcp://[%.100s]:%s" : "tcp://%.100s:%s", host,
                 port);
        return 0;
}

int listen_open(int *fd, char out[static 128], const char *endpoint, char why[static 256])
{
        const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                        .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
        struct addrinfo *found;
        char host[128], port[16];
        int r;

        if (!split(endpoint, host, port))
                return say(why, endpoint, "is no tcp://ADDRESS:PORT");
        r = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hints, &found);
        if (r)
                return say(why, endpoint, gai_strerror(r));
        r = bind_one(found);
        freeaddrinfo(found);
        if (r < 0)
                return say(why, endpoint, strerror(-r));
        *fd = r;
        return name_of(*fd, out);
}
