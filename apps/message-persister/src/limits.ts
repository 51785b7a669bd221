/** Records that one statement stores: bounds its time and its locks. */
export const STATEMENT_MAX_RECORDS = 1_000;
/** Content that one statement carries, in UTF-16 units; a record alone may have more. */
export const STATEMENT_MAX_CONTENT_LENGTH = 4_000_000;
/** Longest event id and client message id that are stored as they are, in UTF-16 units; longer ones as their digest. */
export const REPEAT_KEY_MAX_LENGTH = 200;
/** How long marks wait for the messages that they speak of to be stored, in ms; then they are set aside. A later mark covers them. */
export const MARK_WAIT_MAX_MS = 60_000;
/** Marks are fetched when there are so many bytes of them, or after 250 ms: what is stored together costs one statement. */
export const RECEIPTS_FETCH_MIN_BYTES = 262_144;
/** How often old rows are removed, for how long at most, in ms, and how much one statement looks at. */
export const RETENTION_EVERY_MS = 3_600_000;
export const RETENTION_PASS_MAX_MS = 1_800_000;
export const RETENTION_BOUNDS = { rooms: 50, rowsPerRoom: 100 };
/** Durable commands that are kept; the oldest of a user, and of the others those that expire first, give way to new ones. */
export const KEPT_COMMANDS_MAX = { perUser: 100, shared: 1_000 };
/** How often expired commands are removed, in ms; how many one statement removes, and for how long one follows another, in ms. */
export const KEPT_COMMANDS_CLEANING_EVERY_MS = 600_000;
export const KEPT_COMMANDS_CLEANING_MAX_COUNT = 5_000;
export const KEPT_COMMANDS_CLEANING_MAX_MS = 300_000;
