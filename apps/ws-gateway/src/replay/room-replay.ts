import { HISTORY_START, type HistoryPosition, type ReplayedMessage, type ResumeRepository } from '@chat/database';
import type { MessageId, RoomId } from '@chat/dto';
import { ChatError, pause } from '@chat/service-kit';
import type { ReplayRequest } from '../broker/replay-request.ts';
import { weightOf, type RoomMessage } from '../broker/room-message.ts';
import type { RoomTail } from '../broker/room-tails.ts';
import type { HeldSubscription } from './held-subscription.ts';
import type { StoredPositions } from './stored-positions.ts';

/** Longest between two looks at the rows while they are behind, in ms; what the persister tells makes it shorter. */
const LOOK_EVERY_MS = 500;
/** Pause after the rows were behind or the database did not answer, in ms. */
const RETRY_MS = 100;

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
  /** Where it is recovered: from this offset on the client has or gets everything. What it names as seen it has. */
  readonly unbrokenFrom: number;
  readonly messages: readonly RoomMessage[];
  /** The room's last message before the barrier, where that came to light. */
  readonly tail: RoomTail | null;
  /** Which part of what waits is for the client. */
  readonly waiting: 'all' | 'behind since';
}

/** An answer of the rows: they are behind the barrier, `since` is not among them, or it is known what was missed. */
type Answer = 'behind' | 'ahead' | Recovery;

const NOT_RECOVERED: Recovery = {
  isRecovered: false,
  unbrokenFrom: Infinity,
  messages: [],
  tail: null,
  waiting: 'all',
};

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
    const ask =
      request.kind === 'since'
        ? () => this.#askSince(task, request.messageId)
        : () => this.#askNewest(task, request.count);
    try {
      return (await Promise.race([this.#untilKnown(task, ask, over.signal), aborted(over.signal)])) ?? NOT_RECOVERED;
    } finally {
      clearTimeout(timer);
      over.abort();
    }
  }

  /** Null when it is over before that. */
  async #untilKnown(task: ReplayTask, ask: () => Promise<Answer>, signal: AbortSignal): Promise<Recovery | null> {
    const { stored } = this.#options;
    const { partition, barrier, hold } = task;
    while (!signal.aborted) {
      await stored.waitFor(partition, barrier, LOOK_EVERY_MS, signal);
      const answer = await this.#inTurn(ask, signal);
      if (answer === 'ahead') return this.#sincePassed(hold);
      if (answer !== 'behind' && answer !== null) return answer;
      await pause(RETRY_MS, signal); // also where a hint says otherwise than the rows
    }
    return null;
  }

  /** All that one look takes in one turn; null where the database did not answer or it is over. */
  async #inTurn(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer | null> {
    try {
      return await this.#options.inTurn(async () => (signal.aborted ? null : ask()));
    } catch (error) {
      if (error instanceof ChatError && error.retryable) return null;
      throw error;
    }
  }

  async #askSince({ roomId, partition, barrier }: ReplayTask, messageId: MessageId | null): Promise<Answer> {
    const { rows, limits } = this.#options;
    const point = await rows.findResumePoint(roomId, partition, messageId);
    if (point.storedUpTo < barrier) return 'behind';
    const since = messageId === null ? HISTORY_START : point.since;
    if (since === null || isAhead(since, point.epoch, barrier)) return 'ahead';
    if (messageId !== null && since.epoch !== point.epoch) return NOT_RECOVERED; // the client's place is in another log
    const before = { epoch: point.epoch, offset: barrier };
    const missed = await rows.listReplay({ roomId, after: since, before, ...limits });
    if (missed === null) return NOT_RECOVERED;
    const seen = messageId === null ? null : { messageId: String(messageId), offset: since.offset };
    const recovery = { ...recoveryOf(roomId, missed, seen), unbrokenFrom: seen?.offset ?? 0 };
    return weightOfAll(recovery.messages) > limits.maxBytes ? NOT_RECOVERED : recovery; // as JSON it may be more
  }

  async #askNewest({ roomId, partition, barrier }: ReplayTask, count: number): Promise<Answer> {
    const { rows, limits } = this.#options;
    const point = await rows.findResumePoint(roomId, partition, null);
    if (point.storedUpTo < barrier) return 'behind';
    const before = { epoch: point.epoch, offset: barrier };
    const { rows: wanted, earlier, isCut } = await rows.listNewest({ roomId, before, messageCount: count, ...limits });
    const recovery = recoveryOf(roomId, wanted, isCut || earlier === null ? null : tailOf(earlier));
    const messages = lastThatFit(recovery.messages, limits.maxBytes);
    const isWhole = !isCut && earlier === null && messages.length === wanted.length;
    const unbrokenFrom = isWhole ? 0 : (messages[0]?.offset ?? barrier);
    return { ...recovery, messages, unbrokenFrom };
  }

  /** `since` lies ahead of this instance: it will pass in the log, and what comes after it is live. */
  async #sincePassed(hold: HeldSubscription): Promise<Recovery> {
    await hold.sincePassed;
    const unbrokenFrom = hold.sinceOffset ?? Infinity;
    return { isRecovered: true, unbrokenFrom, messages: [], tail: null, waiting: 'behind since' };
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

function recoveryOf(
  roomId: RoomId,
  rows: readonly ReplayedMessage[],
  before: RoomTail | null,
): Omit<Recovery, 'unbrokenFrom'> {
  let tail = before;
  const messages = rows.map((row): RoomMessage => {
    const prev = tail?.messageId ?? null;
    tail = tailOf(row);
    return {
      roomId,
      messageId: tail.messageId,
      senderId: row.message.senderId,
      offset: tail.offset,
      body: Buffer.from(JSON.stringify(row.message)),
      clientMessageId: row.clientMessageId,
      prev,
      isReplayed: true,
    };
  });
  return { isRecovered: true, messages, tail, waiting: 'all' };
}

function tailOf({ message, offset }: ReplayedMessage): RoomTail {
  return { messageId: String(message.id), offset };
}

function weightOfAll(messages: readonly RoomMessage[]): number {
  return messages.reduce((bytes, message) => bytes + weightOf(message), 0);
}

function lastThatFit(messages: readonly RoomMessage[], maxBytes: number): readonly RoomMessage[] {
  let from = messages.length;
  for (let bytes = 0; from > 0; from -= 1) {
    bytes += weightOf(messages[from - 1] as RoomMessage); // the index is below the length
    if (bytes > maxBytes) break;
  }
  return messages.slice(from);
}
