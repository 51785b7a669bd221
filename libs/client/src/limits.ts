/** Longest pause that a timer takes, in ms: at a longer one it rings at once. */
export const TIMER_MAX_MS = 2 ** 31 - 1;

/** Every bound and wait of the SDK, with its default; `createChatClient({ limits })` changes them. All of it per client. */
export const DEFAULT_LIMITS = {
  /** SENDs that wait for an answer or a connection; one more is refused with QUEUE_FULL. */
  queueMaxCount: 200,
  /** Bytes of their bodies; more are refused with QUEUE_FULL. */
  queueMaxBytes: 1_048_576,
  /**
   * Bytes of the body of one SEND; more is refused with BODY_TOO_LARGE. The gateway takes frames of 65,536 bytes and hangs up at
   * more: the rest is for the head.
   */
  bodyMaxBytes: 65_000,
  /** How long a SEND is tried, in ms, unless it says so itself; then it rejects with NOT_SENT or UNKNOWN. */
  sendDeadlineMs: 60_000,
  /** Shortest and longest pause after the service refused a SEND or SUBSCRIBE for now, in ms. */
  retryMinMs: 200,
  retryMaxMs: 5_000,
  /** Longest wait for the answer to a frame, in ms (the gateway answers within 5 s); then the connection counts as lost. */
  answerDeadlineMs: 10_000,
  /** Longest wait for the WebSocket and CONNECTED, in ms. */
  connectDeadlineMs: 10_000,
  /** Longest wait for `getToken`, in ms. */
  tokenDeadlineMs: 10_000,
  /** Longest wait for an answer of the REST API, in ms. */
  restDeadlineMs: 10_000,
  /** Upper ends of the first and of the longest pause between two tries to connect, in ms; the pause is random below them. */
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  /** A session that lasted this long, in ms, makes the next pause a first one again. */
  stableAfterMs: 10_000,
  /** Spread of the returns after a restart of a gateway (close 1012), in ms; the service asks for less than 5 s. */
  restartSpreadMs: 2_000,
  /** A token is renewed so long before it expires, in ms, or after two thirds of its life where that is shorter. */
  tokenRefreshAheadMs: 60_000,
  /** Interval of the heart-beats that the gateway is asked for, in ms; silence of twice that is a lost connection. */
  heartBeatMs: 10_000,
  /** Messages that are read from the history to fill one gap; a larger one is told to onDiscontinuity. */
  gapMaxMessages: 2_000,
  /** How long a gap may take to be filled, in ms. */
  gapDeadlineMs: 30_000,
  /** Messages of a room that wait while a gap is filled; more end the filling. */
  heldMaxMessages: 5_000,
  /** Ids of a room that are remembered, so that what comes twice is seen. */
  rememberedIdsMaxCount: 5_000,
  /** Shortest time between two signals that the user types, in ms. */
  typingEveryMs: 3_000,
} as const;

export type ChatLimits = { readonly [Name in keyof typeof DEFAULT_LIMITS]: number };

/** The defaults with what an application changed; none is larger than what a timer takes. */
export function limitsOf(changed: Partial<ChatLimits> = {}): ChatLimits {
  const limits: Record<string, number> = { ...DEFAULT_LIMITS, ...changed };
  for (const name in limits) limits[name] = Math.min(limits[name] ?? 0, TIMER_MAX_MS);
  return limits as ChatLimits; // the same names
}
