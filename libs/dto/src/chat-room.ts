import { z } from 'zod';
import { RoomIdSchema, UserIdSchema } from './ids.ts';
import { InstantSchema } from './instant.ts';
import { ROOM_TYPES } from './message.ts';
import { HistoryMessageDTOSchema } from './message-change.ts';
import { anyJson } from './text.ts';

export const ROOM_STATUSES = ['ACTIVE', 'ARCHIVED'] as const;
export type RoomStatus = (typeof ROOM_STATUSES)[number];
export const ROOM_VISIBILITIES = ['PUBLIC', 'PRIVATE'] as const;
export type RoomVisibility = (typeof ROOM_VISIBILITIES)[number];
export const MEMBER_ROLES = ['OWNER', 'ADMIN', 'MEMBER'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** A room. `unreadCount` and `lastMessage` come only in lists of the caller's own rooms. */
export const ChatRoomDTOSchema = z.object({
  id: RoomIdSchema,
  name: z.string(),
  description: z.string(),
  type: z.enum(ROOM_TYPES),
  status: z.enum(ROOM_STATUSES),
  ownerId: UserIdSchema,
  createdAt: InstantSchema,
  updatedAt: InstantSchema,
  visibility: z.enum(ROOM_VISIBILITIES).optional(),
  metadata: z.record(z.string(), anyJson).optional(),
  unreadCount: z.number().int().min(0).optional(),
  lastMessage: HistoryMessageDTOSchema.optional(),
});
export type ChatRoomDTO = z.infer<typeof ChatRoomDTOSchema>;

/** One member of a room, as the member list tells it. */
export const RoomMemberDTOSchema = z.object({
  userId: UserIdSchema,
  username: z.string(),
  role: z.enum(MEMBER_ROLES),
  isOnline: z.boolean(),
  joinedAt: InstantSchema,
});
export type RoomMemberDTO = z.infer<typeof RoomMemberDTOSchema>;

/** An invitation to a private room, as the one who made it sees it. */
export const InvitationDTOSchema = z.object({
  roomId: RoomIdSchema,
  userId: UserIdSchema,
  role: z.enum(['ADMIN', 'MEMBER']),
  invitedBy: UserIdSchema,
  expiresAt: InstantSchema.optional(),
});
export type InvitationDTO = z.infer<typeof InvitationDTOSchema>;

/** An invitation, as the invited sees it; joining the room uses it up. */
export const OwnInvitationDTOSchema = z.object({
  room: ChatRoomDTOSchema,
  role: z.enum(['ADMIN', 'MEMBER']),
  invitedBy: UserIdSchema,
  createdAt: InstantSchema,
  expiresAt: InstantSchema.optional(),
});
export type OwnInvitationDTO = z.infer<typeof OwnInvitationDTOSchema>;

/** A user who may not be in the room: until `expiresAt`, or for good. */
export const RoomBanDTOSchema = z.object({
  roomId: RoomIdSchema,
  userId: UserIdSchema,
  bannedBy: UserIdSchema,
  reason: z.string().optional(),
  createdAt: InstantSchema,
  expiresAt: InstantSchema.optional(),
});
export type RoomBanDTO = z.infer<typeof RoomBanDTOSchema>;
