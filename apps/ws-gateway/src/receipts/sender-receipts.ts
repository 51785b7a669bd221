import {
  messageStatusOf,
  type MessageId,
  type MessageReceipt,
  type MessageStatus,
  type RoomId,
  type UserId,
} from '@chat/dto';

/** Shortest time between two frames about a room to a user, and between two looks at the rows for them, in ms. */
const TELL_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 500;
/** How long after marks were heard of they are likely to be stored, in ms. */
const STORING_MS = 300;
/** When it is looked again while messages have not reached everything, in ms after the look before; the last one for ever. */
const LOOK_AGAIN_MS = [1_000, 3_000, 10_000, 30_000, 60_000] as const;
/** After a look the room rests a ms for so many members: one of 100,000 for 5 s. */
const MEMBERS_PER_REST_MS = 20;
/** What is taken for the members of a room that was not looked at yet. */
const MEMBERS_UNKNOWN = 1_000;
/** A room whose look failed is looked at together with a quarter as many others each time; after this many times, alone. */
const FAILED_PARTS = 4;
const FAILED_ALONE = 4;
/** When it is looked at again, in ms: soon while it shares its look, then at growing intervals. */
const FAILED_AGAIN_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000] as const;

/** A message of a user's that was read from the log. */
export interface SentMessage {
  readonly userId: UserId;
  readonly roomId: RoomId;
  readonly messageId: MessageId;
  readonly clientMessageId: string | null;
  /** In the log of the room's partition. */
  readonly offset: number;
}

/** What the rows say of a user's message. */
export interface StoredReceipt {
  readonly messageId: MessageId;
  readonly clientMessageId: string | null;
  readonly seq: number;
  readonly recipientCount: number;
  readonly deliveredCount: number;
  readonly readCount: number;
}

/** Whose messages the rows are to be asked for: those behind the room's `afterSeq`-th, the newest so many. */
export interface Look {
  readonly userId: UserId;
  readonly roomId: RoomId;
  readonly afterSeq: number;
}

/** What is to be told to a user. */
export interface Telling {
  readonly userId: UserId;
  readonly roomId: RoomId;
  readonly receipts: readonly MessageReceipt[];
}

export interface SenderReceiptsLimits {
  /** Users' rooms that are followed; the one that had nothing for the longest time is given up for one more. */
  readonly maxRooms: number;
  /** Messages of each that are followed: the newest. */
  readonly maxMessages: number;
  /** Looks that are taken together, and members of their rooms together; a room with more is looked at alone. */
  readonly looksAtOnce: number;
  readonly membersAtOnce: number;
}

/** Whether the rows hold what lies at the offset of the room's log, as far as was heard: they may, and they surely do. */
export interface StoredHints {
  readonly mayHave: (roomId: RoomId, offset: number) => boolean;
  readonly hasStored: (roomId: RoomId, offset: number) => boolean;
}

/** What holds for all senders of a room. */
interface Shared {
  readonly senders: Set<Room>;
  /** As of the last look; null before the first. */
  memberCount: number | null;
  /** Looks that failed since the last that did not. */
  failedCount: number;
  restsUntil: number;
}

interface Followed {
  receipt: MessageReceipt;
  readonly offset: number;
  /** Its number in the room; null until it is known to be stored. */
  seq: number | null;
  told: MessageReceipt | null;
}

/** A user's messages in a room, in the order of the log. */
interface Room {
  readonly userId: UserId;
  readonly roomId: RoomId;
  readonly shared: Shared;
  readonly messages: Map<MessageId, Followed>;
  /** Everything up to it has reached all it can, and was told. */
  afterSeq: number;
  /** Whether also what was sent before it was followed is to be told, and whether that is still to be looked for. */
  isWhole: boolean;
  isLoading: boolean;
  hasNews: boolean;
  isLooking: boolean;
  /** What lies up to this offset was surely stored when the look began; -1 where nothing was. */
  storedUpTo: number;
  /** When it is to be looked at; Infinity while it is, unless that is asked for once more. */
  lookAt: number;
  lookCount: number;
  restsUntil: number;
  toldAt: number;
}

/**
 * What senders who listen here are told of their messages (DESIGN §5.7), room by room: SENT once the log was read, everything
 * else as the rows say it, so never too early. A status never falls back. Decides when the rows are looked at: soon after
 * anything was heard of a room, then again at growing intervals as long as anything is missing, so that what is told in the
 * end is what is true. Instants are in ms of any clock that never goes back.
 */
export class SenderReceipts {
  readonly #limits: SenderReceiptsLimits;
  readonly #hints: StoredHints;
  /** By user and room, the one that had nothing for the longest time first. */
  readonly #rooms = new Map<string, Room>();
  readonly #byRoom = new Map<RoomId, Shared>();

  constructor(limits: SenderReceiptsLimits, hints: StoredHints) {
    this.#limits = limits;
    this.#hints = hints;
  }

  /** Whether something of the room is followed. */
  follows(roomId: RoomId): boolean {
    return this.#byRoom.has(roomId);
  }

  /** A user who listens has written a message. */
  sent({ userId, roomId, messageId, clientMessageId, offset }: SentMessage, now: number): void {
    const room = this.#renewed(userId, roomId, now);
    if (room.messages.has(messageId)) return;
    const receipt = { messageId, ...nameOf(clientMessageId), ...SENT };
    room.messages.set(messageId, { receipt, offset, seq: null, told: null });
    room.hasNews = true;
    this.#trim(room);
    expectLook(room, now);
  }

  /** The user opened the room, or listens on one more device: the newest messages are told anew, those of before too. */
  opened(userId: UserId, roomId: RoomId, now: number): void {
    const room = this.#renewed(userId, roomId, now);
    for (const message of room.messages.values()) message.told = null;
    Object.assign(room, { isWhole: true, isLoading: true, hasNews: true, afterSeq: 0 });
    expectLook(room, now);
  }

  /** All rooms of the user that are followed. */
  roomsOf(userId: UserId): readonly RoomId[] {
    return [...this.#rooms.values()].flatMap((room) => (room.userId === userId ? [room.roomId] : []));
  }

  /** Marks of the room are about to be stored. */
  marked(roomId: RoomId, now: number): void {
    this.#expect(roomId, now + STORING_MS);
  }

  /** A member of the room is gone; it is stored already. */
  memberLeft(roomId: RoomId, userId: UserId, now: number): void {
    this.forget(userId, [roomId]);
    this.#expect(roomId, now);
  }

  /** Nobody here listens for the user any more, or he is no member. */
  forget(userId: UserId, roomIds: readonly RoomId[] = this.roomsOf(userId)): void {
    for (const each of roomIds) this.#drop(this.#rooms.get(keyOf(userId, each)));
  }

  /**
   * Looks that are due, each until `looked` or `failed` is called for it: those that wait the longest first, as many as one
   * statement can answer. The senders of a room share the passing of its members, so they go together. A room whose look
   * failed shares with those alone that failed as often, so that the one that is to blame holds up ever fewer.
   */
  takeLooks(now: number): readonly Look[] {
    const due = [...this.#rooms.values()]
      .map((room) => ({ room, at: this.#lookAt(room) }))
      .filter(({ at }) => at <= now);
    due.sort((one, other) => one.at - other.at);
    return this.#together(due.map(({ room }) => room)).map((room) => {
      const { userId, roomId, afterSeq } = room;
      Object.assign(room, { isLooking: true, lookAt: Infinity, storedUpTo: this.#surelyStoredUpTo(room) });
      return { userId, roomId, afterSeq };
    });
  }

  /** What a look found, in room order. */
  looked({ userId, roomId, afterSeq }: Look, rows: readonly StoredReceipt[], now: number): void {
    const room = this.#rooms.get(keyOf(userId, roomId));
    if (room?.isLooking !== true) return;
    room.isLooking = false;
    room.restsUntil = now + LOOK_EVERY_MS;
    noteAnswered(room.shared, rows, now);
    if (room.afterSeq < afterSeq) return; // more is asked for meanwhile
    room.isLoading = false;
    this.#take(room, rows);
    if (room.lookAt !== Infinity) return; // it is asked for once more
    room.lookAt = now + (LOOK_AGAIN_MS[Math.min(room.lookCount, LOOK_AGAIN_MS.length - 1)] ?? Infinity);
    room.lookCount += 1;
  }

  /** The rows could not be asked; `isAway`: whatever they had been asked. */
  failed(looks: readonly Look[], now: number, { isAway }: { readonly isAway: boolean }): void {
    const rooms = new Set<Shared>();
    for (const { userId, roomId } of looks) {
      const room = this.#rooms.get(keyOf(userId, roomId));
      if (room?.isLooking !== true) continue;
      Object.assign(room, { isLooking: false, lookAt: now });
      rooms.add(room.shared);
    }
    for (const shared of rooms) noteFailed(shared, now, isAway);
  }

  /** What is to be told now: of each room at most once a second, and nothing that was told already. */
  takeTellings(now: number): readonly Telling[] {
    const tellings: Telling[] = [];
    for (const room of this.#rooms.values()) {
      if (now - room.toldAt < TELL_EVERY_MS) continue;
      const receipts = newsOf(room);
      if (receipts.length > 0) {
        room.toldAt = now;
        tellings.push({ userId: room.userId, roomId: room.roomId, receipts });
      }
      this.#settle(room);
    }
    return tellings;
  }

  /** When something is due at the earliest; Infinity where nothing is. */
  nextAt(now: number): number {
    let at = Infinity;
    for (const room of this.#rooms.values()) {
      if (room.hasNews) at = Math.min(at, room.toldAt + TELL_EVERY_MS);
      if (!room.isLooking) at = Math.min(at, this.#hasRows(room) ? this.#lookAt(room) : now + LOOK_EVERY_MS);
    }
    return at;
  }

  #lookAt(room: Room): number {
    return room.isLooking || !this.#hasRows(room)
      ? Infinity
      : Math.max(room.lookAt, room.restsUntil, room.shared.restsUntil);
  }

  /** Of those that are due, what goes with the first. */
  #together(due: readonly Room[]): readonly Room[] {
    const { looksAtOnce, membersAtOnce } = this.#limits;
    const failedCount = due[0]?.shared.failedCount ?? 0;
    const maxRooms = failedCount < FAILED_ALONE ? looksAtOnce / FAILED_PARTS ** failedCount : 1;
    const together = new Set<Shared>();
    let memberCount = 0;
    for (const { shared } of due) {
      if (together.has(shared) || shared.failedCount !== failedCount) continue;
      memberCount += shared.memberCount ?? MEMBERS_UNKNOWN;
      if (together.size > 0 && (memberCount > membersAtOnce || together.size >= maxRooms)) break;
      together.add(shared);
    }
    return due.filter(({ shared }) => together.has(shared)).slice(0, looksAtOnce);
  }

  #surelyStoredUpTo({ roomId, messages }: Room): number {
    let upTo = -1;
    for (const { seq, offset } of messages.values()) {
      if (seq !== null) continue;
      if (!this.#hints.hasStored(roomId, offset)) break;
      upTo = offset;
    }
    return upTo;
  }

  /** Whether the rows may have something to say: the first of the messages is stored, or one of before. */
  #hasRows({ roomId, messages, isLoading }: Room): boolean {
    const [first] = messages.values();
    return isLoading || first === undefined || first.seq !== null || this.#hints.mayHave(roomId, first.offset);
  }

  #take(room: Room, rows: readonly StoredReceipt[]): void {
    const first = room.isWhole ? 0 : rows.findIndex(({ messageId }) => room.messages.has(messageId));
    // Before the first that is followed all was sent before. Where none of them is, all may be yet to be read here.
    const before = rows[first - 1];
    if (before !== undefined) room.afterSeq = Math.max(room.afterSeq, before.seq);
    for (const row of first < 0 ? [] : rows.slice(first)) {
      const known = room.messages.get(row.messageId);
      if (known !== undefined) update(room, known, row);
      else if (row.seq > room.afterSeq) insert(room, row);
    }
    for (const [messageId, { seq, offset }] of room.messages)
      if (seq === null && offset <= room.storedUpTo) room.messages.delete(messageId); // it repeats an earlier one, and never will be
    this.#trim(room);
  }

  /** Forgets what has reached all that it can and was told. */
  #settle(room: Room): void {
    for (const [messageId, { receipt, told, seq }] of room.messages) {
      if (seq === null || told !== receipt || !isFinal(receipt)) return;
      room.messages.delete(messageId);
      room.afterSeq = seq;
    }
    if (room.messages.size === 0 && !room.isLoading) this.#drop(room);
  }

  #trim({ messages }: Room): void {
    for (const messageId of messages.keys()) {
      if (messages.size <= this.#limits.maxMessages) return;
      messages.delete(messageId);
    }
  }

  #expect(roomId: RoomId, at: number): void {
    for (const room of this.#byRoom.get(roomId)?.senders ?? []) expectLook(room, at);
  }

  #renewed(userId: UserId, roomId: RoomId, now: number): Room {
    const key = keyOf(userId, roomId);
    const known = this.#rooms.get(key);
    if (known !== undefined) {
      this.#rooms.delete(key);
      this.#rooms.set(key, known);
      return known;
    }
    if (this.#rooms.size >= this.#limits.maxRooms) this.#drop(this.#rooms.values().next().value);
    const shared = this.#byRoom.get(roomId) ?? newShared();
    const room: Room = {
      ...{
        userId,
        roomId,
        shared,
        messages: new Map<MessageId, Followed>(),
        afterSeq: 0,
        isWhole: false,
        isLoading: false,
      },
      ...{
        hasNews: false,
        isLooking: false,
        storedUpTo: -1,
        lookAt: now,
        lookCount: 0,
        restsUntil: -Infinity,
        toldAt: -Infinity,
      },
    };
    this.#rooms.set(key, room);
    this.#byRoom.set(roomId, shared);
    shared.senders.add(room);
    return room;
  }

  #drop(room: Room | undefined): void {
    if (room === undefined) return;
    this.#rooms.delete(keyOf(room.userId, room.roomId));
    room.shared.senders.delete(room);
    if (room.shared.senders.size === 0) this.#byRoom.delete(room.roomId);
  }
}

const SENT = { status: 'SENT', deliveredCount: 0, readCount: 0 } as const;

const RANKS: Readonly<Record<MessageStatus, number>> = { SENT: 0, PERSISTED: 1, DELIVERED: 2, READ: 3 };

function newShared(): Shared {
  return { senders: new Set(), memberCount: null, failedCount: 0, restsUntil: -Infinity };
}

function noteAnswered(shared: Shared, rows: readonly StoredReceipt[], now: number): void {
  const counts = rows.map(({ recipientCount }) => recipientCount);
  if (counts.length > 0) shared.memberCount = Math.max(...counts);
  shared.failedCount = 0;
  shared.restsUntil = now + (shared.memberCount ?? 0) / MEMBERS_PER_REST_MS;
}

function noteFailed(shared: Shared, now: number, isAway: boolean): void {
  if (!isAway) shared.failedCount += 1;
  const aloneCount = Math.max(0, shared.failedCount - FAILED_ALONE);
  shared.restsUntil = now + (FAILED_AGAIN_MS[Math.min(aloneCount, FAILED_AGAIN_MS.length - 1)] ?? Infinity);
}

/** Something was heard, after which the rows are looked at, and again if that was too soon. */
function expectLook(room: Room, at: number): void {
  room.lookAt = Math.min(room.lookAt, at);
  room.lookCount = 0;
}

function update(room: Room, message: Followed, row: StoredReceipt): void {
  message.seq = row.seq;
  const receipt = receiptOf(row, message.receipt.status);
  if (isSame(receipt, message.receipt)) return;
  message.receipt = receipt;
  room.hasNews = true;
}

/** Sent before it was followed: it lies before all that is not stored yet. */
function insert(room: Room, row: StoredReceipt): void {
  const message: Followed = { receipt: receiptOf(row, 'PERSISTED'), offset: -1, seq: row.seq, told: null };
  const behind = [...room.messages].filter(([, { seq }]) => seq === null || seq > row.seq);
  for (const [messageId] of behind) room.messages.delete(messageId);
  room.messages.set(row.messageId, message);
  room.hasNews = true;
  for (const [messageId, each] of behind) room.messages.set(messageId, each);
}

/** A status never falls back, though who alone had reached it may have left the room. */
function receiptOf(row: StoredReceipt, before: MessageStatus): MessageReceipt {
  const { messageId, clientMessageId, recipientCount, deliveredCount, readCount } = row;
  const now = messageStatusOf({ recipientCount, deliveredCount, readCount });
  const status = RANKS[now] < RANKS[before] ? before : now;
  return { messageId, ...nameOf(clientMessageId), status, deliveredCount, readCount, recipientCount };
}

function nameOf(clientMessageId: string | null) {
  return clientMessageId === null ? {} : { clientMessageId };
}

function isSame(a: MessageReceipt, b: MessageReceipt): boolean {
  return (
    a.status === b.status &&
    a.deliveredCount === b.deliveredCount &&
    a.readCount === b.readCount &&
    a.recipientCount === b.recipientCount
  );
}

function isFinal({ readCount, recipientCount }: MessageReceipt): boolean {
  return readCount === recipientCount;
}

/** Noted as told. */
function newsOf(room: Room): readonly MessageReceipt[] {
  const news: MessageReceipt[] = [];
  if (!room.hasNews) return news;
  room.hasNews = false;
  for (const message of room.messages.values()) {
    if (message.receipt === message.told) continue;
    message.told = message.receipt;
    news.push(message.receipt);
  }
  return news;
}

function keyOf(userId: UserId, roomId: RoomId): string {
  return `${userId}/${roomId}`;
}
