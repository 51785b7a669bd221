import type { ChatClient, Discontinuity, HistoryPage, Timeline, TimelineOptions, TimelineState } from '../api.ts';
import { createCell } from '../store.ts';
import { TimelineModel } from './timeline-model.ts';

/** Texts that a timeline begins with where nothing else is said, and those of a page. */
const HISTORY_DEFAULT = 50;
/** The most that one answer of the history has. */
const REFRESH_COUNT = 200;
/** Readings of a page that something changed meanwhile; the last one is taken as it is. */
const READINGS_MAX_COUNT = 3;

/** A room as a screen shows it, from its last texts on. Older pages and what was missed need `apiUrl`. */
export function openTimeline(client: ChatClient, roomId: number, options: TimelineOptions = {}): Timeline {
  const { history = HISTORY_DEFAULT, onDiscontinuity } = options;
  const model = new TimelineModel(() => client.userId);
  const cell = createCell<TimelineState>(
    { room: { name: 'opening' }, messages: [], hasOlder: true, isLoadingOlder: false },
    { call: (listener) => listener() },
  );
  let isClosed = false;
  /** Messages that came while a page was read: the page may have what they change, or not. */
  let meanwhile: { isChanged: boolean } | null = null;
  const show = (change: Partial<TimelineState> = {}) => {
    const { messages } = model;
    if (!isClosed) cell.set({ ...cell.get(), ...(model.isCut && { hasOlder: true }), messages, ...change });
  };

  const open = client.room(roomId).open({
    history,
    onMessage: (message, { clientMessageId }) => {
      const isElsewhere = model.apply(message, clientMessageId);
      if (meanwhile !== null && (isElsewhere || message.targetId !== undefined)) meanwhile.isChanged = true;
      show();
    },
    onDiscontinuity: (gap) => {
      onDiscontinuity?.(gap);
      void refresh(gap);
    },
  });
  const stop = open.state.subscribe((room) => show({ room }));
  show({ room: open.state.get() });

  /** Reads until nothing changed while it did. */
  const read = async (before: number | undefined, limit: number): Promise<HistoryPage> => {
    for (let reading = 1; ; reading += 1) {
      const during = { isChanged: false };
      meanwhile = during;
      const page = await client.rest.listMessages(roomId, { limit, ...(before !== undefined && { before }) });
      if (!during.isChanged || reading === READINGS_MAX_COUNT) return page;
    }
  };

  /** What is shown may miss changes, or messages: the newest part of the history takes its place, with what came meanwhile. */
  const refresh = async (gap: Discontinuity): Promise<void> => {
    if (gap.after === null) return; // nothing was shown before
    try {
      const { items, hasMore } = await read(undefined, REFRESH_COUNT);
      const newest = new Set<number>(items.map(({ id }) => id));
      const { messages } = model;
      const later = messages.slice(messages.findLastIndex(({ id }) => newest.has(id)) + 1);
      model.replace(items, later);
      show({ hasOlder: hasMore });
    } catch {
      // the timeline goes on with what it has; onDiscontinuity has told that something is missing
    }
  };

  return {
    roomId,
    get: cell.get,
    subscribe: cell.subscribe,
    loadOlder: async () => {
      const { hasOlder, isLoadingOlder, messages } = cell.get();
      if (!hasOlder || isLoadingOlder || isClosed) return;
      show({ isLoadingOlder: true });
      try {
        const { items, hasMore } = await read(messages[0]?.id, HISTORY_DEFAULT);
        model.prepend(items);
        show({ hasOlder: hasMore });
      } finally {
        show({ isLoadingOlder: false });
      }
    },
    close: () => {
      isClosed = true;
      stop();
      open.close();
    },
  };
}
