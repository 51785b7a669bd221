import type { MessageRepeatKeys } from '@chat/kafka-contracts';

/** The keys by which a record repeats another. */
export type RepeatKeys = Pick<MessageRepeatKeys, 'eventKey' | 'clientKey'>;

/** The first message under a key. */
export interface FirstMessage {
  readonly messageId: string;
  /** Digest of its content; null where it came without a client key. */
  readonly digest: string | null;
}

/** What the log says of one more record: which message was first under its keys, and whether that is another one. */
export interface Verdict {
  readonly isRepeat: boolean;
  readonly first: FirstMessage;
}

interface Entry {
  readonly first: FirstMessage;
  /** Where a record last carried the key. */
  readonly offset: number;
}

/**
 * The repeat keys of the last `windowOffsets` offsets of each partition (DESIGN §5.2). First in the log wins: a record that
 * carries a key which another one carried within the window before it is a repeat. A repeat keeps the keys that it shares
 * alive, so that an instance which has read only the last window judges as one that runs for long. Holds no content.
 */
export class RecentMessages {
  readonly #windowOffsets: number;
  readonly #partitions = new Map<number, Map<string, Entry>>();

  constructor(windowOffsets: number) {
    this.#windowOffsets = windowOffsets;
  }

  /** Takes in the next record of a partition. */
  observe(partition: number, offset: number, keys: RepeatKeys, message: FirstMessage): Verdict {
    const entries = this.#entriesOf(partition);
    forgetBefore(entries, offset - this.#windowOffsets);
    const names = namesOf(keys);
    const shared = names.filter((name) => entries.has(name));
    const first = entries.get(shared[0] ?? '')?.first ?? message;
    const isRepeat = shared.length > 0;
    for (const name of isRepeat ? shared : names) renew(entries, name, entries.get(name)?.first ?? message, offset);
    return { isRepeat, first };
  }

  /** The message that a sender already published in a room under this client key, if it is within the window. */
  find(partition: number, clientKey: string): FirstMessage | undefined {
    return this.#partitions.get(partition)?.get(clientName(clientKey))?.first;
  }

  #entriesOf(partition: number): Map<string, Entry> {
    const known = this.#partitions.get(partition);
    if (known !== undefined) return known;
    const made = new Map<string, Entry>();
    this.#partitions.set(partition, made);
    return made;
  }
}

/** A Map keeps the order of insertion, so a renewed key goes to its end and the oldest come first. */
function renew(entries: Map<string, Entry>, name: string, first: FirstMessage, offset: number): void {
  entries.delete(name);
  entries.set(name, { first, offset });
}

function forgetBefore(entries: Map<string, Entry>, oldest: number): void {
  for (const [name, { offset }] of entries) {
    if (offset >= oldest) return;
    entries.delete(name);
  }
}

function namesOf({ eventKey, clientKey }: RepeatKeys): string[] {
  const names: string[] = [];
  if (clientKey !== null) names.push(clientName(clientKey));
  if (eventKey !== null) names.push(`e${eventKey}`);
  return names;
}

function clientName(clientKey: string): string {
  return `c${clientKey}`;
}
