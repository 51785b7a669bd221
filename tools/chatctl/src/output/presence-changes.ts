import type { RoomPresence, UserPresence } from '@chat/client';

/** What is new of one user. */
export interface PresenceChange extends UserPresence {
  readonly userId: number;
}

type Known = ReadonlyMap<number, UserPresence>;

/** Users whose presence is another than before; somebody who is no longer named in a complete list has gone offline. */
export function presenceChanges(before: Known, { users, isComplete }: RoomPresence): readonly PresenceChange[] {
  const changed = [...users].filter(([userId, { version, isOnline }]) => {
    const known = before.get(userId);
    return known === undefined ? isOnline : known.version !== version || known.isOnline !== isOnline;
  });
  const gone = isComplete ? [...before].filter(([userId, { isOnline }]) => isOnline && !users.has(userId)) : [];
  return [
    ...changed.map(([userId, presence]) => ({ userId, ...presence })),
    ...gone.map(([userId, { version }]) => ({ userId, isOnline: false, version })),
  ];
}

/** Users who are online, by id. */
export function onlineUsers({ users }: RoomPresence): readonly number[] {
  return [...users]
    .filter(([, { isOnline }]) => isOnline)
    .map(([userId]) => userId)
    .sort((a, b) => a - b);
}
