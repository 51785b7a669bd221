import { openTimeline, type ChatClient, type Store, type Timeline, type TimelineState } from '../index.ts';

/** How long a timeline stays open that no component shows, in ms: what is mounted anew at once finds it as it was. */
const LINGER_MS = 1_000;
/** Texts that a timeline begins with, where the first component says nothing. */
export const TIMELINE_HISTORY_DEFAULT = 50;

interface Shared {
  readonly timeline: Timeline;
  users: number;
  ending: ReturnType<typeof setTimeout> | undefined;
}

const CLOSED: TimelineState = {
  room: { name: 'opening' },
  messages: [],
  hasOlder: true,
  isLoadingOlder: false,
  olderError: null,
};
const timelinesOf = new WeakMap<ChatClient, Map<number, Shared>>();

/** One timeline a room for all components; open while one of them is mounted. */
export interface SharedTimeline extends Store<TimelineState> {
  readonly loadOlder: () => Promise<void>;
}

export function sharedTimeline(client: ChatClient, roomId: number, history: number): SharedTimeline {
  const shared = shareFor(client);
  return {
    get: () => shared.get(roomId)?.timeline.get() ?? CLOSED,
    loadOlder: async () => shared.get(roomId)?.timeline.loadOlder(),
    subscribe: (listener) => {
      const entry = shared.get(roomId) ?? open(client, shared, roomId, history);
      clearTimeout(entry.ending);
      entry.users += 1;
      const stop = entry.timeline.subscribe(listener);
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        stop();
        entry.users -= 1;
        if (entry.users === 0) entry.ending = setTimeout(() => end(shared, roomId, entry), LINGER_MS);
      };
    },
  };
}

function shareFor(client: ChatClient): Map<number, Shared> {
  const known = timelinesOf.get(client);
  if (known !== undefined) return known;
  const made = new Map<number, Shared>();
  timelinesOf.set(client, made);
  return made;
}

function open(client: ChatClient, shared: Map<number, Shared>, roomId: number, history: number): Shared {
  const entry: Shared = { timeline: openTimeline(client, roomId, { history }), users: 0, ending: undefined };
  shared.set(roomId, entry);
  return entry;
}

function end(shared: Map<number, Shared>, roomId: number, entry: Shared): void {
  entry.timeline.close();
  if (shared.get(roomId) === entry) shared.delete(roomId);
}
