/*
 * Sockets that listen: one TCP address, one local socket.
 *
 * An address in use is one clear line (GLN_E_BUSY). A local socket left behind by a process that died is taken over; one that
 * somebody still answers on is not. The local socket has mode 0600 from its first moment.
 */
#include "http/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, a, sizeof in);
        return (ntohl(in.sin_addr.s_addr) >> 24) == 127;
    }
    struct sockaddr_in6 in6;
    memcpy(&in6, a, sizeof in6);
    return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    memset(&a, 0, sizeof a);
    if (getsockname(fd, (struct sockaddr *)&a, &n) != 0) {
        return 0;
    }
    if (a.ss_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, &a, sizeof in6);
        return ntohs(in6.sin6_port);
    }
    struct sockaddr_in in;
    memcpy(&in, &a, sizeof in);
    return ntohs(in.sin_port);
}

/* Opens, binds, listens; on failure errno tells and -1 comes back. */
static int open_tcp(const struct addrinfo *ai)
{
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0) {
        return fd;
    }
    int e = errno;
    close(fd);
    errno = e;
    return -1;
}

int listen_tcp(struct http_server *s, struct gln_context *ctx, int *fd)
{
    char port[8], where[160], text[128];
    snprintf(port, sizeof port, "%u", (unsigned)s->settings.port);
    snprintf(where, sizeof where, "%s:%s", s->settings.address, port);
    struct addrinfo hints, *ai = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    int e = getaddrinfo(s->settings.address, port, &hints, &ai);
    if (e != 0) {
        return context_fail(ctx, GLN_E_CONFIG, MSG_HTTP_ADDRESS, where, gai_strerror(e));
    }
    int status = GLN_OK;
    if (s->tls == NULL && !is_loopback(ai->ai_addr)) {
        status = context_fail(ctx, GLN_E_CONFIG, MSG_HTTP_PLAIN, where);
        goto out;
    }
    *fd = open_tcp(ai);
    if (*fd < 0) {
        e = errno;
        status = e == EADDRINUSE ? context_fail(ctx, GLN_E_BUSY, MSG_HTTP_PORT_BUSY, where)
                                 : context_fail(ctx, GLN_E_CONFIG, MSG_HTTP_ADDRESS, where,
                                                strerror_r(e, text, sizeof text));
        goto out;
    }
    s->port = port_of(*fd);
out:
    freeaddrinfo(ai);
    return status;
}

/* Somebody answers on the socket at this address. */
static bool is_answered(const struct sockaddr_un *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return true;
    }
    bool yes = connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno == EAGAIN;
    close(fd);
    return yes;
}

int listen_unix(struct gln_context *ctx, const char *path, int *fd)
{
    struct sockaddr_un a;
    char text[128];
    memset(&a, 0, sizeof a);
    a.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof a.sun_path) {
        return context_fail(ctx, GLN_E_CONFIG, MSG_HTTP_SOCKET_LONG, path);
    }
    memcpy(a.sun_path, path, strlen(path));
    struct stat st;
    if (lstat(path, &st) == 0) {
        if (!S_ISSOCK(st.st_mode) || is_answered(&a)) {
            return context_fail(ctx, GLN_E_BUSY, MSG_HTTP_SOCKET_BUSY, path);
        }
        unlink(path);
    }
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* Linux gives the file the mode the socket has when it is bound. */
    if (*fd >= 0 && fchmod(*fd, 0600) == 0 && bind(*fd, (struct sockaddr *)&a, sizeof a) == 0 &&
        chmod(path, 0600) == 0 && listen(*fd, SOMAXCONN) == 0) {
        return GLN_OK;
    }
    return context_fail(ctx, GLN_E_CONFIG, MSG_HTTP_ADDRESS, path, strerror_r(errno, text, sizeof text));
}
