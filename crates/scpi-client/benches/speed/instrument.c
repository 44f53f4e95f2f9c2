// A reference instrument for the benchmarks: one thread, epoll, TCP_NODELAY, 127.0.0.1 only.
// usage: instrument BASEPORT      (0: one the system chooses; it is printed)
// *IDN?  MEAS:VOLT?  READ?  SYST:ERR?  *OPC?  FETC:ARR? n  WAV:DATA? n   ; compound a;b;c answers a;b;c
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#define NARR 1000000
#define NWAV 100000000
#define OCAP (256 * 1024)
#define ICAP (256 * 1024)
static char *arr, *wav;
typedef struct conn {
  int fd, listener, epout;
  char *in; size_t ilen, ipos;
  char *out; size_t olen, opos;
  const char *big; size_t blen, bpos; int bigterm, first;
} conn;
static const char IDN[] = "ACME Instruments,REF-1,SN00001,1.0.0";
static const char VOLT[] = "+1.23456789E+00";
static const char ERRQ[] = "+0,\"No error\"";
static int ep;
static void put(conn *c, const void *p, size_t n) { memcpy(c->out + c->olen, p, n); c->olen += n; }
static void gen(void) {
  arr = malloc((size_t)NARR * 16 + 1);
  uint64_t s = 88172645463325252ull;
  for (int i = 0; i < NARR; i++) {
    s ^= s << 13; s ^= s >> 7; s ^= s << 17;
    unsigned m = 100000000u + (unsigned)(s % 900000000u);
    int e = (int)((s >> 40) % 13) - 9;   // 1e-9 .. 1e+3
    char t[40];
    snprintf(t, sizeof t, "%c%u.%08uE%c%02d,", (s >> 60) & 1 ? '-' : '+', m / 100000000u, m % 100000000u, e < 0 ? '-' : '+', e < 0 ? -e : e);
    memcpy(arr + (size_t)i * 16, t, 16);
  }
  wav = malloc(NWAV);
  for (size_t i = 0; i + 1 < NWAV; i += 2) { int16_t v = (int16_t)(i * 7 / 2); wav[i] = (char)(v >> 8); wav[i + 1] = (char)v; }
}
// one program message unit; returns 1 when a big payload was queued
static int unit(conn *c, const char *p, size_t n) {
  while (n && (*p == ' ' || *p == '\t')) p++, n--;
  while (n && (p[n - 1] == '\r' || p[n - 1] == ' ')) n--;
  if (!n) return 0;
  if (!memchr(p, '?', n)) return 0; // command: no answer
  if (!c->first) put(c, ";", 1);
  c->first = 0;
  if (n == 10 && !strncasecmp(p, "MEAS:VOLT?", 10)) put(c, VOLT, 15);
  else if (n == 5 && !strncasecmp(p, "*IDN?", 5)) put(c, IDN, sizeof IDN - 1);
  else if (n == 5 && !strncasecmp(p, "READ?", 5)) put(c, VOLT, 15);
  else if (n == 5 && !strncasecmp(p, "*OPC?", 5)) put(c, "1", 1);
  else if (n == 9 && !strncasecmp(p, "SYST:ERR?", 9)) put(c, ERRQ, sizeof ERRQ - 1);
  else if (n > 9 && !strncasecmp(p, "FETC:ARR?", 9)) {
    size_t k = strtoul(p + 9, 0, 10); if (k < 1) k = 1; if (k > NARR) k = NARR;
    c->big = arr; c->blen = k * 16 - 1; c->bpos = 0; return 1;
  } else if (n > 9 && !strncasecmp(p, "WAV:DATA?", 9)) {
    size_t k = strtoul(p + 9, 0, 10); if (k > NWAV) k = NWAV;
    char h[24], d[16]; int dl = snprintf(d, sizeof d, "%zu", k); int hl = snprintf(h, sizeof h, "#%d%s", dl, d);
    put(c, h, hl); c->big = wav; c->blen = k; c->bpos = 0;
    if (k <= 16384) { put(c, wav, k); c->big = 0; return 0; }
    return 1;
  } else put(c, "0", 1);
  return 0;
}
static int pump(conn *c) { // 0 ok, -1 close
  for (;;) {
    while (c->opos < c->olen) {
      ssize_t w = send(c->fd, c->out + c->opos, c->olen - c->opos, MSG_NOSIGNAL | (c->big ? MSG_MORE : 0));
      if (w < 0) { if (errno == EAGAIN) goto want; return -1; }
      c->opos += w;
    }
    c->olen = c->opos = 0;
    if (c->big) {
      while (c->bpos < c->blen) {
        ssize_t w = send(c->fd, c->big + c->bpos, c->blen - c->bpos, MSG_NOSIGNAL | MSG_MORE);
        if (w < 0) { if (errno == EAGAIN) goto want; return -1; }
        c->bpos += w;
      }
      c->big = 0;
      if (c->bigterm) { put(c, "\n", 1); c->bigterm = 0; }
      if (c->olen) continue;
    }
    int did = 0;
    while (c->ipos < c->ilen && !c->big && c->olen < OCAP - 32768) {
      char *p = c->in + c->ipos, *nl = memchr(p, '\n', c->ilen - c->ipos);
      if (!nl) break;
      did = 1;
      char *sc = memchr(p, ';', nl - p); char *end = sc ? sc : nl;
      int b = unit(c, p, end - p);
      c->ipos += end - p + 1;
      if (end == nl) { if (b) c->bigterm = 1; else if (!c->first) put(c, "\n", 1); c->first = 1; }
      if (b) break;
    }
    if (c->big) continue;
    if (c->olen) continue;
    if (!did) break;
  }
  if (c->ipos == c->ilen) c->ipos = c->ilen = 0;
  else if (c->ipos) { memmove(c->in, c->in + c->ipos, c->ilen - c->ipos); c->ilen -= c->ipos; c->ipos = 0; }
  if (c->epout) { struct epoll_event e = {EPOLLIN, {.ptr = c}}; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); c->epout = 0; }
  return 0;
want:
  if (!c->epout) { struct epoll_event e = {EPOLLOUT, {.ptr = c}}; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); c->epout = 1; }
  return 0;
}
int main(int ac, char **av) {
  int base = ac > 1 ? atoi(av[1]) : 0, busy = 0;
  struct rlimit rl = {65536, 65536}; setrlimit(RLIMIT_NOFILE, &rl);
  signal(SIGPIPE, SIG_IGN);
  gen();
  ep = epoll_create1(0);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(base), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof a;
  if (bind(fd, (void *)&a, size) || listen(fd, 512) || getsockname(fd, (void *)&a, &size)) { perror("bind"); return 1; }
  conn *l = calloc(1, sizeof *l); l->fd = fd; l->listener = 1;
  struct epoll_event e = {EPOLLIN, {.ptr = l}}; epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
  printf("%d\n", ntohs(a.sin_port));
  fflush(stdout);
  struct epoll_event ev[512];
  for (;;) {
    int n = epoll_wait(ep, ev, 512, busy ? 0 : -1);
    for (int i = 0; i < n; i++) {
      conn *c = ev[i].data.ptr;
      if (c->listener) {
        int fd = accept4(c->fd, 0, 0, SOCK_NONBLOCK), on = 1;
        if (fd < 0) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (getenv("CC") && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, getenv("CC"), strlen(getenv("CC")))) perror("CC");
        conn *k = calloc(1, sizeof *k); k->fd = fd; k->in = malloc(ICAP); k->out = malloc(OCAP); k->first = 1;
        struct epoll_event e = {EPOLLIN, {.ptr = k}}; epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
        continue;
      }
      int dead = 0;
      if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !c->epout) {
        ssize_t r = recv(c->fd, c->in + c->ilen, ICAP - c->ilen, 0);
        if (r <= 0 && !(r < 0 && errno == EAGAIN)) dead = 1; else if (r > 0) c->ilen += r;
      }
      if (!dead && pump(c)) dead = 1;
      if (dead) { close(c->fd); free(c->in); free(c->out); free(c); }
    }
  }
}
