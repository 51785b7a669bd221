import type { ChatRoomDTO } from '@chat/client';
import { useId, useRef, useState } from 'react';
import { usePlayground } from '../playground.ts';
import type { Session } from '../session/session.ts';
import { useStore } from '../store.ts';
import type { RoomsOfUser } from './rooms-of-user.ts';

const PUBLIC_MAX_COUNT = 20;

/** A dialog in which the user makes a room, or joins a public one. */
export function FindRooms({ session, rooms }: { readonly session: Session; readonly rooms: RoomsOfUser }) {
  const { client, side, username } = session;
  const { openRooms, report } = usePlayground();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [found, setFound] = useState<readonly ChatRoomDTO[] | null>(null);
  const ownIds = new Set(useStore(rooms.own)?.map(({ id }) => id));

  const open = () => {
    setFound(null);
    dialog.current?.showModal();
    client.rest.listPublicRooms({ size: PUBLIC_MAX_COUNT }).then(({ content }) => setFound(content), report);
  };
  const enter = async (room: Promise<ChatRoomDTO>) => {
    try {
      const { id } = await room;
      await rooms.reload();
      openRooms.update((all) => ({ ...all, [side]: id }));
      dialog.current?.close();
    } catch (error) {
      report(error);
    }
  };
  const create = (form: FormData) => {
    const name = String(form.get('name') ?? '').trim();
    const visibility = form.get('private') === null ? 'PUBLIC' : 'PRIVATE';
    if (name !== '') void enter(client.rest.createRoom({ name, visibility }));
  };

  return (
    <>
      <button type="button" className="find" onClick={open}>
        + Room
      </button>
      <dialog ref={dialog} aria-labelledby={title} data-side={side}>
        <h2 id={title}>A room for {username}</h2>
        <form
          className="create"
          onSubmit={(event) => {
            event.preventDefault();
            create(new FormData(event.currentTarget));
          }}
        >
          <label>
            New room
            <input name="name" maxLength={100} autoComplete="off" placeholder="Its name" required />
          </label>
          <label className="check">
            <input type="checkbox" name="private" /> by invitation only
          </label>
          <button type="submit">Create</button>
        </form>
        <h3>Public rooms</h3>
        {found === null && <p role="status">Reading …</p>}
        <ul>
          {found?.map((room) => (
            <li key={room.id}>
              <span>{room.name}</span>
              {ownIds.has(room.id) ? (
                <em>joined</em>
              ) : (
                <button
                  type="button"
                  aria-label={`Join ${room.name}`}
                  onClick={() => void enter(client.rest.joinRoom(room.id))}
                >
                  Join
                </button>
              )}
            </li>
          ))}
        </ul>
        {found?.length === 0 && <p>None yet.</p>}
        <button type="button" className="close" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </dialog>
    </>
  );
}
