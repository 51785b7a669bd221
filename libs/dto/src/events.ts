import { z } from 'zod';
import { MEMBER_ROLES } from './chat-room.ts';
import { RoomIdSchema, UserIdSchema } from './ids.ts';
import { InstantSchema } from './instant.ts';
import { COMMAND_PAYLOAD_MAX_BYTES } from './limits.ts';
import { openSet } from './open-set.ts';
import { jsonObjectSchema } from './text.ts';
import { PRESENCE_EVENTS } from './user.ts';

const versionSchema = z.number().int().min(0);

/** `all`, `room:<id>`, `user:<id>` or `app:<range of versions>`; also the key of the record. */
export const CommandTargetSchema = z
  .string()
  .regex(/^(all|(room|user):[1-9][0-9]{0,15}|app:[0-9A-Za-z.+<>=^~| -]{1,200})$/, {
    error: 'must be "all", "room:<id>", "user:<id>" or "app:<range of versions>"',
  });
export type CommandTarget = z.infer<typeof CommandTargetSchema>;

/**
 * A system command for clients; after `expiresAt` it is not delivered. It is known by `target` and `id`, 5 and "5" being one:
 * what comes again under both is the same command and is not delivered again, so each target may count for itself. `durable` keeps it for who is not there: for a user until
 * they have got it, for the other targets for everybody who comes, in both cases until it expires.
 */
export const CommandDTOSchema = z.object({
  id: z.union([z.number().int(), z.string().min(1).max(128)]),
  target: CommandTargetSchema,
  name: z.string().min(1).max(200),
  payload: jsonObjectSchema(COMMAND_PAYLOAD_MAX_BYTES),
  createdAt: InstantSchema,
  expiresAt: InstantSchema.optional(),
  durable: z.boolean().optional(),
});
export type CommandDTO = z.infer<typeof CommandDTOSchema>;

/** One presence transition of a user; `roomId` comes with JOINED and LEFT. Versions of one user only rise. */
export const PresenceEventDTOSchema = z.object({
  userId: UserIdSchema,
  event: openSet(PRESENCE_EVENTS),
  isOnline: z.boolean(),
  roomId: RoomIdSchema.optional(),
  at: InstantSchema,
  version: versionSchema,
});
export type PresenceEventDTO = z.infer<typeof PresenceEventDTOSchema>;

export const ROOM_EVENTS = [
  'ROOM_CREATED',
  'ROOM_UPDATED',
  'ROOM_ARCHIVED',
  'MEMBER_ADDED',
  'MEMBER_REMOVED',
  'ROLE_CHANGED',
] as const;
export type RoomEvent = (typeof ROOM_EVENTS)[number];

/** One change of a room or its members; `version` is the room's, raised by each change. */
export const RoomEventDTOSchema = z.object({
  roomId: RoomIdSchema,
  event: openSet(ROOM_EVENTS),
  userId: UserIdSchema.optional(),
  role: z.enum(MEMBER_ROLES).optional(),
  version: versionSchema,
  at: InstantSchema,
});
export type RoomEventDTO = z.infer<typeof RoomEventDTOSchema>;

export const SESSION_EVENTS = ['OPENED', 'CLOSED', 'LOST'] as const;
export type SessionEvent = (typeof SESSION_EVENTS)[number];

/**
 * One step of a session's life, told by its gateway. OPENED is told again when the active room changes; CLOSED is a
 * client's own DISCONNECT, LOST a socket that went away without one. `exitedRoomIds` are rooms whose tab was open and
 * now is not: their last seen moves to `at`. An OPENED may carry `seen`: rooms that users of the same gateway, whoever they
 * are, have open at that instant; their last seen moves to `at` as well.
 */
export const SessionEventDTOSchema = z.object({
  userId: UserIdSchema,
  sessionId: z.string().min(1).max(128),
  gatewayId: z.string().min(1).max(128),
  event: z.enum(SESSION_EVENTS),
  activeRoomId: RoomIdSchema.optional(),
  exitedRoomIds: z.array(RoomIdSchema).optional(),
  seen: z.array(z.object({ userId: UserIdSchema, roomIds: z.array(RoomIdSchema) })).optional(),
  at: InstantSchema,
});
export type SessionEventDTO = z.infer<typeof SessionEventDTOSchema>;

export const RECEIPT_KINDS = ['DELIVERED', 'READ'] as const;
export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

/** A place in a room's log: log epoch, partition, offset. */
export const LogPositionSchema = z.object({
  epoch: z.number().int().min(0),
  partition: z.number().int().min(0),
  offset: z.number().int().min(0),
});
export type LogPosition = z.infer<typeof LogPositionSchema>;
type PlaceInLog = Pick<LogPosition, 'epoch' | 'offset'>;

/** Whether one place in a room's log lies before another one: all of an epoch lies before the next. */
export function isEarlierInLog(one: PlaceInLog, other: PlaceInLog): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.offset < other.offset);
}

/**
 * A user's mark in a room: what lies at or before `position` has been delivered to the user, or read. A mark of DELIVERED may say
 * from which offset on nothing was left out; it counts only where nothing lies undelivered before that. READ covers all before.
 */
export const ReceiptMarkSchema = z.object({
  userId: UserIdSchema,
  kind: z.enum(RECEIPT_KINDS),
  position: LogPositionSchema,
  unbrokenFrom: z.number().int().min(0).optional(),
});
export type ReceiptMark = z.infer<typeof ReceiptMarkSchema>;

/** The same mark of several users, as a room with many of them has it; `unbrokenFrom` of each in the order of `userIds`. */
export const ReceiptGroupSchema = z.object({
  kind: z.enum(RECEIPT_KINDS),
  position: LogPositionSchema,
  userIds: z.array(UserIdSchema),
  unbrokenFrom: z.array(z.number().int().min(0)).optional(),
});
export type ReceiptGroup = z.infer<typeof ReceiptGroupSchema>;

/** Delivery and read marks of users in one room, as positions of its log: each in `marks`, or in one of `groups`. */
export const ReceiptDTOSchema = z.object({
  roomId: RoomIdSchema,
  marks: z.array(ReceiptMarkSchema),
  groups: z.array(ReceiptGroupSchema).optional(),
  at: InstantSchema,
});
export type ReceiptDTO = z.infer<typeof ReceiptDTOSchema>;

/** All marks of a receipt, or those of a kind; those of its groups too. */
export function receiptMarksOf({ marks, groups = [] }: ReceiptDTO, wanted?: ReceiptKind): readonly ReceiptMark[] {
  const isWanted = ({ kind }: { readonly kind: ReceiptKind }) => wanted === undefined || kind === wanted;
  const ofGroups = groups.filter(isWanted).flatMap(({ kind, position, userIds, unbrokenFrom = [] }) =>
    userIds.map((userId, at) => {
      const from = unbrokenFrom[at];
      return { userId, kind, position, ...(from !== undefined && { unbrokenFrom: from }) };
    }),
  );
  return [...marks.filter(isWanted), ...ofGroups];
}

/** The persister has stored everything of this partition of `chat-messages` below offset `next`. */
export const PersisterProgressDTOSchema = z.object({
  epoch: z.number().int().min(0),
  partition: z.number().int().min(0),
  next: z.number().int().min(0),
  at: InstantSchema,
});
export type PersisterProgressDTO = z.infer<typeof PersisterProgressDTOSchema>;
