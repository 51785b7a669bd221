import { z } from 'zod';
import { RoomIdSchema, UserIdSchema, type UserId } from './ids.ts';
import { InstantSchema } from './instant.ts';
import { openSet } from './open-set.ts';

/** A user and whether a live session of theirs exists; `username` is `user-<id>` for one never seen. */
export const BasicUserInfoDTOSchema = z.object({
  id: UserIdSchema,
  username: z.string(),
  isOnline: z.boolean(),
});
export type BasicUserInfoDTO = z.infer<typeof BasicUserInfoDTOSchema>;

/** The username of a user whose token was never seen, or never said one. */
export function fallbackUsername(userId: UserId): string {
  return `user-${userId}`;
}

export const PRESENCE_EVENTS = ['JOINED', 'ONLINE', 'OFFLINE', 'RECONNECTED', 'LEFT'] as const;
export type PresenceEvent = (typeof PRESENCE_EVENTS)[number];

/** Presence of one user; on presence destinations with the event that made it and the user's presence version. */
export const UserPresenceDTOSchema = z.object({
  id: UserIdSchema,
  isOnline: z.boolean(),
  event: openSet(PRESENCE_EVENTS).optional(),
  at: InstantSchema.optional(),
  version: z.number().int().min(0).optional(),
});
export type UserPresenceDTO = z.infer<typeof UserPresenceDTOSchema>;

/** Up to when a user has seen a room. */
export const LastSeenDTOSchema = z.object({
  chatRoomId: RoomIdSchema,
  userId: UserIdSchema,
  lastSeenAt: InstantSchema,
});
export type LastSeenDTO = z.infer<typeof LastSeenDTOSchema>;
