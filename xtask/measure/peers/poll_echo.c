/* The peer in C for poll(2): the smallest loop, with one list that stays between the calls. */
#include "echo.h"
#include <poll.h>

#define CLIENTS 65536

static struct pollfd list[CLIENTS];

int main(void) {
    int length = 1;
    list[0] = (struct pollfd){.fd = listen_on_any_port(), .events = POLLIN};
    for (;;) {
        int ready = poll(list, length, -1);
        if (ready < 0 && errno == EINTR)
            continue;
        check(ready, "poll");
        for (int i = length - 1; i > 0 && ready > 0; i--) {
            if (!list[i].revents)
                continue;
            ready--;
            if (!echo(list[i].fd)) {
                close(list[i].fd);
                list[i] = list[--length];
            }
        }
        if (list[0].revents)
            for (int conn; length < CLIENTS && (conn = next_client(list[0].fd)) >= 0;)
                list[length++] = (struct pollfd){.fd = conn, .events = POLLIN};
    }
}
