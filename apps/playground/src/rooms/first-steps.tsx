import { useState } from 'react';
import { otherSide, usePlayground } from '../playground.ts';
import type { Session } from '../session/session.ts';
import { useStore } from '../store.ts';
import { chatName } from './chat-name.ts';
import type { RoomsOfUser } from './rooms-of-user.ts';

/** In place of a conversation: one button that makes a room of the two users and opens it on both sides. */
export function FirstSteps({ session, rooms }: { readonly session: Session; readonly rooms: RoomsOfUser }) {
  const { sessions, openRooms, roomsVersion, report } = usePlayground();
  const other = useStore(sessions)[otherSide(session.side)];
  const own = useStore(rooms.own);
  const [isBusy, setBusy] = useState(false);

  const begin = async () => {
    setBusy(true);
    try {
      const { rest } = session.client;
      const guests = other === null || other.userId === session.userId ? [] : [other];
      const usernames = [session, ...guests].map(({ username }) => username);
      const name = chatName(usernames, own?.map((room) => room.name) ?? []);
      const room = await rest.createRoom({ name });
      for (const { userId } of guests) await rest.addMember(room.id, userId);
      openRooms.set({ left: room.id, right: room.id });
      roomsVersion.update((version) => version + 1);
    } catch (error) {
      report(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="first-steps">
      <p>{own === null || own.length === 0 ? 'No room is open, because there is none yet.' : 'Choose a room, or'}</p>
      <button type="button" className="primary" disabled={isBusy} onClick={() => void begin()}>
        Start a chat{other === null ? '' : ` with ${other.username}`}
      </button>
      <p className="hint">It opens on both sides. “+ Room” makes others, and joins those that there are.</p>
    </div>
  );
}
