import type { RoomId } from '@chat/dto';
import type { Dispatched } from '../broker/dispatched.ts';
import type { OpenSession } from '../broker/gateway.ts';
import { DONE, type Outcome } from '../broker/outcome.ts';
import type { ClientSend, MessageSend } from '../broker/requests.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { SendMessage, SendRequest } from './send-message.ts';

export interface RoutesOptions {
  readonly sendMessage: SendMessage;
  readonly heartbeat: Heartbeat;
  readonly leaveRoom: (session: OpenSession, roomId: RoomId) => Promise<Outcome>;
}

/** Destination of a SEND → its handler. */
export class Routes {
  readonly #options: RoutesOptions;

  constructor(options: RoutesOptions) {
    this.#options = options;
  }

  dispatch(session: OpenSession, send: ClientSend): Dispatched {
    const { sendMessage, heartbeat, leaveRoom } = this.#options;
    const { target } = send;
    switch (target.kind) {
      case 'send':
        return sendMessage.accept(requestOf(session, send, target.roomId));
      case 'heartbeat':
        heartbeat.answer(session);
        return { handedOver: null, outcome: Promise.resolve(DONE) };
      case 'leave-room':
        return { handedOver: null, outcome: leaveRoom(session, target.roomId) };
    }
  }

  /** The messages of a transaction, all or none; their outcomes in their order. */
  commit(session: OpenSession, sends: readonly MessageSend[]): Dispatched<readonly Outcome[]> {
    return this.#options.sendMessage.acceptTogether(sends.map((send) => requestOf(session, send, send.target.roomId)));
  }
}

function requestOf({ userId }: OpenSession, send: ClientSend, roomId: RoomId): SendRequest {
  const { body, clientMessageId, resend } = send;
  return { roomId, senderId: userId, body, clientMessageId, resend };
}
