import { useMemo } from 'react';
import type { ConnectionState, PresenceOptions, RoomPresence, RoomReceipts, RoomTypists, Unread } from '../index.ts';
import { useChatClient } from './chat-context.ts';
import { useStore } from './use-store.ts';

export function useConnection(): ConnectionState {
  return useStore(useChatClient().connection);
}

/** Who is in the room now. */
export function usePresence(roomId: number, { all = false }: PresenceOptions = {}): RoomPresence {
  const client = useChatClient();
  return useStore(useMemo(() => client.room(roomId).presence({ all }), [client, roomId, all]));
}

/** Who types in the room now. */
export function useTyping(roomId: number): RoomTypists {
  const client = useChatClient();
  return useStore(useMemo(() => client.room(roomId).typists, [client, roomId]));
}

/** What was told of single messages of one's own; `useTicks` makes ticks of it. */
export function useReceipts(roomId: number): RoomReceipts {
  const client = useChatClient();
  return useStore(useMemo(() => client.room(roomId).receipts, [client, roomId]));
}

/** What is unread, in all rooms. */
export function useUnread(): Unread {
  return useStore(useChatClient().unread);
}
