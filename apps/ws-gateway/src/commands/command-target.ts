import { parseRoomId, parseUserId, type RoomId, type UserId } from '@chat/dto';
import type { LiveSession } from '../broker/live-session.ts';
import { isInRange, parseVersionRange } from './app-version.ts';

/** Whom a command is for: one user, or the sessions of which `isFor` says so. */
export type CommandAudience =
  | { readonly kind: 'user'; readonly userId: UserId }
  | { readonly kind: 'shared'; readonly isFor: (session: LiveSession) => boolean };

/** Null where the target names nobody: an id that is none, a range that cannot be read. */
export function audienceOf(
  target: string,
  isMember: (roomId: RoomId, userId: UserId) => boolean,
): CommandAudience | null {
  const colon = target.indexOf(':');
  const rest = target.slice(colon + 1);
  switch (target.slice(0, Math.max(0, colon))) {
    case 'user': {
      const userId = parseUserId(rest);
      return userId && { kind: 'user', userId };
    }
    case 'room': {
      const roomId = parseRoomId(rest);
      return roomId && { kind: 'shared', isFor: ({ userId }) => isMember(roomId, userId) };
    }
    case 'app': {
      const range = parseVersionRange(rest);
      const isMeant = ({ appVersion }: LiveSession) =>
        appVersion !== undefined && range !== null && isInRange(range, appVersion);
      return range && { kind: 'shared', isFor: isMeant };
    }
    default:
      return { kind: 'shared', isFor: () => true };
  }
}
