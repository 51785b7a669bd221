import { z } from 'zod';

/** Ids are JSON numbers from 1 to 2^53−1, so that every language and every JavaScript number holds them exactly. */
const idSchema = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** A user: the `sub` of their token. */
export const UserIdSchema = idSchema.brand<'UserId'>();
/** Branded, so that a room's id is not taken for a user's; a plain number in JSON. */
export type UserId = z.infer<typeof UserIdSchema>;

/** A room, as rooms-api numbers it. */
export const RoomIdSchema = idSchema.brand<'RoomId'>();
/** Branded as `UserId` is. */
export type RoomId = z.infer<typeof RoomIdSchema>;

/** A message. Ids of foreign producers may be any safe integer, 0 and negative ones included. */
export const MessageIdSchema = z.number().int().brand<'MessageId'>();
/** Branded as `UserId` is. */
export type MessageId = z.infer<typeof MessageIdSchema>;

const DECIMAL_ID = /^[1-9][0-9]{0,15}$/;
const MESSAGE_ID = /^-?[0-9]{1,16}$/;

/** Reads an id from a path, a header or a claim: decimal digits without sign, space or leading zero; else null. */
export function parseId(text: string): number | null {
  if (!DECIMAL_ID.test(text)) return null;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : null;
}

/** `parseId` for the id of a user; null where the text is none. */
export function parseUserId(text: string): UserId | null {
  return parseId(text) as UserId | null; // parseId checked the range; the brand adds only the name
}

/** `parseId` for the id of a room; null where the text is none. */
export function parseRoomId(text: string): RoomId | null {
  return parseId(text) as RoomId | null; // as above
}

/** Reads the id of a message, which of a foreign producer may be 0 or negative; null where the text is none. */
export function parseMessageId(text: string): MessageId | null {
  const id = MESSAGE_ID.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(id) ? (id as MessageId) : null; // a safe integer is all that a message id needs to be
}

/** A number known to be the id of a user: ours, or from our own tables. Throws a RangeError for no safe integer. */
export const asUserId = (id: number): UserId => assertId(id) as UserId;
/** A number known to be the id of a room, as `asUserId`. */
export const asRoomId = (id: number): RoomId => assertId(id) as RoomId;
/** A number known to be the id of a message, as `asUserId`. */
export const asMessageId = (id: number): MessageId => assertId(id) as MessageId;

function assertId(id: number): number {
  if (!Number.isSafeInteger(id)) throw new RangeError(`not an id: ${id}`);
  return id;
}
