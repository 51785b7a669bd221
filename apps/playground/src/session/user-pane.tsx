import { useEffect, useState } from 'react';
import { ConversationView } from '../conversation/conversation-view.tsx';
import type { Side } from '../inspector/frame-log.ts';
import { usePlayground } from '../playground.ts';
import { FirstSteps } from '../rooms/first-steps.tsx';
import { RoomList } from '../rooms/room-list.tsx';
import { followRooms, type RoomsOfUser } from '../rooms/rooms-of-user.ts';
import { useStore } from '../store.ts';
import type { ShownUser } from '../users.ts';
import { PaneHeader } from './pane-header.tsx';
import { openSession, type Session } from './session.ts';

interface UserPaneProps {
  readonly side: Side;
  readonly user: ShownUser;
  readonly onChange: (user: ShownUser) => void;
}

/** One user: who they are, how they are connected, and their rooms. */
export function UserPane({ side, user, onChange }: UserPaneProps) {
  const { session, failure } = useSession(side, user);
  return (
    <section className="pane" data-side={side} id={`view-${side}`} aria-label={`${user.username}, the ${side} user`}>
      <PaneHeader side={side} user={user} session={session} onChange={onChange} />
      {session === null ? (
        <p className="waiting" role="status">
          {failure ?? 'Asking for a token …'}
        </p>
      ) : (
        <Rooms key={session.userId} session={session} />
      )}
    </section>
  );
}

/** The session of a user; another name or gateway is another session. */
function useSession(side: Side, { username, gatewayAt }: ShownUser) {
  const { configuration, control, observe, report, sessions, openRooms } = usePlayground();
  const [failure, setFailure] = useState<string | null>(null);
  const session = useStore(sessions)[side];
  useEffect(() => {
    const gateway = configuration.gateways[gatewayAt];
    if (gateway === undefined) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const { restUrl } = configuration;
    let opened: Session | null = null;
    openSession(
      { side, username, gateway, restUrl, control, onFrame: observe, onError: (_, error) => report(error) },
      signal,
    ).then(
      (ready) => {
        opened = ready;
        if (signal.aborted) return void ready.client.close();
        setFailure(null);
        sessions.update((all) => ({ ...all, [side]: ready }));
      },
      (error: unknown) => {
        if (!signal.aborted) setFailure(`No token: ${error instanceof Error ? error.message : String(error)}`);
      },
    );
    return () => {
      controller.abort();
      void opened?.client.close();
      sessions.update((all) => ({ ...all, [side]: null }));
    };
  }, [side, username, gatewayAt, configuration, control, observe, report, sessions]);
  // Another user has other rooms.
  useEffect(() => () => openRooms.update((all) => ({ ...all, [side]: null })), [side, username, openRooms]);
  return { session, failure };
}

function Rooms({ session }: { readonly session: Session }) {
  const { side } = session;
  const { openRooms, roomsVersion, report } = usePlayground();
  const [rooms, setRooms] = useState<RoomsOfUser | null>(null);
  const version = useStore(roomsVersion);
  const openRoomId = useStore(openRooms)[side];
  useEffect(() => {
    const followed = followRooms(session, report);
    setRooms(followed);
    return () => followed.close();
  }, [session, report]);
  useEffect(() => {
    if (version > 0) void rooms?.reload();
  }, [rooms, version]);
  if (rooms === null) return null;
  return (
    <div className="pane-body">
      <RoomList session={session} rooms={rooms} />
      {openRoomId === null ? (
        <FirstSteps session={session} rooms={rooms} />
      ) : (
        <ConversationView key={openRoomId} session={session} roomId={openRoomId} rooms={rooms} />
      )}
    </div>
  );
}
