import { MEMBER_ROLES, type MemberRole } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { additionOf, isAllowed, removalOf, requirePermission, ROOM_ACTIONS, type RoomAction } from './permissions.ts';

/** Written out a second time on purpose: a change of the table has to be meant. */
const EXPECTED: Record<RoomAction, string> = {
  READ_HISTORY: 'OWNER ADMIN MEMBER',
  LIST_MEMBERS: 'OWNER ADMIN MEMBER',
  UPDATE_ROOM: 'OWNER ADMIN',
  ARCHIVE_ROOM: 'OWNER',
  ADD_MEMBER: 'OWNER ADMIN',
  ADD_ADMIN: 'OWNER',
  REMOVE_MEMBER: 'OWNER ADMIN',
  REMOVE_ADMIN: 'OWNER',
  BAN_MEMBER: 'OWNER ADMIN',
  CHANGE_ROLE: 'OWNER',
};

describe('who may do what in a room', () => {
  it.each(ROOM_ACTIONS)('%s is for whom it is meant', (action) => {
    expect(MEMBER_ROLES.filter((role) => isAllowed(action, role)).join(' ')).toBe(EXPECTED[action]);
  });

  it.each(ROOM_ACTIONS)('%s is refused to who is no member', (action) => {
    expect(() => requirePermission(action, null)).toThrow(expect.objectContaining({ code: 'NOT_A_MEMBER' }));
  });

  it('a member without the right is told so', () => {
    expect(() => requirePermission('ARCHIVE_ROOM', 'ADMIN')).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
    expect(() => requirePermission('ARCHIVE_ROOM', 'OWNER')).not.toThrow();
  });

  it('admins are added and removed by the owner alone; nobody removes the owner', () => {
    expect([additionOf('MEMBER'), additionOf('ADMIN')]).toEqual(['ADD_MEMBER', 'ADD_ADMIN']);
    expect((['MEMBER', 'ADMIN'] satisfies MemberRole[]).map(removalOf)).toEqual(['REMOVE_MEMBER', 'REMOVE_ADMIN']);
    expect(() => removalOf('OWNER')).toThrow(expect.objectContaining({ code: 'OWNER_MUST_STAY' }));
  });
});
