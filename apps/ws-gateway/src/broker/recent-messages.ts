import type { RepeatKeys } from '@chat/kafka-contracts';

/** What is remembered of a message that went by. */
export interface RecentMessage {
  readonly messageId: string;
  readonly offset: number;
}

interface Window {
  /** Keys in the order of the log, each with the offset it was first seen at. */
  readonly byKey: Map<string, RecentMessage>;
}

/**
 * The repeat keys of the last `windowOffsets` offsets of each partition. First in the log wins: a record that carries
 * a key seen before within the window is a repeat, for every instance alike. Holds no content.
 */
export class RecentMessages {
  readonly #windowOffsets: number;
  readonly #partitions = new Map<number, Window>();

  constructor(windowOffsets: number) {
    this.#windowOffsets = windowOffsets;
  }

  /** Takes in the next record of a partition; false when it repeats one seen before. */
  observe(partition: number, offset: number, keys: RepeatKeys): boolean {
    const { byKey } = this.#windowOf(partition);
    this.#forgetBefore(byKey, offset - this.#windowOffsets);
    const names = namesOf(keys);
    if (names.some((name) => byKey.has(name))) return false;
    for (const name of names) byKey.set(name, { messageId: keys.eventId ?? '', offset });
    return true;
  }

  /** The message that a sender already published in a room under this client key, if it is within the window. */
  find(partition: number, clientKey: string): RecentMessage | undefined {
    return this.#partitions.get(partition)?.byKey.get(clientName(clientKey));
  }

  #windowOf(partition: number): Window {
    const known = this.#partitions.get(partition);
    if (known !== undefined) return known;
    const made: Window = { byKey: new Map() };
    this.#partitions.set(partition, made);
    return made;
  }

  /** A Map keeps the order of insertion, which is the order of the log: the oldest keys come first. */
  #forgetBefore(byKey: Map<string, RecentMessage>, oldest: number): void {
    for (const [name, { offset }] of byKey) {
      if (offset >= oldest) return;
      byKey.delete(name);
    }
  }
}

function namesOf({ eventId, clientKey }: RepeatKeys): string[] {
  const names: string[] = [];
  if (eventId !== null) names.push(`e${eventId}`);
  if (clientKey !== null) names.push(clientName(clientKey));
  return names;
}

function clientName(clientKey: string): string {
  return `c${clientKey}`;
}
