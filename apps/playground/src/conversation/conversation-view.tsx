import type { RoomMemberDTO, TimelineMessage } from '@chat/client';
import { useEffect, useState } from 'react';
import { usePlayground } from '../playground.ts';
import type { RoomsOfUser } from '../rooms/rooms-of-user.ts';
import type { Session } from '../session/session.ts';
import { useStore } from '../store.ts';
import { Composer } from './composer.tsx';
import { openConversation, type Conversation } from './conversation.ts';
import { Members } from './members.tsx';
import { MessageList } from './message-list.tsx';
import { TypingLine } from './typing-line.tsx';

interface ConversationViewProps {
  readonly session: Session;
  readonly roomId: number;
  readonly rooms: RoomsOfUser;
}

/** The room that is open: who is there, what was said, what is being typed, and a place to write. */
export function ConversationView({ session, roomId, rooms }: ConversationViewProps) {
  const { meter } = usePlayground();
  const [conversation, setConversation] = useState<Conversation | null>(null);
  useEffect(() => {
    const onText = (message: TimelineMessage) => rooms.noteMessage(roomId, message);
    const opened = openConversation({ session, roomId, meter, onText });
    setConversation(opened);
    return () => opened.close();
  }, [session, roomId, rooms, meter]);
  return conversation === null ? null : (
    <OpenConversation session={session} conversation={conversation} rooms={rooms} />
  );
}

interface OpenConversationProps {
  readonly session: Session;
  readonly conversation: Conversation;
  readonly rooms: RoomsOfUser;
}

function OpenConversation({ session, conversation, rooms }: OpenConversationProps) {
  const { room } = conversation;
  const { sessions, openRooms } = usePlayground();
  const { members, reload } = useMembers(session, room.id);
  const [marksRead, setMarksRead] = useState(true);
  const state = useStore(conversation.timeline).room;
  const gap = useStore(conversation.gap);
  const name = useStore(rooms.own)?.find(({ id }) => id === room.id)?.name ?? `Room ${room.id}`;
  const others = useStore(sessions);
  const nameOf = (userId: number) =>
    Object.values(others).find((one) => one?.userId === userId)?.username ??
    members.find((one) => one.userId === userId)?.username ??
    `user ${userId}`;

  return (
    <div className="conversation" role="region" aria-label={`${name}, as ${session.username}`}>
      <div className="conversation-header">
        <h2>{name}</h2>
        <label className="check" title="Whether what comes is marked as read: off, the other one sees DELIVERED">
          <input type="checkbox" checked={marksRead} onChange={(event) => setMarksRead(event.target.checked)} />
          reads along
        </label>
        <button
          type="button"
          aria-label={`Close ${name}`}
          onClick={() => openRooms.update((all) => ({ ...all, [session.side]: null }))}
        >
          ×
        </button>
        <Members session={session} room={room} members={members} onChange={reload} />
      </div>
      {state.name === 'refused' && (
        <p className="notice" data-mood="bad" role="status">
          {state.error.message}
        </p>
      )}
      {gap !== null && (
        <p className="notice" data-mood="bad" role="status">
          {gap}
        </p>
      )}
      <MessageList session={session} conversation={conversation} nameOf={nameOf} marksRead={marksRead} />
      <TypingLine room={room} ownId={session.userId} nameOf={nameOf} />
      <Composer conversation={conversation} label={`Message to ${name} as ${session.username}`} />
    </div>
  );
}

/** The members of a room; read again when somebody joins or leaves, or when it is asked for. */
function useMembers({ client }: Session, roomId: number) {
  const { report, roomsVersion } = usePlayground();
  const [members, setMembers] = useState<readonly RoomMemberDTO[]>([]);
  const [version, setVersion] = useState(0);
  const elsewhere = useStore(roomsVersion);
  useEffect(() => {
    let isWanted = true;
    client.rest.listMembers(roomId).then((read) => isWanted && setMembers(read), report);
    return () => {
      isWanted = false;
    };
  }, [client, roomId, version, elsewhere, report]);
  return { members, reload: () => setVersion((current) => current + 1) };
}
