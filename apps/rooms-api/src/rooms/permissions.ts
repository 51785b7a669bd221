import type { MemberRole } from '@chat/dto';
import { ChatError } from '@chat/service-kit';

const EVERY_MEMBER = ['OWNER', 'ADMIN', 'MEMBER'] as const;

/** Who may do what in a room; the one table. */
const ALLOWED_ROLES = {
  READ_HISTORY: EVERY_MEMBER,
  LIST_MEMBERS: EVERY_MEMBER,
  UPDATE_ROOM: ['OWNER', 'ADMIN'],
  ARCHIVE_ROOM: ['OWNER'],
  ADD_MEMBER: ['OWNER', 'ADMIN'],
  ADD_ADMIN: ['OWNER'],
  REMOVE_MEMBER: ['OWNER', 'ADMIN'],
  REMOVE_ADMIN: ['OWNER'],
  BAN_MEMBER: ['OWNER', 'ADMIN'],
  CHANGE_ROLE: ['OWNER'],
} as const satisfies Record<string, readonly MemberRole[]>;

export type RoomAction = keyof typeof ALLOWED_ROLES;
export const ROOM_ACTIONS = Object.keys(ALLOWED_ROLES) as readonly RoomAction[]; // Object.keys forgets the keys of a const object

/** Whether a member with this role may do it; null is somebody who is no member. */
export function isAllowed(action: RoomAction, role: MemberRole | null): boolean {
  return role !== null && (ALLOWED_ROLES[action] as readonly MemberRole[]).includes(role); // a tuple's `includes` takes its own members only
}

/** Throws NOT_A_MEMBER or FORBIDDEN where the role may not do it. */
export function requirePermission(action: RoomAction, role: MemberRole | null): void {
  if (role === null) throw new ChatError('NOT_A_MEMBER');
  if (!isAllowed(action, role)) throw new ChatError('FORBIDDEN');
}

/** What taking away a member of this role needs; the owner cannot be taken away. */
export function removalOf(role: MemberRole): RoomAction {
  if (role === 'OWNER') throw new ChatError('OWNER_MUST_STAY');
  return role === 'ADMIN' ? 'REMOVE_ADMIN' : 'REMOVE_MEMBER';
}

/** What adding somebody with this role needs. */
export function additionOf(role: 'ADMIN' | 'MEMBER'): RoomAction {
  return role === 'ADMIN' ? 'ADD_ADMIN' : 'ADD_MEMBER';
}
