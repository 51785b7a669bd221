package chat.interop;

import com.fasterxml.jackson.databind.ObjectMapper;

/** Spring's WebSocketStompClient: a Task on standard input, one StepResult a line on standard output. */
public final class Main {
  static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    Task task = JSON.readValue(System.in, Task.class);
    new Scenario(task).run(Main::report);
    System.exit(0); // a session that failed may still have its threads
  }

  private static void report(StepResult result) {
    try {
      System.out.println(JSON.writeValueAsString(result));
    } catch (Exception error) {
      throw new IllegalStateException("the result cannot be written", error);
    }
  }
}
