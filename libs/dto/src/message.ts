import { z } from 'zod';
import { MessageIdSchema, RoomIdSchema, UserIdSchema } from './ids.ts';
import { InstantSchema } from './instant.ts';
import { MESSAGE_CONTENT_MAX_CODE_POINTS } from './limits.ts';
import { OPEN_SET_NAME, openSet } from './open-set.ts';
import { textSchema } from './text.ts';

export const ROOM_TYPES = ['GROUP', 'DIRECT'] as const;
export type RoomType = (typeof ROOM_TYPES)[number];
/** Kinds that change or mark another message of the room and are none themselves. */
export const CHANGE_KINDS = ['EDIT', 'DELETE', 'REACTION'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];
export const MESSAGE_KINDS = ['SYSTEM', ...CHANGE_KINDS] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** Names of later versions must not make a record unreadable: a name is any, in capitals. */
const noticeNameSchema = z.string().regex(OPEN_SET_NAME);
/** Why a member was removed: by their own will, by an admin, by a ban. */
export const REMOVAL_CAUSES = ['LEFT', 'REMOVED', 'BANNED'] as const;
export type RemovalCause = (typeof REMOVAL_CAUSES)[number];

/**
 * What a message of kind SYSTEM tells: `event` MEMBER_REMOVED, with `cause` LEFT, REMOVED or BANNED, took the user out of the
 * room as of its `version`. The message is where the room's log ends for that user, until the room has them back.
 */
export const SystemNoticeSchema = z.object({
  event: noticeNameSchema,
  userId: UserIdSchema,
  version: z.number().int().min(0),
  cause: noticeNameSchema.optional(),
});
export type SystemNotice = z.infer<typeof SystemNoticeSchema>;

/** What a client sends: `content` of 1 to 10,000 Unicode code points, kept as it is. */
export const ClientMessageDTOSchema = z.object({
  content: textSchema(1, MESSAGE_CONTENT_MAX_CODE_POINTS),
});
export type ClientMessageDTO = z.infer<typeof ClientMessageDTOSchema>;

/** What a client says it has read: everything of the room up to this message. */
export const ClientReadDTOSchema = z.object({
  messageId: MessageIdSchema,
});
export type ClientReadDTO = z.infer<typeof ClientReadDTOSchema>;

/**
 * A chat message as it lies on Kafka, goes to subscribers and stands in the history. `type` is the room's; `kind` is
 * absent for text. EDIT, DELETE and REACTION name the message that they are about by `targetId`; their `content` is the new
 * text, empty, and what is reacted with; `removed` takes a reaction back. Readers ignore fields they do not know.
 */
export const MessageDTOSchema = z.object({
  id: MessageIdSchema,
  senderId: UserIdSchema,
  roomId: RoomIdSchema,
  content: z.string(),
  type: z.enum(ROOM_TYPES),
  timestamp: InstantSchema,
  kind: openSet(MESSAGE_KINDS).optional(),
  targetId: MessageIdSchema.optional(),
  removed: z.boolean().optional(),
  /** Of kind SYSTEM. One that cannot be read is as none, so that it never decides whether a record counts. */
  system: SystemNoticeSchema.optional().catch(undefined),
});
export type MessageDTO = z.infer<typeof MessageDTOSchema>;

/** Stages of a message with its recipients, each with all before it: in the log, in the record, with the client, read. */
export const MESSAGE_STATUSES = ['SENT', 'PERSISTED', 'DELIVERED', 'READ'] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/**
 * What became of a message: `status` is what all of its recipients have reached, the counts are of those who have got it and
 * of those who have read it. Recipients are the room's members who were in it when it was written, without the sender.
 */
export const MessageStatusDTOSchema = z.object({
  status: z.enum(MESSAGE_STATUSES),
  deliveredCount: z.number().int().min(0),
  readCount: z.number().int().min(0),
  members: z.array(z.object({ userId: UserIdSchema, status: z.enum(MESSAGE_STATUSES) })),
});
export type MessageStatusDTO = z.infer<typeof MessageStatusDTOSchema>;

/** How many recipients a message has, and how many of them have got it, and have read it. */
export interface MessageReach {
  readonly recipientCount: number;
  readonly deliveredCount: number;
  readonly readCount: number;
}

/** What all recipients of a stored message have reached; with no recipients it is PERSISTED. */
export function messageStatusOf({ recipientCount, deliveredCount, readCount }: MessageReach): MessageStatus {
  if (recipientCount === 0 || deliveredCount < recipientCount) return 'PERSISTED';
  return readCount < recipientCount ? 'DELIVERED' : 'READ';
}

/** What became of a message, as its sender is told: counts as of `MessageStatusDTO`; how many recipients there are is known once it is PERSISTED. */
export const MessageReceiptSchema = z.object({
  messageId: MessageIdSchema,
  clientMessageId: z.string().optional(),
  status: z.enum(MESSAGE_STATUSES),
  deliveredCount: z.number().int().min(0),
  readCount: z.number().int().min(0),
  recipientCount: z.number().int().min(0).optional(),
});
export type MessageReceipt = z.infer<typeof MessageReceiptSchema>;

/**
 * News of the caller's own messages in a room, in the order of the room. What a message has reached, all messages of the caller
 * before it have reached, told or not.
 */
export const MessageReceiptsDTOSchema = z.object({
  roomId: RoomIdSchema,
  receipts: z.array(MessageReceiptSchema),
});
export type MessageReceiptsDTO = z.infer<typeof MessageReceiptsDTOSchema>;
