import type { Clause } from '../clause.ts';
import { ACKNOWLEDGING_CLAUSES } from './acknowledging.ts';
import { BODY_CLAUSES } from './bodies.ts';
import { CONNECTING_CLAUSES } from './connecting.ts';
import { ENDING_CLAUSES } from './endings.ts';
import { FRAME_CLAUSES } from './frames.ts';
import { HEADER_CLAUSES } from './headers.ts';
import { HEART_BEAT_CLAUSES } from './heart-beats.ts';
import { LIMIT_CLAUSES } from './limits.ts';
import { SENDING_CLAUSES } from './sending.ts';
import { SUBSCRIPTION_CLAUSES } from './subscriptions.ts';
import { TRANSACTION_CLAUSES } from './transactions.ts';

/** By topic, in the order of the specification of 1.2. */
export const TOPICS: Readonly<Record<string, readonly Clause[]>> = {
  Frames: FRAME_CLAUSES,
  Headers: HEADER_CLAUSES,
  Bodies: BODY_CLAUSES,
  'Size limits': LIMIT_CLAUSES,
  Connecting: CONNECTING_CLAUSES,
  'Heart-beats': HEART_BEAT_CLAUSES,
  Sending: SENDING_CLAUSES,
  Subscriptions: SUBSCRIPTION_CLAUSES,
  Acknowledging: ACKNOWLEDGING_CLAUSES,
  Transactions: TRANSACTION_CLAUSES,
  'Receipts, endings, WebSocket': ENDING_CLAUSES,
};

export const CLAUSES: readonly Clause[] = Object.values(TOPICS).flat();
