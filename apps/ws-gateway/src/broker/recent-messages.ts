import type { MessageRepeatKeys } from '@chat/kafka-contracts';
import { PartitionWindows } from './offset-window.ts';

/** The keys by which a record repeats another. */
export type RepeatKeys = Pick<MessageRepeatKeys, 'eventKey' | 'clientKey'>;

/** The first message under a key. */
export interface FirstMessage {
  readonly messageId: string;
  /** Digest of its content; null where it came without a client key. */
  readonly digest: string | null;
  /** False where a record before all that was read back may have been the first. */
  readonly isCertain: boolean;
}

/** What the log says of one more record: which message was first under its keys, and whether that is another one. */
export interface Verdict {
  readonly isRepeat: boolean;
  readonly first: FirstMessage;
}

/**
 * The repeat keys of the last `windowOffsets` offsets of each partition (DESIGN §5.2). First in the log wins: a record that
 * carries a key which another one carried within the window before it is a repeat. A repeat keeps the keys that it shares
 * alive, so that an instance which has read only the last window judges as one that runs for long. Holds no content.
 */
export class RecentMessages {
  readonly #windows: PartitionWindows<string, FirstMessage>;

  constructor(windowOffsets: number) {
    this.#windows = new PartitionWindows(windowOffsets);
  }

  /** Takes in the next record of a partition. */
  observe(partition: number, offset: number, keys: RepeatKeys, message: FirstMessage): Verdict {
    const window = this.#windows.of(partition);
    window.advance(offset);
    const names = namesOf(keys);
    const shared = names.filter((name) => window.get(name) !== undefined);
    const first = window.get(shared[0] ?? '') ?? message;
    const isRepeat = shared.length > 0;
    for (const name of isRepeat ? shared : names) window.set(name, window.get(name) ?? message, offset);
    return { isRepeat, first };
  }

  /** The message that a sender already published in a room under this client key, if it is within the window. */
  find(partition: number, clientKey: string): FirstMessage | undefined {
    return this.#windows.of(partition).get(clientName(clientKey));
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
