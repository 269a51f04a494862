/* The peer in C: the least that an echo server on epoll(7) can do, level-triggered. A request costs
   one recv(2) and one send(2), and its share of an epoll_wait(2).

   What a client does not take at once is waited for: this peer is for measuring, and its clients
   read. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER 16384
#define EVENTS 256

static void check(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

static int listen_on_any_port(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    check(listener, "socket");
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof addr;
    check(bind(listener, (struct sockaddr *)&addr, length), "bind");
    check(listen(listener, 1024), "listen");
    check(getsockname(listener, (struct sockaddr *)&addr, &length), "getsockname");
    printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    fflush(stdout);
    return listener;
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

/* Returns 0 when the client is gone. */
static int echo(int conn) {
    static char buffer[BUFFER];
    ssize_t count = recv(conn, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count <= 0)
        return 0;
    for (ssize_t sent = 0; sent < count;) {
        ssize_t some = send(conn, buffer + sent, count - sent, MSG_NOSIGNAL);
        if (some < 0)
            return 0;
        sent += some;
    }
    return 1;
}

int main(void) {
    int listener = listen_on_any_port();
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    check(epoll, "epoll_create1");
    watch(epoll, listener);
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        check(count, "epoll_wait");
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd != listener) {
                if (!echo(fd))
                    close(fd);
                continue;
            }
            int one = 1, conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            if (conn < 0)
                continue;
            setsockopt(conn, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            watch(epoll, conn);
        }
    }
}
