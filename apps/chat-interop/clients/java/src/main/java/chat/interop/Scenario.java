package chat.interop;

import java.util.List;
import java.util.function.Consumer;
import org.springframework.messaging.simp.stomp.StompHeaders;

/** All that the client is asked to do, and what a step leaves behind for a later one. */
final class Scenario {
  private static final String NO_TRANSACTIONS = "StompSession has no BEGIN, COMMIT or ABORT";
  private static final String NO_HEART_BEATS =
      "not shown by the client, which closes the session when none has come for three times their interval; it did not";
  private static final String NO_DISCONNECT_RECEIPT =
      "without its RECEIPT: disconnect() closes the WebSocket right behind DISCONNECT, so nothing is received any more";

  private final Task task;
  private Conversation session;
  private Conversation.Room room;
  private String sent;

  Scenario(Task task) {
    this.task = task;
  }

  /** A step that fails leaves the others to go their way. */
  void run(Consumer<StepResult> report) {
    doStep(report, "connect", null, this::connect);
    doStep(report, "subscribe", null, () -> room = session().subscribe("auto"));
    doStep(report, "send", null, () -> sent = session().send("send"));
    doStep(report, "receive", null, () -> session().message(room, sent));
    doStep(report, "ack client", null, this::ackClient);
    doStep(report, "ack client-individual", null, this::ackIndividual);
    doStep(report, "nack", null, this::nack);
    report.accept(new StepResult("commit", "cannot", NO_TRANSACTIONS));
    report.accept(new StepResult("abort", "cannot", NO_TRANSACTIONS));
    doStep(report, "heart-beats", NO_HEART_BEATS, this::idle);
    doStep(report, "alive", null, () -> session().message(room, session().send("alive")));
    doStep(report, "disconnect", NO_DISCONNECT_RECEIPT, () -> session().disconnect());
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void doStep(Consumer<StepResult> report, String step, String limit, Work work) {
    try {
      work.run();
      report.accept(new StepResult(step, "ok", limit));
    } catch (Exception error) {
      report.accept(new StepResult(step, "failed", error.getMessage() == null ? error.toString() : error.getMessage()));
    }
  }

  private Conversation session() {
    if (session == null) throw new IllegalStateException("an earlier step failed");
    return session;
  }

  private void connect() throws Exception {
    session = Conversation.open(task);
    if (!"1.2".equals(session.version())) {
      throw new IllegalStateException("version " + session.version() + " was negotiated");
    }
  }

  /** In client mode the ACK of the second message is that of the first as well. */
  private void ackClient() throws Exception {
    Conversation.Room acknowledged = session().subscribe("client");
    session().message(acknowledged, session().send("client 1"));
    session().acknowledge(session().message(acknowledged, session().send("client 2")), true);
    session().unsubscribe(acknowledged);
  }

  /** In client-individual mode each has its own ACK, in any order. */
  private void ackIndividual() throws Exception {
    Conversation.Room acknowledged = session().subscribe("client-individual");
    StompHeaders first = session().message(acknowledged, session().send("individual 1"));
    StompHeaders second = session().message(acknowledged, session().send("individual 2"));
    for (StompHeaders message : List.of(second, first)) session().acknowledge(message, true);
    session().unsubscribe(acknowledged);
  }

  private void nack() throws Exception {
    Conversation.Room refused = session().subscribe("client-individual");
    session().acknowledge(session().message(refused, session().send("nack")), false);
    session().unsubscribe(refused);
  }

  private void idle() throws Exception {
    Conversation idle = session();
    Thread.sleep(task.idleMs());
    idle.assertOpen();
  }
}
