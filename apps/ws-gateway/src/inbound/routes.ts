import { instantOf, type Clock } from '@chat/service-kit';
import { HEARTBEAT_REPLY_DESTINATION } from '../broker/destinations.ts';
import { deliver } from '../broker/fan-out.ts';
import type { Dispatched, OpenSession } from '../broker/gateway.ts';
import type { RoomId } from '@chat/dto';
import type { ClientSend } from '../broker/requests.ts';
import { DONE, type Outcome } from '../broker/outcome.ts';
import type { SendMessage } from './send-message.ts';

export interface RoutesOptions {
  readonly sendMessage: SendMessage;
  /** The user left the tab of a room. */
  readonly leaveRoom: (session: OpenSession, roomId: RoomId) => void;
  readonly clock: Clock;
}

const UTF8 = new TextEncoder();

/** Destination of a SEND → its handler. */
export function createRoutes(options: RoutesOptions): (session: OpenSession, send: ClientSend) => Dispatched {
  let pongCount = 0;

  const answerHeartbeat = (session: OpenSession): Outcome => {
    const subscription = session.subscriptionTo('heartbeat-reply');
    if (subscription === undefined) return DONE;
    pongCount += 1;
    deliver(session, subscription, {
      destination: HEARTBEAT_REPLY_DESTINATION,
      messageId: `pong-${pongCount}`,
      body: UTF8.encode(JSON.stringify({ type: 'PONG', at: instantOf(options.clock.now()) })),
    });
    return DONE;
  };

  return (session, send) => {
    const { target, body, clientMessageId } = send;
    switch (target.kind) {
      case 'send':
        return options.sendMessage.accept({ roomId: target.roomId, senderId: session.userId, body, clientMessageId });
      case 'heartbeat':
        return done(answerHeartbeat(session));
      case 'leave-room':
        options.leaveRoom(session, target.roomId);
        return done(DONE);
    }
  };
}

function done(outcome: Outcome): Dispatched {
  return { handedOver: null, outcome: Promise.resolve(outcome) };
}
