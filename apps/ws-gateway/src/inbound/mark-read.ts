import { ClientReadDTOSchema, type LogPosition, type MessageId, type RoomId, type UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { OpenSession } from '../broker/gateway.ts';
import { DONE, type Outcome } from '../broker/outcome.ts';
import type { Membership } from '../membership/membership-index.ts';
import { readJsonBody } from './json-body.ts';

export interface MarkReadOptions {
  /** Rejects with a ChatError for who is no member, and while the database does not answer. */
  readonly findMembership: (roomId: RoomId, userId: UserId) => Promise<Membership>;
  /** Null where the room has no such message. */
  readonly findPosition: (roomId: RoomId, messageId: MessageId) => Promise<LogPosition | null>;
  /** Resolves when Kafka has acknowledged the mark with acks=all. */
  readonly publish: (roomId: RoomId, userId: UserId, position: LogPosition) => Promise<void>;
}

/** A SEND to say what its sender has read. */
export interface MarkReadRequest {
  readonly roomId: RoomId;
  readonly body: Uint8Array;
}

/**
 * Use case of `/app/chat.read/{roomId}`: everything of the room up to a message is read. Marks only rise, in whatever order they
 * come, so no frame waits for it.
 */
export async function markRead(
  { userId }: OpenSession,
  { roomId, body }: MarkReadRequest,
  { findMembership, findPosition, publish }: MarkReadOptions,
): Promise<Outcome> {
  const { messageId } = readJsonBody(ClientReadDTOSchema, body);
  await findMembership(roomId, userId);
  const position = await findPosition(roomId, messageId);
  if (position === null) throw new ChatError('MESSAGE_NOT_FOUND');
  await publish(roomId, userId, position);
  return DONE;
}
