package chat.interop;

/** What the harness asks for; durations are in ms. */
public record Task(String url, String token, long roomId, long idleMs, long heartBeatMs, long answerMs) {}
