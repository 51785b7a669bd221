/** Time between two rounds over the shards: their outboxes, the leases of their gateways, and what is due in them, in ms. */
export const SWEEP_EVERY_MS = 500;
/** Longest time between two whole looks at one shard while nothing is known to be due in it, in ms. */
export const LOOK_EVERY_MS = 10_000;
/** Users of one kind that one look takes up. */
export const SWEEP_MAX_USERS = 500;
/** Looks at one shard in a row while there is more to do, before the others get their turn. */
export const SWEEP_MAX_LOOKS = 200;
/** Steps of different users that are under way at once. */
export const STEPS_AT_ONCE = 64;
/** How often one step is decided anew because the user changed meanwhile; each is one look and one attempt. */
export const STEP_MAX_ATTEMPTS = 10;
/** How long a shard that was just taken over waits for its log to speak before anything is due in it, in ms. */
export const CATCH_UP_MS = 3_000;
/** How long Redis must have been silent, as seen from here, for leases to have lapsed by that alone, in ms. */
export const OUTAGE_MS = 5_000;
/** How long another owner is believed before a shard that Kafka gives to this instance is claimed again, in ms. */
export const STALE_MS = 10_000;
/** Events that are taken from an outbox at once, and last seen times that are written at once. */
export const OUTBOX_BATCH_SIZE = 500;
export const LAST_SEEN_BATCH_SIZE = 1_000;
/** Rooms and users that gateways reported to have open, while Postgres does not take them; of more the next report tells. */
export const LAST_SEEN_REPORTED_MAX = 100_000;
