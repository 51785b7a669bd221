import { ChatError } from '@chat/service-kit';
import { MessageTemplate, prepareRecipient, type PreparedRecipient, type StompHeader } from '@chat/stomp';
import { ackIdOf } from './ack-id.ts';
import { allocateTextFrame } from './websocket-frame.ts';
import type { Subscription } from './requests.ts';
import type { LiveSession } from './live-session.ts';
import type { SubscriberGroup, SubscriberGroups } from './subscriber-groups.ts';

/** What all subscribers of a destination get, but for their own subscription id. */
export interface OutboundMessage {
  readonly destination: string;
  /** Unique among the MESSAGEs of a session. */
  readonly messageId: string;
  /** JSON text in UTF-8. */
  readonly body: Uint8Array;
  readonly headers?: readonly StompHeader[];
  /** Of a room's messages: where it lies in the log of the room's partition. */
  readonly offset?: number;
  /** Whether a slow client may miss it. */
  readonly isSheddable?: boolean;
}

export interface FanOutOptions {
  /** Which of the subscribers it is for; all where left out. */
  readonly isFor?: (session: LiveSession) => boolean;
  /** Told of each slow client that is spared it. */
  readonly missed?: (session: LiveSession, subscription: Subscription) => void;
}

/**
 * One event to all local subscribers: one frame a (version, subscription id), built once and shared. Returns how many
 * deliveries were handed over.
 */
export function fanOut(
  groups: SubscriberGroups,
  message: OutboundMessage,
  { isFor, missed }: FanOutOptions = {},
): number {
  const template = templateOf(message);
  const sheddable = message.isSheddable === true;
  let deliveries = 0;
  for (const group of groups.groups()) {
    let frame: Buffer | null = null;
    for (const [subscription, session] of group.members) {
      if (isFor !== undefined && !isFor(session)) continue;
      frame ??= template.serialize(recipientWithAck(group, message) ?? group.recipient, allocateTextFrame);
      if (!sheddable) session.receiver.sendFramed(frame);
      else if (!session.receiver.sendSheddable(frame)) {
        missed?.(session, subscription);
        continue;
      }
      deliveries += 1;
      if (group.awaitsAck) noteDelivered(session, subscription, message);
    }
  }
  return deliveries;
}

/** One MESSAGE to one subscription of one session. */
export function deliver(session: LiveSession, subscription: Subscription, message: OutboundMessage): void {
  const { version } = session;
  const { headerId: subscriptionId, unacknowledged } = subscription;
  const recipient =
    recipientWithAck({ version, subscriptionId, awaitsAck: unacknowledged !== null }, message) ??
    prepareRecipient({ version, subscriptionId, ackId: null });
  session.receiver.sendFramed(templateOf(message).serialize(recipient, allocateTextFrame));
  noteDelivered(session, subscription, message);
}

function templateOf({ destination, messageId, body, headers }: OutboundMessage): MessageTemplate {
  const all: StompHeader[] = [
    ['destination', destination],
    ['message-id', messageId],
    ['content-type', 'application/json'],
  ];
  if (headers !== undefined) for (const header of headers) all.push(header);
  return new MessageTemplate(all, body);
}

/** Who is told by what an ACK names the message: only one of 1.2 does so by an id (1.2, "ACK"). Null for all others. */
function recipientWithAck(
  { version, subscriptionId, awaitsAck }: Pick<SubscriberGroup, 'version' | 'subscriptionId' | 'awaitsAck'>,
  { messageId }: OutboundMessage,
): PreparedRecipient | null {
  if (!awaitsAck || version !== '1.2' || subscriptionId === null) return null;
  return prepareRecipient({ version, subscriptionId, ackId: ackIdOf(subscriptionId, messageId) });
}

/** A client that acknowledges nothing is a slow one. */
function noteDelivered(
  session: LiveSession,
  { unacknowledged }: Subscription,
  { messageId, offset = Infinity }: OutboundMessage,
): void {
  if (unacknowledged === null || unacknowledged.add(messageId, offset)) return;
  const message = `A subscription may have at most ${unacknowledged.max} messages that are not acknowledged.`;
  session.fail(new ChatError('TOO_MANY_UNACKNOWLEDGED', { message }));
}
