import type { RoomPresenceDTO, UserPresenceDTO } from '@chat/dto';
import type { RoomPresence, UserPresence } from '../api.ts';

export const UNKNOWN_PRESENCE: RoomPresence = { onlineCount: 0, users: new Map(), isComplete: false, isStale: true };

/** The presence of a room after a frame of its destination, by the rules of docs/stomp.md, "Presence". */
export function applyPresence(before: RoomPresence, frame: RoomPresenceDTO | UserPresenceDTO): RoomPresence {
  return 'roomId' in frame ? applyMany(before, frame) : applyOne(before, frame);
}

function applyMany(before: RoomPresence, frame: RoomPresenceDTO): RoomPresence {
  const isState = frame.kind === 'STATE';
  const users = new Map(isState ? [] : before.users);
  for (const user of frame.users) put(users, user);
  return {
    onlineCount: frame.onlineCount,
    users,
    isComplete: frame.isComplete === true || (!isState && before.isComplete),
    isStale: frame.isStale === true,
  };
}

function applyOne(before: RoomPresence, change: UserPresenceDTO): RoomPresence {
  const known = before.users.get(change.id);
  if (isOlder(change, known)) return before;
  const users = new Map(before.users);
  if (change.event === 'LEFT') users.delete(change.id);
  else put(users, change);
  const isOnline = change.event !== 'LEFT' && change.isOnline;
  // of one who was not named nobody knows, unless the change itself says so
  const hasTurned = change.event === 'ONLINE' || change.event === 'OFFLINE';
  const wasOnline = known?.isOnline ?? (!before.isComplete && hasTurned !== isOnline);
  const onlineCount = Math.max(0, before.onlineCount + Number(isOnline) - Number(wasOnline));
  return { ...before, users, onlineCount };
}

/** The last word counts; versions of a user only rise. */
function put(users: Map<number, UserPresence>, { id, isOnline, event, at, version = 0 }: UserPresenceDTO): void {
  if (isOlder({ version }, users.get(id))) return;
  users.set(id, { isOnline, version, ...(event && { event }), ...(at !== undefined && { at }) });
}

function isOlder({ version }: { readonly version?: number | undefined }, known: UserPresence | undefined): boolean {
  return known !== undefined && version !== undefined && version < known.version;
}
