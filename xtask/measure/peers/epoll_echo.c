/* The peer in C for epoll(7): the smallest loop, level-triggered. */
#include "echo.h"
#include <sys/epoll.h>

#define EVENTS 256

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

int main(void) {
    int listener = listen_on_any_port();
    int epoll = check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    watch(epoll, listener);
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        if (count < 0 && errno == EINTR)
            continue;
        check(count, "epoll_wait");
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd != listener) {
                if (!echo(fd))
                    close(fd);
                continue;
            }
            for (int conn; (conn = next_client(listener)) >= 0;)
                watch(epoll, conn);
        }
    }
}
