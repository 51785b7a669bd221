import type { RoomId } from '@chat/dto';
import { inOrder, type Dispatched } from '../broker/dispatched.ts';
import type { OpenSession } from '../broker/gateway.ts';
import { RECORD_KINDS, type MessageDestination } from '../broker/destinations.ts';
import { DONE, type Outcome } from '../broker/outcome.ts';
import type { ClientSend, MessageSend } from '../broker/requests.ts';
import type { RoomTyping } from '../typing/room-typing.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { MarkReadRequest } from './mark-read.ts';
import type { SendMessage, SendRequest } from './send-message.ts';
import type { TypingRequest } from './typing.ts';

export interface RoutesOptions {
  readonly sendMessage: Pick<SendMessage, 'accept' | 'acceptTogether'>;
  readonly heartbeat: Heartbeat;
  readonly leaveRoom: (session: OpenSession, roomId: RoomId) => Promise<Outcome>;
  readonly markRead: (session: OpenSession, request: MarkReadRequest) => Promise<Outcome>;
  readonly refreshToken: (session: OpenSession, body: Uint8Array) => Promise<Outcome>;
  readonly acceptTyping: (session: OpenSession, request: TypingRequest) => Dispatched;
  /** Told of what ends typing, in the order of the session's frames. */
  readonly typing: Pick<RoomTyping, 'cleared' | 'left'>;
}

/** Destination of a SEND → its handler. */
export class Routes {
  readonly #options: RoutesOptions;

  constructor(options: RoutesOptions) {
    this.#options = options;
  }

  dispatch(session: OpenSession, send: ClientSend, dueAt: number): Dispatched {
    const { sendMessage, heartbeat, leaveRoom, markRead, refreshToken, acceptTyping, typing } = this.#options;
    const { target } = send;
    switch (target.kind) {
      case 'send':
      case 'edit':
      case 'delete':
      case 'react':
        this.#clearTyping(session, target);
        return sendMessage.accept(requestOf(session, send, target), dueAt);
      case 'heartbeat':
        heartbeat.answer(session);
        return { handedOver: null, outcome: Promise.resolve(DONE) };
      case 'leave-room':
        typing.left(session, target.roomId);
        return { handedOver: null, outcome: leaveRoom(session, target.roomId) };
      case 'read':
        return { handedOver: null, outcome: markRead(session, { roomId: target.roomId, body: send.body }) };
      case 'refresh-token':
        return inOrder(refreshToken(session, send.body));
      case 'typing':
        return acceptTyping(session, { roomId: target.roomId, body: send.body });
    }
  }

  /** The messages of a transaction, all or none; their outcomes in their order. */
  commit(session: OpenSession, sends: readonly MessageSend[], dueAt: number): Dispatched<readonly Outcome[]> {
    for (const { target } of sends) this.#clearTyping(session, target);
    const requests = sends.map((send) => requestOf(session, send, send.target));
    return this.#options.sendMessage.acceptTogether(requests, dueAt);
  }

  /** What was typed is sent. */
  #clearTyping({ userId }: OpenSession, { kind, roomId }: MessageDestination): void {
    if (kind === 'send' || kind === 'edit') this.#options.typing.cleared(roomId, userId);
  }
}

function requestOf({ userId }: OpenSession, send: ClientSend, { kind, roomId }: MessageDestination): SendRequest {
  const { body, clientMessageId, resend, receiptLevel, traceParent } = send;
  return {
    roomId,
    senderId: userId,
    kind: RECORD_KINDS[kind],
    body,
    clientMessageId,
    resend,
    receiptLevel,
    traceParent,
  };
}
