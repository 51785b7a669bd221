import type { Caller } from '@chat/auth';
import type { ChatError } from '@chat/service-kit';
import type { StompFrame, StompVersion } from '@chat/stomp';
import type { ClientSend, MessageSend, RequestOrigin, Subscription } from '../broker/requests.ts';
import type { CloseReason } from './close-reasons.ts';
import type { Transaction } from './transactions.ts';

/** How this session's heart-beats were agreed, in ms; 0 is never. */
export interface HeartBeatAgreement {
  readonly sendEveryMs: number;
  readonly expectEveryMs: number;
}

/** A COMMIT: its transaction's messages are to be published together or not at all. */
export interface Commit {
  readonly transaction: Transaction;
  readonly sends: readonly MessageSend[];
  readonly receiptId: string | undefined;
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
  | { readonly do: 'commit'; readonly commit: Commit }
  | { readonly do: 'report'; readonly error: ChatError; readonly origin: RequestOrigin }
  | { readonly do: 'drop'; readonly error: ChatError }
  /** Wait for the SENDs in flight, then report back by `finished`. */
  | { readonly do: 'finish' }
  | { readonly do: 'end' };
