import { asRoomId, type MessageDTO, type MessageId, type RoomId, type UserId } from '@chat/dto';
import { RECORD_HEADERS, type RecordMetadata } from '@chat/kafka-contracts';
import { ChatError, DeadlineError, instantOf, withDeadline, type Clock } from '@chat/service-kit';
import { LOOKUP_DEADLINE_MS } from '../limits.ts';
import type { Membership } from '../membership/membership-index.ts';
import { contentDigest } from '../broker/content-digest.ts';
import { afterLookup, type Dispatched } from '../broker/dispatched.ts';
import type { Outcome } from '../broker/outcome.ts';
import { readClientMessage, readClientMessageId, readResend } from './client-message.ts';
import type { KeyedSend, SendKeys, StoredKey } from './send-keys.ts';

/** A SEND to a room, checked for shape by nobody yet. */
export interface SendRequest {
  readonly roomId: RoomId;
  readonly senderId: UserId;
  readonly body: Uint8Array;
  readonly clientMessageId: string | undefined;
  readonly resend: string | undefined;
}

export interface SendMessageOptions {
  /** What memory knows of a membership. */
  readonly peekMembership: (roomId: RoomId, userId: UserId) => Membership | undefined;
  /** Asks the database as well; rejects with a ChatError for who is no member, and while it does not answer. */
  readonly findMembership: (roomId: RoomId, userId: UserId) => Promise<Membership>;
  readonly nextMessageId: () => MessageId;
  readonly keys: SendKeys;
  /** Resolves when Kafka has acknowledged with acks=all. */
  readonly publish: (roomId: RoomId, message: MessageDTO, metadata: RecordMetadata) => Promise<unknown>;
  /** Name of this instance in `ce_source`. */
  readonly source: string;
  readonly clock: Clock;
}

/** A SEND of the right shape; keyed where it has a client-message-id. */
interface Draft {
  readonly roomId: RoomId;
  readonly senderId: UserId;
  readonly content: string;
  readonly key: KeyedSend | null;
}

/**
 * Use case of `/app/chat.send/{roomId}`. `accept` checks and hands over to the publisher in the order of the session's
 * frames: it is synchronous where memory knows all it takes. What it resolves to is due when Kafka has acknowledged; by when
 * the client is answered at the latest is the conversation's to keep.
 */
export class SendMessage {
  readonly #options: SendMessageOptions;

  constructor(options: SendMessageOptions) {
    this.#options = options;
  }

  /** Rejects with a ChatError; `handedOver` is settled as soon as the order of the message is fixed. */
  accept(request: SendRequest): Dispatched {
    const { roomId, senderId } = request;
    const known = this.#options.peekMembership(roomId, senderId);
    let draft: Draft;
    try {
      draft = draftOf(request);
    } catch (error) {
      return { handedOver: null, outcome: Promise.reject(error) };
    }
    if (known !== undefined && !this.#options.keys.mustLookUp(draft.key)) {
      return { handedOver: null, outcome: this.#publish(draft, known, null) };
    }
    return afterLookup(this.#lookUp(draft), ({ membership, stored }) => this.#publish(draft, membership, stored));
  }

  async #lookUp(draft: Draft): Promise<{ membership: Membership; stored: StoredKey | null }> {
    const { findMembership, keys } = this.#options;
    const lookUp = async () => {
      const membership = await findMembership(draft.roomId, draft.senderId);
      return { membership, stored: await keys.lookUp(draft.key) };
    };
    try {
      return await withDeadline(lookUp(), LOOKUP_DEADLINE_MS, 'looking up a SEND');
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      throw new ChatError(draft.key?.isResend === true ? 'UNKNOWN' : 'UNAVAILABLE', { cause: error });
    }
  }

  async #publish(draft: Draft, membership: Membership, stored: StoredKey | null): Promise<Outcome> {
    if (membership.roomStatus === 'ARCHIVED') throw new ChatError('ROOM_ARCHIVED');
    const { keys, publish } = this.#options;
    const earlier = draft.key === null ? undefined : keys.findEarlier(draft.key, stored);
    if (earlier !== undefined) return earlier;
    const message = this.#messageOf(draft, membership);
    const published = publish(draft.roomId, message, this.#metadataOf(message, draft.key));
    const messageId = String(message.id);
    if (draft.key !== null) keys.published(draft.key, messageId, published);
    await published; // as soon for one with a key as for one without, so that RECEIPTs keep the order of the SENDs
    return draft.key === null ? { 'message-id': messageId } : keys.outcomeOf(draft.key, messageId);
  }

  #messageOf({ roomId, senderId, content }: Draft, membership: Membership): MessageDTO {
    return {
      id: this.#options.nextMessageId(),
      senderId,
      roomId: asRoomId(roomId),
      content,
      type: membership.roomType,
      timestamp: instantOf(this.#options.clock.now()),
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

function draftOf({ roomId, senderId, body, ...headers }: SendRequest): Draft {
  const { content } = readClientMessage(body);
  const clientMessageId = readClientMessageId(headers.clientMessageId);
  const isResend = readResend(headers.resend, clientMessageId);
  const key =
    clientMessageId === undefined
      ? null
      : { roomId, senderId, clientMessageId, digest: contentDigest(content), isResend };
  return { roomId, senderId, content, key };
}
