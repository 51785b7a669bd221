import { usePlayground } from '../playground.ts';
import { useRoving } from '../roving.ts';
import type { Session } from '../session/session.ts';
import { useStore } from '../store.ts';
import { clockTime } from '../words.ts';
import { FindRooms } from './find-rooms.tsx';
import type { ListedRoom } from './own-rooms.ts';
import type { RoomsOfUser } from './rooms-of-user.ts';

interface RoomListProps {
  readonly session: Session;
  readonly rooms: RoomsOfUser;
}

/** The rooms of the user, newest activity first, with what is unread. */
export function RoomList({ session, rooms }: RoomListProps) {
  const { openRooms } = usePlayground();
  const own = useStore(rooms.own);
  const { byRoom } = useStore(session.client.unread);
  const openRoomId = useStore(openRooms)[session.side];
  const roving = useRoving<HTMLUListElement>((own ?? []).map(({ id }) => String(id)));
  return (
    <nav className="rooms" aria-label={`Rooms of ${session.username}`}>
      <ul {...roving.container}>
        {own?.map((room) => (
          <li key={room.id}>
            <button
              type="button"
              aria-current={room.id === openRoomId ? 'true' : undefined}
              {...roving.item(String(room.id))}
              onClick={() => openRooms.update((all) => ({ ...all, [session.side]: room.id }))}
            >
              <RoomEntry room={room} unreadCount={byRoom.get(room.id) ?? 0} ownId={session.userId} />
            </button>
          </li>
        ))}
      </ul>
      {own?.length === 0 && <p className="none">No room yet</p>}
      <FindRooms session={session} rooms={rooms} />
    </nav>
  );
}

function RoomEntry({ room, unreadCount, ownId }: { room: ListedRoom; unreadCount: number; ownId: number }) {
  const { name, last } = room;
  return (
    <>
      <span className="room-name">{name}</span>
      {last !== null && <time dateTime={last.at}>{clockTime(last.at)}</time>}
      <span className="room-last">
        {last === null ? 'no message yet' : `${last.senderId === ownId ? 'you: ' : ''}${last.content || 'deleted'}`}
      </span>
      {unreadCount > 0 && (
        <span className="badge">
          {unreadCount}
          <span className="hidden"> unread</span>
        </span>
      )}
    </>
  );
}
