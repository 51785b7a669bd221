import type { ChangeTarget } from '@chat/database';
import { asUserId, type MessageId, type MessageKind, type RoomId, type UserId } from '@chat/dto';
import { KNOWN_MESSAGES_MAX } from '../limits.ts';

/** A text or a SYSTEM message. */
export interface KnownMessage {
  readonly id: MessageId;
  readonly roomId: RoomId;
  readonly senderId: UserId;
  /** None for text. */
  readonly kind?: MessageKind | null | undefined;
}

const [TEXT, SYSTEM, DELETED] = [0, 1, 2];
/** Odd, far from each other: 2^32 by the golden ratio, and the first multiplier of MurmurHash3. */
const [FIRST, SECOND] = [0x9e3779b1, 0xcc9e2d51];

/**
 * Who wrote what, of messages that this instance has published or has shown somebody, and what was deleted lately: so that most
 * changes need no database. Columns of numbers, in which each message has one place: a newer one at that place takes it, and
 * what was there is unknown again. So a record costs four numbers, and the memory is always the same: 25 bytes a place.
 */
export class KnownMessages {
  readonly #shift: number;
  readonly #ids: Float64Array;
  /** 0 where the place is empty. */
  readonly #roomIds: Float64Array;
  readonly #senderIds: Float64Array;
  readonly #states: Uint8Array;

  /** `max` is a power of two, 2 at least. */
  constructor(max: number = KNOWN_MESSAGES_MAX) {
    this.#shift = 32 - Math.log2(max);
    this.#ids = new Float64Array(max);
    this.#roomIds = new Float64Array(max);
    this.#senderIds = new Float64Array(max);
    this.#states = new Uint8Array(max);
  }

  /** The message is on its way into the log, or was read there. Where its id is known in the room, the first one counts. */
  note({ id, roomId, senderId, kind }: KnownMessage): void {
    const place = this.#placeOf(id);
    if (!this.#has(place, roomId, id)) this.#set(place, roomId, id, senderId, kind === 'SYSTEM' ? SYSTEM : TEXT);
  }

  /** The message was deleted, whether or not it is known. */
  deleted(roomId: RoomId, id: MessageId): void {
    const place = this.#placeOf(id);
    if (!this.#has(place, roomId, id)) this.#set(place, roomId, id, 0, DELETED);
    else if (this.#states[place] === TEXT) this.#states[place] = DELETED;
  }

  /** Undefined where it is not known. The sender of what is deleted may be 0. */
  find(roomId: RoomId, id: MessageId): ChangeTarget | undefined {
    const place = this.#placeOf(id);
    if (!this.#has(place, roomId, id)) return undefined;
    const state = this.#states[place];
    const senderId = asUserId(this.#senderIds[place] ?? 0);
    return { senderId, kind: state === SYSTEM ? 'SYSTEM' : null, isDeleted: state === DELETED };
  }

  #placeOf(id: MessageId): number {
    return Math.imul(id ^ Math.imul(Math.floor(id / 2 ** 32), FIRST), SECOND) >>> this.#shift;
  }

  #has(place: number, roomId: RoomId, id: MessageId): boolean {
    return this.#ids[place] === id && this.#roomIds[place] === roomId;
  }

  #set(place: number, roomId: RoomId, id: MessageId, senderId: number, state: number): void {
    this.#ids[place] = id;
    this.#roomIds[place] = roomId;
    this.#senderIds[place] = senderId;
    this.#states[place] = state;
  }
}
