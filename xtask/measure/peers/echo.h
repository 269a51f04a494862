/* What the peers in C share: a listener, a new client, and one turn of a client. Each peer's own file holds its loop.

   A request costs one recv(2) and one send(2). What a client does not read at once ends it: these peers are for
   measuring, and their clients read. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER 16384

static int check(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

/* Accepted sockets inherit TCP_NODELAY from their listener. */
static int listen_on_any_port(void) {
    int one = 1, listener = check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof addr;
    check(setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "setsockopt");
    check(bind(listener, (struct sockaddr *)&addr, length), "bind");
    check(listen(listener, 1024), "listen");
    check(getsockname(listener, (struct sockaddr *)&addr, &length), "getsockname");
    printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    fflush(stdout);
    return listener;
}

/* Returns -1 when nobody waits. */
static inline int next_client(int listener) {
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* Returns 0 when the client is gone. */
static int echo(int conn) {
    static _Thread_local char buffer[BUFFER];
    ssize_t count = recv(conn, buffer, sizeof buffer, 0);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    for (ssize_t sent = 0, some; sent < count; sent += some) {
        some = send(conn, buffer + sent, count - sent, MSG_NOSIGNAL);
        if (some < 0 && errno == EINTR)
            some = 0;
        if (some < 0)
            return 0;
    }
    return count > 0;
}
