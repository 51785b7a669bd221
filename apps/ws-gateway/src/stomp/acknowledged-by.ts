import { headerOf, type StompFrame, type StompVersion } from '@chat/stomp';
import { parseAckId, type AcknowledgedMessage } from '../broker/ack-id.ts';

/** What ACK and NACK must say, in a sentence for who does not. */
export const ACK_RULES: Readonly<Record<StompVersion, string>> = {
  '1.0': 'ACK needs the message-id of a MESSAGE.',
  '1.1': 'ACK and NACK need the subscription and the message-id of a MESSAGE.',
  '1.2': 'ACK and NACK need as id what a MESSAGE had as ack.',
};

/** What an ACK or NACK names in the headers of its version (1.0 to 1.2, "ACK"); null where they are not there. */
export function acknowledgedBy(frame: StompFrame, version: StompVersion): AcknowledgedMessage | null {
  if (version === '1.2') return parseAckId(headerOf(frame, 'id') ?? '');
  const messageId = headerOf(frame, 'message-id');
  const subscriptionId = headerOf(frame, 'subscription') ?? null;
  const isComplete = messageId !== undefined && (version === '1.0' || subscriptionId !== null);
  return isComplete ? { subscriptionId, messageId } : null;
}
