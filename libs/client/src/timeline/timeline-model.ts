import type { HistoryMessageDTO } from '@chat/dto';
import type { TimelineMessage } from '../api.ts';

/** Messages that are shown at most; beyond that the eldest go, and can be loaded again. */
export const TIMELINE_MAX_COUNT = 2_000;

interface Reaction {
  /** As the history counted it; 0 where everything that changed it is known. */
  readonly counted: number;
  readonly isOwnCounted: boolean;
  /** Users who were heard of since. */
  readonly users: Map<number, boolean>;
}

interface Entry {
  shown: TimelineMessage;
  readonly reactions: Map<string, Reaction>;
  /** Whether the history counted its reactions: then who is among them is not known. */
  readonly isCounted: boolean;
}

/** What a screen shows of a room: messages in its order, with what changes them applied as docs/stomp.md says. */
export class TimelineModel {
  readonly #ownUserId: () => number | null;
  #entries = new Map<number, Entry>();
  #shown: readonly TimelineMessage[] | null = null;
  #isCut = false;

  constructor(ownUserId: () => number | null) {
    this.#ownUserId = ownUserId;
  }

  /** The same list until something changes. */
  get messages(): readonly TimelineMessage[] {
    this.#shown ??= [...this.#entries.values()].map(({ shown }) => shown);
    return this.#shown;
  }

  /** Whether messages at the front were let go. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The next message of the room. Answers whether it was about one that is not shown. */
  apply(message: HistoryMessageDTO, clientMessageId: string | null): boolean {
    const { kind, targetId } = message;
    if (kind === undefined || kind === 'SYSTEM') {
      if (this.#entries.has(message.id)) return false;
      this.#entries.set(message.id, entryOf(message, clientMessageId));
      this.#trim();
    } else {
      const entry = targetId === undefined ? undefined : this.#entries.get(targetId);
      if (entry === undefined) return true;
      this.#change(entry, message);
    }
    this.#shown = null;
    return false;
  }

  /** An older page, in the order of the room. */
  prepend(page: readonly HistoryMessageDTO[], shownBefore?: ReadonlyMap<number, Entry>): void {
    const keyOf = (id: number) => shownBefore?.get(id)?.shown.clientMessageId ?? null; // the history does not tell it
    const older = page
      .filter(({ id }) => !this.#entries.has(id))
      .map((one) => [one.id, entryOf(one, keyOf(one.id))] as const);
    this.#entries = new Map([...older, ...this.#entries]);
    this.#shown = null;
  }

  /** The newest page in place of everything but the `later` messages, which are shown and came behind it. */
  replace(page: readonly HistoryMessageDTO[], later: readonly TimelineMessage[]): void {
    const kept = later.flatMap(({ id }): [number, Entry][] => {
      const entry = this.#entries.get(id);
      return entry === undefined ? [] : [[id, entry]];
    });
    const shownBefore = this.#entries;
    this.#entries = new Map(kept);
    this.#isCut = false;
    this.prepend(page, shownBefore);
  }

  #change(entry: Entry, { kind, senderId, content, timestamp, removed }: HistoryMessageDTO): void {
    const { shown } = entry;
    if (shown.deletedAt !== null) return; // nothing behind a DELETE changes anything
    switch (kind) {
      case 'EDIT':
        if (shown.kind === 'TEXT' && senderId === shown.senderId)
          entry.shown = { ...shown, content, editedAt: timestamp };
        return;
      case 'DELETE':
        entry.shown = { ...shown, content: '', deletedAt: timestamp, reactions: [] };
        return;
      case 'REACTION': {
        const reaction = entry.reactions.get(content) ?? { counted: 0, isOwnCounted: false, users: new Map() };
        reaction.users.set(senderId, removed !== true);
        entry.reactions.set(content, reaction);
        entry.shown = { ...shown, reactions: this.#countsOf(entry) };
        return;
      }
      default: // of a later version
    }
  }

  #countsOf({ reactions, isCounted }: Entry): TimelineMessage['reactions'] {
    const ownUserId = this.#ownUserId();
    return [...reactions]
      .map(([content, { counted, isOwnCounted, users }]) => {
        let count = counted;
        for (const [userId, isThere] of users) {
          const isOwn = userId === ownUserId;
          // of others the history does not tell who they are: who takes back was among them, who reacts was not
          const wasCounted = isOwn ? isOwnCounted : isCounted && !isThere;
          count += Number(isThere) - Number(wasCounted);
        }
        const isOwn = ownUserId === null ? isOwnCounted : (users.get(ownUserId) ?? isOwnCounted);
        return { content, count: Math.max(count, 0), isOwn };
      })
      .filter(({ count }) => count > 0)
      .sort((one, other) => other.count - one.count);
  }

  #trim(): void {
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= TIMELINE_MAX_COUNT) return;
      this.#entries.delete(id);
      this.#isCut = true;
    }
  }
}

function entryOf(message: HistoryMessageDTO, clientMessageId: string | null): Entry {
  const { id, senderId, kind, content, timestamp, system, editedAt, deletedAt, reactions = [] } = message;
  const counted = reactions.map(({ content: what, count, isOwn }): [string, Reaction] => [
    what,
    { counted: count, isOwnCounted: isOwn, users: new Map() },
  ]);
  return {
    shown: {
      id,
      senderId,
      kind: kind === 'SYSTEM' ? 'SYSTEM' : 'TEXT',
      content,
      timestamp,
      system: system ?? null,
      editedAt: editedAt ?? null,
      deletedAt: deletedAt ?? null,
      reactions,
      clientMessageId,
    },
    reactions: new Map(counted),
    isCounted: counted.length > 0,
  };
}
