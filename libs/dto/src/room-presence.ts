import { z } from 'zod';
import { RoomIdSchema } from './ids.ts';
import { PRESENCE_USERS_MAX_COUNT } from './limits.ts';
import { UserPresenceDTOSchema } from './user.ts';

export const ROOM_PRESENCE_KINDS = ['STATE', 'CHANGES'] as const;

/**
 * Presence of many users of a room at once, beside the `UserPresenceDTO` of a single change, which has an `id` and no
 * `roomId`. STATE takes the place of all that was told before, CHANGES goes on top of it: the last word on a user counts.
 * `isComplete`: whoever was not named up to here is offline. `isStale`: it may be behind what is so, until a frame of this
 * shape comes without it.
 */
export const RoomPresenceDTOSchema = z.object({
  roomId: RoomIdSchema,
  kind: z.enum(ROOM_PRESENCE_KINDS),
  onlineCount: z.number().int().min(0),
  users: z.array(UserPresenceDTOSchema).max(PRESENCE_USERS_MAX_COUNT),
  isComplete: z.literal(true).optional(),
  isStale: z.literal(true).optional(),
});
export type RoomPresenceDTO = z.infer<typeof RoomPresenceDTOSchema>;
