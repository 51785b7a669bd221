import { MessageTemplate, type StompHeader } from '@chat/stomp';
import { textFrame } from './websocket-frame.ts';
import type { Subscription } from './requests.ts';
import type { LiveSession } from './live-session.ts';
import type { SubscriberGroups } from './subscriber-groups.ts';

/** What all subscribers of a destination get, but for their own subscription id. */
export interface OutboundMessage {
  readonly destination: string;
  /** Unique among the MESSAGEs of a session. */
  readonly messageId: string;
  /** JSON text in UTF-8. */
  readonly body: Uint8Array;
  readonly headers?: readonly StompHeader[];
  /** Whether a slow client may miss it. */
  readonly isSheddable?: boolean;
}

export interface FanOutOptions {
  /** Which of the subscribers it is for; all where left out. */
  readonly isFor?: (session: LiveSession) => boolean;
}

/**
 * One event to all local subscribers: one frame a (version, subscription id), built once and shared. Returns how many
 * deliveries were handed over.
 */
export function fanOut(groups: SubscriberGroups, message: OutboundMessage, { isFor }: FanOutOptions = {}): number {
  const template = templateOf(message);
  const sheddable = message.isSheddable === true;
  let deliveries = 0;
  for (const group of groups.groups()) {
    let frame: Buffer | null = null;
    for (const session of group.members.values()) {
      if (isFor !== undefined && !isFor(session)) continue;
      frame ??= textFrame((allocate) => template.serialize(group.version, group.subscriptionId, allocate));
      if (sheddable) deliveries += session.receiver.sendSheddable(frame) ? 1 : 0;
      else {
        session.receiver.sendFramed(frame);
        deliveries += 1;
      }
    }
  }
  return deliveries;
}

/** One MESSAGE to one subscription of one session. */
export function deliver(session: LiveSession, subscription: Subscription, message: OutboundMessage): void {
  const template = templateOf(message);
  const { version, receiver } = session;
  receiver.sendFramed(textFrame((allocate) => template.serialize(version, subscription.headerId, allocate)));
}

function templateOf({ destination, messageId, body, headers = [] }: OutboundMessage): MessageTemplate {
  const own: StompHeader[] = [
    ['destination', destination],
    ['message-id', messageId],
    ['content-type', 'application/json'],
  ];
  return new MessageTemplate([...own, ...headers], body);
}
