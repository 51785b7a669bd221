import { z } from 'zod';
import { MEMBER_ROLES, ROOM_VISIBILITIES } from './chat-room.ts';
import { UserIdSchema } from './ids.ts';
import { InstantSchema } from './instant.ts';
import {
  BAN_REASON_MAX_CODE_POINTS,
  ROOM_DESCRIPTION_MAX_CODE_POINTS,
  ROOM_METADATA_MAX_BYTES,
  ROOM_NAME_MAX_CODE_POINTS,
} from './limits.ts';
import { ROOM_TYPES } from './message.ts';
import { jsonObjectSchema, textSchema } from './text.ts';

const nameSchema = textSchema(1, ROOM_NAME_MAX_CODE_POINTS);
const descriptionSchema = textSchema(0, ROOM_DESCRIPTION_MAX_CODE_POINTS);
const metadataSchema = jsonObjectSchema(ROOM_METADATA_MAX_BYTES);

/**
 * Body of POST `/chat-rooms`. A DIRECT room made here has room for one more member; the one room of a given pair is
 * `/chat-rooms/direct/{userId}`.
 */
export const CreateRoomRequestSchema = z.object({
  name: nameSchema,
  description: descriptionSchema.default(''),
  type: z.enum(ROOM_TYPES).default('GROUP'),
  visibility: z.enum(ROOM_VISIBILITIES).default('PUBLIC'),
  metadata: metadataSchema.default({}),
});
export type CreateRoomRequest = z.infer<typeof CreateRoomRequestSchema>;

/** Body of PATCH `/chat-rooms/{id}`: at least one field. */
export const UpdateRoomRequestSchema = z
  .object({
    name: nameSchema.optional(),
    description: descriptionSchema.optional(),
    metadata: metadataSchema.optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), {
    error: 'needs at least one of name, description, metadata',
  })
  .meta({ anyOf: [{ required: ['name'] }, { required: ['description'] }, { required: ['metadata'] }] });
export type UpdateRoomRequest = z.infer<typeof UpdateRoomRequestSchema>;

/** Body of POST `…/members`. Ownership is handed over by changing the role of a member. */
export const AddMemberRequestSchema = z.object({
  userId: UserIdSchema,
  role: z.enum(['ADMIN', 'MEMBER']).default('MEMBER'),
  /** Of an invitation; where nothing is said, the service decides. */
  expiresAt: InstantSchema.optional(),
});
export type AddMemberRequest = z.infer<typeof AddMemberRequestSchema>;

/** Body of PUT `…/bans/{userId}`; without `expiresAt` it is for good. */
export const BanRequestSchema = z.object({
  reason: textSchema(1, BAN_REASON_MAX_CODE_POINTS).optional(),
  expiresAt: InstantSchema.optional(),
});
export type BanRequest = z.infer<typeof BanRequestSchema>;

/** Body of PATCH `…/members/{userId}`. */
export const ChangeRoleRequestSchema = z.object({ role: z.enum(MEMBER_ROLES) });
export type ChangeRoleRequest = z.infer<typeof ChangeRoleRequestSchema>;
