package chat.interop;

import java.lang.reflect.Type;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.messaging.WebSocketStompClient;

/** A session in one room, with answers to wait for. Every wait has the task's deadline and ends with the session. */
final class Conversation extends StompSessionHandlerAdapter {
  /** A subscription of the room, with the headers of what it has received. */
  record Room(StompSession.Subscription subscription, List<StompHeaders> messages) {}

  private final Task task;
  private final Map<String, StompHeaders> receipts = new HashMap<>();
  private StompSession session;
  private String version;
  private String lost;
  private int receiptCount;

  private Conversation(Task task) {
    this.task = task;
  }

  static Conversation open(Task task) throws Exception {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setDaemon(true);
    scheduler.initialize();
    WebSocketStompClient client = new WebSocketStompClient(new StandardWebSocketClient());
    client.setTaskScheduler(scheduler);
    client.setDefaultHeartbeat(new long[] {task.heartBeatMs(), task.heartBeatMs()});
    StompHeaders connect = new StompHeaders();
    connect.add("Authorization", "Bearer " + task.token());
    Conversation conversation = new Conversation(task);
    conversation.session =
        client
            .connectAsync(URI.create(task.url()), new WebSocketHttpHeaders(), connect, conversation)
            .get(task.answerMs(), TimeUnit.MILLISECONDS);
    conversation.until("CONNECTED", () -> conversation.version);
    return conversation;
  }

  String version() {
    return version;
  }

  /** Waits for the RECEIPT, from which on the subscription is live. */
  Room subscribe(String ack) throws Exception {
    StompHeaders headers = withReceipt();
    headers.setDestination("/topic/chat_rooms/" + task.roomId());
    headers.setAck(ack);
    List<StompHeaders> messages = new CopyOnWriteArrayList<>();
    StompSession.Subscription subscription = session.subscribe(headers, collecting(messages));
    await(subscription);
    return new Room(subscription, messages);
  }

  void unsubscribe(Room room) {
    room.subscription().unsubscribe();
  }

  /** Waits for the RECEIPT; answers its message-id. */
  String send(String content) throws Exception {
    StompHeaders headers = withReceipt();
    headers.setDestination("/app/chat.send/" + task.roomId());
    byte[] body = Main.JSON.writeValueAsBytes(Map.of("content", content));
    String messageId = await(session.send(headers, body)).getFirst("message-id");
    if (messageId == null) throw new IllegalStateException("the RECEIPT of a SEND has no message-id");
    return messageId;
  }

  /** Headers of the MESSAGE with this id. */
  StompHeaders message(Room room, String messageId) throws Exception {
    if (room == null || messageId == null) throw new IllegalStateException("an earlier step failed");
    return until(
        "MESSAGE " + messageId,
        () -> room.messages().stream().filter(it -> messageId.equals(it.getMessageId())).findFirst().orElse(null));
  }

  /** ACK where consumed, else NACK; waits for the RECEIPT. */
  void acknowledge(StompHeaders message, boolean consumed) throws Exception {
    if (message.getAck() == null) throw new IllegalStateException("the MESSAGE has no ack header");
    StompHeaders headers = withReceipt();
    headers.setId(message.getAck());
    await(session.acknowledge(headers, consumed));
  }

  void disconnect() {
    session.disconnect();
  }

  synchronized void assertOpen() {
    if (lost != null) throw new IllegalStateException("the session was lost: " + lost);
  }

  // What Spring calls.

  @Override
  public synchronized void afterConnected(StompSession connected, StompHeaders headers) {
    version = headers.getFirst("version");
    notifyAll();
  }

  @Override
  public Type getPayloadType(StompHeaders headers) {
    return byte[].class;
  }

  /** An ERROR. */
  @Override
  public void handleFrame(StompHeaders headers, Object payload) {
    lose("ERROR " + headers + (payload == null ? "" : " " + new String((byte[]) payload, StandardCharsets.UTF_8)));
  }

  @Override
  public void handleException(
      StompSession of, StompCommand command, StompHeaders headers, byte[] payload, Throwable error) {
    lose(command + " could not be handled: " + error);
  }

  @Override
  public void handleTransportError(StompSession of, Throwable error) {
    lose(error.toString());
  }

  private synchronized void lose(String reason) {
    if (lost == null) lost = reason;
    notifyAll();
  }

  private StompFrameHandler collecting(List<StompHeaders> messages) {
    return new StompFrameHandler() {
      @Override
      public Type getPayloadType(StompHeaders headers) {
        return byte[].class;
      }

      @Override
      public void handleFrame(StompHeaders headers, Object payload) {
        synchronized (Conversation.this) {
          messages.add(headers);
          Conversation.this.notifyAll();
        }
      }
    };
  }

  private synchronized StompHeaders withReceipt() {
    receiptCount += 1;
    StompHeaders headers = new StompHeaders();
    headers.setReceipt("receipt-" + receiptCount);
    return headers;
  }

  private StompHeaders await(StompSession.Receiptable receiptable) throws Exception {
    String id = receiptable.getReceiptId();
    receiptable.addReceiptTask(
        headers -> {
          synchronized (this) {
            receipts.put(id, headers);
            notifyAll();
          }
        });
    return until("RECEIPT of " + id, () -> receipts.get(id));
  }

  private synchronized <T> T until(String what, Supplier<T> find) throws InterruptedException {
    long endsAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(task.answerMs());
    for (T found = find.get(); ; found = find.get()) {
      if (found != null) return found;
      assertOpen();
      long leftMs = TimeUnit.NANOSECONDS.toMillis(endsAt - System.nanoTime());
      if (leftMs <= 0) throw new IllegalStateException("no " + what + " within " + task.answerMs() + " ms");
      wait(leftMs);
    }
  }
}
