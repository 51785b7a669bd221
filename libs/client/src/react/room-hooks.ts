import { useCallback, useMemo } from 'react';
import { ticksOf, type ChatRoom, type OutgoingSend, type Tick, type TimelineState } from '../index.ts';
import { useChatClient } from './chat-context.ts';
import { sharedTimeline, TIMELINE_HISTORY_DEFAULT } from './shared-timelines.ts';
import { useStore } from './use-store.ts';

/** A room as a screen needs it: what is shown, what is on its way, and what can be done. */
export interface RoomView extends TimelineState {
  /** What is on its way and not among `messages` yet. */
  readonly outbox: readonly OutgoingSend[];
  /** Never rejects: `olderError` says why it failed. */
  readonly loadOlder: () => Promise<void>;
  readonly send: ChatRoom['send'];
  readonly edit: ChatRoom['edit'];
  readonly remove: ChatRoom['remove'];
  readonly react: ChatRoom['react'];
  readonly unreact: ChatRoom['unreact'];
  readonly markRead: ChatRoom['markRead'];
  readonly typing: ChatRoom['typing'];
}

export interface UseRoomOptions {
  /** Texts to begin with; 50 by default. The first component that shows the room decides. */
  readonly history?: number;
}

/** Opens the room while the component is mounted; several components share one subscription. */
export function useRoom(roomId: number, { history = TIMELINE_HISTORY_DEFAULT }: UseRoomOptions = {}): RoomView {
  const client = useChatClient();
  const room = useMemo(() => client.room(roomId), [client, roomId]);
  const timeline = useMemo(() => sharedTimeline(client, roomId, history), [client, roomId, history]);
  const state = useStore(timeline);
  const sends = useStore(room.outbox);
  const { messages } = state;
  // a message may come ahead of the answer to its SEND
  const outbox = useMemo(() => {
    const shown = new Set(messages.map(({ clientMessageId }) => clientMessageId));
    return sends.filter(({ clientMessageId }) => !shown.has(clientMessageId));
  }, [sends, messages]);
  const loadOlder = useCallback(() => timeline.loadOlder().catch(() => {}), [timeline]);
  const { send, edit, remove, react, unreact, markRead, typing } = room;
  return useMemo(
    () => ({ ...state, outbox, loadOlder, send, edit, remove, react, unreact, markRead, typing }),
    [state, outbox, loadOlder, send, edit, remove, react, unreact, markRead, typing],
  );
}

/** Ticks of one's own messages that `useRoom` shows, by the rule of docs/stomp.md, "What became of a message". */
export function useTicks(
  roomId: number,
  { history = TIMELINE_HISTORY_DEFAULT }: UseRoomOptions = {},
): ReadonlyMap<number, Tick> {
  const client = useChatClient();
  const timeline = useMemo(() => sharedTimeline(client, roomId, history), [client, roomId, history]);
  const { messages } = useStore(timeline);
  const receipts = useStore(useMemo(() => client.room(roomId).receipts, [client, roomId]));
  return useMemo(() => ticksOf(messages, receipts, client.userId), [messages, receipts, client]);
}
