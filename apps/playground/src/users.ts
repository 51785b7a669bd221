import { useCallback, useEffect, useState } from 'react';
import { usePlayground, type PerSide } from './playground.ts';
import type { Side } from './inspector/frame-log.ts';

/** Who is on a side, and at which gateway. */
export interface ShownUser {
  readonly username: string;
  /** Its place among the gateways of the stack. */
  readonly gatewayAt: number;
}

const FIRST_USERS: PerSide<ShownUser> = {
  left: { username: 'alice', gatewayAt: 0 },
  right: { username: 'bob', gatewayAt: 1 },
};
const PLACE = 'playground.users';

/** The users of the page, which it remembers in this browser. */
export function useUsers() {
  const gatewayCount = usePlayground().configuration.gateways.length;
  const [users, setUsers] = useState(() => usable(remembered(), gatewayCount));
  useEffect(() => localStorage.setItem(PLACE, JSON.stringify(users)), [users]);
  const change = useCallback(
    (side: Side, user: ShownUser) => setUsers((current) => ({ ...current, [side]: user })),
    [setUsers],
  );
  return { users, change };
}

function remembered(): unknown {
  try {
    return JSON.parse(localStorage.getItem(PLACE) ?? 'null');
  } catch {
    return null;
  }
}

/** What was remembered, where it fits the stack of now; else the first users. */
export function usable(kept: unknown, gatewayCount: number): PerSide<ShownUser> {
  return { left: usableUser(kept, 'left', gatewayCount), right: usableUser(kept, 'right', gatewayCount) };
}

function usableUser(kept: unknown, side: Side, gatewayCount: number): ShownUser {
  const standard = { ...FIRST_USERS[side], gatewayAt: FIRST_USERS[side].gatewayAt % Math.max(1, gatewayCount) };
  const { username, gatewayAt } = (kept as PerSide<Partial<ShownUser>> | null)?.[side] ?? standard; // looked at below
  if (typeof username !== 'string' || username.trim() === '' || username.length > 64) return standard;
  const isGateway = typeof gatewayAt === 'number' && Number.isInteger(gatewayAt) && gatewayAt >= 0;
  return { username, gatewayAt: isGateway && gatewayAt < gatewayCount ? gatewayAt : standard.gatewayAt };
}
