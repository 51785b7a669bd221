/** Longest `content` of a message, in Unicode code points; the shortest is 1. Content is never trimmed. */
export const MESSAGE_CONTENT_MAX_CODE_POINTS = 10_000;
/** Longest content of a reaction, in Unicode code points: an emoji of several, or a short text. */
export const REACTION_MAX_CODE_POINTS = 32;
/** Different reactions that the history shows of one message, the most used ones. */
export const REACTIONS_SHOWN_MAX_COUNT = 20;
/** Longest name of a room, in Unicode code points; the shortest is 1. */
export const ROOM_NAME_MAX_CODE_POINTS = 200;
/** Longest description of a room, in Unicode code points; it may be empty. */
export const ROOM_DESCRIPTION_MAX_CODE_POINTS = 2_000;
/** Longest reason of a ban, in Unicode code points; the shortest is 1. */
export const BAN_REASON_MAX_CODE_POINTS = 500;
/** Largest `metadata` of a room, in UTF-8 bytes of its JSON text. */
export const ROOM_METADATA_MAX_BYTES = 8_192;
/** Most members a room may have. */
export const ROOM_MEMBERS_MAX_COUNT = 100_000;
/** Members of a DIRECT room. */
export const DIRECT_ROOM_MEMBERS_MAX_COUNT = 2;
/** Longest username taken from a token, in Unicode code points; longer ones are cut. */
export const USERNAME_MAX_CODE_POINTS = 200;
/** Longest `client-message-id`, in characters of printable ASCII. */
export const CLIENT_MESSAGE_ID_MAX_LENGTH = 128;
/** Content of a message in a notification, in Unicode code points; the rest is cut off. */
export const NOTIFICATION_PREVIEW_MAX_CODE_POINTS = 200;
/** Rooms, or any other rows, on one page: what a request gets that asks for nothing, and the most it may ask for. */
export const PAGE_SIZE_DEFAULT = 20;
export const PAGE_SIZE_MAX = 100;
/** Messages in one answer of the history: what a request gets that asks for nothing, and the most it may ask for. */
export const HISTORY_LIMIT_DEFAULT = 50;
export const HISTORY_LIMIT_MAX = 200;
/** User ids in one request of the presence batch. */
export const PRESENCE_BATCH_MAX_COUNT = 200;
/** Users in one frame of a room's presence; more come in the next one. */
export const PRESENCE_USERS_MAX_COUNT = 500;
/** Objects and arrays inside each other in free JSON (`metadata`, `payload`), the outermost included. */
export const JSON_MAX_DEPTH = 32;
/** Largest `payload` of a command, in UTF-8 bytes of its JSON text. */
export const COMMAND_PAYLOAD_MAX_BYTES = 16_384;
/** How long a durable command is kept that does not say when it expires, in ms. */
export const KEPT_COMMAND_LIFE_MS = 7 * 86_400_000;
/** How long a user types who says nothing more, in ms: a client that goes on says so again within it, every 3 s or so. */
export const TYPING_LIFE_MS = 10_000;
/** User ids in one `TypingDTO`; more type uncalled, and are counted. */
export const TYPING_USERS_MAX_COUNT = 50;
