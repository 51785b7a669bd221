/** Somebody, by what they are to a room. */
export const STANDINGS = [
  'anonymous',
  'expired',
  'stranger',
  'invited',
  'removed',
  'banned',
  'member',
  'admin',
  'owner',
] as const;
export type Standing = (typeof STANDINGS)[number];

/** Kinds of rooms; the archived one was a public group. */
export const ROOM_KINDS = ['public', 'private', 'direct', 'archived'] as const;
export type RoomKind = (typeof ROOM_KINDS)[number];

/** Standings that there are in a room of the kind. */
export function standingsIn(room: RoomKind): readonly Standing[] {
  const impossible: readonly Standing[] =
    room === 'direct' ? ['invited', 'removed', 'banned', 'admin'] : room === 'private' ? [] : ['invited'];
  return STANDINGS.filter((who) => !impossible.includes(who));
}

/** Whether their token is taken. */
export const isKnown = (who: Standing): boolean => who !== 'anonymous' && who !== 'expired';

/** 0 is no member. */
export function rankOf(who: Standing): number {
  return ['member', 'admin', 'owner'].indexOf(who) + 1;
}

/** Whether the room is there for them at all. */
export function sees(who: Standing, room: RoomKind): boolean {
  return room === 'public' || room === 'archived' || rankOf(who) > 0 || who === 'invited';
}
