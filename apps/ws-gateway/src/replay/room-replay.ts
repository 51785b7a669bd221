import {
  HISTORY_START,
  type HistoryPosition,
  type ReplayedMessage,
  type ResumePoint,
  type ResumeRepository,
} from '@chat/database';
import type { MessageId, RoomId } from '@chat/dto';
import { ChatError, pause } from '@chat/service-kit';
import type { ReplayRequest } from '../broker/replay-request.ts';
import type { RoomMessage } from '../broker/room-message.ts';
import type { RoomTail } from '../broker/room-tails.ts';
import type { HeldSubscription } from './held-subscription.ts';
import type { StoredPositions } from './stored-positions.ts';

/** Longest between two looks at the rows while they are behind, in ms; what the persister tells makes it shorter. */
const LOOK_EVERY_MS = 500;
/** Pause after the database did not answer, in ms. */
const RETRY_MS = 250;

export interface ReplayLimits {
  /** Messages of one replay; more are too much. */
  readonly maxRows: number;
  /** Bytes of one replay. */
  readonly maxBytes: number;
}

export interface RoomReplayOptions {
  readonly rows: Pick<ResumeRepository, 'findResumePoint' | 'listReplay' | 'listNewest'>;
  readonly stored: StoredPositions;
  /** Runs work when it is its turn, so that a storm of resumes queues here and not in Postgres. */
  readonly inTurn: <Value>(work: () => Promise<Value>) => Promise<Value>;
  readonly limits: ReplayLimits;
  readonly now: () => number;
}

/** A replay that is due: everything before `barrier` comes from the rows, everything from there on waits in `hold`. */
export interface ReplayTask {
  readonly roomId: RoomId;
  readonly partition: number;
  /** The offset behind the last record that this instance had read at SUBSCRIBE. */
  readonly barrier: number;
  readonly hold: HeldSubscription;
  /** When it is given up, by `now`. */
  readonly dueAt: number;
}

/** What a replay came to: the messages before the barrier, and whether nothing is missing. */
export interface Recovery {
  readonly isRecovered: boolean;
  readonly messages: readonly RoomMessage[];
  /** The room's last message before the barrier, where that came to light. */
  readonly tail: RoomTail | null;
}

const NOT_RECOVERED: Recovery = { isRecovered: false, messages: [], tail: null };

/** Reads what a client missed from the rows, once they have all that this instance had read (DESIGN §5.3). */
export class RoomReplay {
  readonly #options: RoomReplayOptions;

  constructor(options: RoomReplayOptions) {
    this.#options = options;
  }

  /** Rejects only with what is no outage. */
  async recover(task: ReplayTask, request: Exclude<ReplayRequest, { kind: 'none' }>): Promise<Recovery> {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), Math.max(0, task.dueAt - this.#options.now()));
    void task.hold.ended.then(() => over.abort());
    try {
      const work =
        request.kind === 'since'
          ? this.#since(task, request.messageId, over.signal)
          : this.#newest(task, request.count, over.signal);
      return (await Promise.race([work, aborted(over.signal)])) ?? NOT_RECOVERED;
    } finally {
      clearTimeout(timer);
      over.abort();
    }
  }

  async #since(task: ReplayTask, messageId: MessageId | null, signal: AbortSignal): Promise<Recovery | null> {
    const point = await this.#storedPoint(task, messageId, signal);
    if (point === null) return null;
    const since = messageId === null ? HISTORY_START : point.since;
    if (since === null || isAhead(since, point.epoch, task.barrier)) return this.#sincePassed(task.hold);
    if (messageId !== null && since.epoch !== point.epoch) return null; // the client's place is in another log
    const rows = await this.#untilAnswered(signal, () =>
      this.#options.rows.listReplay({
        roomId: task.roomId,
        after: since,
        before: { epoch: point.epoch, offset: task.barrier },
        ...this.#options.limits,
      }),
    );
    if (rows === null) return null;
    const before = messageId === null ? null : { messageId: String(messageId), offset: since.offset };
    return recoveryOf(task.roomId, rows, before);
  }

  async #newest(task: ReplayTask, count: number, signal: AbortSignal): Promise<Recovery | null> {
    const point = await this.#storedPoint(task, null, signal);
    if (point === null) return null;
    const { maxRows, maxBytes } = this.#options.limits;
    const rows = await this.#untilAnswered(signal, () =>
      this.#options.rows.listNewest({
        roomId: task.roomId,
        before: { epoch: point.epoch, offset: task.barrier },
        maxRows: Math.min(count + 1, maxRows), // one more for the `prev` of the first
        maxBytes,
      }),
    );
    if (rows === null) return null;
    const extra = rows.length > count ? rows[0] : undefined;
    return recoveryOf(task.roomId, rows.slice(extra === undefined ? 0 : 1), extra === undefined ? null : tailOf(extra));
  }

  /** The point once everything before the barrier is stored; null when it is over before that. */
  async #storedPoint(task: ReplayTask, messageId: MessageId | null, signal: AbortSignal): Promise<ResumePoint | null> {
    const { rows, stored } = this.#options;
    const { roomId, partition, barrier } = task;
    if (stored.isBehind(partition, barrier)) await stored.reached(partition, barrier, LOOK_EVERY_MS, signal);
    while (!signal.aborted) {
      const point = await this.#untilAnswered(signal, () => rows.findResumePoint(roomId, partition, messageId));
      if (point !== null && point.storedUpTo >= barrier) return point;
      await stored.reached(partition, barrier, LOOK_EVERY_MS, signal);
    }
    return null;
  }

  /** `since` lies ahead of this instance: it will pass in the log, and what comes after it is live. */
  async #sincePassed(hold: HeldSubscription): Promise<Recovery> {
    await hold.sincePassed;
    return { isRecovered: true, messages: [], tail: null };
  }

  /** Asks in turn, again while the database does not answer; null when it is over before that. */
  async #untilAnswered<Value>(signal: AbortSignal, ask: () => Promise<Value>): Promise<Value | null> {
    while (!signal.aborted) {
      try {
        return await this.#options.inTurn(() => (signal.aborted ? Promise.reject(new ChatError('OVERLOADED')) : ask()));
      } catch (error) {
        if (!(error instanceof ChatError && error.retryable)) throw error;
        await pause(RETRY_MS, signal);
      }
    }
    return null;
  }
}

function isAhead(since: HistoryPosition, epoch: number, barrier: number): boolean {
  return since.epoch === epoch && since.offset >= barrier;
}

/** Resolves to null at the abort. */
function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

function recoveryOf(roomId: RoomId, rows: readonly ReplayedMessage[], before: RoomTail | null): Recovery {
  let tail = before;
  const messages = rows.map((row): RoomMessage => {
    const prev = tail?.messageId ?? null;
    tail = tailOf(row);
    return {
      roomId,
      messageId: tail.messageId,
      body: Buffer.from(JSON.stringify(row.message)),
      clientMessageId: row.clientMessageId,
      prev,
      isReplayed: true,
    };
  });
  return { isRecovered: true, messages, tail };
}

function tailOf({ message, offset }: ReplayedMessage): RoomTail {
  return { messageId: String(message.id), offset };
}
