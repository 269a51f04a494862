/* The peer in C for a thread for each client: the smallest loop, on sockets that block. */
#include "echo.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>

#define STACK 65536

static void *serve(void *argument) {
    int conn = (int)(intptr_t)argument;
    while (echo(conn))
        ;
    close(conn);
    return NULL;
}

int main(void) {
    int listener = listen_on_any_port();
    check(fcntl(listener, F_SETFL, 0), "fcntl");
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK);
    for (;;) {
        int conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_t thread;
        if (conn >= 0 && pthread_create(&thread, &attributes, serve, (void *)(intptr_t)conn))
            close(conn);
    }
}
