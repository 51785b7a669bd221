import {
  asRoomId,
  CLIENT_MESSAGE_ID_MAX_LENGTH,
  ClientMessageDTOSchema,
  type ClientMessageDTO,
  type MessageDTO,
  type MessageId,
  type RoomId,
  type UserId,
} from '@chat/dto';
import { clientKeyOf, RECORD_HEADERS, type RecordMetadata } from '@chat/kafka-contracts';
import { ChatError, DeadlineError, instantOf, withDeadline, type Clock } from '@chat/service-kit';
import { LOOKUP_DEADLINE_MS } from '../limits.ts';
import type { Membership } from '../membership/membership-index.ts';
import type { Outcome } from '../broker/outcome.ts';

/** A SEND to a room, checked for shape by nobody yet. */
export interface SendRequest {
  readonly roomId: RoomId;
  readonly senderId: UserId;
  readonly body: Uint8Array;
  readonly clientMessageId: string | undefined;
}

export interface SendMessageOptions {
  /** What memory knows of a membership. */
  readonly peekMembership: (roomId: RoomId, userId: UserId) => Membership | undefined;
  /** Asks the database as well; rejects with a ChatError for who is no member, and while it does not answer. */
  readonly findMembership: (roomId: RoomId, userId: UserId) => Promise<Membership>;
  readonly nextMessageId: () => MessageId;
  /** The id of the message that this sender published in this room under this client key before, if it is remembered. */
  readonly findEarlier: (roomId: RoomId, clientKey: string) => string | undefined;
  /** Resolves when Kafka has acknowledged with acks=all. */
  readonly publish: (roomId: RoomId, message: MessageDTO, metadata: RecordMetadata) => Promise<unknown>;
  /** Name of this instance in `ce_source`. */
  readonly source: string;
  readonly clock: Clock;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const CLIENT_MESSAGE_ID = new RegExp(`^[\\x21-\\x7e]{1,${CLIENT_MESSAGE_ID_MAX_LENGTH}}$`);

/**
 * Use case of `/app/chat.send/{roomId}`. `accept` checks and hands over to the publisher in the order of the session's
 * frames: it is synchronous where memory knows the member. What it resolves to is due when Kafka has acknowledged; by when
 * the client is answered at the latest is the conversation's to keep.
 */
export class SendMessage {
  readonly #options: SendMessageOptions;

  constructor(options: SendMessageOptions) {
    this.#options = options;
  }

  /** Rejects with a ChatError; `handedOver` is settled as soon as the order of the message is fixed. */
  accept(request: SendRequest): { handedOver: Promise<void> | null; outcome: Promise<Outcome> } {
    const known = this.#options.peekMembership(request.roomId, request.senderId);
    if (known !== undefined) return { handedOver: null, outcome: this.#publish(request, known) };
    const handedOver = Promise.withResolvers<void>();
    return { handedOver: handedOver.promise, outcome: this.#askThenPublish(request, handedOver.resolve) };
  }

  async #askThenPublish(request: SendRequest, handOver: () => void): Promise<Outcome> {
    try {
      const membership = await this.#lookUp(request);
      const outcome = this.#publish(request, membership);
      handOver();
      return await outcome;
    } finally {
      handOver();
    }
  }

  async #lookUp({ roomId, senderId }: SendRequest): Promise<Membership> {
    const lookup = this.#options.findMembership(roomId, senderId);
    try {
      return await withDeadline(lookup, LOOKUP_DEADLINE_MS, 'looking up a membership');
    } catch (error) {
      throw error instanceof DeadlineError ? new ChatError('UNAVAILABLE', { cause: error }) : error;
    }
  }

  async #publish(request: SendRequest, membership: Membership): Promise<Outcome> {
    if (membership.roomStatus === 'ARCHIVED') throw new ChatError('ROOM_ARCHIVED');
    const { content } = readClientMessage(request.body);
    const clientMessageId = checkedClientMessageId(request.clientMessageId);
    const earlier = this.#earlier(request, clientMessageId);
    if (earlier !== undefined) return { 'message-id': earlier };
    const message = this.#messageOf(request, membership, content);
    await this.#options.publish(request.roomId, message, this.#metadataOf(message, clientMessageId));
    return { 'message-id': String(message.id) };
  }

  #earlier({ roomId, senderId }: SendRequest, clientMessageId: string | undefined): string | undefined {
    if (clientMessageId === undefined) return undefined;
    return this.#options.findEarlier(roomId, clientKeyOf(senderId, roomId, clientMessageId));
  }

  #messageOf({ roomId, senderId }: SendRequest, membership: Membership, content: string): MessageDTO {
    return {
      id: this.#options.nextMessageId(),
      senderId,
      roomId: asRoomId(roomId),
      content,
      type: membership.roomType,
      timestamp: instantOf(this.#options.clock.now()),
    };
  }

  #metadataOf(message: MessageDTO, clientMessageId: string | undefined): RecordMetadata {
    return {
      id: String(message.id),
      source: this.#options.source,
      time: message.timestamp,
      headers: {
        [RECORD_HEADERS.senderId]: String(message.senderId),
        ...(clientMessageId !== undefined && { [RECORD_HEADERS.clientMessageId]: clientMessageId }),
      },
    };
  }
}

function readClientMessage(body: Uint8Array): ClientMessageDTO {
  const result = ClientMessageDTOSchema.safeParse(parseJson(body));
  if (result.success) return result.data;
  const fields = result.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message }));
  const message = fields.map(({ field, message: problem }) => `${field} ${problem}`).join('; ');
  throw new ChatError('INVALID_REQUEST', { message, fields });
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(body));
  } catch (error) {
    throw new ChatError('INVALID_JSON', { cause: error });
  }
}

function checkedClientMessageId(id: string | undefined): string | undefined {
  if (id === undefined || CLIENT_MESSAGE_ID.test(id)) return id;
  throw new ChatError('INVALID_REQUEST', {
    message: `client-message-id must have 1 to ${CLIENT_MESSAGE_ID_MAX_LENGTH} printable ASCII characters without spaces`,
    fields: [{ field: 'client-message-id', message: 'is malformed' }],
  });
}
