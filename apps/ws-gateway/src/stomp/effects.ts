import type { Caller } from '@chat/auth';
import type { ChatError } from '@chat/service-kit';
import type { StompFrame, StompVersion } from '@chat/stomp';
import type { SendDestination, SubscribeDestination } from '../broker/destinations.ts';
import type { CloseReason } from '../transport/close-codes.ts';

export const ACK_MODES = ['auto', 'client', 'client-individual'] as const;
export type AckMode = (typeof ACK_MODES)[number];

/** One subscription of one session. `id` is unique within it; a 1.0 client may leave the header out. */
export interface Subscription {
  readonly id: string;
  /** What `subscription` says on its MESSAGEs; null where the client named none (1.0). */
  readonly headerId: string | null;
  readonly destination: string;
  readonly target: SubscribeDestination;
  readonly ackMode: AckMode;
}

/** What a refusal needs in order to be told to the right place. */
export interface RequestOrigin {
  readonly destination: string;
  readonly receiptId: string | undefined;
  readonly clientMessageId?: string | undefined;
}

/** A SEND on its way to its handler. */
export interface ClientSend extends RequestOrigin {
  readonly target: SendDestination;
  readonly headers: StompFrame['headers'];
  readonly body: Uint8Array;
}

/** How this session's heart-beats were agreed, in ms; 0 is never. */
export interface HeartBeatAgreement {
  readonly sendEveryMs: number;
  readonly expectEveryMs: number;
}

/** What the session wants done. It knows no socket, no Kafka and no clock: others do it and report back. */
export type Effect =
  | { readonly do: 'send'; readonly frame: StompFrame }
  | { readonly do: 'close'; readonly reason: CloseReason }
  | { readonly do: 'set-version'; readonly version: StompVersion }
  | { readonly do: 'authenticate'; readonly token: string | undefined }
  | { readonly do: 'open'; readonly caller: Caller; readonly heartBeat: HeartBeatAgreement }
  | { readonly do: 'subscribe'; readonly subscription: Subscription; readonly receiptId: string | undefined }
  | { readonly do: 'unsubscribe'; readonly subscription: Subscription }
  | { readonly do: 'dispatch'; readonly send: ClientSend }
  | { readonly do: 'report'; readonly error: ChatError; readonly origin: RequestOrigin }
  | { readonly do: 'drop'; readonly error: ChatError }
  | { readonly do: 'end' };
