import { openTimeline, type ChatRoom, type Store, type TimelineMessage, type TimelineState } from '@chat/client';
import type { LatencyMeter } from '../latency-meter.ts';
import type { Session } from '../session/session.ts';
import { createStore } from '../store.ts';
import { arrivalsOf } from './arrivals.ts';

/** Texts that a room is opened with. */
const FIRST_COUNT = 30;
const FAILURES_MAX_COUNT = 20;
/** Messages that are remembered as recovered; of older ones the page no longer says so. */
const RECOVERED_MAX_COUNT = 500;

/** A message that was not sent; the person decides what becomes of it. */
export interface FailedSend {
  readonly clientMessageId: string;
  readonly content: string;
  readonly reason: string;
}

/** A room that is open in the page. */
export interface Conversation {
  readonly room: ChatRoom;
  readonly timeline: Store<TimelineState>;
  /** Ids of what was missed and came later. */
  readonly recovered: Store<ReadonlySet<number>>;
  readonly failures: Store<readonly FailedSend[]>;
  /** What the SDK could not bring as it happened, in a sentence; null where all is there. */
  readonly gap: Store<string | null>;
  /** Resolves once it is known what became of it; a failure is among `failures`. */
  send(content: string): Promise<void>;
  sendAgain(failed: FailedSend): Promise<void>;
  dismiss(failed: FailedSend): void;
  loadOlder(): Promise<void>;
  close(): void;
}

export interface ConversationOptions {
  readonly session: Session;
  readonly roomId: number;
  readonly meter: LatencyMeter;
  /** The newest text, each time that there is another. */
  readonly onText: (message: TimelineMessage) => void;
}

export function openConversation({ session, roomId, meter, onText }: ConversationOptions): Conversation {
  const { client, userId: ownId } = session;
  const room = client.room(roomId);
  const failures = createStore<readonly FailedSend[]>([]);
  const gap = createStore<string | null>(null);
  const recovered = createStore<ReadonlySet<number>>(new Set());
  const timeline = openTimeline(client, roomId, {
    history: FIRST_COUNT,
    onDiscontinuity: ({ missing, reason }) => gap.set(`${GAPS[missing]} ${reason}`),
  });
  let before = timeline.get();
  const stopWatching = timeline.subscribe((after) => {
    const { messages, areRecovered } = arrivalsOf(before, after);
    before = after;
    if (messages.length === 0) return;
    for (const { clientMessageId, senderId } of messages) {
      if (clientMessageId !== null && senderId !== ownId) meter.reached('seen', clientMessageId);
    }
    if (areRecovered) {
      const ids = messages.map(({ id }) => id);
      recovered.update((known) => new Set([...known, ...ids].slice(-RECOVERED_MAX_COUNT)));
    }
    const text = messages.findLast(({ kind }) => kind === 'TEXT');
    if (text !== undefined) onText(text);
  });

  async function attempt(content: string, clientMessageId: string): Promise<void> {
    try {
      await room.send(content, { clientMessageId });
      meter.reached('receipt', clientMessageId);
    } catch (error) {
      meter.forget(clientMessageId);
      const reason = error instanceof Error ? error.message : String(error);
      failures.update((known) => [...known, { clientMessageId, content, reason }].slice(-FAILURES_MAX_COUNT));
    }
  }
  const dismiss = ({ clientMessageId }: FailedSend) =>
    failures.update((known) => known.filter((one) => one.clientMessageId !== clientMessageId));

  return {
    room,
    timeline,
    recovered,
    failures,
    gap,
    send: (content) => attempt(content, crypto.randomUUID()),
    sendAgain(failed) {
      dismiss(failed);
      return attempt(failed.content, failed.clientMessageId);
    },
    dismiss,
    loadOlder: () => timeline.loadOlder(),
    close() {
      stopWatching();
      timeline.close();
    },
  };
}

const GAPS = {
  changes: 'Edits and reactions to older messages may be missing.',
  messages: 'Messages may be missing.',
} as const;
