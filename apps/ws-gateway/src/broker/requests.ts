import type { ReplayRequest } from './replay-request.ts';
import {
  RECORD_KINDS,
  type MessageDestination,
  type SendDestination,
  type SubscribeDestination,
} from './destinations.ts';
import type { Unacknowledged } from './unacknowledged.ts';

/** One subscription of one session. `id` is unique within it; a 1.0 client may leave the header out. */
export interface Subscription {
  readonly id: string;
  /** What `subscription` says on its MESSAGEs; null where the client named none (1.0). */
  readonly headerId: string | null;
  readonly destination: string;
  readonly target: SubscribeDestination;
  /** What awaits ACK; null in ack mode `auto`. */
  readonly unacknowledged: Unacknowledged | null;
  /** What comes before it is live; rooms only. */
  readonly replay: ReplayRequest;
  /** Whether all who are online are to be named first, however many; presence only. */
  readonly wantsAllUsers?: boolean;
}

/** What a refusal needs in order to be told to the right place. */
export interface RequestOrigin {
  /** Of SEND and SUBSCRIBE. */
  readonly destination?: string;
  readonly receiptId: string | undefined;
  readonly clientMessageId?: string | undefined;
}

/** A SEND on its way to its handler. */
export interface ClientSend extends RequestOrigin {
  readonly destination: string;
  readonly target: SendDestination;
  /** Header `resend`, as it came. */
  readonly resend: string | undefined;
  /** Header `receipt-level`, as it came. */
  readonly receiptLevel?: string | undefined;
  /** Header `traceparent`, as it came. */
  readonly traceParent?: string | undefined;
  readonly body: Uint8Array;
}

/** A SEND of a record to a room: what a transaction may hold. */
export type MessageSend = ClientSend & { readonly target: MessageDestination };

export function isMessageSend(send: ClientSend): send is MessageSend {
  return send.target.kind in RECORD_KINDS;
}
