import type { ChatRoom } from '@chat/client';
import type { RoomMemberDTO } from '@chat/client';
import { useEffect, useMemo, useRef } from 'react';
import { otherSide, usePlayground } from '../playground.ts';
import type { Session } from '../session/session.ts';
import { useStore } from '../store.ts';

const SHOWN_MAX_COUNT = 8;

interface MembersProps {
  readonly session: Session;
  readonly room: ChatRoom;
  readonly members: readonly RoomMemberDTO[];
  /** Called when who is a member has changed. */
  readonly onChange: () => void;
}

/** Who belongs to the room, who of them is there, and a way to add the other user of the page. */
export function Members({ session, room, members, onChange }: MembersProps) {
  const { sessions, roomsVersion, report } = usePlayground();
  const { users, onlineCount, isStale } = useStore(useMemo(() => room.presence(), [room]));
  const other = useStore(sessions)[otherSide(session.side)];
  const isAlone = other !== null && members.length > 0 && !members.some(({ userId }) => userId === other.userId);
  useReloadOnChange(users, members, onChange);

  const add = async (userId: number) => {
    try {
      await session.client.rest.addMember(room.id, userId);
      onChange();
      roomsVersion.update((version) => version + 1);
    } catch (error) {
      report(error);
    }
  };

  return (
    <div className="members">
      <ul aria-label="Members">
        {members.slice(0, SHOWN_MAX_COUNT).map(({ userId, username, isOnline }) => {
          const isThere = users.get(userId)?.isOnline ?? isOnline;
          return (
            <li key={userId} data-online={isThere}>
              <span className="dot" aria-hidden="true" />
              {username}
              <span className="hidden">{isThere ? ', online' : ', offline'}</span>
            </li>
          );
        })}
      </ul>
      <span className="count" title={isStale ? 'This may be behind what is so' : undefined}>
        {members.length > SHOWN_MAX_COUNT && `${members.length} members, `}
        {onlineCount} online{isStale && '?'}
      </span>
      {isAlone && (
        <button type="button" onClick={() => void add(other.userId)}>
          Add {other.username}
        </button>
      )}
    </div>
  );
}

/** Presence tells of who joins and leaves before the list of members was read again. */
function useReloadOnChange(
  users: ReadonlyMap<number, { readonly event?: string; readonly version: number }>,
  members: readonly RoomMemberDTO[],
  onChange: () => void,
) {
  const reload = useRef(onChange);
  useEffect(() => {
    reload.current = onChange;
  });
  const joined = [...users].filter(
    ([id, { event }]) => event === 'JOINED' && members.length > 0 && !members.some(({ userId }) => userId === id),
  );
  const left = [...users].filter(([id, { event }]) => event === 'LEFT' && members.some(({ userId }) => userId === id));
  const news = [...joined, ...left].map(([id, { event, version }]) => `${event}:${id}:${version}`).join();
  useEffect(() => {
    if (news !== '') reload.current();
  }, [news]);
}
