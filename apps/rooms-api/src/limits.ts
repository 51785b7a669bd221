import { REVOCATIONS_LOOK_EVERY_MS } from '@chat/auth';

/** Largest body of a request, in bytes after decompression. */
export const BODY_MAX_BYTES = 65_536;
/** Longest that a request may wait for its answer, in ms; then it is UNAVAILABLE, its outcome open. */
export const REQUEST_DEADLINE_MS = 4_800;
/** Highest page number: skipping rows costs Postgres time for each. */
export const PAGE_NUMBER_MAX = 1_000_000;
/** Used proofs of API gateways that an instance remembers for the case that Redis does not, 200 bytes each. */
export const USED_PROOFS_MAX_COUNT = 100_000;
/** Usernames that an instance remembers as saved. */
export const USERNAME_MEMORY_MAX_COUNT = 10_000;
/** Events that the relay publishes in one transaction. */
export const OUTBOX_BATCH_MAX_COUNT = 200;
/** Longest time between two looks at the outbox, in ms: so long may an event of a dead instance wait. */
export const OUTBOX_POLL_MS = 1_000;
/** Longest wait for Kafka's acknowledgement of a batch, in ms; below Postgres's limit for an idle transaction. */
export const OUTBOX_PUBLISH_DEADLINE_MS = 3_500;
/** Longest that the transaction of a batch may take, in ms: waiting for another relay, publishing, marking. */
export const OUTBOX_TRANSACTION_TIMEOUT_MS = 7_000;
/** How long sent events are kept, in ms; how often older ones are forgotten, in ms; and how many at once. */
export const OUTBOX_RETENTION_MS = 86_400_000;
export const OUTBOX_CLEANING_EVERY_MS = 600_000;
export const OUTBOX_CLEANING_MAX_COUNT = 5_000;
/** How many of what waits a scrape of the metrics counts; and its longest wait for Postgres, in ms. */
export const OUTBOX_COUNTED_MAX = 100_000;
export const OUTBOX_LOOK_DEADLINE_MS = 2_000;
/** What a client should wait before it tries again after a retryable refusal, in seconds. */
export const RETRY_AFTER_SECONDS = 1;
/** Changes of one room that may wait for each other in one instance. */
export const ROOM_TURNS_MAX_WAITING = 500;
/** Invitations of the caller in one answer, newest first. */
export const OWN_INVITATIONS_MAX_COUNT = 200;
/** Readers of history whose last mark of delivery an instance remembers as told. */
export const HISTORY_MARKS_MAX_COUNT = 10_000;
/** Rows that one statement of an erasure changes; how long one step of it may go on beginning such, in ms. */
export const ERASURE_BATCH_MAX_COUNT = 500;
export const ERASURE_STEP_MAX_MS = 2_000;
/** How long a revocation waits for Postgres to say whether an instance runs that would not heed it, in ms. */
export const UNHEEDING_LOOK_MS = 500;
/**
 * After so long a user whose sessions were ended can have nothing on its way to the log any more, in ms: an instance that did not hear
 * of it looks at what is stored, which takes 2 s at most, and a SEND that it took before is answered within 5 s.
 */
export const ERASURE_SESSIONS_END_MS = REVOCATIONS_LOOK_EVERY_MS + 7_000;
/** An erasure that goes on after so long ends the user's sessions again, in ms: they may have come back with a newer token. */
export const ERASURE_SESSIONS_END_AGAIN_MS = 600_000;
/** How long a gateway that is asked what it remembers has to answer, in ms. */
export const GATEWAY_ANSWER_MS = 1_000;
/** Bans of a room in one answer, newest first. */
export const BANS_MAX_COUNT = 1_000;
