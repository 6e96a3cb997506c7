/*
 * Tells systemd how the service is (sd_notify(3)): one datagram to the socket it named. Without $NOTIFY_SOCKET there is nobody to
 * tell, and a datagram that cannot be sent is lost; the service goes on either way.
 * Owns nothing. Without NOTIFY_SOCKET, or when the supervisor cannot be told, nothing happens; nothing here is fatal.
 */
#include "relay/relay.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof a.sun_path) {
        return;
    }
    memcpy(a.sun_path, path, strlen(path));
    if (path[0] == '@') {
        a.sun_path[0] = '\0'; /* an abstract name */
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&a, len);
    close(fd);
}
