/*
 * swarm: many WebSocket clients in one process, as the load of the benches. It parses no JSON: what a delivery is, and
 * whether it comes in order, it reads from a mark in the content of every message,
 *
 *     @RRRR.SSSSSSSS.TTTTTTTTTTTT     room (4 digits), its sequence number (8, from 1), intended time (12, µs of
 *                                     CLOCK_MONOTONIC; 0: latency is not measured)
 *
 *     swarm <port> <path> <stomp|plain|plain-login|socketio>
 *
 * Dialects: "stomp" says CONNECT and SUBSCRIBE and waits for every RECEIPT; "plain" names its rooms in the query of the
 * upgrade; "plain-login" of the storm sends its token and waits for an answer; "socketio" joins its rooms by an event.
 *
 * Commands, one a line on stdin; the end of stdin ends the process:
 *     client <rooms, comma-separated> <token>  one more client; rooms are numbers below 10000
 *     heart-beat <ms>                          STOMP heart-beats of the clients that connect from now on
 *     ping <ms>                                application heartbeats of all clients: SEND with a receipt, or "ping"
 *     connect <n>                              connects all that are not, n at a time        -> "connected"
 *     count <step>                             a new count begins                             -> "counting"
 *                                              and tells every so many deliveries             -> "delivered <n>"
 *     send <n> <per second> <bytes> <receipts> open loop: n messages, room after room, each by its room's first client,
 *                                              content of so many bytes; 1 asks for receipts
 *     end <n> <receipts>                       the count is complete at n deliveries and so many receipts
 *                                                                                             -> "result {...}"
 *     close                                    closes all connections, forgets the clients     -> "closed"
 * Whatever goes wrong is one line "failed <reason>" and exit status 1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { ROOMS = 10000, READ_BYTES = 1 << 18, EVENTS = 512, TEXT_BYTES = 16384, HEART_BEAT_TICKS = 50 };
enum dialect { STOMP, PLAIN, PLAIN_LOGIN, SOCKETIO };
enum state { IDLE, UPGRADING, GREETING, SUBSCRIBING, READY };

struct heard {
  int room;
  uint32_t next; /* sequence number that comes next */
};

struct client {
  int fd;
  enum state state;
  int room_count, receipt_count;
  struct heard *rooms;
  char *token;
  char *partial; /* bytes of a frame that has not come whole */
  size_t partial_size;
};

struct samples {
  uint32_t *us;
  size_t count, room;
};

/* Who this is. */
static int port, epoll_fd, send_timer, beat_timer;
static const char *path;
static enum dialect dialect;
static struct client *clients;
static int client_count, client_room, ready_count, begun_count, at_once;
static int beat_ms, beat_next, ping_ms;

/* The count under way. */
static uint64_t delivered, told_at, step, expected = UINT64_MAX;
static uint64_t receipts, expected_receipts, heart_beats, bytes_delivered;
/* Since the start: messages that were skipped, that came late or again, that nobody asked for. */
static uint64_t ahead, behind, strays;
static struct samples message_us, receipt_us;
static uint64_t first_us, last_us;

/* Sending under way. */
static uint64_t send_begin_us, send_count, sent_count, send_bytes;
static double send_interval_us;
static int send_receipts, sender_of[ROOMS], room_list[ROOMS], room_total;
static uint32_t sequence_of[ROOMS];

static void fail(const char *format, ...) {
  char reason[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(reason, sizeof reason, format, arguments);
  for (char *at = reason; *at != 0; at++)
    if (*at == '\n') *at = '|';
  printf("failed %s\n", reason);
  fflush(stdout);
  exit(1);
}

static uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void add_sample(struct samples *samples, uint64_t us) {
  if (samples->count == samples->room) {
    samples->room = samples->room == 0 ? 4096 : samples->room * 2;
    samples->us = realloc(samples->us, samples->room * sizeof *samples->us);
    if (samples->us == NULL) fail("no memory");
  }
  samples->us[samples->count++] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void write_all(struct client *client, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t taken = write(client->fd, bytes, size);
    if (taken < 0 && errno == EAGAIN) {
      struct pollfd writable = {client->fd, POLLOUT, 0};
      if (poll(&writable, 1, 10000) <= 0) fail("a server takes no bytes for 10 s");
      continue;
    }
    if (taken < 0) fail("write: %s", strerror(errno));
    bytes += taken;
    size -= (size_t)taken;
  }
}

/* One masked frame; the mask is 0, so that masking costs the swarm nothing and the server what it always costs. */
static void write_frame(struct client *client, int opcode, const char *payload, size_t size) {
  char frame[TEXT_BYTES + 8];
  size_t at = 0;
  if (size > TEXT_BYTES) fail("a frame of %zu bytes", size);
  frame[at++] = (char)(0x80 | opcode);
  if (size < 126) frame[at++] = (char)(0x80 | size);
  else {
    frame[at++] = (char)(0x80 | 126);
    frame[at++] = (char)(size >> 8);
    frame[at++] = (char)size;
  }
  memset(frame + at, 0, 4);
  memcpy(frame + at + 4, payload, size);
  write_all(client, frame, at + 4 + size);
}

static void write_text(struct client *client, size_t extra, const char *format, ...) {
  char text[TEXT_BYTES];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (size < 0 || (size_t)size + extra > sizeof text) fail("a text is too long");
  write_frame(client, 1, text, (size_t)size + extra); /* extra: the NUL that ends a STOMP frame */
}

static void list_rooms(const struct client *client, char *text, size_t size) {
  size_t at = 0;
  text[0] = 0;
  for (int i = 0; i < client->room_count && at + 8 < size; i++)
    at += (size_t)sprintf(text + at, i == 0 ? "%d" : ",%d", client->rooms[i].room);
}

static void connect_next(void) {
  while (begun_count < client_count && begun_count - ready_count < at_once) {
    struct client *client = &clients[begun_count++];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    char rooms[TEXT_BYTES / 2], request[TEXT_BYTES];
    int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (client->fd < 0) fail("socket: %s", strerror(errno));
    if (connect(client->fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect: %s", strerror(errno));
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
    list_rooms(client, rooms, sizeof rooms);
    int size = snprintf(request, sizeof request,
                        "GET %s%s%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                        path, dialect == PLAIN ? "?rooms=" : "", dialect == PLAIN ? rooms : "", port,
                        dialect == STOMP ? "Sec-WebSocket-Protocol: v12.stomp\r\n" : "");
    write_all(client, request, (size_t)size);
    client->state = UPGRADING;
  }
}

static void become_ready(struct client *client) {
  client->state = READY;
  ready_count++;
  if (ready_count < client_count) return connect_next();
  printf("connected\n");
  fflush(stdout);
}

static void upgraded(struct client *client) {
  client->state = GREETING;
  if (dialect == PLAIN) become_ready(client);
  else if (dialect == PLAIN_LOGIN)
    write_text(client, 0, "{\"token\":\"%s\",\"roomId\":%d}", client->token, client->rooms[0].room);
  else if (dialect == STOMP)
    write_text(client, 1, "CONNECT\naccept-version:1.2\nhost:bench\nheart-beat:%d,%d\nAuthorization:Bearer %s\n\n",
               beat_ms, beat_ms, client->token);
}

static void stomp_connected(struct client *client) {
  client->state = SUBSCRIBING;
  for (int i = 0; i < client->room_count; i++)
    write_text(client, 1, "SUBSCRIBE\nid:sub-%d\ndestination:/topic/chat_rooms/%d\nreceipt:live-%d\n\n", i,
               client->rooms[i].room, i);
  if (client->room_count == 0) become_ready(client);
}

static void socketio_greeting(struct client *client, const char *text, size_t size) {
  char rooms[TEXT_BYTES / 2];
  if (text[0] == '0') write_text(client, 0, "40");
  else if (size > 1 && text[1] == '0') {
    list_rooms(client, rooms, sizeof rooms);
    write_text(client, 0, "42[\"join\",[%s]]", rooms);
  } else become_ready(client); /* the answer to the join */
}

static uint64_t digits(const char *text, int count) {
  uint64_t number = 0;
  for (int i = 0; i < count; i++) number = number * 10 + (uint64_t)(text[i] - '0');
  return number;
}

static void count_delivery(struct client *client, const char *payload, size_t size, uint64_t now) {
  const char *mark = memchr(payload, '@', size);
  if (mark == NULL || mark + 27 > payload + size) {
    strays++;
    return;
  }
  int room = (int)digits(mark + 1, 4);
  uint32_t sequence = (uint32_t)digits(mark + 6, 8);
  uint64_t intended = digits(mark + 15, 12);
  struct heard *heard = client->rooms, *last = client->rooms + client->room_count;
  while (heard < last && heard->room != room) heard++;
  if (heard == last) strays++;
  else if (sequence < heard->next) behind++;
  else {
    ahead += sequence - heard->next;
    heard->next = sequence + 1;
  }
  if (intended != 0) add_sample(&message_us, now > intended ? now - intended : 0);
  if (delivered == 0) first_us = now;
  last_us = now;
  bytes_delivered += size;
  delivered++;
}

static void count_receipt(const char *payload, size_t size, uint64_t now) {
  const char *id = memmem(payload, size, "receipt-id:", 11);
  if (id == NULL) fail("a RECEIPT without receipt-id");
  uint64_t n = strtoull(id + 11, NULL, 10);
  uint64_t intended = send_begin_us + (uint64_t)((double)n * send_interval_us);
  receipts++;
  add_sample(&receipt_us, now > intended ? now - intended : 0);
}

static void take_text(struct client *client, const char *payload, size_t size, uint64_t now) {
  if (size == 0) return;
  if (dialect == STOMP) {
    if (payload[0] == 'M') count_delivery(client, payload, size, now);
    else if (payload[0] == '\n') heart_beats++;
    else if (payload[0] == 'C' && client->state == GREETING) stomp_connected(client);
    else if (payload[0] == 'R' && client->state == READY) count_receipt(payload, size, now);
    else if (payload[0] == 'R' && client->state == SUBSCRIBING) {
      if (++client->receipt_count == client->room_count) become_ready(client);
    } else fail("a frame that is not expected: %.*s", (int)(size < 200 ? size : 200), payload);
  } else if (dialect == SOCKETIO && payload[0] == '2') write_text(client, 0, "3");
  else if (dialect == SOCKETIO && client->state == GREETING) socketio_greeting(client, payload, size);
  else if (client->state == GREETING) become_ready(client);
  else count_delivery(client, payload, size, now);
}

/* Takes whole frames off the front of the bytes; how many bytes that were. */
static size_t take_frames(struct client *client, char *bytes, size_t size, uint64_t now) {
  size_t at = 0;
  while (size - at >= 2) {
    unsigned char *head = (unsigned char *)bytes + at;
    size_t length = head[1] & 127, header = 2;
    if (length == 126) {
      header = 4;
      if (size - at < header) break;
      length = (size_t)head[2] << 8 | head[3];
    } else if (length == 127) fail("a frame of more than 64 KiB");
    if (size - at < header + length) break;
    int opcode = head[0] & 15;
    char *payload = bytes + at + header;
    if (opcode == 1 || opcode == 2) take_text(client, payload, length, now);
    else if (opcode == 9) write_frame(client, 10, payload, length);
    else if (opcode == 8 && length < 2) fail("a server closed without a code");
    else if (opcode == 8) fail("a server closed with %d", head[header] << 8 | head[header + 1]);
    at += header + length;
  }
  return at;
}

static void take_bytes(struct client *client) {
  static char buffer[READ_BYTES];
  size_t size = client->partial_size;
  memcpy(buffer, client->partial, size);
  ssize_t got = read(client->fd, buffer + size, sizeof buffer - size);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) fail("a server cut a connection: %s", got == 0 ? "end" : strerror(errno));
  size += (size_t)got;
  size_t taken = 0;
  if (client->state == UPGRADING) {
    char *end = memmem(buffer, size, "\r\n\r\n", 4);
    if (end != NULL) {
      if (memcmp(buffer, "HTTP/1.1 101", 12) != 0) fail("no upgrade: %.*s", 80, buffer);
      taken = (size_t)(end + 4 - buffer);
      upgraded(client);
    }
  }
  if (client->state != UPGRADING) taken += take_frames(client, buffer + taken, size - taken, now_us());
  size_t rest = size - taken;
  if (rest > client->partial_size) client->partial = realloc(client->partial, rest);
  if (rest == 0) free(client->partial), client->partial = NULL;
  else memcpy(client->partial, buffer + taken, rest);
  client->partial_size = rest;
}

static void arm(int timer, uint64_t at_us) {
  struct itimerspec when = {.it_value = {(time_t)(at_us / 1000000), (long)(at_us % 1000000) * 1000}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static uint64_t intended_us(uint64_t n) { return send_begin_us + (uint64_t)((double)n * send_interval_us); }

static void send_one(uint64_t n) {
  int room = room_list[n % (uint64_t)room_total];
  struct client *client = &clients[sender_of[room]];
  char content[TEXT_BYTES / 2];
  int size = sprintf(content, "@%04d.%08u.%012llu", room, ++sequence_of[room], (unsigned long long)intended_us(n));
  while ((uint64_t)size < send_bytes) content[size++] = 'x';
  content[size] = 0;
  if (dialect == SOCKETIO) write_text(client, 0, "42[\"send\",{\"roomId\":%d,\"content\":\"%s\"}]", room, content);
  else if (dialect != STOMP) write_text(client, 0, "{\"roomId\":%d,\"content\":\"%s\"}", room, content);
  else {
    char receipt[40] = "";
    if (send_receipts) sprintf(receipt, "receipt:%llu\n", (unsigned long long)n);
    write_text(client, 1, "SEND\ndestination:/app/chat.send/%d\ncontent-type:application/json\n%s\n{\"content\":\"%s\"}",
               room, receipt, content);
  }
}

static void send_due(void) {
  uint64_t now = now_us();
  while (sent_count < send_count && intended_us(sent_count) <= now) send_one(sent_count++);
  if (sent_count < send_count) arm(send_timer, intended_us(sent_count));
}

static void ping(struct client *client) {
  if (dialect == STOMP) write_text(client, 1, "SEND\ndestination:/app/heartbeat\nreceipt:0\n\n");
  else write_text(client, 0, "ping");
}

/* Each client once in four fifths of the interval of heart-beats, or in that of pings, a few of them a tick. */
static void beat_some(void) {
  int share = (ready_count + HEART_BEAT_TICKS - 1) / HEART_BEAT_TICKS;
  for (int i = 0; i < share && i < ready_count; i++) {
    struct client *client = &clients[beat_next++ % ready_count];
    if (client->state != READY) continue;
    if (ping_ms > 0) ping(client);
    else write_frame(client, 1, "\n", 1);
  }
  arm(beat_timer, now_us() + (uint64_t)(ping_ms > 0 ? ping_ms * 1000 : beat_ms * 800) / HEART_BEAT_TICKS);
}

static void add_client(char *rooms, const char *token) {
  if (client_count == client_room) {
    client_room = client_room == 0 ? 1024 : client_room * 2;
    clients = realloc(clients, (size_t)client_room * sizeof *clients);
    if (clients == NULL) fail("no memory");
  }
  struct client *client = &clients[client_count++];
  memset(client, 0, sizeof *client);
  client->token = strdup(token);
  for (char *text = strtok(rooms, ","); text != NULL; text = strtok(NULL, ",")) {
    int room = atoi(text);
    if (room <= 0 || room >= ROOMS) fail("room %s", text);
    client->rooms = realloc(client->rooms, (size_t)(client->room_count + 1) * sizeof *client->rooms);
    client->rooms[client->room_count++] = (struct heard){room, 1};
    if (sender_of[room] < 0) sender_of[room] = client_count - 1, room_list[room_total++] = room;
  }
}

static void forget_clients(void) {
  for (int i = 0; i < client_count; i++) {
    if (clients[i].state == READY) write_frame(&clients[i], 8, "\x03\xe8", 2);
    if (clients[i].state != IDLE) close(clients[i].fd);
    free(clients[i].rooms);
    free(clients[i].token);
    free(clients[i].partial);
  }
  client_count = ready_count = begun_count = room_total = 0;
  memset(sender_of, -1, sizeof sender_of);
  memset(sequence_of, 0, sizeof sequence_of);
  printf("closed\n");
  fflush(stdout);
}

static void begin_count(uint64_t every) {
  /* What is wrong stays counted, so that nothing between two counts is lost. */
  delivered = receipts = heart_beats = bytes_delivered = 0;
  message_us.count = receipt_us.count = 0;
  told_at = 0;
  step = every;
  expected = UINT64_MAX;
  printf("counting\n");
  fflush(stdout);
}

static void begin_sending(uint64_t count, double rate, uint64_t bytes, int with_receipts) {
  send_count = count;
  sent_count = 0;
  send_interval_us = 1e6 / rate;
  send_bytes = bytes;
  send_receipts = with_receipts;
  send_begin_us = now_us() + 1000;
  arm(send_timer, send_begin_us);
}

static void print_samples(const char *name, struct samples *samples) {
  size_t count = samples->count;
  qsort(samples->us, count, sizeof *samples->us, compare);
#define RANK(percent) (count == 0 ? 0 : samples->us[(count * (percent) + 99) / 100 - 1])
  printf(",\"%s\":{\"count\":%zu,\"p50Us\":%u,\"p99Us\":%u,\"maxUs\":%u}", name, count, RANK(50), RANK(99), RANK(100));
}

static void print_count(const char *name, uint64_t count) { printf("\"%s\":%llu,", name, (unsigned long long)count); }

static void tell_progress(void) {
  if (step > 0 && delivered - told_at >= step) {
    told_at = delivered;
    printf("delivered %llu\n", (unsigned long long)delivered);
    fflush(stdout);
  }
  if (expected == UINT64_MAX || delivered < expected || receipts < expected_receipts) return;
  expected = UINT64_MAX;
  printf("result {");
  print_count("delivered", delivered);
  print_count("ahead", ahead);
  print_count("behind", behind);
  print_count("strays", strays);
  print_count("heartBeats", heart_beats);
  print_count("bytes", bytes_delivered);
  printf("\"wallUs\":%llu", (unsigned long long)(delivered == 0 ? 0 : last_us - first_us));
  print_samples("message", &message_us);
  print_samples("receipt", &receipt_us);
  printf("}\n");
  fflush(stdout);
}

static void obey(char *line) {
  unsigned long long n, bytes;
  double rate;
  int number;
  char *rooms = malloc(strlen(line) + 1), *token = malloc(strlen(line) + 1);
  if (sscanf(line, "client %s %s", rooms, token) == 2) add_client(rooms, token);
  else if (sscanf(line, "heart-beat %d", &beat_ms) == 1) arm(beat_timer, now_us() + 1000);
  else if (sscanf(line, "ping %d", &ping_ms) == 1) arm(beat_timer, now_us() + 1000);
  else if (sscanf(line, "connect %d", &at_once) == 1) connect_next();
  else if (sscanf(line, "count %llu", &n) == 1) begin_count(n);
  else if (sscanf(line, "send %llu %lf %llu %d", &n, &rate, &bytes, &number) == 4)
    begin_sending(n, rate, bytes, number);
  else if (sscanf(line, "end %llu %llu", &n, &bytes) == 2) expected = n, expected_receipts = bytes, tell_progress();
  else if (strcmp(line, "close") == 0) forget_clients();
  else fail("an unknown command: %.100s", line);
  free(rooms);
  free(token);
}

static void take_commands(void) {
  static char *text;
  static size_t size, room;
  if (room - size < 65536) text = realloc(text, room += 1 << 20);
  ssize_t got = read(0, text + size, room - size - 1);
  if (got <= 0) exit(0);
  size += (size_t)got;
  text[size] = 0;
  char *begin = text, *end;
  while ((end = strchr(begin, '\n')) != NULL) {
    *end = 0;
    obey(begin);
    begin = end + 1;
  }
  size -= (size_t)(begin - text);
  memmove(text, begin, size);
}

static void watch(int fd, void *as) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = as};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

int main(int argc, char **argv) {
  static const char *const dialects[] = {"stomp", "plain", "plain-login", "socketio"};
  static int from_stdin, due_to_send, due_to_beat; /* their addresses tell them from clients */
  struct epoll_event events[EVENTS];
  if (argc != 4) fail("usage: swarm <port> <path> <dialect>");
  port = atoi(argv[1]);
  path = argv[2];
  while (dialect <= SOCKETIO && strcmp(argv[3], dialects[dialect]) != 0) dialect++;
  if (dialect > SOCKETIO) fail("an unknown dialect: %s", argv[3]);
  memset(sender_of, -1, sizeof sender_of);
  epoll_fd = epoll_create1(0);
  send_timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  beat_timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  watch(0, &from_stdin);
  watch(send_timer, &due_to_send);
  watch(beat_timer, &due_to_beat);
  for (;;) {
    int count = epoll_wait(epoll_fd, events, EVENTS, -1);
    uint64_t expirations;
    int has_commands = 0;
    for (int i = 0; i < count; i++) {
      void *from = events[i].data.ptr;
      if (from == &from_stdin) has_commands = 1;
      else if (from == &due_to_send) {
        if (read(send_timer, &expirations, sizeof expirations) > 0) send_due();
      } else if (from == &due_to_beat) {
        if (read(beat_timer, &expirations, sizeof expirations) > 0) beat_some();
      } else take_bytes(from);
    }
    tell_progress();
    if (has_commands) take_commands(); /* last: it may free clients that the events name */
  }
}
