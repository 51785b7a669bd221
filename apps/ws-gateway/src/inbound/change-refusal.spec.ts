import {
  asMessageId,
  asRoomId,
  asUserId,
  type ChangeKind,
  type MemberRole,
  type MessageKind,
  type RoomType,
} from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { changeRefusalOf } from './change-refusal.ts';

const [ada, ben] = [asUserId(1), asUserId(2)];

/** What Ada is told who changes a message in a role. */
function told(
  kind: ChangeKind,
  { role = 'MEMBER', roomType = 'GROUP' }: { role?: MemberRole; roomType?: RoomType },
  target: { by?: typeof ada; kind?: MessageKind; isDeleted?: boolean } | null,
) {
  const member = { roomId: asRoomId(7), userId: ada, role, version: 1, roomType, roomStatus: 'ACTIVE' } as const;
  const { by: senderId = ada, kind: ofTarget = null, isDeleted = false } = target ?? {};
  const found = target === null ? null : { senderId, kind: ofTarget, isDeleted };
  return changeRefusalOf({ kind, targetId: asMessageId(5), isRemoval: false }, member, found)?.code ?? 'accepted';
}

describe('a change', () => {
  it.each([
    ['EDIT', 'MEMBER', ada, 'accepted'],
    ['EDIT', 'MEMBER', ben, 'FORBIDDEN'],
    ['EDIT', 'ADMIN', ben, 'FORBIDDEN'],
    ['EDIT', 'OWNER', ben, 'FORBIDDEN'],
    ['DELETE', 'MEMBER', ada, 'accepted'],
    ['DELETE', 'MEMBER', ben, 'FORBIDDEN'],
    ['DELETE', 'ADMIN', ben, 'accepted'],
    ['DELETE', 'OWNER', ben, 'accepted'],
    ['REACTION', 'MEMBER', ben, 'accepted'],
    ['REACTION', 'MEMBER', ada, 'accepted'],
  ] as const)('%s as %s of a text by %i is %s', (kind, role, by, verdict) => {
    expect(told(kind, { role }, { by })).toBe(verdict);
  });

  it.each(['EDIT', 'DELETE', 'REACTION'] as const)('%s is refused where there is nothing to change', (kind) => {
    expect(told(kind, {}, null)).toBe('MESSAGE_NOT_FOUND');
    expect(told(kind, {}, { kind: 'EDIT' })).toBe('MESSAGE_NOT_FOUND');
    expect(told(kind, {}, { kind: 'REACTION' })).toBe('MESSAGE_NOT_FOUND');
    expect(told(kind, { role: 'OWNER' }, { isDeleted: true })).toBe('MESSAGE_DELETED');
  });

  it('of a SYSTEM message is a reaction alone', () => {
    expect(told('EDIT', {}, { kind: 'SYSTEM' })).toBe('FORBIDDEN');
    expect(told('DELETE', { role: 'OWNER' }, { kind: 'SYSTEM' })).toBe('FORBIDDEN');
    expect(told('REACTION', {}, { kind: 'SYSTEM' })).toBe('accepted');
  });

  it('between two is for each of them alone: who opened a direct room deletes only their own', () => {
    expect(told('DELETE', { role: 'OWNER', roomType: 'DIRECT' }, { by: ben })).toBe('FORBIDDEN');
    expect(told('DELETE', { role: 'OWNER', roomType: 'DIRECT' }, { by: ada })).toBe('accepted');
  });
});
