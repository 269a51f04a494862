/* The peer in C for non-blocking calls alone: the smallest loop that asks every socket again and again. */
#include "echo.h"

#define CLIENTS 65536

int main(void) {
    static int clients[CLIENTS];
    int length = 0, listener = listen_on_any_port();
    for (;;) {
        for (int conn; length < CLIENTS && (conn = next_client(listener)) >= 0;)
            clients[length++] = conn;
        for (int i = length - 1; i >= 0; i--)
            if (!echo(clients[i])) {
                close(clients[i]);
                clients[i] = clients[--length];
            }
    }
}
