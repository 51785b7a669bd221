import { z } from 'zod';
import { MessageIdSchema, RoomIdSchema, UserIdSchema } from './ids.ts';
import { InstantSchema } from './instant.ts';
import { MESSAGE_CONTENT_MAX_CODE_POINTS } from './limits.ts';
import { textSchema } from './text.ts';

export const ROOM_TYPES = ['GROUP', 'DIRECT'] as const;
export type RoomType = (typeof ROOM_TYPES)[number];
export const MESSAGE_KINDS = ['SYSTEM', 'EDIT', 'DELETE', 'REACTION'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** What a client sends: `content` of 1 to 10,000 Unicode code points, kept as it is. */
export const ClientMessageDTOSchema = z.object({
  content: textSchema(1, MESSAGE_CONTENT_MAX_CODE_POINTS),
});
export type ClientMessageDTO = z.infer<typeof ClientMessageDTOSchema>;

/**
 * A chat message as it lies on Kafka, goes to subscribers and stands in the history. `type` is the room's; `kind` is
 * absent for text. Readers ignore fields they do not know.
 */
export const MessageDTOSchema = z.object({
  id: MessageIdSchema,
  senderId: UserIdSchema,
  roomId: RoomIdSchema,
  content: z.string(),
  type: z.enum(ROOM_TYPES),
  timestamp: InstantSchema,
  kind: z.enum(MESSAGE_KINDS).optional(),
});
export type MessageDTO = z.infer<typeof MessageDTOSchema>;
