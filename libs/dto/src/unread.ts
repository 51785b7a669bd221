import { z } from 'zod';
import { RoomIdSchema } from './ids.ts';
import { MessageDTOSchema } from './message.ts';

const countSchema = z.number().int().min(0);

/** What a user has not read: in each of the user's rooms, by id, and in all of them together. */
export const UnreadDTOSchema = z.object({
  total: countSchema,
  rooms: z.array(z.object({ roomId: RoomIdSchema, unreadCount: countSchema })),
});
export type UnreadDTO = z.infer<typeof UnreadDTOSchema>;

/**
 * What is new of a room of the user: `lastMessage`, somebody else's with its content cut to a preview, where one came;
 * `unreadCount` by then, left out where it could not be told in time. Without a message the count alone has changed: the user
 * has read on another device.
 */
export const RoomNotificationDTOSchema = z.object({
  roomId: RoomIdSchema,
  unreadCount: countSchema.optional(),
  lastMessage: MessageDTOSchema.optional(),
});
export type RoomNotificationDTO = z.infer<typeof RoomNotificationDTOSchema>;
