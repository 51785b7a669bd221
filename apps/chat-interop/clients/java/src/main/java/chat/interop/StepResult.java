package chat.interop;

/** How one step went; the note is what it leaves out, or why it cannot be done, or why it failed. */
public record StepResult(String step, String outcome, String note) {}
