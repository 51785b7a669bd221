import { z } from 'zod';
import { RoomIdSchema, UserIdSchema } from './ids.ts';
import { TYPING_USERS_MAX_COUNT } from './limits.ts';

/** What a client says of its own typing in a room; no body at all says the same as `isTyping: true`. */
export const ClientTypingDTOSchema = z.object({
  isTyping: z.boolean(),
});
export type ClientTypingDTO = z.infer<typeof ClientTypingDTOSchema>;

/**
 * Who types in a room, all of it each time, so that a frame that is missed does no harm. `userIds` ascend and are cut after
 * `TYPING_USERS_MAX_COUNT`; `count` is how many type in all.
 */
export const TypingDTOSchema = z.object({
  roomId: RoomIdSchema,
  userIds: z.array(UserIdSchema).max(TYPING_USERS_MAX_COUNT),
  count: z.number().int().min(0),
});
export type TypingDTO = z.infer<typeof TypingDTOSchema>;
