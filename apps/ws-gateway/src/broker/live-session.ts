import type { UserId } from '@chat/dto';
import type { ChatError } from '@chat/service-kit';
import type { StompVersion } from '@chat/stomp';
import type { Subscription } from './requests.ts';

/** Takes WebSocket frames that are ready to go, some of which a slow client may miss. */
export interface FrameReceiver {
  /** Bytes that the client has not taken yet. */
  readonly outboundBytes: number;
  sendFramed(frame: Buffer): void;
  sendSheddable(frame: Buffer): boolean;
  /** Null while no more than `maxBytes` wait for the client; else resolves when it has taken the rest. */
  whenTaken(maxBytes: number): Promise<void> | null;
}

/** A connected session as the broker sees it. */
export interface LiveSession {
  readonly sessionId: string;
  readonly userId: UserId;
  readonly version: StompVersion;
  /** What the client said in CONNECT of the version of its app. */
  readonly appVersion?: string | undefined;
  readonly receiver: FrameReceiver;
  /** The session's own subscription of a kind that is not shared, such as its error queue. */
  readonly subscriptionTo: (kind: Subscription['target']['kind']) => Subscription | undefined;
  /** Ends it: ERROR, close. */
  readonly fail: (error: ChatError) => void;
}
