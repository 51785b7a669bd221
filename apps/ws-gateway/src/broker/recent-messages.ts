import { randomBytes } from 'node:crypto';
import type { MessageId, RoomId, UserId } from '@chat/dto';
import type { MessageRepeatIds } from '@chat/kafka-contracts';
import { halfSipHash, type Hash64, type HashKey } from './half-sip-hash.ts';
import { KeyWindow, type KeyedMessage } from './key-window.ts';
import { PerPartition } from './per-partition.ts';

/** The first message under a key. */
export interface FirstMessage {
  readonly messageId: string;
  /** Digest of its content; null where it came without a client key. */
  readonly digest: number | null;
  /** False where a record before all that was read back may have been the first. */
  readonly isCertain: boolean;
}

/** A record that counts. */
export interface ReadMessage {
  readonly messageId: number;
  readonly roomId: RoomId;
  readonly senderId: UserId;
  readonly ids: MessageRepeatIds;
  /** Null where it has no client message id. */
  readonly digest: number | null;
  readonly isCertain: boolean;
}

/** The name that a sender gave a message in a room. */
export interface ClientKey {
  readonly roomId: RoomId;
  readonly senderId: UserId;
  readonly clientMessageId: string;
}

/** Stand before what is hashed, above the 21 high bits of a room id, so that no event id is taken for a client's. */
const [EVENT, CLIENT] = [1 << 24, 2 << 24];
const UTF8 = new TextEncoder();

/**
 * The repeat keys of the last `windowOffsets` offsets of each partition (DESIGN §5.2). First in the log wins: a record that
 * carries a key which another one carried within the window before it is a repeat. A repeat keeps the keys that it shares
 * alive, so that an instance which has read only the last window judges as one that runs for long. Holds no content.
 *
 * Keys are known by 64 bits of hash under a secret of this process, which nobody can aim at. That one of a record's two keys
 * is taken for one of the 100,000 that 50,000 offsets hold happens once in 10^14 records: at 10,000 a second in 300 years.
 */
export class RecentMessages {
  readonly #windows: PerPartition<KeyWindow>;
  readonly #secret: HashKey;
  /** Filled anew for each hash. */
  readonly #eventWords = new Int32Array(2);
  readonly #clientWords = new Int32Array(4);

  constructor(windowOffsets: number, secret: HashKey = randomKey()) {
    this.#windows = new PerPartition(() => new KeyWindow(windowOffsets));
    this.#secret = secret;
  }

  /** Takes in the next record of a partition; the message that it repeats, or null where it is the first of its keys. */
  observe(partition: number, offset: number, record: ReadMessage): FirstMessage | null {
    const window = this.#windows.of(partition);
    window.advance(offset);
    const { roomId, senderId, ids } = record;
    const client = ids.clientMessageId && this.#clientHash(roomId, senderId, ids.clientMessageId);
    const event = ids.eventId && this.#eventHash(roomId, ids.eventId);
    const byClient = client === null ? undefined : window.get(client);
    const byEvent = event === null ? undefined : window.get(event);
    const first = byClient ?? byEvent;
    if (first === undefined) {
      const message = { messageId: record.messageId, digest: record.digest ?? NaN, isCertain: record.isCertain };
      if (client !== null) window.add(client, message, offset);
      if (event !== null) window.add(event, message, offset);
      return null;
    }
    if (client !== null && byClient !== undefined) window.renew(client, offset);
    if (event !== null && byEvent !== undefined) window.renew(event, offset);
    return firstOf(first);
  }

  /** Takes in the next record of a room of which not everything was read here, by the verdict of who has read all of it. */
  learn(partition: number, offset: number, record: ReadMessage, first: FirstMessage | null): void {
    const window = this.#windows.of(partition);
    window.advance(offset);
    const { roomId, senderId, ids, messageId, isCertain } = record;
    const message = first === null ? { messageId, digest: record.digest ?? NaN, isCertain } : keyedOf(first);
    const hashes = [
      ids.clientMessageId && this.#clientHash(roomId, senderId, ids.clientMessageId),
      ids.eventId && this.#eventHash(roomId, ids.eventId),
    ];
    for (const hash of hashes) {
      if (hash === null) continue;
      const isKnown = window.get(hash) !== undefined;
      if (!isKnown) window.add(hash, message, offset);
      if (isKnown || first !== null) window.renew(hash, offset); // where the first lies is not known here
    }
  }

  /** The message that a sender already published in a room under this name, if it is within the window. */
  find(partition: number, { roomId, senderId, clientMessageId }: ClientKey): FirstMessage | undefined {
    const known = this.#windows.of(partition).get(this.#clientHash(roomId, senderId, UTF8.encode(clientMessageId)));
    return known && firstOf(known);
  }

  /**
   * At which offset a message of the room lies whose event id is its own id, as that of ours is. Undefined where that is not
   * known for sure: behind the window, before all that was read back, or where a repeat came since.
   */
  findOffset(partition: number, roomId: RoomId, messageId: MessageId): number | undefined {
    const window = this.#windows.of(partition);
    const event = this.#eventHash(roomId, UTF8.encode(String(messageId)));
    const known = window.get(event);
    return known?.messageId === messageId && known.isCertain ? window.offsetOf(event) : undefined;
  }

  #eventHash(roomId: RoomId, eventId: Uint8Array): Hash64 {
    const words = this.#eventWords;
    words[0] = roomId;
    words[1] = highWord(roomId) | EVENT;
    return halfSipHash(this.#secret, { words, bytes: eventId, from: 0, to: eventId.length });
  }

  #clientHash(roomId: RoomId, senderId: UserId, clientMessageId: Uint8Array): Hash64 {
    const words = this.#clientWords;
    words[0] = roomId;
    words[1] = highWord(roomId) | CLIENT;
    words[2] = senderId;
    words[3] = highWord(senderId);
    return halfSipHash(this.#secret, { words, bytes: clientMessageId, from: 0, to: clientMessageId.length });
  }
}

/** The bits of an id above the lowest 32. */
function highWord(id: number): number {
  return Math.floor(id / 2 ** 32);
}

function firstOf({ messageId, digest, isCertain }: KeyedMessage): FirstMessage {
  return { messageId: String(messageId), digest: Number.isNaN(digest) ? null : digest, isCertain };
}

function keyedOf({ messageId, digest, isCertain }: FirstMessage): KeyedMessage {
  return { messageId: Number(messageId), digest: digest ?? NaN, isCertain };
}

function randomKey(): HashKey {
  const bytes = randomBytes(8);
  return { low: bytes.readInt32LE(0), high: bytes.readInt32LE(4) };
}
