import type { RoomId } from '@chat/dto';
import type { Dispatched } from '../broker/dispatched.ts';
import type { OpenSession } from '../broker/gateway.ts';
import { DONE, type Outcome } from '../broker/outcome.ts';
import type { ClientSend } from '../broker/requests.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { SendMessage } from './send-message.ts';

export interface RoutesOptions {
  readonly sendMessage: SendMessage;
  readonly heartbeat: Heartbeat;
  readonly leaveRoom: (session: OpenSession, roomId: RoomId) => Promise<Outcome>;
}

/** Destination of a SEND → its handler. */
export function createRoutes({ sendMessage, heartbeat, leaveRoom }: RoutesOptions) {
  return (session: OpenSession, send: ClientSend): Dispatched => {
    const { target, body, clientMessageId, resend } = send;
    switch (target.kind) {
      case 'send':
        return sendMessage.accept({ roomId: target.roomId, senderId: session.userId, body, clientMessageId, resend });
      case 'heartbeat':
        heartbeat.answer(session);
        return { handedOver: null, outcome: Promise.resolve(DONE) };
      case 'leave-room':
        return { handedOver: null, outcome: leaveRoom(session, target.roomId) };
    }
  };
}
