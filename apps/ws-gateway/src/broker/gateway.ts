import type { Caller } from '@chat/auth';
import type { RoomId, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { Dispatched } from './dispatched.ts';
import type { Outcome } from './outcome.ts';
import type { ClientSend, MessageSend, Subscription } from './requests.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionToken } from './session-tokens.ts';

/** A session in the gateway's hands, from CONNECTED to its end. */
export interface OpenSession extends LiveSession {
  readonly caller: Caller;
  /** Its tokens that may still let somebody in, that of the caller last. */
  readonly tokens: readonly SessionToken[];
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  /** Goes on with a newer token of its user; nothing comes of it where the session has ended. */
  readonly renew: (caller: Caller) => void;
  /** Takes a subscription away and tells the client why. */
  readonly withdraw: (subscription: Subscription, error: ChatError) => void;
}

/** How a session ended: by the client's own DISCONNECT, or in any other way. */
export type SessionEnd = 'CLOSED' | 'LOST';

/** Everything that a conversation asks of the rest of the gateway. */
export interface Gateway {
  /** Who the token speaks for, with the caller's rooms known. Rejects with a ChatError. */
  authenticate(token: string | undefined): Promise<Caller>;
  /** Gives back what `authenticate` took, where the conversation ended before it opened. */
  abandon(caller: Caller): void;
  open(session: OpenSession): void;
  /** Its outcome is there when nothing can be missed from here on; of a room by `dueAt`, in Unix ms, where it has members. */
  subscribe(session: OpenSession, subscription: Subscription, dueAt: number): Dispatched;
  /** The session is about to end: what it waits for is given up. */
  hurry(session: OpenSession): void;
  unsubscribe(session: OpenSession, subscription: Subscription): void;
  /** What waits for the rows is refused by `dueAt`, in Unix ms. */
  dispatch(session: OpenSession, send: ClientSend, dueAt: number): Dispatched;
  /** The messages of a transaction, all or none; their outcomes in their order. */
  commit(session: OpenSession, sends: readonly MessageSend[], dueAt: number): Dispatched<readonly Outcome[]>;
  /** How SENDs of messages are answered, in their order, or all of them refused; whether or not their session still hears it. */
  answered(session: OpenSession, sends: readonly MessageSend[], outcomes: readonly Outcome[] | ChatError): void;
  /** Once for each session that was opened. */
  close(session: OpenSession, end: SessionEnd): void;
}

/** What a subscription to a room that is closed to the user is refused with. */
export function withdrawalOf(roomId: RoomId, userId: UserId): ChatError {
  return new ChatError('NOT_A_MEMBER', { message: `User ${userId} is no longer a member of room ${roomId}.` });
}
