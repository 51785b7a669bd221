import type { Store } from '@chat/client';
import type { Session } from '../session/session.ts';
import { createStore } from '../store.ts';
import { listed, withMessage, type ListedRoom, type NewText } from './own-rooms.ts';

const ROOMS_MAX_COUNT = 50;

/** The rooms of a user, kept up to date. */
export interface RoomsOfUser {
  /** Null before they are known. */
  readonly own: Store<readonly ListedRoom[] | null>;
  /** Reads them again; what it cannot read is left as it was. */
  reload(): Promise<void>;
  /** A message came in a room that is open here, of which nobody notifies. */
  noteMessage(roomId: number, message: NewText): void;
  close(): void;
}

/** Reads the rooms of the user at each connection, and changes the list with what the service tells meanwhile. */
export function followRooms({ client }: Pick<Session, 'client'>, onError: (error: unknown) => void): RoomsOfUser {
  const own = createStore<readonly ListedRoom[] | null>(null);
  const reload = async () => {
    try {
      own.set(listed((await client.rest.listOwnRooms({ size: ROOMS_MAX_COUNT })).content));
    } catch (error) {
      onError(error);
    }
  };
  const noteMessage: RoomsOfUser['noteMessage'] = (roomId, message) => {
    const changed = withMessage(own.get() ?? [], roomId, message);
    if (changed === null) void reload();
    else own.set(changed);
  };
  const stopNotifications = client.onNotification(({ roomId, lastMessage }) => {
    if (lastMessage !== undefined) noteMessage(roomId, lastMessage);
  });
  const stopWatching = client.connection.subscribe(({ name }) => {
    if (name === 'connected') void reload();
  });
  void reload();
  return {
    own,
    reload,
    noteMessage,
    close() {
      stopNotifications();
      stopWatching();
    },
  };
}
