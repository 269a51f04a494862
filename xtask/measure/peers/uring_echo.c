/* The peer in C: an echo server on io_uring by liburing, with one accept and one receive for each
   client that go on by themselves (multishot), and a ring of buffers that the kernel fills.

   What a client does not take at once is sent by the kernel later (MSG_WAITALL). A client has one
   send at a time, because those that wait may overtake each other. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENTRIES 4096
#define BUFFERS 1024 /* a power of two */
#define BUFFER 16384
#define GROUP 0
#define CLIENTS 65536
#define NONE -1

enum { ACCEPT, RECV, SEND };

static struct io_uring ring;
static struct io_uring_buf_ring *buffers;
static char *memory;

/* For each buffer how much is in it, and the next one of the same client. */
static int filled[BUFFERS], next[BUFFERS];
/* For each client the buffer that is being sent, and its last one. */
static int first[CLIENTS], last[CLIENTS];

static void check(int result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", what, strerror(-result));
        exit(1);
    }
}

static int listen_on_any_port(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof addr;
    if (listener < 0 || bind(listener, (struct sockaddr *)&addr, length) < 0 ||
        listen(listener, 1024) < 0 ||
        getsockname(listener, (struct sockaddr *)&addr, &length) < 0) {
        perror("listen");
        exit(1);
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    fflush(stdout);
    return listener;
}

/* What a completion is about: the request, the buffer that it used, and the descriptor. */
static __u64 pack(int request, int buffer, int fd) {
    return (__u64)request << 56 | (__u64)buffer << 32 | (__u32)fd;
}

static struct io_uring_sqe *entry(int request, int buffer, int fd) {
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    if (!sqe) {
        check(io_uring_submit(&ring), "io_uring_submit");
        sqe = io_uring_get_sqe(&ring);
    }
    sqe->user_data = pack(request, buffer, fd);
    return sqe;
}

static void prepare_accept(int listener) {
    struct io_uring_sqe *sqe = entry(ACCEPT, 0, listener);
    __u64 data = sqe->user_data;
    io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, SOCK_CLOEXEC);
    sqe->user_data = data;
}

static void prepare_receive(int conn) {
    struct io_uring_sqe *sqe = entry(RECV, 0, conn);
    __u64 data = sqe->user_data;
    io_uring_prep_recv_multishot(sqe, conn, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    sqe->user_data = data;
}

static void prepare_send(int conn) {
    int buffer = first[conn];
    struct io_uring_sqe *sqe = entry(SEND, buffer, conn);
    __u64 data = sqe->user_data;
    void *bytes = memory + buffer * BUFFER;
    io_uring_prep_send(sqe, conn, bytes, filled[buffer], MSG_NOSIGNAL | MSG_WAITALL);
    sqe->user_data = data;
}

static void queue(int conn, int buffer, int count) {
    filled[buffer] = count;
    next[buffer] = NONE;
    if (first[conn] == NONE) {
        first[conn] = last[conn] = buffer;
        prepare_send(conn);
    } else {
        last[conn] = next[last[conn]] = buffer;
    }
}

static void give_back(int buffer) {
    int mask = io_uring_buf_ring_mask(BUFFERS);
    io_uring_buf_ring_add(buffers, memory + buffer * BUFFER, BUFFER, buffer, mask, 0);
    io_uring_buf_ring_advance(buffers, 1);
}

static void complete(const struct io_uring_cqe *cqe) {
    int request = cqe->user_data >> 56, buffer = cqe->user_data >> 32 & 0xffffff;
    int fd = (int)(cqe->user_data & 0xffffffff), one = 1;
    int goes_on = cqe->flags & IORING_CQE_F_MORE;
    switch (request) {
    case ACCEPT:
        if (cqe->res >= CLIENTS) {
            close(cqe->res);
        } else if (cqe->res >= 0) {
            first[cqe->res] = NONE;
            setsockopt(cqe->res, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            prepare_receive(cqe->res);
        }
        if (!goes_on)
            prepare_accept(fd);
        break;
    case RECV:
        if (cqe->res > 0) {
            queue(fd, cqe->flags >> IORING_CQE_BUFFER_SHIFT, cqe->res);
            if (!goes_on)
                prepare_receive(fd);
        } else if (cqe->res == -ENOBUFS) {
            prepare_receive(fd);
        } else {
            close(fd);
        }
        break;
    case SEND:
        give_back(buffer);
        first[fd] = next[buffer];
        if (first[fd] != NONE)
            prepare_send(fd);
    }
}

int main(void) {
    struct io_uring_params params = {0};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    check(io_uring_queue_init_params(ENTRIES, &ring, &params), "io_uring_queue_init");
    /* The kernel wants the ring on a page of its own. */
    buffers = aligned_alloc(4096, BUFFERS * sizeof(struct io_uring_buf));
    memory = malloc((size_t)BUFFERS * BUFFER);
    check(buffers && memory ? 0 : -ENOMEM, "malloc");
    io_uring_buf_ring_init(buffers);
    struct io_uring_buf_reg registration = {
        .ring_addr = (__u64)(unsigned long)buffers, .ring_entries = BUFFERS, .bgid = GROUP};
    check(io_uring_register_buf_ring(&ring, &registration, 0), "io_uring_register_buf_ring");
    for (int i = 0; i < BUFFERS; i++)
        give_back(i);
    prepare_accept(listen_on_any_port());
    for (;;) {
        int submitted = io_uring_submit_and_wait(&ring, 1);
        if (submitted != -EINTR)
            check(submitted, "io_uring_submit_and_wait");
        struct io_uring_cqe *cqe;
        unsigned head, seen = 0;
        io_uring_for_each_cqe(&ring, head, cqe) {
            complete(cqe);
            seen++;
        }
        io_uring_cq_advance(&ring, seen);
    }
}
