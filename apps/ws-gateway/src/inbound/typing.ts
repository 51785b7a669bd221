import { ClientTypingDTOSchema, type RoomId, type UserId } from '@chat/dto';
import { ChatError, DeadlineError, withDeadline } from '@chat/service-kit';
import { afterLookup, refused, type Dispatched } from '../broker/dispatched.ts';
import type { OpenSession } from '../broker/gateway.ts';
import { DONE, type Outcome } from '../broker/outcome.ts';
import { LOOKUP_DEADLINE_MS } from '../limits.ts';
import type { Membership } from '../membership/membership-index.ts';
import { readJsonBody } from './json-body.ts';

export interface TypingOptions {
  /** What memory knows of a membership. */
  readonly peekMembership: (roomId: RoomId, userId: UserId) => Membership | undefined;
  /** Asks the database as well; rejects with a ChatError for who is no member, and while it does not answer. */
  readonly findMembership: (roomId: RoomId, userId: UserId) => Promise<Membership>;
  /** Whether the session has not ended. */
  readonly isOpen: (session: OpenSession) => boolean;
  readonly said: (session: OpenSession, roomId: RoomId, isTyping: boolean) => void;
}

/** A SEND to say that its sender types. */
export interface TypingRequest {
  readonly roomId: RoomId;
  readonly body: Uint8Array;
}

/** Use case of `/app/chat.typing/{roomId}`: a member types, or does so no longer. In the order of the session's frames. */
export function acceptTyping(session: OpenSession, request: TypingRequest, options: TypingOptions): Dispatched {
  const { roomId, body } = request;
  let isTyping: boolean;
  try {
    isTyping = readIsTyping(body);
  } catch (error) {
    return refused(error);
  }
  const take = (membership: Membership) => note(session, membership, isTyping, options);
  const known = options.peekMembership(roomId, session.userId);
  return known === undefined
    ? afterLookup(lookUp(roomId, session.userId, options), take)
    : { handedOver: null, outcome: take(known) };
}

/** No body at all is the short way to say yes. */
function readIsTyping(body: Uint8Array): boolean {
  return body.length === 0 || readJsonBody(ClientTypingDTOSchema, body).isTyping;
}

async function note(
  session: OpenSession,
  { roomId, roomStatus }: Membership,
  isTyping: boolean,
  { isOpen, said }: TypingOptions,
): Promise<Outcome> {
  if (roomStatus === 'ARCHIVED') throw new ChatError('ROOM_ARCHIVED');
  if (isOpen(session)) said(session, roomId, isTyping); // else it ended while the membership was looked up
  return DONE;
}

async function lookUp(roomId: RoomId, userId: UserId, { findMembership }: TypingOptions): Promise<Membership> {
  try {
    return await withDeadline(findMembership(roomId, userId), LOOKUP_DEADLINE_MS, 'looking up who types');
  } catch (error) {
    throw error instanceof DeadlineError ? new ChatError('UNAVAILABLE', { cause: error }) : error;
  }
}
