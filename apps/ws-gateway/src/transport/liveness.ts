/** What the clock has to say about one session; instants in Unix ms, durations in ms, 0 for never. */
export interface LivenessState {
  readonly now: number;
  readonly openedAt: number;
  readonly isConnected: boolean;
  readonly lastReceivedAt: number;
  readonly lastSentAt: number;
  /** Since when bytes wait for the client without any being taken; null while none wait. */
  readonly stalledSince: number | null;
  readonly sendEveryMs: number;
  readonly expectEveryMs: number;
}

export interface LivenessLimits {
  readonly connectTimeoutMs: number;
  readonly idleAfterMs: number;
  readonly stalledAfterMs: number;
}

export type LivenessVerdict = 'fine' | 'send-heart-beat' | 'connect-overdue' | 'silent' | 'stalled';

/** How much later than agreed a client's heart-beat may come (1.2, "Heart-beating": allow an error margin). */
const HEART_BEAT_TOLERANCE = 2;
/** Heart-beats leave this much early, so that the grid of the sweep never makes one late. In ms. */
const EARLY_MS = 500;

/** What is due for a session. The first gap counts like every other: both clocks begin at CONNECTED. */
export function judgeLiveness(state: LivenessState, limits: LivenessLimits): LivenessVerdict {
  const { now } = state;
  if (!state.isConnected) return now - state.openedAt >= limits.connectTimeoutMs ? 'connect-overdue' : 'fine';
  if (now - state.lastReceivedAt >= silenceAllowed(state, limits)) return 'silent';
  if (state.stalledSince !== null && now - state.stalledSince >= limits.stalledAfterMs) return 'stalled';
  const isDue = state.sendEveryMs > 0 && now >= heartBeatDueAt(state.lastSentAt, state.sendEveryMs);
  return isDue ? 'send-heart-beat' : 'fine';
}

/** When the next heart-beat leaves, where nothing else does before. */
export function heartBeatDueAt(lastSentAt: number, sendEveryMs: number): number {
  return lastSentAt + Math.max(sendEveryMs - EARLY_MS, EARLY_MS);
}

/** A client may promise heart-beats days apart; it is given no more than one that promises none. */
function silenceAllowed({ expectEveryMs }: LivenessState, { idleAfterMs }: LivenessLimits): number {
  return expectEveryMs === 0 ? idleAfterMs : Math.min(expectEveryMs * HEART_BEAT_TOLERANCE, idleAfterMs);
}
