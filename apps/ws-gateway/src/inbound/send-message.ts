import type { ChangeTarget } from '@chat/database';
import {
  asMessageId,
  asRoomId,
  type ChangeKind,
  type MessageChange,
  type MessageDTO,
  type MessageId,
  type RoomId,
  type UserId,
} from '@chat/dto';
import { RECORD_HEADERS, type RecordMetadata } from '@chat/kafka-contracts';
import { ChatError, DeadlineError, instantOf, withDeadline, type Clock, type Span } from '@chat/service-kit';
import type { RoomFeed } from '../feed/room-feed.ts';
import { LOOKUP_DEADLINE_MS } from '../limits.ts';
import type { Membership } from '../membership/membership-index.ts';
import { contentDigest, messageDigest } from '../broker/content-digest.ts';
import { afterLookup, refused, type Dispatched } from '../broker/dispatched.ts';
import type { KnownMessages } from '../broker/known-messages.ts';
import type { Outcome } from '../broker/outcome.ts';
import { changeRefusalOf } from './change-refusal.ts';
import type { ChangeTargets } from './change-targets.ts';
import {
  readClientMessage,
  readClientMessageId,
  readReceiptLevel,
  readResend,
  type ReceiptLevel,
} from './client-message.ts';
import type { RoomQuota } from './room-quota.ts';
import type { KeyedSend, SendKeys, StoredKey } from './send-keys.ts';
import type { StoredSends } from './stored-sends.ts';

/** A SEND to a room, checked for shape by nobody yet. */
export interface SendRequest {
  readonly roomId: RoomId;
  readonly senderId: UserId;
  /** What it is to become; null for text. */
  readonly kind: ChangeKind | null;
  readonly body: Uint8Array;
  readonly clientMessageId: string | undefined;
  readonly resend: string | undefined;
  readonly receiptLevel?: string | undefined;
  readonly traceParent?: string | undefined;
  /** What it is traced by. */
  readonly span?: Span | null;
}

export interface SendMessageOptions {
  /** What memory knows of a membership. */
  readonly peekMembership: (roomId: RoomId, userId: UserId) => Membership | undefined;
  /** Asks the database as well; rejects with a ChatError for who is no member, and while it does not answer. */
  readonly findMembership: (roomId: RoomId, userId: UserId) => Promise<Membership>;
  readonly nextMessageId: () => MessageId;
  readonly keys: SendKeys;
  readonly targets: ChangeTargets;
  /** Whether the sender is told what becomes of his messages: then they must pass here. */
  readonly isFollowed: (senderId: UserId) => boolean;
  readonly feed: Pick<RoomFeed, 'coveredSince' | 'whenCovered'>;
  /** Told of what is published, and of what is deleted. */
  readonly known: Pick<KnownMessages, 'note' | 'deleted'>;
  /** Resolves when Kafka has acknowledged with acks=all. */
  readonly publish: (record: MessageToPublish) => Promise<unknown>;
  /** The same for several, all or none. */
  readonly publishTogether: (records: readonly MessageToPublish[]) => Promise<unknown>;
  readonly stored: Pick<StoredSends, 'whenStored'>;
  /** Asked for what is about to be published; throws where it is too much. */
  readonly roomQuota: Pick<RoomQuota, 'take' | 'takeTogether'>;
  /** Name of this instance in `ce_source`. */
  readonly source: string;
  readonly clock: Clock;
}

/** A record of `chat-messages` to be. */
export interface MessageToPublish {
  readonly key: RoomId;
  readonly value: MessageDTO;
  readonly metadata: RecordMetadata;
  /** Of its SEND; null where that is not traced. */
  readonly span: Span | null;
}

/** A SEND of the right shape; keyed where it has a client-message-id. */
interface Draft {
  readonly roomId: RoomId;
  readonly senderId: UserId;
  readonly content: string;
  readonly change: MessageChange | null;
  readonly key: KeyedSend | null;
  readonly level: ReceiptLevel;
  readonly span: Span | null;
}

/** A SEND and all that must be known to publish it. */
interface Checked {
  readonly draft: Draft;
  readonly membership: Membership;
  readonly stored: StoredKey | null;
  /** What it changes; null for a text, for a target that is not there, and where the key will answer. */
  readonly target: ChangeTarget | null;
}

/**
 * Use case of `/app/chat.send/{roomId}`, and of edit, delete and react beside it. `accept` checks and hands over to the
 * publisher in the order of the session's frames: it is synchronous where memory knows all it takes. What it resolves to is due
 * when Kafka has acknowledged; by when the client is answered at the latest is the conversation's to keep.
 */
export class SendMessage {
  readonly #options: SendMessageOptions;

  constructor(options: SendMessageOptions) {
    this.#options = options;
  }

  /** Rejects with a ChatError, by `dueAt` where the rows are waited for; `handedOver` is settled as soon as the order of the message is fixed. */
  accept(request: SendRequest, dueAt: number): Dispatched {
    let draft: Draft;
    try {
      draft = draftOf(request);
    } catch (error) {
      return refused(error);
    }
    const known = this.#fromMemory(draft);
    const dispatched =
      known === null
        ? afterLookup(this.#lookUp(draft), (checked) => this.#publish(checked))
        : { handedOver: null, outcome: this.#publish(known) };
    if (draft.level === 'accepted') return dispatched;
    return { ...dispatched, outcome: dispatched.outcome.then((outcome) => this.#whenStored(draft, outcome, dueAt)) };
  }

  /**
   * The same for the messages of a transaction, which are published all or none; their outcomes in their order. They are answered
   * together, so that one that is to be stored has all of them wait for the rows.
   */
  acceptTogether(requests: readonly SendRequest[], dueAt: number): Dispatched<readonly Outcome[]> {
    let drafts: readonly Draft[];
    try {
      drafts = requests.map((request, index) => naming(index, () => draftOf(request)));
    } catch (error) {
      return refused(error);
    }
    const known = drafts.flatMap((draft) => this.#fromMemory(draft) ?? []);
    const dispatched =
      known.length < drafts.length
        ? afterLookup(Promise.all(drafts.map((draft) => this.#lookUp(draft))), (all) => this.#publishTogether(all))
        : { handedOver: null, outcome: this.#publishTogether(known) };
    if (drafts.every(({ level }) => level === 'accepted')) return dispatched;
    return {
      ...dispatched,
      outcome: dispatched.outcome.then((outcomes) => this.#whenAllStored(drafts, outcomes, dueAt)),
    };
  }

  #whenAllStored(drafts: readonly Draft[], outcomes: readonly Outcome[], dueAt: number): Promise<readonly Outcome[]> {
    return Promise.all(outcomes.map((outcome, at) => this.#whenStored(drafts[at], outcome, dueAt)));
  }

  /** The outcome of a message in the log, once it is stored. */
  async #whenStored(draft: Draft | undefined, outcome: Outcome, dueAt: number): Promise<Outcome> {
    if (draft === undefined) return outcome;
    const { roomId, senderId, key } = draft;
    const messageId = asMessageId(Number(outcome['message-id']));
    const sent = { roomId, senderId, messageId, clientMessageId: key?.clientMessageId ?? null };
    return { ...outcome, 'message-id': String(await this.#options.stored.whenStored(sent, dueAt)) };
  }

  /** Null where the database must be asked. */
  #fromMemory(draft: Draft): Checked | null {
    const membership = this.#options.peekMembership(draft.roomId, draft.senderId);
    if (membership === undefined || this.#options.keys.mustLookUp(draft.key) || this.#mustPass(draft)) return null;
    const target = this.#peekTarget(draft);
    return target === undefined ? null : { draft, membership, stored: null, target };
  }

  /** Whether its room is waited for. */
  #mustPass({ roomId, senderId }: Draft): boolean {
    const { isFollowed, feed } = this.#options;
    return isFollowed(senderId) && feed.coveredSince(roomId) === Infinity;
  }

  /** Null where none is needed, undefined where only the rows can tell. */
  #peekTarget({ roomId, change, key }: Draft): ChangeTarget | null | undefined {
    const { keys, targets } = this.#options;
    if (change === null || (key !== null && keys.isKnown(key))) return null;
    return targets.peek(roomId, change.targetId);
  }

  async #findTarget(draft: Draft, stored: StoredKey | null): Promise<ChangeTarget | null> {
    const { roomId, change } = draft;
    const known = this.#peekTarget(draft);
    if (known !== undefined || change === null || (stored !== null && stored.first !== null)) return known ?? null;
    return this.#options.targets.find(roomId, change.targetId);
  }

  async #lookUp(draft: Draft): Promise<Checked> {
    const { findMembership, keys, feed } = this.#options;
    const lookUp = async () => {
      const membership = await findMembership(draft.roomId, draft.senderId);
      if (this.#mustPass(draft)) await feed.whenCovered(draft.roomId, LOOKUP_DEADLINE_MS);
      const stored = await keys.lookUp(draft.key);
      return { draft, membership, stored, target: await this.#findTarget(draft, stored) };
    };
    try {
      return await withDeadline(lookUp(), LOOKUP_DEADLINE_MS, 'looking up a SEND');
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      throw new ChatError(draft.key?.isResend === true ? 'UNKNOWN' : 'UNAVAILABLE', { cause: error });
    }
  }

  async #publish(checked: Checked): Promise<Outcome> {
    const earlier = this.#findEarlier(checked);
    if (earlier !== undefined) return earlier;
    this.#requireAllowed(checked);
    this.#options.roomQuota.take(checked.draft.roomId);
    const record = this.#recordOf(checked);
    const published = this.#options.publish(record);
    this.#notePublished(checked, record, published);
    await published; // as soon for one with a key as for one without, so that RECEIPTs keep the order of the SENDs
    return this.#outcomeOf(checked, record);
  }

  async #publishTogether(all: readonly Checked[]): Promise<readonly Outcome[]> {
    const published = Promise.withResolvers<unknown>();
    published.promise.catch(() => {}); // also where no key waits for it
    try {
      const records: MessageToPublish[] = [];
      const outcomes = all.map((checked, index) =>
        naming(index, () => this.#stage(checked, records, published.promise)),
      );
      this.#options.roomQuota.takeTogether(records.map(({ key }) => key));
      if (records.length > 0) await this.#options.publishTogether(records);
      published.resolve(undefined);
      return await Promise.all(outcomes);
    } catch (error) {
      published.reject(error);
      throw error;
    }
  }

  /** Adds what is to be published to `records`; resolves to the outcome once it is, or to that of an earlier SEND. */
  #stage(checked: Checked, records: MessageToPublish[], published: Promise<unknown>): Promise<Outcome> {
    const earlier = this.#findEarlier(checked);
    let outcome: Promise<Outcome>;
    if (earlier !== undefined) outcome = Promise.resolve(earlier);
    else {
      this.#requireAllowed(checked);
      const record = this.#recordOf(checked);
      records.push(record);
      this.#notePublished(checked, record, published); // so that a second one under its key repeats it
      outcome = published.then(() => this.#outcomeOf(checked, record));
    }
    outcome.catch(() => {}); // where another SEND of the transaction fails, nobody waits for this one
    return outcome;
  }

  /** The outcome of an earlier SEND under the same key. Throws a ChatError where nothing may be sent. */
  #findEarlier({ draft: { key }, membership, stored }: Checked): Promise<Outcome> | Outcome | undefined {
    if (membership.roomStatus === 'ARCHIVED') throw new ChatError('ROOM_ARCHIVED');
    return key === null ? undefined : this.#options.keys.findEarlier(key, stored);
  }

  #notePublished({ draft: { key } }: Checked, { value }: MessageToPublish, published: Promise<unknown>): void {
    if (key !== null) this.#options.keys.published(key, String(value.id), published);
  }

  #outcomeOf({ draft: { key, change, roomId } }: Checked, { value }: MessageToPublish): Promise<Outcome> | Outcome {
    if (change?.kind === 'DELETE') this.#options.known.deleted(roomId, change.targetId);
    const messageId = String(value.id);
    return key === null ? { 'message-id': messageId } : this.#options.keys.outcomeOf(key, messageId);
  }

  #recordOf({ draft, membership }: Checked): MessageToPublish {
    const { change, key } = draft;
    const value = this.#messageOf(draft, membership);
    if (change === null) this.#options.known.note(value);
    return { key: draft.roomId, value, metadata: this.#metadataOf(value, key), span: draft.span };
  }

  /** A change goes by what memory knows now: since it was looked up its sender may have been removed, or the message deleted. */
  #requireAllowed({ draft: { roomId, senderId, change }, target }: Checked): void {
    if (change === null) return;
    const { peekMembership, targets } = this.#options;
    const membership = peekMembership(roomId, senderId);
    if (membership === undefined) throw new ChatError('NOT_A_MEMBER');
    const refusal = changeRefusalOf(change, membership, targets.peek(roomId, change.targetId) ?? target);
    if (refusal !== null) throw refusal;
  }

  #messageOf({ roomId, senderId, content, change }: Draft, membership: Membership): MessageDTO {
    return {
      id: this.#options.nextMessageId(),
      senderId,
      roomId: asRoomId(roomId),
      content,
      type: membership.roomType,
      timestamp: instantOf(this.#options.clock.now()),
      ...(change !== null && { kind: change.kind, targetId: change.targetId }),
      ...(change?.isRemoval === true && { removed: true }),
    };
  }

  #metadataOf(message: MessageDTO, key: KeyedSend | null): RecordMetadata {
    return {
      id: String(message.id),
      source: this.#options.source,
      time: message.timestamp,
      headers: {
        [RECORD_HEADERS.senderId]: String(message.senderId),
        ...(key !== null && { [RECORD_HEADERS.clientMessageId]: key.clientMessageId }),
      },
    };
  }
}

/** What a refused message of a transaction is refused with says which of them it is. */
function naming<Result>(index: number, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    const message = `Message ${index + 1} of the transaction: ${error.message}`;
    throw new ChatError(error.code, { message, fields: error.fields, cause: error });
  }
}

function draftOf({ roomId, senderId, kind, body, span = null, ...headers }: SendRequest): Draft {
  const { content, change } = readClientMessage(kind, body);
  const clientMessageId = readClientMessageId(headers.clientMessageId);
  const isResend = readResend(headers.resend, clientMessageId);
  const level = readReceiptLevel(headers.receiptLevel);
  const draft = { roomId, senderId, content, change, level, span };
  if (clientMessageId === undefined) return { ...draft, key: null };
  const digest = messageDigest(contentDigest(content), change);
  return { ...draft, key: { roomId, senderId, clientMessageId, digest, isResend } };
}
