/* What a simulated instrument is measured against: the least that one thread can do with epoll. It listens at N ports of
   127.0.0.1, prints them, and answers every line with one line of 40 bytes. Usage: epoll N */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] = "ACME Instruments,REFERENCE,SN00001,1.0.0\n";

int main(int count, char **arguments) {
  int ports = count > 1 ? atoi(arguments[1]) : 1, epoll = epoll_create1(0), one = 1;
  for (int i = 0; i < ports; i++) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    if (bind(listener, (void *)&at, length) || listen(listener, 64)) return 1;
    getsockname(listener, (void *)&at, &length);
    printf("%d\n", ntohs(at.sin_port));
    struct epoll_event event = {EPOLLIN, {.u64 = (uint64_t)listener | 1ull << 32}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  }
  puts("ready");
  fflush(stdout);
  struct epoll_event events[256];
  for (;;) {
    int ready = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      int fd = (int)(events[i].data.u64 & 0xffffffff);
      if (events[i].data.u64 >> 32) {
        int client = accept4(fd, 0, 0, SOCK_NONBLOCK);
        if (client < 0) continue;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {EPOLLIN, {.u64 = (uint64_t)client}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
        continue;
      }
      char input[4096];
      ssize_t read_bytes = read(fd, input, sizeof input);
      if (read_bytes <= 0) {
        close(fd);
        continue;
      }
      for (char *at = input, *end = input + read_bytes; (at = memchr(at, '\n', (size_t)(end - at))); at++)
        if (send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) break;
    }
  }
}
