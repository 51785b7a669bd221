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

const PLACES = ['public', 'private', 'direct'] as const;
type Place = (typeof PLACES)[number];
export type RoomKind = Place | `archived ${Place}`;
export const ROOM_KINDS: readonly RoomKind[] = [...PLACES, ...PLACES.map((place) => `archived ${place}` as const)];

export const isArchived = (room: RoomKind): boolean => room.startsWith('archived');
export const isPrivate = (room: RoomKind): boolean => room.endsWith('private');
export const isDirect = (room: RoomKind): boolean => room.endsWith('direct');

/** Standings that there are in a room of the kind. */
export function standingsIn(room: RoomKind): readonly Standing[] {
  const impossible: readonly Standing[] = isDirect(room)
    ? ['invited', 'removed', 'banned', 'admin']
    : isPrivate(room)
      ? []
      : ['invited'];
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
  return room.endsWith('public') || rankOf(who) > 0 || who === 'invited';
}
