import type { HistoryMessageDTO } from '@chat/dto';
import type { Discontinuity, MessageOrigin } from '../api.ts';

/** A message of the subscription to a room. */
export interface StreamMessage {
  readonly id: number;
  /** Id of the room's message before it; null where the gateway does not know. */
  readonly prev: number | null;
  /** Null where the body could not be read: then there is nothing to deliver, but the place counts. */
  readonly message: HistoryMessageDTO | null;
  readonly origin: MessageOrigin;
}

/** What is to be done, in this order. */
export type StreamEffect =
  | { readonly do: 'deliver'; readonly message: HistoryMessageDTO; readonly origin: MessageOrigin }
  /** Read the history behind `after`, up to the first message that waits. */
  | { readonly do: 'fill'; readonly after: number }
  | { readonly do: 'tell'; readonly gap: Omit<Discontinuity, 'roomId'> };

export interface StreamLimits {
  readonly heldMaxMessages: number;
  readonly rememberedIdsMaxCount: number;
}

export interface StreamStart {
  readonly since?: number;
  readonly history?: number;
}

type Phase = 'down' | 'resuming' | 'filling' | 'live';

/** The room had no message when it was opened: what comes later comes behind this. */
const START = 0;

/**
 * What of a room was delivered, and what to do with what comes: over sessions each message once, in the order of the room,
 * and no gap that is not filled or told. Knows no socket. The place is the last message that was delivered; a message follows
 * it if its `prev` says so, or if the gateway has said that nothing is missing.
 */
export class RoomStream {
  readonly #limits: StreamLimits;
  readonly #history: number;
  readonly #seen = new Set<number>();
  #place: number | null;
  #phase: Phase = 'down';
  #held: StreamMessage[] = [];
  /** The replay under way is of before, and only for the place: nothing of it is delivered. */
  #isFindingPlace = false;
  /** It has been live, so that what is said from there on is wanted even if no place is known. */
  #wasLive = false;
  /** What was read from the history in place of what happened, until it is told: over sessions. */
  #gap: { readonly after: number; filledCount: number } | null = null;

  constructor({ since, history = 0 }: StreamStart, limits: StreamLimits) {
    this.#limits = limits;
    this.#history = history;
    this.#place = since ?? null;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Null before the first one. */
  get lastMessageId(): number | null {
    return this.#place === START ? null : this.#place;
  }

  /** The first of those that wait behind the gap; `isItem`: the history has it, not only what it changed. */
  get firstHeld(): { readonly id: number; readonly isItem: boolean } | null {
    const [first] = this.#held;
    if (first === undefined) return null;
    const { id, message } = first;
    return { id, isItem: message !== null && (message.kind === undefined || message.kind === 'SYSTEM') };
  }

  /** Headers of a SUBSCRIBE. Who wants nothing of before still asks for the last text, to have a place to come back to. */
  subscribe(): Readonly<Record<string, string>> {
    this.#phase = 'resuming';
    this.#isFindingPlace = this.#place === null && this.#history === 0 && !this.#wasLive;
    return this.#place === null ? { history: String(Math.max(1, this.#history)) } : { since: String(this.#place) };
  }

  /** A MESSAGE came. */
  take(message: StreamMessage): readonly StreamEffect[] {
    if (this.#phase === 'down' || this.#seen.has(message.id)) return [];
    if (this.#follows(message)) return this.#deliver(message);
    const isLive = this.#phase === 'live';
    return [...this.#hold(message), ...(isLive ? this.#fill() : [])];
  }

  /** The RECEIPT of the SUBSCRIBE came; `isRecovered`: nothing is missing before it. */
  settled(isRecovered: boolean): readonly StreamEffect[] {
    if (this.#phase !== 'resuming') return [];
    this.#isFindingPlace = false;
    if (this.#place !== null && !isRecovered) return this.#fill();
    const isRest = isRecovered && (this.#place !== null || !this.#wasLive || this.#held.length === 0);
    this.#phase = 'live';
    this.#wasLive = true;
    const told = isRest ? this.#endGap(null) : [tellOf(null, 0, 'The gateway could not bring them.')];
    const effects = [...told, ...this.#takeHeld()];
    if (isRecovered) this.#place ??= START;
    return effects;
  }

  /** The session is gone. What was held comes again, behind the place. */
  lost(): void {
    if (this.#isFindingPlace) this.#place = null; // there may be more of before than came
    this.#isFindingPlace = false;
    this.#phase = 'down';
    this.#held = [];
    if (this.#gap?.filledCount === 0) this.#gap = null; // all of it comes again
  }

  /** A page of the history behind the gap; `isEnd` once it has reached what waits, or `endId`, which lies behind that. */
  filled(
    items: readonly HistoryMessageDTO[],
    endId: number | null = null,
  ): { readonly effects: readonly StreamEffect[]; readonly isEnd: boolean } {
    const effects: StreamEffect[] = [];
    if (this.#phase !== 'filling') return { effects, isEnd: true };
    const held = new Set(this.#held.map(({ id }) => id));
    for (const message of items) {
      if (message.id === endId || held.has(message.id)) return { effects, isEnd: true };
      if (this.#seen.has(message.id)) continue;
      if (this.#gap !== null) this.#gap.filledCount += 1;
      const origin = { via: 'history', clientMessageId: null } as const;
      effects.push(...this.#deliver({ id: message.id, prev: null, message, origin }));
    }
    return { effects, isEnd: false };
  }

  /** The first that waits changed something and lies before `id`: it goes, where the history has brought that already. */
  passOver(id: number): boolean {
    const isBehind = this.#phase === 'filling' && this.#seen.has(id);
    if (isBehind) this.#held.shift();
    return isBehind;
  }

  /** The reading of the history has ended: what waited is delivered. `reason`: why not everything was read, else null. */
  fillEnded(reason: string | null): readonly StreamEffect[] {
    if (this.#phase !== 'filling') return [];
    this.#phase = 'live';
    return [...this.#endGap(reason), ...this.#takeHeld()];
  }

  /** Of a replay what comes first follows where nothing is missed before it, else a message does that says so. */
  #follows({ prev }: StreamMessage): boolean {
    if (this.#phase === 'live')
      return prev === null || this.#place === null || prev === this.#place || this.#seen.has(prev);
    if (this.#phase === 'filling' || this.#held.length > 0) return false;
    return this.#isFindingPlace || (this.#place === null ? !this.#wasLive : prev === this.#place);
  }

  #hold(message: StreamMessage): readonly StreamEffect[] {
    if (this.#held.some(({ id }) => id === message.id)) return [];
    this.#held.push(message);
    if (this.#held.length <= this.#limits.heldMaxMessages) return [];
    if (this.#phase === 'resuming') this.#fill(); // which ends at once
    return this.fillEnded(`More than ${this.#limits.heldMaxMessages} messages waited (heldMaxMessages).`);
  }

  #fill(): readonly StreamEffect[] {
    const after = this.#place ?? START;
    this.#phase = 'filling';
    this.#gap ??= { after, filledCount: 0 };
    return [{ do: 'fill', after }];
  }

  /** Tells of the gap, if there is one. `reason`: why messages are missing; null where none is. */
  #endGap(reason: string | null): readonly StreamEffect[] {
    if (this.#gap === null) return [];
    const { after, filledCount } = this.#gap;
    this.#gap = null;
    return [tellOf(after === START ? null : after, filledCount, reason)];
  }

  /** The first follows what was delivered; among the others there may be a gap as well. */
  #takeHeld(): readonly StreamEffect[] {
    const [first, ...others] = this.#held;
    this.#held = [];
    return first === undefined ? [] : [...this.#deliver(first), ...others.flatMap((message) => this.take(message))];
  }

  #deliver({ id, message, origin }: StreamMessage): readonly StreamEffect[] {
    this.#place = id;
    if (this.#isFindingPlace && origin.via === 'replayed') return [];
    this.#isFindingPlace = false;
    this.#remember(id);
    return message === null ? [] : [{ do: 'deliver', message, origin }];
  }

  #remember(id: number): void {
    this.#seen.add(id);
    const [oldest = id] = this.#seen;
    if (this.#seen.size > this.#limits.rememberedIdsMaxCount) this.#seen.delete(oldest);
  }
}

function tellOf(after: number | null, filledCount: number, reason: string | null): StreamEffect {
  const missing = reason === null ? 'changes' : 'messages';
  return {
    do: 'tell',
    gap: { after, missing, filledCount, reason: reason ?? 'What was missed was read from the history.' },
  };
}
