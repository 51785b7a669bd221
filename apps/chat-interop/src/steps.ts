/** What every client is asked to do, in this order. `history` is what the record says afterwards, whatever the client saw. */
export const STEPS = [
  'connect',
  'subscribe',
  'send',
  'receive',
  'ack client',
  'ack client-individual',
  'nack',
  'commit',
  'abort',
  'heart-beats',
  'alive',
  'disconnect',
  'history',
] as const;
export type Step = (typeof STEPS)[number];

export const OUTCOMES = ['ok', 'cannot', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How a step went for one client; one JSON line of its program. */
export interface StepResult {
  readonly step: Step;
  readonly outcome: Outcome;
  /** Why not, or what an `ok` leaves out because the client has no way to do it; null where there is nothing to say. */
  readonly note: string | null;
}

/** What a client's program is told on its standard input, as JSON. */
export interface Task {
  /** Of the gateway, with its path. */
  readonly url: string;
  readonly token: string;
  /** A room of this client's user alone, so every message in it is its own. */
  readonly roomId: number;
  /** How long the session says nothing but heart-beats, in ms. */
  readonly idleMs: number;
  /** Between two heart-beats, offered and asked for, in ms. */
  readonly heartBeatMs: number;
  /** Longest wait for any one answer, in ms. */
  readonly answerMs: number;
}
