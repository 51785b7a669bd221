/*
 * writer: the floor that a fan-out over WebSockets stands on. It keeps rooms of sockets and writes ready frames of 316
 * bytes to them, and does nothing else: no HTTP beyond the upgrade (without the accept key, which the swarm does not
 * look at), no JSON, no Kafka, no queue.
 *
 *     writer <1..64>     frames that are collected a socket before they are written with one writev; 1: one write each
 *
 * Sockets block: a full one stops it, which costs no CPU. Prints "listening <port>". Commands, one a line on stdin:
 *     fan-out <n>        n messages out of memory, room after room
 *     flush              writes what is collected                                     -> "flushed"
 * A text frame of a client whose content bears the swarm's mark is fanned out as well, and written at once when nothing
 * more has come in the same turn. The end of stdin ends the process.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ROOMS = 10000, FRAME_BYTES = 316, HEADER_BYTES = 4, MARK_BYTES = 27, RING = 1 << 16, COLLECT_MAX = 64 };

struct client {
  int fd, is_upgraded, is_dirty, waiting;
  struct iovec frames[COLLECT_MAX];
};

struct room {
  struct client **members;
  int count;
  uint32_t sequence;
};

static struct room rooms[ROOMS];
static int room_list[ROOMS], room_total, next_room;
static int collect;
/* Frames live here until every socket has them: far fewer are ever collected than it holds. */
static char ring[RING][FRAME_BYTES];
static unsigned ring_at;
static struct client **dirty;
static int dirty_count, dirty_room;

static void fail(const char *what) {
  fprintf(stderr, "writer: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void write_collected(struct client *client) {
  if (client->waiting == 0) return;
  if (writev(client->fd, client->frames, client->waiting) < 0) fail("writev");
  client->waiting = 0;
}

static void hand_over(struct client *client, char *frame) {
  if (collect == 1) {
    if (write(client->fd, frame, FRAME_BYTES) < 0) fail("write");
    return;
  }
  if (!client->is_dirty) {
    client->is_dirty = 1;
    if (dirty_count == dirty_room) dirty = realloc(dirty, sizeof *dirty * (size_t)(dirty_room = dirty_room * 2 + 1024));
    dirty[dirty_count++] = client;
  }
  client->frames[client->waiting++] = (struct iovec){frame, FRAME_BYTES};
  if (client->waiting == collect) write_collected(client);
}

/* Whoever has got frames since the last flush; some of them have been written already. */
static void flush(void) {
  for (int i = 0; i < dirty_count; i++) {
    write_collected(dirty[i]);
    dirty[i]->is_dirty = 0;
  }
  dirty_count = 0;
}

/* `mark` is room, sequence number and time as the swarm reads them. */
static void fan_out(int room_id, const char *mark) {
  static const char begin[] = "{\"type\":\"message\",\"content\":\"", end[] = "\"}";
  char *frame = ring[ring_at++ % RING];
  int payload = FRAME_BYTES - HEADER_BYTES;
  frame[0] = (char)0x81;
  frame[1] = 126;
  frame[2] = (char)(payload >> 8);
  frame[3] = (char)payload;
  memset(frame + HEADER_BYTES, 'x', (size_t)payload);
  memcpy(frame + HEADER_BYTES, begin, sizeof begin - 1);
  memcpy(frame + HEADER_BYTES + sizeof begin - 1, mark, MARK_BYTES);
  memcpy(frame + FRAME_BYTES - (sizeof end - 1), end, sizeof end - 1);
  for (int i = 0; i < rooms[room_id].count; i++) hand_over(rooms[room_id].members[i], frame);
}

static void fan_out_next(void) {
  char mark[64];
  int room = room_list[next_room++ % room_total];
  sprintf(mark, "@%04d.%08u.%012d", room, ++rooms[room].sequence, 0);
  fan_out(room, mark);
}

static void join(struct client *client, int room_id) {
  struct room *room = &rooms[room_id];
  if (room->count == 0) room_list[room_total++] = room_id;
  room->members = realloc(room->members, sizeof *room->members * (size_t)(room->count + 1));
  room->members[room->count++] = client;
}

static void upgrade(struct client *client, char *request) {
  static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  char *list = strstr(request, "?rooms=");
  for (char *at = list == NULL ? NULL : list + 7; at != NULL; at = *at == ',' ? at + 1 : NULL) {
    long room = strtol(at, &at, 10);
    if (room > 0 && room < ROOMS) join(client, (int)room);
  }
  client->is_upgraded = 1;
  if (write(client->fd, answer, sizeof answer - 1) < 0) fail("write");
}

/* A small request or frame comes whole; masks of the swarm are 0. Returns whether the client is still there. */
static int take_bytes(struct client *client) {
  char bytes[65536];
  ssize_t size = read(client->fd, bytes, sizeof bytes - 1);
  if (size <= 0) return 0;
  bytes[size] = 0;
  if (!client->is_upgraded) upgrade(client, bytes);
  else
    for (char *mark = bytes; (mark = memchr(mark, '@', (size_t)(bytes + size - mark))) != NULL; mark += MARK_BYTES)
      fan_out((int)strtol(mark + 1, NULL, 10), mark);
  return 1;
}

static void take_commands(void) {
  static char text[4096];
  static size_t size;
  ssize_t got = read(0, text + size, sizeof text - size - 1);
  if (got <= 0) exit(0);
  size += (size_t)got;
  text[size] = 0;
  char *begin = text, *end;
  for (; (end = strchr(begin, '\n')) != NULL; begin = end + 1) {
    long count;
    *end = 0;
    if (sscanf(begin, "fan-out %ld", &count) == 1)
      for (long i = 0; i < count; i++) fan_out_next();
    else if (strcmp(begin, "flush") == 0) {
      flush();
      printf("flushed\n");
      fflush(stdout);
    }
  }
  size -= (size_t)(begin - text);
  memmove(text, begin, size);
}

static int listen_anywhere(void) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1024) < 0) fail("listen");
  getsockname(fd, (struct sockaddr *)&address, &size);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void watch(int epoll_fd, int fd, void *as) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = as};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

int main(int argc, char **argv) {
  static int from_stdin, newcomers; /* their addresses tell them from clients */
  struct epoll_event events[512];
  collect = argc == 2 ? atoi(argv[1]) : 0;
  if (collect < 1 || collect > COLLECT_MAX) return fprintf(stderr, "usage: writer <1..%d>\n", COLLECT_MAX), 1;
  int epoll_fd = epoll_create1(0), listener = listen_anywhere();
  watch(epoll_fd, 0, &from_stdin);
  watch(epoll_fd, listener, &newcomers);
  for (;;) {
    int count = epoll_wait(epoll_fd, events, 512, -1), has_messages = 0, has_commands = 0;
    for (int i = 0; i < count; i++) {
      void *from = events[i].data.ptr;
      if (from == &from_stdin) has_commands = 1;
      else if (from == &newcomers) {
        int on = 1;
        struct client *client = calloc(1, sizeof *client);
        client->fd = accept(listener, NULL, NULL);
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(epoll_fd, client->fd, client);
      } else {
        struct client *client = from;
        if (take_bytes(client)) has_messages |= client->is_upgraded;
        else epoll_ctl(epoll_fd, EPOLL_CTL_DEL, client->fd, NULL);
      }
    }
    if (has_messages) flush();
    if (has_commands) take_commands();
  }
}
