/** A message of a subscription, as an ACK or NACK names it. */
export interface AcknowledgedMessage {
  /** Null where a 1.0 client names only the message: then of any subscription. */
  readonly subscriptionId: string | null;
  readonly messageId: string;
}

/** What `ack` says on a MESSAGE of 1.2, and `id` on the ACK for it: one text for the two that 1.1 has headers for. */
export function ackIdOf(subscriptionId: string, messageId: string): string {
  return `${encodeURIComponent(subscriptionId)}:${messageId}`;
}

/** Null where it is none that `ackIdOf` makes. */
export function parseAckId(ackId: string): AcknowledgedMessage | null {
  const colon = ackId.indexOf(':');
  if (colon < 0) return null;
  try {
    return { subscriptionId: decodeURIComponent(ackId.slice(0, colon)), messageId: ackId.slice(colon + 1) };
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
